/** Where commands are: PATH, searched once for each name while it stays the same. */

import type { TaskCalls } from '../../os/index.ts'
import type { ShellState } from './state.ts'

export const PATH_DEFAULT = '/bin:/usr/bin'

export class CommandPaths {
  readonly #system: TaskCalls
  readonly #state: ShellState
  readonly #known = new Map<string, string>()
  #path: string | undefined

  constructor (system: TaskCalls, state: ShellState) {
    this.#system = system
    this.#state = state
  }

  /** The path of a command; a name with a slash is one. Also found as NAME.wasm. */
  async find (name: string): Promise<string | undefined> {
    if (name.includes('/')) return await this.#isThere(name) ? name : undefined
    const path = this.#state.variables.get('PATH') ?? ''
    if (path !== this.#path) this.#known.clear()
    this.#path = path
    const known = this.#known.get(name)
    if (known !== undefined) return known
    for (const found of await this.candidates(name)) {
      this.#known.set(name, found)
      return found
    }
    return undefined
  }

  /** Every file that a name could mean, in the order of PATH. */
  async candidates (name: string): Promise<string[]> {
    const out: string[] = []
    for (const folder of (this.#state.variables.get('PATH') ?? '').split(':')) {
      const base = folder === '' ? '.' : folder.replace(/\/$/, '')
      for (const path of [`${base}/${name}`, `${base}/${name}.wasm`]) if (await this.#isFile(path)) out.push(path)
    }
    return out
  }

  known (): [string, string][] {
    return [...this.#known]
  }

  forget (name?: string): void {
    if (name === undefined) this.#known.clear()
    else this.#known.delete(name)
  }

  async #isThere (path: string): Promise<boolean> {
    return await this.#system.stat(path).then(() => true, () => false)
  }

  async #isFile (path: string): Promise<boolean> {
    return await this.#system.stat(path).then(({ type }) => type === 'file', () => false)
  }
}
