/**
 * The state of a shell: everything that a subshell gets a copy of.
 */

import type { CompoundCommand, CompoundList, Redirected } from 'unbash'
import { Variables } from './variables.ts'

export interface ShellFunction {
  readonly body: CompoundCommand | Redirected | CompoundList
  /** The source that the body's positions are of. */
  readonly source: string
  /** Its text, as `declare -f` and `type` show it. */
  readonly text: string
}

/** Options of `set` and `shopt`. */
export interface Options {
  errexit: boolean
  nounset: boolean
  pipefail: boolean
  xtrace: boolean
  noglob: boolean
  noclobber: boolean
  noexec: boolean
  allexport: boolean
  monitor: boolean
  nullglob: boolean
  verbose: boolean
}

export interface ShellState {
  readonly variables: Variables
  readonly functions: Map<string, ShellFunction>
  readonly aliases: Map<string, string>
  readonly options: Options
  /** Commands for signals by name, EXIT and ERR among them; an empty one ignores. */
  readonly traps: Map<string, string>
  positional: readonly string[]
  /** `$0`. */
  name: string
  /** `$?`. */
  status: number
  /** `$$`: of the shell that was started, in its subshells too. */
  process: number
  /** `$!`. */
  background: number | null
  interactive: boolean
  parameter (name: string): string | undefined
  clone (): ShellState
}

export function newState (name: string, process: number, interactive: boolean): ShellState {
  return new State({
    variables: new Variables(), functions: new Map(), aliases: new Map(), traps: new Map(), positional: [], name, status: 0, process,
    background: null, interactive,
    options: {
      errexit: false, nounset: false, pipefail: false, xtrace: false, noglob: false, noclobber: false, noexec: false, allexport: false,
      monitor: interactive, nullglob: false, verbose: false
    }
  })
}

type Parts = Omit<ShellState, 'parameter' | 'clone'>

class State implements ShellState {
  readonly variables: Variables
  readonly functions: Map<string, ShellFunction>
  readonly aliases: Map<string, string>
  readonly options: Options
  readonly traps: Map<string, string>
  positional: readonly string[]
  name: string
  status: number
  process: number
  background: number | null
  interactive: boolean
  #random = 0

  constructor (parts: Parts) {
    this.variables = parts.variables
    this.functions = parts.functions
    this.aliases = parts.aliases
    this.options = parts.options
    this.traps = parts.traps
    this.positional = parts.positional
    this.name = parts.name
    this.status = parts.status
    this.process = parts.process
    this.background = parts.background
    this.interactive = parts.interactive
    this.#random = parts.process
  }

  parameter (name: string): string | undefined {
    switch (name) {
      case '?': return String(this.status)
      case '$': return String(this.process)
      case '!': return this.background === null ? undefined : String(this.background)
      case '#': return String(this.positional.length)
      case '@': case '*': return this.positional.length === 0 ? undefined : this.positional.join(' ')
      case '-': return this.#flags()
      case '0': return this.name
      case 'RANDOM':
        // The generator of C's rand(): nothing here needs more.
        this.#random = (Math.imul(this.#random, 1103515245) + 12345) >>> 0
        return String((this.#random >>> 16) & 0x7fff)
      default: return /^\d+$/.test(name) ? this.positional[Number(name) - 1] : this.variables.get(name)
    }
  }

  #flags (): string {
    const { errexit, nounset, xtrace, noglob, monitor } = this.options
    return [errexit ? 'e' : '', noglob ? 'f' : '', this.interactive ? 'i' : '', monitor ? 'm' : '', nounset ? 'u' : '', xtrace ? 'x' : ''].join('')
  }

  clone (): ShellState {
    const copy = new State({
      variables: this.variables.clone(), functions: new Map(this.functions), aliases: new Map(this.aliases),
      // A subshell starts with the traps that ignore, and no others.
      traps: new Map([...this.traps].filter(([, command]) => command === '')),
      positional: this.positional, name: this.name, status: this.status, process: this.process, background: this.background,
      interactive: false, options: { ...this.options, monitor: false }
    })
    copy.#random = this.#random
    return copy
  }
}
