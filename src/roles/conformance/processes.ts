/**
 * What every Processes does, for init (the host): its children, their ends, signals. A subject lends the images that
 * the cases spawn.
 */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { ARGUMENT_BYTES_MAX, Ending, INIT, PRIORITY_DEFAULT, Signal, SignalAction, SpawnGroup, WAIT_NO_HANG } from '../index.ts'
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

export type ProcessesFeature = 'spawning' | 'waiting' | 'signals' | 'groups' | 'identity'

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

  /** One that computes for ever, in a process group. */
  * spinsIn (group: number): Fiber<number> {
    return works(yield * this.tryIn(group), 'spawn')
  }

  * tryIn (group: number, directory = ''): Fiber<number> {
    return yield * settle(this.subject.processes.spawn(this.subject.spins, ['spin'], [], [], PRIORITY_DEFAULT, 0, [], 0, directory, group))
  }

  /** Ends children, and takes their zombies away. */
  * end (...children: number[]): Fiber<void> {
    for (const child of children) works(yield * settle(this.subject.processes.kill(child, Signal.KILL)), 'kill')
    for (const child of children) given(yield * settle(this.subject.processes.wait(child, 0)), 'wait')
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

  on('groups', 'a child is in its parent\'s, in one of its own, or in one that is named', function * (family, processes) {
    const own = works(yield * settle(processes.group(0)), 'group')
    const same = yield * family.spinsIn(SpawnGroup.SAME)
    const leader = yield * family.spinsIn(SpawnGroup.NEW)
    const member = yield * family.spinsIn(leader)
    const groups: number[] = []
    for (const child of [same, leader, member]) groups.push(works(yield * settle(processes.group(child)), 'group'))
    equalList(groups, [own, leader, leader], 'the groups')
    fails(yield * settle(processes.group(4711)), 'ESRCH', 'of nobody')
    yield * family.end(same, leader, member)
    fails(yield * family.tryIn(leader), 'EPERM', 'a group that is no more')
    for (const bad of [-2, NaN]) fails(yield * family.tryIn(bad), 'EINVAL', `group ${bad}`)
  }),

  on('groups', 'a signal to a group goes to all of it and to nobody else', function * (family, processes) {
    const leader = yield * family.spinsIn(SpawnGroup.NEW)
    const member = yield * family.spinsIn(leader)
    const other = yield * family.spinsIn(SpawnGroup.NEW)
    equal(yield * settle(processes.kill(-leader, Signal.NONE)), 0, 'it is there')
    equal(yield * settle(processes.kill(-leader, Signal.TERM)), 0, 'kill')
    for (const child of [leader, member]) equal(given(yield * settle(processes.wait(child, 0)), 'wait').code, Signal.TERM, 'how it ended')
    equal(given(yield * settle(processes.wait(other, WAIT_NO_HANG)), 'wait').process, 0, 'the other goes on')
    fails(yield * settle(processes.kill(-leader, Signal.TERM)), 'ESRCH', 'a group that is no more')
    fails(yield * settle(processes.kill(-other, 31)), 'EINVAL', 'no signal')
    yield * family.end(other)
  }),

  on('groups', 'a wait can be for a group', function * (family, processes) {
    const leader = yield * family.spinsIn(SpawnGroup.NEW)
    const other = yield * family.spinsIn(SpawnGroup.NEW)
    works(yield * settle(processes.kill(other, Signal.KILL)), 'kill')
    equal(given(yield * settle(processes.wait(-leader, WAIT_NO_HANG)), 'wait').process, 0, 'none of the group has ended')
    works(yield * settle(processes.kill(leader, Signal.KILL)), 'kill')
    equal(given(yield * settle(processes.wait(-leader, 0)), 'wait').process, leader, 'the one of the group')
    fails(yield * settle(processes.wait(-leader, 0)), 'ECHILD', 'the group has no child')
    equal(given(yield * settle(processes.wait(0, 0)), 'wait').process, other, 'the other is still there')
  }),

  on('groups', 'children are moved, and nobody else', function * (family, processes) {
    const one = yield * family.spinsIn(SpawnGroup.NEW)
    const two = yield * family.spinsIn(SpawnGroup.NEW)
    equal(yield * settle(processes.setGroup(two, one)), 0, 'join')
    equal(yield * settle(processes.group(two)), one, 'the group')
    equal(yield * settle(processes.setGroup(two, 0)), 0, 'lead')
    equal(yield * settle(processes.group(two)), two, 'its own')
    fails(yield * settle(processes.setGroup(4711, 0)), 'ESRCH', 'nobody')
    fails(yield * settle(processes.setGroup(one, 4711)), 'EPERM', 'a group that there is not')
    fails(yield * settle(processes.setGroup(one, -1)), 'EINVAL', 'no group')
    yield * family.end(one, two)
    fails(yield * settle(processes.setGroup(one, 0)), 'ESRCH', 'one that has ended')
  }),

  on('groups', 'one at a time is in the foreground', function * (family, processes) {
    equal(yield * settle(processes.foreground()), 0, 'none at first')
    const leader = yield * family.spinsIn(SpawnGroup.NEW)
    equal(yield * settle(processes.setForeground(leader)), 0, 'set')
    equal(yield * settle(processes.foreground()), leader, 'it')
    for (const [bad, error] of [[4711, 'EPERM'], [-1, 'EINVAL'], [NaN, 'EINVAL']] as const) fails(yield * settle(processes.setForeground(bad)), error, String(bad))
    equal(yield * settle(processes.setForeground(0)), 0, 'none')
    equal(yield * settle(processes.foreground()), 0, 'none again')
    yield * family.end(leader)
  }),

  on('signals', 'a child begins with what is ignored', function * (family, processes) {
    equal(yield * settle(processes.signalAction(Signal.TERM, SignalAction.IGNORE)), SignalAction.DEFAULT, 'what it did before')
    const child = yield * family.spins()
    equal(yield * settle(processes.signalAction(Signal.TERM, SignalAction.DEFAULT)), SignalAction.IGNORE, 'what it did then')
    equal(yield * settle(processes.kill(child, Signal.TERM)), 0, 'it is delivered')
    equal(given(yield * settle(processes.wait(child, WAIT_NO_HANG)), 'wait').process, 0, 'and does nothing')
    yield * family.end(child)
    for (const signal of [Signal.KILL, Signal.STOP, 0, 31, -1, 1.5]) fails(yield * settle(processes.signalAction(signal, SignalAction.IGNORE)), 'EINVAL', `signal ${signal}`)
    fails(yield * settle(processes.signalAction(Signal.TERM, 2)), 'EINVAL', 'no action')
  }),

  on('identity', 'a working directory is an absolute path, and children begin in it', function * (family, processes) {
    equal(yield * settle(processes.directory()), '/', 'at first')
    equal(yield * settle(processes.setDirectory('/a/b')), 0, 'set')
    equal(yield * settle(processes.directory()), '/a/b', 'it')
    for (const [bad, error] of [['', 'EINVAL'], ['a', 'EINVAL'], ['/\0', 'EINVAL'], ['/'.repeat(5000), 'ENAMETOOLONG']] as const) {
      fails(yield * settle(processes.setDirectory(bad)), error, `directory ${bad.slice(0, 9)}`)
      if (bad !== '') fails(yield * family.tryIn(SpawnGroup.SAME, bad), error, `directory ${bad.slice(0, 9)} of a child`)
    }
    equal(yield * settle(processes.setDirectory('/')), 0, 'back')
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
