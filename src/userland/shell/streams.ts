/**
 * The descriptors of a command as the shell keeps them: numbers that a script uses to descriptors of the shell process.
 *
 * A redirection makes a new table and leaves the old one as it is, so that nothing has to be put back; only `exec` changes
 * one. What was opened for a table is closed when what it was made for has ended.
 */

import type { TaskCalls } from '../../os/index.ts'

export class Io {
  readonly #fds: Map<number, number>
  /** Descriptors that were opened for this table. */
  readonly #own: readonly number[]

  constructor (fds: ReadonlyMap<number, number>, own: readonly number[] = []) {
    this.#fds = new Map(fds)
    this.#own = own
  }

  static standard (): Io {
    return new Io(new Map([[0, 0], [1, 1], [2, 2]]))
  }

  /** The shell's own descriptor for a number; undefined where it is closed. */
  fd (number: number): number | undefined {
    return this.#fds.get(number)
  }

  /** The same with other descriptors; -1 closes one. `own`: those to be closed with it. */
  with (changes: Iterable<readonly [number, number]>, own: readonly number[]): Io {
    const fds = new Map(this.#fds)
    for (const [number, fd] of changes) {
      if (fd < 0) fds.delete(number)
      else fds.set(number, fd)
    }
    return new Io(fds, own)
  }

  /** What a child gets, by number. */
  list (): number[] {
    const top = Math.max(-1, ...this.#fds.keys())
    return Array.from({ length: top + 1 }, (_, number) => this.#fds.get(number) ?? -1)
  }

  /** The table of a child that was given `list()`. */
  inherited (): Io {
    return new Io(new Map([...this.#fds.keys()].map(number => [number, number])))
  }

  /** Closes what was opened for it. */
  async close (system: TaskCalls): Promise<void> {
    for (const fd of this.#own) await system.close(fd).catch(() => {})
  }

  /** Takes over another table, for good: `exec` with redirections. */
  adopt (other: Io): void {
    this.#fds.clear()
    for (const [number, fd] of other.#fds) this.#fds.set(number, fd)
  }
}
