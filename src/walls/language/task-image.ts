/**
 * Task images: programs that are functions of the host's language, behind the `language` wall.
 *
 * A task gets a memory of its own and a door, through which it makes system calls with numbers, as a WebAssembly program
 * does with its imports; every pointer is an address of that memory. What is between its calls is host code: it has the
 * host's heap and the host's thread, nothing preempts it, and whoever kills it ends the process and not the code.
 */

import { SystemCalls } from '../../roles/index.ts'
import type { Arena } from '../../roles/index.ts'

/** What a task makes its system calls through. */
export interface SystemCallDoor {
  /** Its memory: pointers of its calls are addresses here, and buffers are allocated in it. */
  readonly memory: Arena
  /** Makes a call; the error number, 0 for success. Rejects with TaskEnded once the process has ended. */
  call (name: keyof SystemCalls, ...args: number[]): Promise<number>
  /** Ends the process with a status: every call that is under way, and every later one, rejects. */
  exit (code: number): void
  /** The bytes of a program that starts another task: what `proc_spawn` takes, until it is withdrawn. Throws a SystemError (ENFILE). */
  offer (image: TaskImage): string
  withdraw (program: string): void
}

/** A task's code: its status is what it returns, 0 for nothing. What it throws ends it as a crash. */
export type TaskMain = (door: SystemCallDoor) => Promise<number | void>

export class TaskImage {
  readonly kind = 'image'
  /** Bytes of a task's memory at first. */
  readonly initialMemoryBytes = 16 * 1024
  /** It may make any. */
  readonly systemCalls: readonly string[] = Object.keys(SystemCalls.operations)
  readonly label: string
  readonly main: TaskMain

  constructor (label: string, main: TaskMain) {
    this.label = label
    this.main = main
  }
}

/** What calls of a task reject with once its process has ended: it exited, or was killed. */
export class TaskEnded extends Error {
  override name = 'TaskEnded'

  constructor (label: string) {
    super(`${label} has ended: it can make no system calls any more`)
  }
}
