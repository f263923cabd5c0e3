/**
 * The code of a program on a thread of its own: the wall `thread`.
 *
 * Its memory is shared with the kernel, which addresses it as it does any program's. It computes on whatever processor the host
 * gives its thread, beside the kernel and other programs; when it calls, its thread waits, and the call is a thread of the kernel
 * like a task's. The kernel sees when it calls and when it was answered, and takes the time between as processor time: where
 * the host has more threads than processors that is more than it had.
 *
 * Invariants: of a thread that was ended nothing is heard, and its memory is never another program's. A thread is given another
 * program only after it has said that the last one has ended.
 */

import { Arena, Resource, SPARE_THREAD_BYTES, Signal, SystemCalls } from '../../roles/index.ts'
import { END, ENDED, GROW } from '../../walls/thread/index.ts'
import type { TakenCall } from '../../walls/thread/index.ts'
import { trapOf } from '../../walls/wasm/index.ts'
import type { Image, SpareMemories } from '../../walls/wasm/index.ts'
import type { Account } from '../account/index.ts'
import type { CoreState } from '../state.ts'
import type { ProgramRunner, ProgramRunners } from './program-runners.ts'
import type { TaskCode, TaskDoor } from './task-code.ts'

const PAGE_BYTES = 65536
const CALLS = Object.keys(SystemCalls.operations).length

/** What a program on a thread is made of. */
export interface ThreadProgram {
  readonly image: Image
  readonly runner: ProgramRunner
  readonly memory: WebAssembly.Memory
  readonly account: Account
  /** Told when its first instruction is about to run. */
  readonly entered: () => void
}

export class ThreadCode implements TaskCode {
  readonly memory: Arena
  readonly interrupts = true
  readonly #state: CoreState
  readonly #runners: ProgramRunners
  readonly #spares: SpareMemories
  readonly #program: ThreadProgram
  readonly #door: TaskDoor
  readonly #call: TakenCall = { operation: 0, args: [] }
  /** What its computing is charged to; null when nothing limits that. */
  readonly account: Account | null
  /** Since when it computes, on the monotonic clock; -1 while it does not. */
  #sinceNs = -1
  #ranNs = 0
  /** Its thread has said that it has ended: nothing of it runs any more. */
  #over = false
  #gone = false

  constructor (state: CoreState, runners: ProgramRunners, spares: SpareMemories, program: ThreadProgram, door: TaskDoor) {
    this.#state = state
    this.#runners = runners
    this.#spares = spares
    this.#program = program
    this.#door = door
    this.account = program.account.bounds(Resource.CPU) ? program.account : null
    this.memory = Arena.ofMemory(`memory of ${door.label}`, program.memory)
    state.machine.memories.take(program.memory, 1)
  }

  begin (): void {
    const { runner, image, memory, entered } = this.#program
    entered()
    this.#computes()
    runner.run(this, { module: image.compiled.module, memory })
  }

  get computes (): boolean {
    return this.#sinceNs >= 0
  }

  ranNs (): number {
    return this.#ranNs + this.computingNs
  }

  /** How long it has computed since its last call, in ns. */
  get computingNs (): number {
    return this.#sinceNs < 0 ? 0 : this.#state.machine.clock.monotonicNs() - this.#sinceNs
  }

  #computes (): void {
    this.#sinceNs = this.#state.machine.clock.monotonicNs()
    this.#runners.expect(1)
  }

  #calls (): void {
    if (this.#sinceNs < 0) return
    const ns = this.computingNs
    this.#sinceNs = -1
    this.#ranNs += ns
    this.account?.ran(ns)
    this.#runners.expect(-1)
  }

  /** It has posted a call. */
  posted (): void {
    const { cell } = this.#program.runner
    const call = this.#call
    cell.take(call)
    this.#calls()
    const { operation, args } = call
    if (operation >= 0 && operation < CALLS) {
      this.#door.call(operation, args.slice(), result => { this.#answer(result) }, () => {})
    } else if (operation === GROW) this.#answer(this.#door.pay(args[0]! * PAGE_BYTES) ? 1 : 0)
    else if (operation === END) this.#ended(args[0]!, args[1]!)
    else this.#door.crash(Signal.SYS, `it made a call that there is not: ${operation}`)
  }

  #answer (result: number): void {
    if (this.#gone) return
    this.#computes()
    this.#program.runner.cell.answer(result)
  }

  #ended (how: number, code: number): void {
    const { cell } = this.#program.runner
    this.#over = true
    const text = cell.text()
    cell.answer(0)
    if (how === ENDED.THREW) {
      const { signal, message } = trapOf(thrown(text))
      this.#door.crash(signal, message)
    } else this.#door.exit(how === ENDED.EXITED ? code : 0)
  }

  /** Its thread is gone, and nobody had ended it. */
  lost (why: string): void {
    this.#calls()
    this.#door.crash(Signal.KILL, why)
  }

  end (): void {
    if (this.#gone) return
    this.#gone = true
    this.#calls()
    const { runner, memory, image } = this.#program
    const pages = memory.buffer.byteLength / PAGE_BYTES
    this.memory.retire()
    this.#state.machine.memories.give(memory)
    if (!this.#over) {
      this.#runners.kill(runner)
      return
    }
    this.#spares.give(memory, sizesOf(image, this.#program.account))
    // A thread that waits does not look for what is unused: what has grown large goes with it.
    this.#runners.give(runner, pages * PAGE_BYTES <= SPARE_THREAD_BYTES)
  }
}

/** The memory of a program on a thread: begins as it says, and ends where its own limits or those of its account do. */
export function sizesOf (image: Image, account: Account): { initial: number, maximum: number, shared: true } {
  const [wanted] = image.compiled.facts.memories
  const initial = wanted?.initial ?? 0
  let pages = wanted?.maximum ?? 0
  for (let at: Account | null = account; at !== null; at = at.above) pages = Math.min(pages, Math.floor(at.limits[Resource.MEMORY]! / PAGE_BYTES))
  return { initial, maximum: Math.max(initial, pages), shared: true }
}

/** What was thrown on the thread, as its words say. */
function thrown (text: string): unknown {
  const at = text.indexOf('\n')
  const [name, message] = [text.slice(0, at), text.slice(at + 1)]
  switch (name) {
    case 'RuntimeError': return new WebAssembly.RuntimeError(message)
    case 'RangeError': return new RangeError(message)
    case 'Exception': return new WebAssembly.Exception(new WebAssembly.Tag({ parameters: [] }), [])
    default: return new Error(message)
  }
}
