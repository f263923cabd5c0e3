/**
 * The process table: who is whose child, and who has ended.
 *
 * States as POSIX has them: a process runs, then is a zombie until its parent waits for it. Children of a process that
 * ends become init's; init takes their zombies away at once, since nobody else can.
 */

import { WaitQueue } from '../../fiber/index.ts'
import { INIT, PROCESSES_MAX, StateError, fieldOf, flagOf, itemsOf, listOf, numberOf, textOf, wholeOf } from '../../roles/index.ts'
import type { EndingRecord, StateValue, UsageRecord } from '../../roles/index.ts'

export interface ProcessRecord {
  readonly process: number
  parent: number
  readonly args: readonly string[]
  readonly env: readonly string[]
  /** Its process group: the number of the process that leads or led it. */
  group: number
  /** Its working directory: an absolute path as its own directories name it. */
  directory: string
  /** Signals that do nothing to it, a bit each; children are started with them. */
  ignored: number
  /** Of its thread; its children's are never better. Init's is the best. */
  priority: number
  readonly children: Set<number>
  /** Wakes when any child has ended. */
  readonly childEnded: WaitQueue
  /** Wakes when it has ended itself: who waits for this one is not woken by others. */
  readonly ended: WaitQueue
  /** Slot of its thread's capability; 0 for init, which the host is, and until it has one. */
  thread: number
  /** The signal that it is to end by as soon as it has a thread; 0 for none. */
  pending: number
  /** How long children that were waited for had the processor, with theirs, in ns. */
  childrenRanNs: number
  /** What it had used when it ended. */
  used: UsageRecord | null
  /** Set when it has ended: a zombie. */
  ending: EndingRecord | null
  /** It was given to init when its parent ended. */
  orphan: boolean
  /** Whether it has a place in an account; the account that its arguments were charged to (0: none), and their bytes. */
  entered: boolean
  account: number
  argumentBytes: number
}

export class ProcessTable {
  readonly #records = new Map<number, ProcessRecord>()
  #last = INIT
  readonly #forgotten: (record: ProcessRecord) => void

  /** `forgotten` is told of each that is taken out. */
  constructor (forgotten: (record: ProcessRecord) => void) {
    this.#forgotten = forgotten
    this.#records.set(INIT, recordOf(INIT, INIT, 0, ['init'], [], '/'))
  }

