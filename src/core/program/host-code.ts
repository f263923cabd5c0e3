/** The code of a task: a function of the host's language, which enters the kernel from the bottom of a stack of its own. */

import { must } from '../../fiber/index.ts'
import { Arena, Signal, SystemCalls, TASK_MEMORY_BYTES } from '../../roles/index.ts'
import { TaskEnded } from '../../walls/language/index.ts'
import type { TaskImage } from '../../walls/language/index.ts'
import type { TaskCode, TaskDoor } from './task-code.ts'
import type { TaskFiles } from './task-files.ts'

/** A turn of the microtask queue. */
const soon = Promise.resolve()

const callNumbers: ReadonlyMap<string, number> = new Map(Object.keys(SystemCalls.operations).map((name, index) => [name, index]))

export class HostCode implements TaskCode {
  readonly memory: Arena
  readonly interrupts = false
  readonly #image: TaskImage
  readonly #door: TaskDoor
  readonly #files: TaskFiles
  readonly #entered: () => void

  /** `entered`: told when its first line is about to run. */
  constructor (image: TaskImage, door: TaskDoor, files: TaskFiles, entered: () => void) {
    this.#image = image
    this.#door = door
    this.#files = files
    this.#entered = entered
    this.memory = new Arena({
      name: `memory of ${door.label}`, sizeBytes: image.initialMemoryBytes, sizeBytesMax: TASK_MEMORY_BYTES, mayGrow: bytes => door.pay(bytes)
    })
  }

  /** The host runs it, and nobody sees how long. */
  ranNs (): number {
    return 0
  }

  get computes (): boolean {
    return false
  }

  begin (): void {
    void this.#run()
  }

  end (): void {}

  async #run (): Promise<void> {
    const door = this.#door
    await Promise.resolve()
    if (door.hasEnded) return
    this.#entered()
    try {
      const code = await this.#image.main({
        memory: this.memory,
        call: (name, ...args) => this.#call(name, args),
        exit: code => { door.exit(code) },
        offer: image => must(this.#files.register(image), 'spawn', image.label),
        withdraw: program => { this.#files.remove(program) }
      })
      door.exit(typeof code === 'number' ? code : 0)
    } catch (error) {
      door.crash(Signal.ABRT, error instanceof Error ? `uncaught ${error.name}: ${error.message}` : `uncaught ${String(error)}`)
    }
  }

  #call (name: string, args: readonly number[]): Promise<number> {
    // Whoever calls may be deep in a stack, and the kernel must not run out of it in the middle of a change: so it is
    // entered from a microtask.
    return new Promise((resolve, reject) => { void soon.then(() => { this.#enter(name, args, resolve, reject) }) })
  }

  #enter (name: string, args: readonly number[], resolve: (result: number) => void, reject: (error: Error) => void): void {
    const index = callNumbers.get(name)
    if (this.#door.hasEnded) return reject(new TaskEnded(this.#door.label))
    if (index === undefined) return reject(new TypeError(`${this.#door.label}: there is no system call ${name}`))
    this.#door.call(index, args, resolve, reject)
  }
}
