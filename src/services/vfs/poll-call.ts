/**
 * Polling: waiting until one of several descriptors is ready, or until an instant.
 *
 * It asks once, plainly; only when nothing holds yet and the deadline has not come does it wait, on all of them at
 * once, and asks again.
 */

import { Errno, giveUp, isFiber, race, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { ClockId, FileType, Ready, Rights } from '../../roles/index.ts'
import type { Clock, Files } from '../../roles/index.ts'
import type { OpenFile } from './open-file.ts'
import type { Descriptor, Tables } from './tables.ts'

const DIRECTIONS = Ready.READABLE | Ready.WRITABLE

/** What one request comes to: an open file and events to ask for, or an error. */
interface Request {
  readonly file: OpenFile | null
  readonly events: number
  readonly error: number
}

export function pollCall (tables: Tables, clock: () => Clock): Files['poll'] {
  return (requests, deadlineNs) => {
    if (requests.length % 2 !== 0) return -Errno.EINVAL
    const asked: Request[] = []
    for (let i = 0; i < requests.length; i += 2) asked.push(requestOf(tables.get(requests[i]!), requests[i + 1]!))
    return pollAll(asked, deadlineNs, clock())
  }
}

function requestOf (descriptor: Descriptor | undefined, events: number): Request {
  if (descriptor === undefined) return { file: null, events, error: -Errno.EBADF }
  if ((descriptor.base & Rights.POLL_FD_READWRITE) === 0) return { file: null, events, error: -Errno.ENOTCAPABLE }
  if ((events & DIRECTIONS) === 0 || (events & ~(DIRECTIONS | Ready.HANGUP)) !== 0) return { file: null, events, error: -Errno.EINVAL }
  return { file: descriptor.file, events, error: 0 }
}

function * pollAll (asked: readonly Request[], deadlineNs: number, clock: Clock): Fiber<number[] | number> {
  for (;;) {
    const results: number[] = []
    let holds = false
    for (const request of asked) {
      const events = request.file === null ? request.error : yield * settle(readyNow(request.file, request.events))
      const available = request.file !== null && events > 0 && (events & Ready.READABLE) !== 0
        ? yield * settle(availableNow(request.file))
        : 0
      holds ||= events !== 0
      results.push(events, Math.max(0, available))
    }
    if (holds || deadlineNs <= 0) return results
    if (deadlineNs !== Infinity) {
      const now = yield * settle(clock.now(ClockId.MONOTONIC))
      if (now < 0) return now
      if (now >= deadlineNs) return results
    }
    const failed = yield * waitForAny(asked, deadlineNs, clock)
    if (failed < 0) return failed
  }
}

/** Waits until one of the files may be ready or the deadline has come; 0, or the error of one that cannot be waited for. */
function * waitForAny (asked: readonly Request[], deadlineNs: number, clock: Clock): Fiber<number> {
  const waits: Fiber<number>[] = []
  const answers: number[] = []
  const add = (wait: Eventual<number>): void => {
    if (isFiber(wait)) waits.push(wait)
    else answers.push(wait)
  }
  if (deadlineNs !== Infinity) add(clock.sleepUntil(ClockId.MONOTONIC, deadlineNs))
  for (const { file, events } of asked) {
    if (file === null) continue
    const ready = file.stream.awaitReady(file.handle, events)
    // One that is not ready and will not wait would be asked for ever.
    add(ready === 0 ? -Errno.EIO : ready)
  }
  // With an answer at once there is nothing to wait for: what holds by now is asked again.
  if (answers.length === 0) return Math.min(0, (yield * race(waits)).value)
  for (const wait of waits) giveUp(wait)
  return Math.min(...answers, 0)
}

/** Files with a position and directories never keep anybody waiting. */
function readyNow (file: OpenFile, events: number): Eventual<number> {
  const always = file.seekable || file.type === FileType.DIRECTORY
  return always ? events & DIRECTIONS : file.stream.ready(file.handle, events)
}

function * availableNow (file: OpenFile): Fiber<number> {
  if (file.type === FileType.DIRECTORY) return 0
  if (!file.seekable) return yield * settle(file.stream.available(file.handle))
  const size = yield * settle(file.size())
  return size - Math.max(0, file.position)
}
