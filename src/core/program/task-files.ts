/**
 * Task files: how a task is started by a path, as programs are.
 *
 * The file holds a line with a password: a number so large that nobody guesses it. Whoever can read the file can start
 * the task, and nobody else; it may be copied, moved and removed like any executable, on any file system, and means
 * something only to the system that made it.
 *
 * Source: password capabilities, as in Amoeba (Tanenbaum et al., "Using sparse capabilities in a distributed operating
 * system", ICDCS 1986).
 */

import { Errno } from '../../fiber/index.ts'
import type { MachineEntropy } from '../../machine/index.ts'
import { TASK_FILES_MAX } from '../../roles/index.ts'
import type { TaskImage } from '../../walls/language/index.ts'

const MAGIC = '#task '
const PASSWORD_BYTES = 16
/** Bytes of a task file: the magic, a digit for each half byte, the end of the line. */
const FILE_BYTES = MAGIC.length + 2 * PASSWORD_BYTES + 1

export class TaskFiles {
  readonly #entropy: MachineEntropy
  readonly #byText = new Map<string, TaskImage>()

  constructor (entropy: MachineEntropy) {
    this.#entropy = entropy
  }

  /** What a file that starts the task has to hold; or a negative error number. */
  register (image: TaskImage): string | number {
    if (this.#byText.size >= TASK_FILES_MAX) return -Errno.ENFILE
    const password = new Uint8Array(PASSWORD_BYTES)
    this.#entropy.fill(password)
    const text = `${MAGIC}${[...password].map(byte => byte.toString(16).padStart(2, '0')).join('')}\n`
    this.#byText.set(text, image)
    return text
  }

  /** Has a file start a task that holds what `register` gave in another system. */
  restore (text: string, image: TaskImage): void {
    this.#byText.set(text, image)
  }

  /** Ends what `register` gave. */
  remove (text: string): void {
    this.#byText.delete(text)
  }

  /** The task that a file's bytes start. */
  find (bytes: Uint8Array): TaskImage | undefined {
    return bytes.length === FILE_BYTES ? this.#byText.get(String.fromCharCode(...bytes)) : undefined
  }
}
