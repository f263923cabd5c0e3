/**
 * Commands that the shell does itself, because they change it, or because they are asked so often.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.15; bash(1), SHELL BUILTIN COMMANDS.
 */

import { LoopExit, Return, ShellError, ShellExit } from '../faults.ts'
import { numberOf, print, wrong } from './builtin.ts'
import type { Builtin } from './builtin.ts'
import { changeDirectory, echo, printDirectory, printFormatted } from './printing.ts'
import { mapfile, read } from './reading.ts'
import { declaring, getopts, set, shopt, unset } from './variables.ts'
import { background, foreground, jobs, kill, wait } from './jobs.ts'
import { alias, bracket, command, help, history, source, test, trap, type } from './commands.ts'

export type { Builtin } from './builtin.ts'

/** POSIX's special ones: what is assigned before them stays. */
const special = new Set(['.', ':', 'break', 'continue', 'eval', 'exec', 'exit', 'export', 'readonly', 'return', 'set', 'shift', 'source', 'trap', 'unset'])

export function isSpecial (name: string): boolean {
  return special.has(name)
}

const leaving = (kind: 'break' | 'continue'): Builtin => async (shell, args) => {
  if (!shell.inLoop) return 0
  const levels = numberOf(kind, args[0], 1)
  if (levels < 1) throw new ShellError(`${kind}: ${levels}: loop count out of range`)
  throw new LoopExit(kind, levels)
}

const succeed: Builtin = async () => 0

export const builtins: Readonly<Record<string, Builtin>> = {
  '.': source,
  ':': succeed,
  '[': bracket,
  alias,
  bg: background,
  break: leaving('break'),
  builtin: async (shell, args, place) => {
    const [name, ...rest] = args
    if (name === undefined) return 0
    if (!Object.hasOwn(builtins, name)) return await wrong(shell, place, `builtin: ${name}: not a shell builtin`)
    return await builtins[name]!(shell, rest, place)
  },
  cd: changeDirectory,
  command,
  continue: leaving('continue'),
  declare: declaring('declare'),
  echo,
  eval: async (shell, args, place) => await shell.nested(args.join(' '), place.io),
  exec: async () => 0,
  exit: async (shell, args) => {
    throw new ShellExit(numberOf('exit', args[0], shell.state.status) & 255)
  },
  export: declaring('export'),
  false: async () => 1,
  fg: foreground,
  getopts,
  hash: async (shell, args, place) => {
    if (args.includes('-r')) shell.paths.forget()
    else await print(shell, place, shell.paths.known().map(([, path]) => `${path}\n`).join(''))
    return 0
  },
  help,
  history,
  jobs,
  kill,
  let: async (shell, args, place) => {
    let value = 0n
    for (const word of args) value = await shell.expansion(place.io).arithmetic(word)
    return Number(value === 0n)
  },
  local: declaring('local'),
  mapfile,
  printf: printFormatted,
  pwd: printDirectory,
  read,
  readarray: mapfile,
  readonly: declaring('readonly'),
  return: async (shell, args, place) => {
    if (!shell.canReturn) return await wrong(shell, place, 'return: can only `return\' from a function or sourced script', 2)
    throw new Return(numberOf('return', args[0], shell.state.status) & 255)
  },
  set,
  shift: async (shell, args, place) => {
    const count = numberOf('shift', args[0], 1)
    if (count < 0 || count > shell.state.positional.length) return args[0] === undefined ? 1 : await wrong(shell, place, `shift: ${count}: shift count out of range`)
    shell.state.positional = shell.state.positional.slice(count)
    return 0
  },
  shopt,
  source,
  test,
  trap,
  true: succeed,
  type,
  typeset: declaring('declare'),
  unalias: async (shell, args, place) => {
    if (args[0] === '-a') shell.state.aliases.clear()
    for (const name of args[0] === '-a' ? [] : args) if (!shell.state.aliases.delete(name)) return await wrong(shell, place, `unalias: ${name}: not found`)
    return 0
  },
  unset,
  wait
}

