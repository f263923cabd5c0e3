/** For tests of cores: a machine without a host, and fibers driven by hand. */

import type { Machine } from '../machine/index.ts'
import { RESOURCES } from '../roles/index.ts'
import { CoreState } from './state.ts'

/** A machine whose clock stands still and whose devices do nothing; handlers run when `raise` is called. */
export function stillMachine (): Machine {
  const handlers = new Map<string, () => void>()
  let resume: (() => void) | null = null
  const nothing = (): number => 0
  return {
    name: 'still',
    clock: { monotonicNs: () => 1, realtimeNs: () => 1, resolutionNs: 1 },
    timer: { arm () {} },
    interrupts: {
      connect (line, handler) { handlers.set(line, handler) },
      raise (line) {
        handlers.get(line)?.()
        const go = resume
        resume = null
        go?.()
      },
      mask () {}, unmask () {}, deliver () {}
    },
    processor: {
      idle (go) { resume = go },
      giveWayDue: () => false, giveWay (go) { go() }, switchTo () {}, map () {}, unmap () {}
    },
    doorbells: { connect () {}, ring () {} },
    entropy: { fill () {} },
    console: {
      read: nothing, write: (_unit, _bytes, _at, length) => length, readable: () => -1, writable: () => true, terminal: () => false,
      hungUp: () => false, awaitInput () {}, flush: () => Promise.resolve()
    },
    folders: new Proxy({} as Machine['folders'], { get: () => nothing }),
    timing: null,
    memories: { available: () => true, take () {}, give () {} },
    places: null,
    addressSpacesMax: { value: 1000, reason: 'for tests' },
    closed: false,
    setClock () {},
    close () {}
  }
}

export function stillCore (panicOnOops = false): CoreState {
  return new CoreState(stillMachine(), { scheduler: { sliceUs: 1000, priorities: 4 }, panicOnOops, limits: new Array<number>(RESOURCES).fill(Infinity) })
}