  save (): StateValue {
    return { last: this.#last, processes: [...this.#records.values()].map(savedOf) }
  }

  /** Takes up what `save` told. Parents come from the records; who is whose child follows, and leads up to init from everybody. */
  takeUp (saved: StateValue): void {
    this.#last = wholeOf(fieldOf(saved, 'last'), 'the last process number', INIT)
    this.#records.clear()
    const records = listOf(fieldOf(saved, 'processes'), 'processes', each => takenUpOf(each, this.#last))
    if (records.length > PROCESSES_MAX) throw new StateError(`there may be ${PROCESSES_MAX} processes`)
    for (const record of records) {
      if (this.#records.has(record.process)) throw new StateError(`there are two processes ${record.process}`)
      this.#records.set(record.process, record)
    }
    for (const record of records) {
      const parent = this.#records.get(record.parent)
      // A child is younger than its parent, so that nobody descends from himself.
      if (record.process === INIT ? record.parent !== 0 : parent === undefined || record.parent >= record.process) throw new StateError(`process ${record.process} is nobody's child`)
      parent?.children.add(record.process)
    }
    if (!this.#records.has(INIT)) throw new StateError('there is no process 1')
  }

  get (process: number): ProcessRecord | undefined {
    return this.#records.get(process)
  }

  get all (): Iterable<ProcessRecord> {
    return this.#records.values()
  }

  get isFull (): boolean {
    return this.#records.size >= PROCESSES_MAX
  }

  /** A new child of a process, in its group and directory; null when the table is full. */
  add (parent: ProcessRecord, args: readonly string[], env: readonly string[]): ProcessRecord | null {
    if (this.isFull) return null
    const record = recordOf(++this.#last, parent.group, parent.process, args, env, parent.directory)
    record.ignored = parent.ignored
    this.#records.set(record.process, record)
    parent.children.add(record.process)
    return record
  }

  /** A parent has waited for a zombie: takes it out of the table. */
  reap (parent: ProcessRecord, zombie: ProcessRecord): void {
    parent.childrenRanNs += zombie.childrenRanNs + (zombie.used?.ranNs ?? 0)
    this.remove(zombie)
  }

  /** The processes of a group, zombies too. */
  group (group: number): ProcessRecord[] {
    return [...this.#records.values()].filter(record => record.group === group)
  }

  /** Takes a process out of the table: waited for, or never started. */
  remove (record: ProcessRecord): void {
    this.#records.delete(record.process)
    this.#records.get(record.parent)?.children.delete(record.process)
    this.#forgotten(record)
  }

  /** A process has ended: its children become init's, its parent can wait for it. */
  end (record: ProcessRecord, ending: EndingRecord): void {
    record.ending = ending
    const init = this.#records.get(INIT)!
    for (const child of record.children) {
      const orphan = this.#records.get(child)!
      orphan.parent = INIT
      orphan.orphan = true
      init.children.add(child)
      if (orphan.ending !== null) this.remove(orphan)
    }
    record.children.clear()
    record.ended.wakeAll()
    if (record.orphan) this.remove(record)
    else this.#records.get(record.parent)?.childEnded.wakeAll()
  }

  /** Whether `process` is `ancestor` or descends from it. */
  descends (process: number, ancestor: number): boolean {
    for (let record = this.#records.get(process); record !== undefined; record = this.#records.get(record.parent)) {
      if (record.process === ancestor) return true
    }
    return false
  }

  /** A process and all that descend from it: for who asks about many, in time linear in how many they are. */
  family (process: number): ReadonlySet<number> {
    const found = new Set<number>()
    const left = [process]
    for (let member = left.pop(); member !== undefined; member = left.pop()) {
      found.add(member)
      for (const child of this.#records.get(member)?.children ?? []) left.push(child)
    }
    return found
  }
}

function recordOf (
  process: number, group: number, parent: number, args: readonly string[], env: readonly string[], directory: string
): ProcessRecord {
  return {
    process, parent, args, env, group, directory, ignored: 0, priority: 0, children: new Set(), childEnded: new WaitQueue('children'), ended: new WaitQueue('end'),
    thread: 0, pending: 0, childrenRanNs: 0, used: null, ending: null, orphan: false, entered: false, account: 0, argumentBytes: 0
  }
}

function savedOf (record: ProcessRecord): StateValue {
  const { process, parent, args, env, group, directory, ignored, priority, thread, pending, childrenRanNs, used, ending, orphan, entered, account, argumentBytes } = record
  if (thread === 0 && ending === null && process !== INIT) throw new StateError(`process ${process} (${args[0] ?? ''}) is being started`)
  return {
    process, parent, args, env, group, directory, ignored, priority, thread, pending, childrenRanNs, orphan, entered, account, argumentBytes,
    used: used === null ? null : [used.waiting, used.priority, used.madeNs, used.ranNs, used.memoryBytes],
    ending: ending === null ? null : [ending.kind, ending.code, ending.message]
  }
}

function takenUpOf (saved: StateValue, last: number): ProcessRecord {
  const field = (name: string): StateValue => fieldOf(saved, name)
  const whole = (name: string): number => wholeOf(field(name), name)
  const texts = (name: string): string[] => listOf(field(name), name, each => textOf(each, name))
  const process = wholeOf(field('process'), 'a process number', INIT, last)
  const record = recordOf(process, whole('group'), whole('parent'), texts('args'), texts('env'), textOf(field('directory'), 'a directory'))
  record.ignored = numberOf(field('ignored'), 'ignored signals') | 0
  record.priority = whole('priority')
  record.thread = whole('thread')
  record.pending = whole('pending')
  record.childrenRanNs = numberOf(field('childrenRanNs'), 'a time')
  record.orphan = flagOf(field('orphan'), 'whether it is an orphan')
  record.entered = flagOf(field('entered'), 'whether it has a place')
  record.account = whole('account')
  record.argumentBytes = whole('argumentBytes')
  const used = field('used')
  if (used !== null) {
    const [waiting, priority, madeNs, ranNs, memoryBytes] = itemsOf(used, 'what it used', 5).map(each => numberOf(each, 'what it used')) as [number, number, number, number, number]
    record.used = { waiting, priority, madeNs, ranNs, memoryBytes }
  }
  const ending = field('ending')
  if (ending !== null) {
    const [kind, code, message] = itemsOf(ending, 'how it ended', 3)
    record.ending = { process, kind: wholeOf(kind!, 'how it ended'), code: wholeOf(code!, 'a status'), message: textOf(message!, 'a message') }
  }
  return record
}
