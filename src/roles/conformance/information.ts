/** What every ProcessInformation, FileInformation and SystemInformation tells, for init (the host). */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { FileType, INIT, PRIORITY_DEFAULT, ProcessState, RIGHTS_ALL, Signal } from '../index.ts'
import type { DescriptorTables, FileInformation, Files, ProcessInformation, Processes, SystemInformation } from '../index.ts'
import { equal, equalList, fails, given, holds, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface ProcessInformationSubject extends Client {
  readonly information: ProcessInformation
  readonly processes: Processes
  /** Slots of images: one that exits, one that computes for ever. */
  readonly exits: number
  readonly spins: number
}

export type ProcessInformationFeature = 'one process' | 'many processes' | 'nobody'

export function processInformationConformance (suite: Suite<ProcessInformationSubject, ProcessInformationFeature>): void {
  registerCases('ProcessInformation', processCases, suite)
}

/** A process that nobody has made. */
const NOBODY = 4711
/** Of eight: whoever has another one is served before. */
const PRIORITY_LAST = 7

function * listed (information: ProcessInformation): Fiber<number[]> {
  const all: number[] = []
  for (;;) {
    const some = given(yield * settle(information.processes(all[all.length - 1] ?? 0)), 'processes')
    if (some.length === 0) return all
    for (const process of some) {
      holds(process > (all[all.length - 1] ?? 0), 'numbers go up')
      all.push(process)
    }
  }
}

const processCases: readonly Case<ProcessInformationSubject, ProcessInformationFeature>[] = [
  {
    feature: 'one process',
    name: 'a child is told of as it was made, runs, ends, and was waited for',
    * body ({ information, processes, exits, spins }) {
      /** Lets whoever is served before the last run for a while. */
      const pass = function * (): Fiber<void> {
        const last = works(yield * settle(processes.spawn(exits, ['exit', '0'], [], [], PRIORITY_LAST, 0, [], 0, '', -1)), 'spawn')
        given(yield * settle(processes.wait(last, 0)), 'wait')
      }
      const init = given(yield * settle(information.process(INIT)), 'init')
      equalList([init.process, init.parent, init.state], [INIT, 0, ProcessState.WAITING], 'init')
      const child = works(yield * settle(processes.spawn(spins, ['spin', 'a b', ''], ['K=v'], [], PRIORITY_LAST, 0, [], 0, '', -1)), 'spawn')
      const made = given(yield * settle(information.process(child)), 'the child')
      equalList([made.process, made.parent, made.state, made.priority], [child, INIT, ProcessState.RUNNABLE, PRIORITY_LAST], 'the child')
      equalList(made.args, ['spin', 'a b', ''], 'its arguments')
      equalList(given(yield * settle(information.environment(child)), 'environment'), ['K=v'], 'its environment')
      holds(made.memoryBytes >= 65536 && made.memoryBytes % 65536 === 0, 'pages of memory')
      yield * pass()
      const ran = given(yield * settle(information.process(child)), 'the child')
      holds(ran.ranNs > 0 && ran.madeNs === made.madeNs, 'time goes on')
      works(yield * settle(processes.kill(child, Signal.KILL)), 'kill')
      yield * pass()
      const zombie = given(yield * settle(information.process(child)), 'a zombie')
      equalList([zombie.state, zombie.memoryBytes], [ProcessState.ZOMBIE, 0], 'a zombie')
      holds(zombie.ranNs >= ran.ranNs, 'what it has used stays')
      const before = given(yield * settle(information.process(INIT)), 'init').childrenRanNs
      given(yield * settle(processes.wait(child, 0)), 'wait')
      equal(given(yield * settle(information.process(INIT)), 'init').childrenRanNs, before + zombie.ranNs, 'time of children')
      fails(yield * settle(information.process(child)), 'ESRCH', 'one that was waited for')
    }
  },
  {
    feature: 'nobody',
    name: 'whom there is not',
    * body ({ information }) {
      for (const process of [0, -1, NOBODY, 1.5, NaN, Infinity]) {
        fails(yield * settle(information.process(process)), 'ESRCH', `process ${process}`)
        fails(yield * settle(information.environment(process)), 'ESRCH', `environment of ${process}`)
      }
    }
  },
  {
    feature: 'many processes',
    name: 'all are listed, in order',
    * body ({ information, processes, spins }) {
      const children: number[] = []
      for (let i = 0; i < 5; i++) children.push(works(yield * settle(processes.spawn(spins, ['spin'], [], [], PRIORITY_DEFAULT, 0, [], 0, '', -1)), 'spawn'))
      equalList(yield * listed(information), [INIT, ...children], 'processes')
      equalList(given(yield * settle(information.processes(children[4]!)), 'processes'), [], 'after the last')
      for (const child of children) works(yield * settle(processes.kill(child, Signal.KILL)), 'kill')
      for (const child of children) given(yield * settle(processes.wait(child, 0)), 'wait')
      equalList(yield * listed(information), [INIT], 'processes')
    }
  }
]

export interface FileInformationSubject extends Client {
  readonly information: FileInformation
  readonly tables: DescriptorTables
  readonly files: Files
  /** The caller's process number. */
  readonly caller: number
}

export type FileInformationFeature = 'mounts' | 'descriptors'

export function fileInformationConformance (suite: Suite<FileInformationSubject, FileInformationFeature>): void {
  registerCases('FileInformation', fileCases, suite)
}

const fileCases: readonly Case<FileInformationSubject, FileInformationFeature>[] = [
  {
    feature: 'mounts',
    name: 'the root first, each with a device of its own that its files have',
    * body ({ information, tables, files, caller }) {
      const mounts = given(yield * settle(information.mounts()), 'mounts')
      equal(mounts.paths[0], '/', 'the first')
      equal(new Set(mounts.devices).size, mounts.paths.length, 'devices')
      equalList([mounts.fileSystems.length, mounts.readOnly.length], [mounts.paths.length, mounts.paths.length], 'columns')
      for (const [index, path] of mounts.paths.entries()) {
        const fd = works(yield * settle(tables.preopen(caller, path, '/x', RIGHTS_ALL, RIGHTS_ALL)), 'preopen')
        equal(given(yield * settle(files.attributes(fd)), 'attributes').device, mounts.devices[index], `device of ${path}`)
        works(yield * settle(files.close(fd)), 'close')
      }
    }
  },
  {
    feature: 'descriptors',
    name: 'are listed in order, each with what it stands for, until they are closed',
    * body ({ information, tables, files, caller }) {
      const before = given(yield * settle(information.descriptors(caller, 0)), 'descriptors')
      const most = works(yield * settle(information.descriptorsMax(caller)), 'how many')
      holds(before.every(fd => fd < most), 'no number is beyond what there may be')
      const directory = works(yield * settle(tables.preopen(caller, '/', '/seen', RIGHTS_ALL, RIGHTS_ALL)), 'preopen')
      const pipe = given(yield * settle(files.pipe()), 'pipe')
      const mine = [directory, pipe.read, pipe.write]
      equalList(given(yield * settle(information.descriptors(caller, 0)), 'descriptors'), [...before, ...mine].sort((a, b) => a - b), 'descriptors')
      equalList(given(yield * settle(information.descriptors(caller, Math.max(...mine))), 'descriptors'), [Math.max(...mine)], 'from the last on')
      const root = given(yield * settle(information.openFile(caller, directory)), 'the directory')
      equalList([root.type, root.path, root.rightsBase > 0 ? 1 : 0], [FileType.DIRECTORY, '/seen', 1], 'the directory')
      const [reads, writes] = [given(yield * settle(information.openFile(caller, pipe.read)), 'pipe'), given(yield * settle(information.openFile(caller, pipe.write)), 'pipe')]
      equalList([reads.device, reads.inode, reads.path], [writes.device, writes.inode, ''], 'both ends are of one pipe')
      for (const fd of mine) works(yield * settle(files.close(fd)), 'close')
      fails(yield * settle(information.openFile(caller, directory)), 'EBADF', 'a closed one')
      equalList(given(yield * settle(information.descriptors(caller, 0)), 'descriptors'), before, 'descriptors')
    }
  },
  {
    feature: 'descriptors',
    name: 'of whom there is not, and numbers that are none',
    * body ({ information, caller }) {
      fails(yield * settle(information.descriptors(NOBODY, 0)), 'ESRCH', 'descriptors')
      fails(yield * settle(information.descriptorsMax(NOBODY)), 'ESRCH', 'how many')
      fails(yield * settle(information.openFile(NOBODY, 0)), 'ESRCH', 'a descriptor')
      for (const fd of [-1, 1e6, 0.5, NaN]) fails(yield * settle(information.openFile(caller, fd)), 'EBADF', `descriptor ${fd}`)
      equalList(given(yield * settle(information.descriptors(caller, 1e9)), 'descriptors'), [], 'from beyond the last')
    }
  }
]

export interface SystemInformationSubject extends Client {
  readonly information: SystemInformation
}

export type SystemInformationFeature = 'plan' | 'counts' | 'domains' | 'gates'

export function systemInformationConformance (suite: Suite<SystemInformationSubject, SystemInformationFeature>): void {
  registerCases('SystemInformation', systemCases, suite)
}

const systemCases: readonly Case<SystemInformationSubject, SystemInformationFeature>[] = [
  {
    feature: 'plan',
    name: 'is JSON, and of the kernel that it says',
    * body ({ information }) {
      const kernel = given(yield * settle(information.kernel()), 'kernel')
      const plan = JSON.parse(given(information.plan(), 'plan')) as { name: string, core: string }
      equalList([plan.name, plan.core], [kernel.name, kernel.core], 'the plan')
    }
  },
  {
    feature: 'counts',
    name: 'never go back',
    * body ({ information }, _hand, driver) {
      const [counters, times] = [given(information.counters(), 'counters'), given(information.times(), 'times')]
      equal(counters.names.length, counters.values.length, 'columns')
      yield * driver.settleDown()
      const later = given(information.counters(), 'counters')
      equalList(later.names, counters.names, 'names')
      holds(later.values.every((value, index) => value >= counters.values[index]!), 'counts')
      const then = given(information.times(), 'times')
      holds(then.uptimeNs >= times.uptimeNs && then.busyNs >= times.busyNs && then.busyNs <= then.uptimeNs, 'times')
    }
  },
  {
    feature: 'domains',
    name: 'the supervisor first, each once',
    * body ({ information }) {
      const all = given(yield * settle(information.domains(0)), 'domains')
      equal(all.modes[0], 'supervisor', 'the first')
      equal(new Set(all.spaces).size, all.spaces.length, 'numbers')
      for (const column of Object.values(all)) equal(column.length, all.spaces.length, 'columns')
      holds(all.states.every(state => state === 'alive'), 'all are alive')
      holds(all.allocatedBytes.every((bytes, index) => bytes <= all.arenaBytes[index]!), 'no more is given out than there is')
      const last = all.spaces[all.spaces.length - 1]!
      equalList(given(information.domains(last), 'domains').spaces, [last], 'from the last on')
      equalList(given(information.domains(last + 1), 'domains').spaces, [], 'after it')
    }
  },
  {
    feature: 'gates',
    name: 'their calls add up to the invocations, and only direct ones are not counted',
    * body ({ information }) {
      // Both at one time: asking is a call itself, through some gate or none.
      const gates = given(yield * settle(information.gates()), 'gates')
      const counters = given(information.counters(), 'counters')
      const invocations = counters.values[counters.names.indexOf('invocations')]!
      const between = gates.kinds.some(kind => kind !== 'direct') && gates.from.length > 0 ? 1 : 0
      const sum = gates.calls.reduce((total, calls) => total + Math.max(0, calls), 0)
      holds(invocations - sum >= 0 && invocations - sum <= between, `${sum} calls through gates, ${invocations} invocations`)
      holds(gates.kinds.every((kind, index) => (kind === 'direct') === (gates.calls[index] === -1)), 'direct ones')
    }
  }
]
