/**
 * Programs as data, and back: by the log of what their calls came to (call-log.ts).
 *
 * A program can be saved while it waits in a call. It is brought back in an instance of its own that is run from its start,
 * with the log in the place of the system; in the call at the log's end it is parked. When all programs have come as far, and the services have
 * their state, each makes that call again, in the order in which they did: then it waits as it did. What a call had done already
 * when it was saved is told by the service that did it.
 *
 * Invariants: until it is let go on, a program that is brought back has touched nothing but its own memory. A program that does
 * not make the same calls again is ended, and the system is not taken up.
 */

import { Signal, StateError, bytesOf, fieldOf, itemsOf, listOf, numberOf, textOf, wholeOf } from '../../roles/index.ts'
import type { StateValue } from '../../roles/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { KILLED } from '../../walls/wasm/index.ts'
import type { Compiled, Image } from '../../walls/wasm/index.ts'
import type { CoreState } from '../state.ts'
import { isWaiting } from '../state.ts'
import type { AddressSpace } from '../thread/index.ts'
import { CallLog, CallReplay } from './call-log.ts'
import type { CallEffects, CallUnderWay } from './call-log.ts'
import type { ProgramThread } from './program-thread.ts'
import type { Tasks } from './tasks.ts'

type SystemCall = (...args: number[]) => number

/** What is needed of the programs that run. */
export interface ProgramParts {
  readonly live: ReadonlyMap<number, ProgramThread>
  readonly tasks: Tasks
  readonly perform: (thread: ProgramThread, index: number, args: readonly number[]) => unknown
  readonly begun: (thread: ProgramThread, fiber: Fiber<number>) => number
  /** Makes a thread in a slot of its maker's; the slot, or an error. */
  readonly create: (space: AddressSpace, image: Image, badge: number, priority: number, slot: number) => number
  readonly start: (thread: ProgramThread) => number
}

/** A program that has come to where it was. */
export interface ParkedProgram {
  readonly thread: ProgramThread
  /** When it made the call in which it is. */
  readonly atNs: number
}

export class SavedPrograms {
  readonly #state: CoreState
  readonly #effects: CallEffects
  readonly #parts: ProgramParts
  /** Modules as they were given, of what runs. */
  readonly #sources = new WeakMap<Compiled, Uint8Array>()
  /** Why programs could not be brought back, by process: they have ended. */
  readonly #failures = new Map<number, string>()
  /** Calls of all programs so far. */
  #calls = 0

  constructor (state: CoreState, effects: CallEffects, parts: ProgramParts) {
    this.#state = state
    this.#effects = effects
    this.#parts = parts
  }

