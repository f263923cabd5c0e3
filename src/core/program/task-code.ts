/**
 * The code of a process that does not run on the kernel's stacks: a function of the host's language, or a program on a thread of
 * its own. What the core knows of it: where its memory is, how it is begun and ended, and the door through which it calls.
 */

import type { Arena } from '../../roles/index.ts'

/** What code does with its process. */
export interface TaskDoor {
  readonly label: string
  /** Whether the process has ended: nothing that its code does is heard any more. */
  readonly hasEnded: boolean
  /** Makes a system call by its number, in a thread that ends with it. `answered` gets an error number; `lost` hears that the process has ended. */
  call (index: number, args: readonly number[], answered: (result: number) => void, lost: (error: Error) => void): void
  /** It ends itself with a status. */
  exit (code: number): void
  /** It ends as by a signal, for a reason that a person can read. */
  crash (signal: number, why: string): void
  /** Takes so many bytes of memory from its account, or gives them back (negative); false when there are not so many. */
  pay (bytes: number): boolean
}

export interface TaskCode {
  readonly memory: Arena
  /**
   * Whether it comes as an interrupt does, when the kernel looks (a thread of the host), or from the host's event loop, when the
   * kernel may have to be woken (a function of the host's language).
   */
  readonly interrupts: boolean
  /** Begins to run it. */
  begin (): void
  /** The process has ended, and is forgotten. */
  end (): void
  /** Processor time that it has had besides its calls, in ns, as far as the kernel can tell. */
  ranNs (): number
  /** Whether it computes, as far as the kernel can tell. */
  readonly computes: boolean
}
