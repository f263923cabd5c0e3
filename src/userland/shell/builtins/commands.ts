/** source, trap, type, command, alias, history, test, help: commands about commands. */

import { startProgram } from '../programs.ts'
import { readAll } from '../substitution.ts'
import { codeOf, describe } from '../../library/errors.ts'
import { signalName, signalNumber } from '../../library/signals.ts'
import { quoteWord } from '../../text/quoting.ts'
import { ShellError } from '../faults.ts'
import type { Interpreter, Place } from '../interpreter.ts'
import { childOf } from '../jobs.ts'
import { testArguments } from '../tests.ts'
import { keywords, numberOf, print, wrong } from './builtin.ts'
import { builtins } from './index.ts'

export async function source (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const [name, ...values] = args
  if (name === undefined) return await wrong(shell, place, '.: filename argument required', 2)
  const path = name.includes('/') ? name : (await shell.paths.candidates(name))[0] ?? name
  let text: string
  try {
    const fd = await shell.system.open(path, { read: true })
    text = await readAll(shell, fd).finally(() => shell.system.close(fd))
  } catch (error) {
    if (codeOf(error) === '') throw error
    return await wrong(shell, place, `${name}: ${describe(error)}`)
  }
  const { positional } = shell.state
  if (values.length > 0) shell.state.positional = values
  try {
    return await shell.returning(() => shell.nested(text, place.io))
  } finally {
    if (values.length > 0) shell.state.positional = positional
  }
}

export async function trap (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { traps } = shell.state
  const words = args[0] === '--' ? args.slice(1) : args
  if (words.length === 0 || words[0] === '-p') {
    await print(shell, place, [...traps].map(([name, command]) => `trap -- ${quoteWord(command, true)} ${/^(EXIT|ERR)$/.test(name) ? name : `SIG${name}`}\n`).join(''))
    return 0
  }
  const reset = words[0] === '-' || /^\d+$/.test(words[0]!)
  const command = words[0]!
  let status = 0
  for (const word of words[0] === '-' || !reset ? words.slice(1) : words) {
    const upper = word.toUpperCase().replace(/^SIG/, '')
    const number = signalNumber(word)
    const name = word === '0' || upper === 'EXIT' ? 'EXIT' : upper === 'ERR' ? 'ERR' : number === undefined ? undefined : signalName(number)
    if (name === undefined) {
      status = await wrong(shell, place, `trap: ${word}: invalid signal specification`)
      continue
    }
    if (reset) traps.delete(name)
    else traps.set(name, command)
    if (number !== undefined && number > 0 && name !== 'EXIT') {
      // Processes here can ignore a signal, and cannot catch one.
      await shell.system.signal(number, !reset && command === '' ? 'ignore' : 'default').catch(() => {})
      if (!reset && command !== '') status = await wrong(shell, place, `trap: ${word}: a signal can be ignored ('') but not caught here`)
    }
  }
  return status
}

export async function type (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const short = args[0] === '-t'
  const pathOnly = args[0] === '-p' || args[0] === '-P'
  const all = args[0] === '-a'
  let status = 0
  for (const name of args[0]?.startsWith('-') === true ? args.slice(1) : args) {
    const found: [string, string][] = []
    const { state } = shell
    if (state.interactive && state.aliases.has(name)) found.push(['alias', `${name} is aliased to \`${state.aliases.get(name)}'`])
    if ((keywords as readonly string[]).includes(name)) found.push(['keyword', `${name} is a shell keyword`])
    if (state.functions.has(name)) found.push(['function', `${name} is a function\n${state.functions.get(name)!.text}`])
    if (Object.hasOwn(builtins, name)) found.push(['builtin', `${name} is a shell builtin`])
    for (const path of name.includes('/') ? [] : await shell.paths.candidates(name)) found.push(['file', pathOnly ? path : `${name} is ${path}`])
    if (name.includes('/') && await shell.paths.find(name) !== undefined) found.push(['file', `${name} is ${name}`])
    const shown = pathOnly ? found.filter(([kind]) => kind === 'file') : found
    if (found.length === 0) {
      status = 1
      if (!short && !pathOnly) await shell.complain(`type: ${name}: not found`, place.io)
    }
    for (const [kind, text] of all ? shown : shown.slice(0, 1)) await print(shell, place, `${short ? kind : text}\n`)
  }
  return status
}

export async function command (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  if (args[0] === '-v' || args[0] === '-V') {
    if (args[0] === '-V') return await type(shell, args.slice(1), place)
    let status = 0
    for (const name of args.slice(1)) {
      const { state } = shell
      const path = await shell.paths.find(name)
      if (state.interactive && state.aliases.has(name)) await print(shell, place, `alias ${name}=${quoteWord(state.aliases.get(name)!, true)}\n`)
      else if (state.functions.has(name) || Object.hasOwn(builtins, name) || (keywords as readonly string[]).includes(name)) await print(shell, place, `${name}\n`)
      else if (path !== undefined) await print(shell, place, `${path}\n`)
      else status = 1
    }
    return status
  }
  const words = args[0] === '-p' || args[0] === '--' ? args.slice(1) : args
  const [name] = words
  if (name === undefined) return 0
  if (Object.hasOwn(builtins, name)) return await builtins[name]!(shell, words.slice(1), place)
  const group = shell.state.options.monitor ? 0 : undefined
  const process = await startProgram(shell, words, shell.state.variables.environment(), place.io, group)
  return await shell.foregroundJob([childOf(shell.system, process)], group === 0 ? process : 0, words.join(' '))
}

export async function alias (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { aliases } = shell.state
  let status = 0
  const show = (name: string): string => `alias ${name}=${quoteWord(aliases.get(name)!, true)}\n`
  if (args.length === 0) await print(shell, place, [...aliases.keys()].toSorted().map(show).join(''))
  for (const word of args) {
    const [, name, value] = /^([^=]+)(?:=([^]*))?$/.exec(word) ?? []
    if (name === undefined) continue
    if (value !== undefined) aliases.set(name, value)
    else if (aliases.has(name)) await print(shell, place, show(name))
    else status = await wrong(shell, place, `alias: ${name}: not found`)
  }
  return status
}

export async function history (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { session } = shell.host
  if (args[0] === '-c') {
    session?.clearHistory()
    return 0
  }
  const lines = session?.history ?? []
  const from = args[0] === undefined ? 0 : Math.max(0, lines.length - numberOf('history', args[0], 0))
  await print(shell, place, lines.slice(from).map((line, at) => `${String(from + at + 1).padStart(5)}  ${line}\n`).join(''))
  return 0
}

export async function test (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  try {
    return Number(!await testArguments(shell, args, place.io))
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    return await wrong(shell, place, error.message, 2)
  }
}

export async function bracket (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  if (args.at(-1) !== ']') return await wrong(shell, place, '[: missing `]\'', 2)
  return await test(shell, args.slice(0, -1), place)
}

export async function help (shell: Interpreter, _args: readonly string[], place: Place): Promise<number> {
  const names = Object.keys(builtins).toSorted()
  await print(shell, place, `Built in: ${names.join(' ')}\nOther commands are files in ${shell.state.variables.get('PATH') ?? '(no PATH)'}: try \`ls /bin\`. Each is a process: \`ps\`, \`top\`, \`kill\`.\n`)
  return 0
}
