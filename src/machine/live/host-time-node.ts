/**
 * Times as Node's `utimes` takes them: doubles of seconds since 1970, which today are 240 ns apart.
 *
 * Of the doubles beside an instant, that one is taken which libuv cuts down to the same us: what was set to a whole us is read
 * back as that us and up to 240 ns more. Node passes a string on as its number and a Date as its seconds, where it
 * would replace a negative number; libuv leaves a time alone for NaN and takes its own for Infinity.
 * Source: libuv, `uv__fs_to_timespec`, UV_FS_UTIME_NOW, UV_FS_UTIME_OMIT (1.51).
 */

import type { HostTime } from './anchors-node.ts'

const NSEC_PER_SEC = 1e9
const NSEC_PER_USEC = 1e3

/** `sec` NaN: stays; Infinity: now. */
export function hostTime (sec: number, nsec: number): HostTime {
  if (Number.isNaN(sec)) return new Date(NaN)
  if (sec === Infinity) return 'Infinity'
  const time = nearest(sec, nsec)
  return time < 0 ? String(time) : time
}

function nearest (sec: number, nsec: number): number {
  const time = sec + nsec / NSEC_PER_SEC
  const step = 2 ** (Math.floor(Math.log2(Math.max(1, Math.abs(time)))) - 52)
  let best = time
  let least = Infinity
  for (const candidate of [time, time - step, time + step]) {
    const cut = asHost(candidate)
    const sameUsec = cut.sec === sec && Math.floor(cut.nsec / NSEC_PER_USEC) === Math.floor(nsec / NSEC_PER_USEC)
    const distance = Math.abs((cut.sec - sec) * NSEC_PER_SEC + cut.nsec - nsec) + (sameUsec ? 0 : NSEC_PER_USEC)
    if (distance >= least) continue
    best = candidate
    least = distance
  }
  return best
}

/** What libuv makes of a double. */
function asHost (time: number): { sec: number, nsec: number } {
  const sec = Math.trunc(time)
  const nsec = Math.trunc((time - sec) * NSEC_PER_SEC)
  return nsec < 0 ? { sec: sec - 1, nsec: nsec + NSEC_PER_SEC } : { sec, nsec }
}
