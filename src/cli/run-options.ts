/**
 * The options of `kaleidos run`, as data: for the command line, which explains them, and for reading a command line that is
 * right without it. Commander takes longer to load than a small program takes to start.
 *
 * `readRun` knows only what is right: for help, errors and whatever else it does not know it leaves the words to Commander,
 * and says of none anything else than Commander would.
 */

import { limits } from './limit-options.ts'
import { parseDirectory, parseVariable } from './options.ts'
import type { RunOptions } from './run.ts'
import { wallOption } from './wall-option.ts'

/** An option as people write it: `--name` or `--name <value>`. */
export interface OptionText {
  readonly flags: string
  readonly text: string
}

/** One whose value is made of the word after it, and of what earlier ones gave. */
export interface ValueOption extends OptionText {
  readonly parse: (word: string, earlier: never) => unknown
}

export const kernelText = { flags: '--kernel <name>', text: 'the kernel architecture (kaleidos kernels lists them)' } as const
export const kernelDefault = 'monolithic'
export const directoryFlags = '--dir <host[:guest][:ro]>'

const directory: ValueOption = {
  flags: directoryFlags, text: '--dir HOST alone is seen under the name as given; without --dir the root is a fresh ramfs', parse: parseDirectory
}
const variable: ValueOption = {
  flags: '--env <name=value>', text: 'set a variable of the program, which has no others; may be repeated', parse: parseVariable
}
const json: OptionText = { flags: '--json', text: 'when the program has ended, print how and what it cost as one line of JSON, the last on stderr' }
const supervised: OptionText = { flags: '--supervised', text: 'servers that die are made anew, by a service of its own; see docs/supervision.md' }

export const runOptions = { directory, variable, wall: wallOption, json, supervised } as const

export interface RunRequest {
  readonly path: string
  readonly args: readonly string[]
  readonly options: RunOptions
}

/** What `kaleidos run …` asks for, when that is plain and right; otherwise null. */
export function readRun (words: readonly string[]): RunRequest | null {
  if (words[0] !== 'run') return null
  const options: Record<string, unknown> = { kernel: kernelDefault }
  let at = 1
  while (words[at]?.startsWith('-') === true) {
    const [, name = '', inline] = /^--([a-z-]+)(?:=([^]*))?$/.exec(words[at]!) ?? []
    const key = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
    if (words[at] === '--json') {
      options[key] = true
      at++
      continue
    }
    const parse = parsers().get(name)
    const value = inline ?? words[at + 1]
    if (parse === undefined || value === undefined) return null
    try {
      options[key] = parse(value, options[key] as never)
    } catch {
      return null
    }
    at += inline === undefined ? 2 : 1
  }
  const path = words[at]
  return path === undefined ? null : { path, args: words.slice(at + 1), options: options as unknown as RunOptions }
}

/** By the name of the option. */
function parsers (): ReadonlyMap<string, ValueOption['parse']> {
  const named = ({ flags, parse }: ValueOption): [string, ValueOption['parse']] => [/^--([a-z-]+)/.exec(flags)![1]!, parse]
  return new Map([named({ ...kernelText, parse: (word: string) => word }), ...[directory, variable, wallOption, ...limits].map(named)])
}