  /** Keeps the module of an image, as long as that is there. */
  keepSource (image: Image, bytes: Uint8Array): void {
    if (!this.#sources.has(image.compiled)) this.#sources.set(image.compiled, bytes.slice())
  }

  // ---- while programs run

  /** A system call that is logged, or answered from a log. */
  logged (index: number, call: SystemCall): SystemCall {
    const { scheduler, machine } = this.#state
    return (...args) => {
      const thread = scheduler.current as ProgramThread
      if (thread.replay !== null) return this.#replayed(thread, thread.replay, index, args)
      const { log } = thread
      if (log === null) return call(...args)
      log.begin({ index, args, order: ++this.#calls, atNs: machine.clock.monotonicNs() }, thread.home.memory!)
      const result = call(...args)
      // Where it would block it comes back later, or not at all.
      if (result >= 0) log.end(result, thread.home.memory!)
      return result
    }
  }

  /** `memory.grow`, in the same way. */
  grow (thread: ProgramThread, pages: number, ask: () => number): number {
    const { replay, log } = thread
    if (replay !== null) {
      const granted = replay.grow(pages, thread.home.memory!)
      return granted < 0 ? this.#fail(thread, 0) : granted
    }
    const granted = ask()
    if (log !== null) log.grew(pages, granted, thread.home.memory!)
    return granted
  }

  #replayed (thread: ProgramThread, replay: CallReplay, index: number, args: number[]): number {
    if (!replay.done) {
      const result = replay.answer(index, args, thread.home.memory!)
      return result < 0 ? this.#fail(thread, KILLED) : result
    }
    const { saved } = thread
    if (saved === null || saved.index !== index || saved.args.some((arg, place) => arg !== args[place])) {
      replay.failure = 'it did not make the call again in which it was'
      return this.#fail(thread, KILLED)
    }
    thread.replay = null
    // What it has executed up to here was told in its other life.
    if (this.#state.machine.timing !== null) thread.instance!.drain({ integer: 0, float: 0, memory: 0, branch: 0, call: 0 })
    thread.log!.begin(saved, thread.home.memory!)
    return this.#parts.begun(thread, this.#again(thread, index, args))
  }

  * #again (thread: ProgramThread, index: number, args: readonly number[]): Fiber<number> {
    yield thread.parked
    const result = this.#parts.perform(thread, index, args)
    return isWaiting(result) ? yield * result as Fiber<number> : result as number
  }

  #fail (thread: ProgramThread, result: number): number {
    thread.killedBy ||= Signal.ABRT
    this.#failures.set(thread.principal, thread.replay!.failure!)
    return result
  }

  // ---- saving

  /** Why programs cannot be saved now, in a sentence; null when they can. */
  get busy (): string | null {
    for (const thread of this.#parts.live.values()) {
      if (thread.synchronous) return `${thread.label} is called by host code, whose state is the host's`
      if (thread.state !== 'waiting' || (thread.log?.call ?? null) === null) return `${thread.label} runs`
      if (thread.log!.isDropped) return `${thread.label} has been told too much: what its calls came to is kept no more`
      if (thread.killedBy !== 0) return `${thread.label} is ending`
      if (!this.#sources.has(thread.image.compiled)) return `${thread.label} is of a module that nobody kept`
    }
    return this.#parts.tasks.count > 0 ? 'a task runs, or a program on a thread of its own: their state is not the kernel\'s to tell' : null
  }

  /** Programs as data, and their modules; `busy` is null. */
  save (spaces: ReadonlyMap<string, AddressSpace>): StateValue {
    const modules = new Map<Compiled, number>()
    const programs = [...this.#parts.live.values()].map(thread => {
      const { compiled, label } = thread.image
      if (!modules.has(compiled)) modules.set(compiled, modules.size)
      const [space, slot] = placeOf(thread, spaces)
      const call = thread.log!.call!
      return {
        process: thread.principal, priority: thread.priority, module: modules.get(compiled)!, label, space, slot,
        madeNs: thread.madeNs, ranNs: thread.ranNs, memoryBytes: thread.memoryBytes,
        log: thread.log!.bytes, call: [call.index, [...call.args], call.order, call.atNs]
      }
    })
    return { modules: [...modules.keys()].map(compiled => this.#sources.get(compiled)!), programs, calls: this.#calls }
  }

  // ---- bringing back

  /** Makes what `save` told anew, to run up to where it was. `imageOf` reads modules, or throws what says why not. */
  revive (saved: StateValue, spaces: ReadonlyMap<string, AddressSpace>, imageOf: (module: Uint8Array, label: string) => Image): void {
    const modules = listOf(fieldOf(saved, 'modules'), 'modules', each => bytesOf(each, 'a module'))
    this.#calls = wholeOf(fieldOf(saved, 'calls'), 'how many calls there were')
    listOf(fieldOf(saved, 'programs'), 'programs', each => {
      const process = wholeOf(fieldOf(each, 'process'), 'a process', 2)
      const label = textOf(fieldOf(each, 'label'), 'the name of a program')
      const module = modules[wholeOf(fieldOf(each, 'module'), 'a module', 0, modules.length - 1)]!
      const space = spaces.get(textOf(fieldOf(each, 'space'), 'a domain'))
      if (space === undefined || this.#parts.live.has(process)) throw new StateError(`process ${process} is there twice, or nobody's`)
      const priority = wholeOf(fieldOf(each, 'priority'), 'a priority', 0, this.#state.scheduler.priorities - 1)
      const image = imageOf(module, label)
      this.keepSource(image, module)
      const made = this.#parts.create(space, image, process, priority, wholeOf(fieldOf(each, 'slot'), 'a slot', 1))
      if (made < 0) throw new StateError(`there is no room for ${label} (${process}), or it has no place with whoever made it (error ${-made})`)
      const thread = this.#parts.live.get(process)!
      const log = bytesOf(fieldOf(each, 'log'), 'what calls came to')
      thread.replay = new CallReplay(log)
      thread.log = new CallLog(this.#effects, log)
      thread.saved = callOf(fieldOf(each, 'call'), this.#effects.of.length)
      this.#parts.start(thread)
    })
  }

  /** Why a program did not come as far as it was, in a sentence; null when all did. */
  failureOf (saved: StateValue): string | null {
    for (const each of listOf(fieldOf(saved, 'programs'), 'programs', item => item)) {
      const process = numberOf(fieldOf(each, 'process'), 'a process')
      const thread = this.#parts.live.get(process)
      if (thread?.waitsOn === thread?.parked && thread !== undefined) continue
      return `${textOf(fieldOf(each, 'label'), 'a name')} (${process}) could not be brought back: ${this.#failures.get(process) ?? 'it ended before it came to where it was'}`
    }
    return null
  }

  /** What they had used, which what it took to bring them back is no part of. */
  settle (saved: StateValue): void {
    listOf(fieldOf(saved, 'programs'), 'programs', each => {
      const thread = this.#parts.live.get(numberOf(fieldOf(each, 'process'), 'a process'))!
      thread.ranNs = numberOf(fieldOf(each, 'ranNs'), 'a time')
      thread.madeNs = numberOf(fieldOf(each, 'madeNs'), 'a time')
      thread.memoryBytes = wholeOf(fieldOf(each, 'memoryBytes'), 'a size')
    })
  }

  /** Those that are parked, in the order of the calls in which they were; when each was made. */
  get parked (): ParkedProgram[] {
    const parked = [...this.#parts.live.values()].filter(thread => thread.waitsOn === thread.parked)
    return parked.sort((a, b) => a.saved!.order - b.saved!.order).map(thread => ({ thread, atNs: thread.saved!.atNs }))
  }
}

function placeOf (thread: ProgramThread, spaces: ReadonlyMap<string, AddressSpace>): [space: string, slot: number] {
  for (const [name, { capabilities }] of spaces) {
    const slot = capabilities.slots.findIndex(capability => capability?.object === thread)
    if (slot > 0) return [name, slot]
  }
  throw new StateError(`${thread.label} is nobody's`)
}

function callOf (saved: StateValue, calls: number): CallUnderWay {
  const [index, args, order, atNs] = itemsOf(saved, 'a call', 4)
  return {
    index: wholeOf(index!, 'a call', 0, calls - 1), args: listOf(args!, 'arguments', each => wholeOf(each, 'an argument', -(2 ** 31), 2 ** 31)),
    order: wholeOf(order!, 'a turn'), atNs: numberOf(atNs!, 'an instant')
  }
}
