/**
 * What a shell is given besides its process: where it lies, and the terminal that a person types at.
 */

import type { ShellState } from './state.ts'

export interface ShellHost {
  /** The path of the shell itself: what scripts are run by. */
  readonly path: string
  readonly session: Session | null
}

/** The person's side of an interactive shell: the line editor. Without one the shell reads its input like any program. */
export interface Session {
  /** Called before a line is read: the editor shows the prompt, and completes words from the state. */
  prompt (text: string, completion: Completion): void
  readonly size: { readonly columns: number, readonly rows: number }
  /** Whether Ctrl-C was pressed since this was asked for last. */
  interrupted (): boolean
  /** Settles when Ctrl-C is pressed next. */
  interruption (): Promise<void>
  readonly history: readonly string[]
  remember (line: string): void
  clearHistory (): void
}

/** What the line editor may complete from. */
export interface Completion {
  readonly state: ShellState
  readonly builtins: readonly string[]
}
