/** set, declare and its like, unset, getopts, shopt: variables and options. */

import { describe } from '../../library/errors.ts'
import { quoteWord } from '../../text/quoting.ts'
import type { Interpreter, Place } from '../interpreter.ts'
import type { Options } from '../state.ts'
import { isName } from '../variables.ts'
import type { Variable } from '../variables.ts'
import { print, wrong } from './builtin.ts'
import type { Builtin } from './builtin.ts'

const optionLetters: Readonly<Record<string, keyof Options>> = {
  a: 'allexport', e: 'errexit', f: 'noglob', m: 'monitor', n: 'noexec', u: 'nounset', v: 'verbose', x: 'xtrace', C: 'noclobber'
}
const optionNames: readonly (keyof Options)[] = ['allexport', 'errexit', 'monitor', 'noclobber', 'noexec', 'noglob', 'nounset', 'pipefail', 'verbose', 'xtrace']

export async function set (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { state } = shell
  if (args.length === 0) {
    await print(shell, place, state.variables.all().map(([name, variable]) => `${name}=${valueText(variable)}\n`).join(''))
    return 0
  }
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!
    if (word === '--' || word === '-') {
      state.positional = args.slice(at + 1)
      return 0
    }
    if (!/^[-+]./.test(word)) {
      state.positional = args.slice(at)
      return 0
    }
    const on = word.startsWith('-')
    for (const letter of word.slice(1)) {
      if (letter === 'o') {
        const name = args[++at]
        if (name === undefined) {
          await print(shell, place, optionNames.map(option => on ? `${option.padEnd(16)}${state.options[option] ? 'on' : 'off'}\n` : `set ${state.options[option] ? '-' : '+'}o ${option}\n`).join(''))
          return 0
        }
        if (!(optionNames as readonly string[]).includes(name)) return await wrong(shell, place, `set: ${name}: invalid option name`, 2)
        state.options[name as keyof Options] = on
      } else if (Object.hasOwn(optionLetters, letter)) {
        state.options[optionLetters[letter]!] = on
      } else {
        return await wrong(shell, place, `set: -${letter}: invalid option`, 2)
      }
    }
  }
  return 0
}

function valueText ({ value }: Variable): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return quoteWord(value)
  return `(${[...value].map(([key, element]) => `[${quoteWord(key)}]="${element.replace(/["\\$`]/g, '\\$&')}"`).join(' ')})`
}

function declarationText (name: string, variable: Variable): string {
  const flags = [
    variable.value instanceof Map ? variable.associative ? 'A' : 'a' : '', variable.integer ? 'i' : '', variable.readonly ? 'r' : '',
    variable.exported ? 'x' : ''
  ].join('')
  const value = variable.value === undefined ? '' : typeof variable.value === 'string'
    ? `="${variable.value.replace(/["\\$`]/g, '\\$&')}"`
    : `=${valueText(variable)}`
  return `declare -${flags === '' ? '-' : flags} ${name}${value}\n`
}

