/**
 * What every Processes does, for init (the host): its children, their ends, signals. A subject lends the images that
 * the cases spawn.
 */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { ARGUMENT_BYTES_MAX, Ending, INIT, PRIORITY_DEFAULT, Signal, SpawnGroup, WAIT_NO_HANG } from '../index.ts'
import type { Processes } from '../index.ts'
import { equal, equalList, fails, given, holds, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface ProcessesSubject extends Client {
  readonly processes: Processes
  /** Slots of images: one that exits with its first argument's number, one that computes for ever. */
  readonly exits: number
  readonly spins: number
}

export type ProcessesFeature = 'spawning' | 'waiting' | 'signals' | 'identity'

export function processesConformance (suite: Suite<ProcessesSubject, ProcessesFeature>): void {
  registerCases('Processes', cases, suite)
}

class Family {
  readonly subject: ProcessesSubject

  constructor (subject: ProcessesSubject) {
    this.subject = subject
  }

  * spawn (image: number, ...args: string[]): Fiber<number> {
    return yield * settle(this.subject.processes.spawn(image, ['program', ...args], [], [], PRIORITY_DEFAULT, 0, [], 0, '', SpawnGroup.SAME))
  }

  * exits (status: number): Fiber<number> {
    return works(yield * this.spawn(this.subject.exits, String(status)), 'spawn')
  }

  * spins (): Fiber<number> {
    return works(yield * this.spawn(this.subject.spins), 'spawn')
  }
}

function on (feature: ProcessesFeature, name: string, body: (family: Family, processes: Processes) => Fiber<void>): Case<ProcessesSubject, ProcessesFeature> {
  return { feature, name, * body (subject) { yield * body(new Family(subject), subject.processes) } }
}

const cases: readonly Case<ProcessesSubject, ProcessesFeature>[] = [
  on('spawning', 'a child has a number of its own and is listed until it was waited for', function * (family, processes) {
    const child = yield * family.exits(0)
    holds(child > INIT, 'a number after init\'s')
    holds(given(yield * settle(processes.list()), 'list').processes.includes(child), 'it is listed')
    given(yield * settle(processes.wait(child, 0)), 'wait')
    holds(!given(yield * settle(processes.list()), 'list').processes.includes(child), 'it is listed no more')
  }),

  on('spawning', 'what cannot be spawned is refused, and leaves nothing', function * (family, processes) {
    const before = given(yield * settle(processes.list()), 'list').processes.length
    fails(yield * family.spawn(4711), 'ENOTCAPABLE', 'an image that nobody gave')
    fails(yield * family.spawn(family.subject.exits, 'a\0b'), 'EINVAL', 'a NUL in an argument')
    fails(yield * family.spawn(family.subject.exits, 'x'.repeat(ARGUMENT_BYTES_MAX)), 'E2BIG', 'too long arguments')
    equal(given(yield * settle(processes.list()), 'list').processes.length, before, 'processes')
  }),

  on('waiting', 'a wait gives how the child ended, once', function * (family, processes) {
    const child = yield * family.exits(7)
    const ending = given(yield * settle(processes.wait(child, 0)), 'wait')
    equalList([ending.process, ending.kind, ending.code], [child, Ending.EXIT, 7], 'the ending')
    fails(yield * settle(processes.wait(child, 0)), 'ECHILD', 'a second wait')
  }),

  on('waiting', 'any child will do, and without hanging none must have ended', function * (family, processes) {
    fails(yield * settle(processes.wait(0, 0)), 'ECHILD', 'without children')
    const spinning = yield * family.spins()
    equal(given(yield * settle(processes.wait(0, WAIT_NO_HANG)), 'wait').process, 0, 'none has ended')
    const exiting = yield * family.exits(3)
    equal(given(yield * settle(processes.wait(0, 0)), 'wait').process, exiting, 'the one that ended')
    works(yield * settle(processes.kill(spinning, Signal.KILL)), 'kill')
    equal(given(yield * settle(processes.wait(0, 0)), 'wait').process, spinning, 'the one that was killed')
  }),

  on('signals', 'a signal ends a process, and is how it ended', function * (family, processes) {
    for (const signal of [Signal.TERM, Signal.KILL, Signal.INT, Signal.USR1]) {
      const child = yield * family.spins()
      equal(yield * settle(processes.kill(child, signal)), 0, `kill with ${signal}`)
      const ending = given(yield * settle(processes.wait(child, 0)), 'wait')
      equalList([ending.kind, ending.code], [Ending.SIGNAL, signal], 'the ending')
    }
  }),

  on('signals', 'one that asks, or that is ignored, ends nothing', function * (family, processes) {
    const child = yield * family.spins()
    for (const signal of [Signal.NONE, Signal.CHLD, Signal.WINCH]) equal(yield * settle(processes.kill(child, signal)), 0, `kill with ${signal}`)
    equal(given(yield * settle(processes.wait(child, WAIT_NO_HANG)), 'wait').process, 0, 'it goes on')
    yield * settle(processes.kill(child, Signal.KILL))
    given(yield * settle(processes.wait(child, 0)), 'wait')
  }),

  on('signals', 'whom there is not, and what is no signal', function * (family, processes) {
    fails(yield * settle(processes.kill(4711, Signal.TERM)), 'ESRCH', 'nobody')
    fails(yield * settle(processes.kill(INIT, Signal.KILL)), 'EPERM', 'init')
    const child = yield * family.exits(0)
    for (const signal of [-1, 31, 1.5, NaN]) fails(yield * settle(processes.kill(child, signal)), 'EINVAL', `signal ${signal}`)
    given(yield * settle(processes.wait(child, 0)), 'wait')
  }),

  on('identity', 'init is itself, and its children have the names that it gave', function * (family, processes) {
    equal(given(yield * settle(processes.identity()), 'identity').process, INIT, 'the caller')
    const child = yield * family.spins()
    equal(yield * settle(processes.name(child)), 'program', 'the name')
    fails(yield * settle(processes.name(4711)), 'ESRCH', 'the name of nobody')
    yield * settle(processes.kill(child, Signal.KILL))
    given(yield * settle(processes.wait(child, 0)), 'wait')
  })
]
