// Reads a Chrome trace-event file as Perfetto does, and throws at what that would count as an error: slices that do not lie
// within each other, ends without a begin, flows without an end or outside a slice, tracks without a name.

import assert from 'node:assert/strict'

export interface ChromeEvent {
  readonly ph: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly name?: string
  readonly cat?: string
  readonly id?: number
  readonly bp?: string
  readonly s?: string
  readonly args?: Readonly<Record<string, unknown>>
}

export interface ReadSlice {
  readonly group: string
  readonly track: string
  readonly name: string
  readonly category: string
  readonly depth: number
  readonly startUs: number
  endUs: number
  readonly args: Record<string, unknown>
}

export interface ReadTrace {
  readonly slices: readonly ReadSlice[]
  /** From slice to slice. */
  readonly flows: readonly { readonly from: ReadSlice, readonly to: ReadSlice, readonly category: string }[]
  readonly groups: readonly string[]
}

const phases = new Set(['B', 'E', 'i', 's', 'f', 'M'])

/** `whole`: asserts that every slice is closed and that flows end, but for those that nobody took up. */
export function readChromeTrace (text: string, whole = true): ReadTrace {
  const parsed = JSON.parse(text) as { readonly traceEvents: readonly ChromeEvent[], readonly displayTimeUnit: string }
  assert.equal(parsed.displayTimeUnit, 'ns')
  const groups = new Map<number, string>()
  const tracks = new Map<number, { readonly pid: number, readonly name: string }>()
  const open = new Map<number, ReadSlice[]>()
  const lastUs = new Map<number, number>()
  const slices: ReadSlice[] = []
  const flows: { from: ReadSlice, to: ReadSlice, category: string }[] = []
  const begun = new Map<string, ReadSlice>()

  for (const event of parsed.traceEvents) {
    const { ph, pid, tid, ts, name } = event
    assert.ok(phases.has(ph), `phase ${ph}`)
    for (const number of [pid, tid, ts]) assert.ok(Number.isFinite(number) && number >= 0, JSON.stringify(event))
    if (ph === 'M') {
      const args = event.args as { readonly name?: string, readonly sort_index?: number }
      if (name === 'process_name') {
        assert.ok(!groups.has(pid), `group ${pid} is named twice`)
        groups.set(pid, args.name!)
      } else if (name === 'thread_name') {
        // Perfetto names a thread by its number alone.
        assert.ok(!tracks.has(tid), `track ${tid} is named twice`)
        tracks.set(tid, { pid, name: args.name! })
      } else assert.ok(Number.isInteger(args.sort_index), `${name} ${JSON.stringify(args)}`)
      continue
    }
    const track = tracks.get(tid)
    assert.ok(track !== undefined && track.pid === pid, `an event on track ${tid} of group ${pid}, which has no name`)
    assert.ok(ts >= (lastUs.get(tid) ?? 0), `track ${track.name} goes back in time`)
    lastUs.set(tid, ts)
    const stack = open.get(tid) ?? []
    open.set(tid, stack)
    const key = `${event.cat} ${name} ${event.id}`
    switch (ph) {
      case 'B': {
        const slice: ReadSlice = {
          group: groups.get(pid)!, track: track.name, name: name!, category: event.cat!, depth: stack.length, startUs: ts, endUs: NaN, args: { ...event.args }
        }
        slices.push(slice)
        stack.push(slice)
        break
      }
      case 'E': {
        const slice = stack.pop()
        assert.ok(slice !== undefined, `an end without a begin on ${track.name}`)
        slice.endUs = ts
        Object.assign(slice.args, event.args)
        break
      }
      case 's': {
        assert.ok(stack.length > 0, `a flow begins outside a slice on ${track.name}`)
        assert.ok(!begun.has(key), `flow ${key} begins twice`)
        begun.set(key, stack.at(-1)!)
        break
      }
      case 'f': {
        assert.equal(event.bp, 'e')
        assert.ok(stack.length > 0, `a flow ends outside a slice on ${track.name}`)
        const from = begun.get(key)
        assert.ok(from !== undefined, `flow ${key} ends and never began`)
        begun.delete(key)
        assert.ok(from.startUs <= ts, `flow ${key} goes back in time`)
        flows.push({ from, to: stack.at(-1)!, category: event.cat! })
        break
      }
      default: assert.equal(event.s, 't')
    }
  }
  if (whole) assert.deepEqual([...open.values()].flat(), [], 'every slice is closed')
  return { slices, flows, groups: [...groups.values()] }
}