/** `declare`, `local`, `export`, `readonly` and `typeset`. */
export function declaring (command: 'declare' | 'local' | 'export' | 'readonly'): Builtin {
  return async (shell, args, place) => {
    const { state } = shell
    const { variables } = state
    const flags = new Set<string>(command === 'export' ? ['x'] : command === 'readonly' ? ['r'] : [])
    const off = new Set<string>()
    let at = 0
    for (; /^[-+][a-zA-Z]+$/.test(args[at] ?? ''); at++) for (const flag of args[at]!.slice(1)) (args[at]!.startsWith('-') ? flags : off).add(flag)
    if (args[at] === '--') at++
    const words = args.slice(at)
    if (flags.has('f') || flags.has('F')) {
      const names = words.length > 0 ? words : [...state.functions.keys()].toSorted()
      for (const name of names) {
        const found = state.functions.get(name)
        if (found === undefined) return 1
        await print(shell, place, flags.has('F') ? words.length > 0 ? `${name}\n` : `declare -f ${name}\n` : `${found.text}\n`)
      }
      return 0
    }
    if (command === 'local' && variables.isGlobal) return await wrong(shell, place, 'local: can only be used in a function')
    if (words.length === 0 || flags.has('p')) {
      const wanted = variables.all().filter(([name, variable]) => words.length > 0
        ? words.includes(name)
        : (!flags.has('x') || variable.exported) && (!flags.has('r') || variable.readonly) && (!flags.has('a') || variable.value instanceof Map))
      await print(shell, place, wanted.map(([name, variable]) => declarationText(name, variable)).join(''))
      return Number(words.length > 0 && wanted.length < words.length)
    }
    let status = 0
    for (const word of words) {
      const [, name, append, value] = /^([^=+[]*)(?:\[[^\]]*\])?(\+?)(?:=([^]*))?$/.exec(word) ?? []
      if (name === undefined || !isName(name)) {
        status = await wrong(shell, place, `${command}: \`${word}': not a valid identifier`)
        continue
      }
      const local = command === 'local' || (command === 'declare' && !variables.isGlobal && !flags.has('g'))
      if (local) variables.local(name)
      else if (variables.find(name)?.readonly === true && (value !== undefined || off.has('r'))) {
        status = await wrong(shell, place, `${name}: readonly variable`)
        continue
      }
      const variable = variables.find(name) ?? variables.writable(name)
      if (flags.has('A')) variable.associative = true
      if ((flags.has('A') || flags.has('a')) && !(variable.value instanceof Map)) variable.value = new Map()
      if (flags.has('i')) variable.integer = true
      if (flags.has('u')) variable.letters = 'upper'
      if (flags.has('l')) variable.letters = 'lower'
      if (off.has('i')) variable.integer = false
      await shell.assignPendingArray(name, place.io)
      if (value !== undefined) {
        const index = /^\w+\[([^\]]*)\]/.exec(word)?.[1]
        const text = variable.integer ? String(await shell.expansion(place.io).arithmetic(value)) : value
        const before = append === '+' ? variables.get(name) ?? '' : ''
        variables.set(name, append === '+' && variable.integer ? String(BigInt(before || '0') + BigInt(text)) : `${before}${text}`,
          index === undefined ? undefined : shell.expansion(place.io).index(name, index))
      }
      if (flags.has('x')) variable.exported = !flags.has('n')
      if (off.has('x') || (command === 'export' && flags.has('n'))) variable.exported = false
      if (flags.has('r')) variable.readonly = true
    }
    return status
  }
}

export async function unset (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const functions = args[0] === '-f'
  let status = 0
  for (const word of args[0] === '-v' || functions ? args.slice(1) : args) {
    const indexed = /^(\w+)\[(.*)\]$/.exec(word)
    try {
      if (functions) shell.state.functions.delete(word)
      else if (indexed !== null) shell.state.variables.unset(indexed[1]!, shell.expansion(place.io).index(indexed[1]!, indexed[2]!))
      else if (shell.state.variables.find(word) !== undefined) shell.state.variables.unset(word)
      else shell.state.functions.delete(word)
    } catch (error) {
      status = await wrong(shell, place, `unset: ${describe(error)}`)
    }
  }
  return status
}

export async function getopts (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { variables, positional } = shell.state
  const [spec, name, ...given] = args
  if (spec === undefined || name === undefined) return await wrong(shell, place, 'getopts: usage: getopts optstring name [arg]', 2)
  const words = args.length > 2 ? given : positional
  const [index, within] = [Number(variables.get('OPTIND') ?? 1), Number(variables.get('__OPTPOS') ?? 1)]
  const word = words[index - 1]
  const finish = (option: string, next: number, position: number, value?: string): void => {
    variables.set(name, option)
    variables.set('OPTIND', String(next))
    variables.set('__OPTPOS', String(position))
    if (value === undefined) variables.unset('OPTARG')
    else variables.set('OPTARG', value)
  }
  if (word === undefined || !/^-./.test(word) || word === '--') {
    finish('?', word === '--' ? index + 1 : index, 1)
    return 1
  }
  const letter = word[within]!
  const last = within + 1 >= word.length
  const at = spec.replace(/^:/, '').indexOf(letter)
  const silent = spec.startsWith(':')
  if (at < 0 || letter === ':') {
    finish('?', last ? index + 1 : index, last ? 1 : within + 1, silent ? letter : undefined)
    if (!silent) await shell.complain(`illegal option -- ${letter}`, place.io)
    return 0
  }
  if (spec.replace(/^:/, '')[at + 1] !== ':') {
    finish(letter, last ? index + 1 : index, last ? 1 : within + 1)
    return 0
  }
  const value = last ? words[index] : word.slice(within + 1)
  if (value === undefined) {
    finish(silent ? ':' : '?', index + 1, 1, silent ? letter : undefined)
    if (!silent) await shell.complain(`option requires an argument -- ${letter}`, place.io)
    return 0
  }
  finish(letter, last ? index + 2 : index + 1, 1, value)
  return 0
}

export async function shopt (shell: Interpreter, args: readonly string[]): Promise<number> {
  const on = args.includes('-s')
  if (args.includes('nullglob')) {
    if (on || args.includes('-u')) shell.state.options.nullglob = on
    else return Number(!shell.state.options.nullglob)
  }
  return 0
}
