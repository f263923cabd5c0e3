/**
 * Commands that the shell does itself, because they change it, or because they are asked so often.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.15; bash(1), SHELL BUILTIN COMMANDS.
 */

import { codeOf, describe } from '../library/errors.ts'
import { normalized } from '../library/path.ts'
import { signalName, signalNumber, signalNames } from '../library/signals.ts'
import { printf, unescape } from '../text/printf.ts'
import { quoteWord } from '../text/quoting.ts'
import { LoopExit, Return, ShellError, ShellExit } from './faults.ts'
import type { Interpreter, Place } from './interpreter.ts'
import { childOf, isDone, jobLine, statusOf } from './jobs.ts'
import type { Job } from './jobs.ts'
import type { Options } from './state.ts'
import { testArguments } from './tests.ts'
import { isName } from './variables.ts'
import type { Variable } from './variables.ts'

/** A built-in command: its arguments without the name; its status. */
export type Builtin = (shell: Interpreter, args: readonly string[], place: Place) => Promise<number>

/** POSIX's special ones: what is assigned before them stays. */
const special = new Set(['.', ':', 'break', 'continue', 'eval', 'exec', 'exit', 'export', 'readonly', 'return', 'set', 'shift', 'source', 'trap', 'unset'])

export function isSpecial (name: string): boolean {
  return special.has(name)
}

export const keywords = ['!', '[[', '{', '}', 'case', 'do', 'done', 'elif', 'else', 'esac', 'fi', 'for', 'function', 'if', 'in', 'select', 'then', 'time', 'until', 'while'] as const

async function print (shell: Interpreter, place: Place, text: string | Uint8Array): Promise<void> {
  await shell.writeTo(place.io, 1, text)
}

async function wrong (shell: Interpreter, place: Place, message: string, status = 1): Promise<number> {
  await shell.complain(message, place.io)
  return status
}

async function changeDirectory (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const words = args.filter(word => word !== '-L' && word !== '-P' && word !== '--')
  if (words.length > 1) return await wrong(shell, place, 'cd: too many arguments')
  const { variables } = shell.state
  const [given] = words
  const target = given === undefined ? variables.get('HOME') : given === '-' ? variables.get('OLDPWD') : given
  if (target === undefined) return await wrong(shell, place, `cd: ${given === '-' ? 'OLDPWD' : 'HOME'} not set`)
  const before = variables.get('PWD') ?? await shell.system.cwd()
  // As it was written: `..` goes back through a link.
  const whole = args.includes('-P') ? target : normalized(target.startsWith('/') ? target : `${before}/${target}`)
  try {
    await shell.system.chdir(whole)
  } catch (error) {
    return await wrong(shell, place, `cd: ${target}: ${describe(error)}`)
  }
  variables.set('OLDPWD', before)
  variables.set('PWD', args.includes('-P') ? await shell.system.cwd() : whole)
  variables.writable('PWD').exported = true
  if (given === '-') await print(shell, place, `${whole}\n`)
  return 0
}

async function echo (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  let at = 0
  let newline = true
  let escapes = false
  for (; /^-[neE]+$/.test(args[at] ?? ''); at++) {
    if (args[at]!.includes('n')) newline = false
    if (args[at]!.lastIndexOf('e') > args[at]!.lastIndexOf('E')) escapes = true
    else if (args[at]!.includes('E')) escapes = false
  }
  const text = args.slice(at).join(' ')
  if (!escapes) {
    await print(shell, place, newline ? `${text}\n` : text)
    return 0
  }
  const { bytes, stop } = unescape(text, 'zero')
  if (newline && !stop) bytes.push(10)
  await print(shell, place, Uint8Array.from(bytes))
  return 0
}

async function printFormatted (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const words = args[0] === '--' ? args.slice(1) : args
  const variable = words[0] === '-v' ? words[1] : undefined
  const [format, ...values] = variable === undefined ? words : words.slice(2)
  if (format === undefined) return await wrong(shell, place, 'printf: usage: printf [-v var] format [arguments]', 2)
  const { bytes, errors } = printf(format, values)
  if (variable === undefined) await print(shell, place, bytes)
  else shell.state.variables.set(variable, new TextDecoder().decode(bytes))
  for (const error of errors) await shell.complain(`printf: ${error}`, place.io)
  return Number(errors.length > 0)
}

/** Numbers of levels, statuses and so on. */
function numberOf (name: string, word: string | undefined, initial: number): number {
  if (word === undefined) return initial
  if (!/^[+-]?\d+$/.test(word)) throw new ShellError(`${name}: ${word}: numeric argument required`, 'command', 2)
  return Number(word)
}

async function read (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { system, state } = shell
  let raw = false
  let delimiter = '\n'
  let array: string | undefined
  let count = Infinity
  let number = 0
  let timeoutMs: number | undefined
  let prompt: string | undefined
  let at = 0
  for (; args[at]?.startsWith('-') === true && args[at] !== '-'; at++) {
    const word = args[at]!
    if (word === '--') {
      at++
      break
    }
    for (let i = 1; i < word.length; i++) {
      const option = word[i]!
      if (option === 'r') raw = true
      else if (option === 's' || option === 'e') continue
      else if ('danNtup'.includes(option)) {
        const value = word.slice(i + 1) || (args[++at] ?? '')
        if (option === 'd') delimiter = value === '' ? '\0' : value[0]!
        else if (option === 'a') array = value
        else if (option === 'n' || option === 'N') count = numberOf('read', value, 0)
        else if (option === 'u') number = numberOf('read', value, 0)
        else if (option === 'p') prompt = value
        else timeoutMs = Number(value) * 1000
        break
      } else return await wrong(shell, place, `read: -${option}: invalid option`, 2)
    }
  }
  const fd = place.io.fd(number)
  if (fd === undefined) return await wrong(shell, place, `read: ${number}: Bad file descriptor`)
  if (prompt !== undefined && await system.isTerminal(fd)) await shell.writeTo(place.io, 2, prompt)
  const names = args.slice(at)
  for (const name of names) if (!isName(name.replace(/\[.*\]$/, ''))) return await wrong(shell, place, `read: \`${name}': not a valid identifier`)
  const line = await readLine(shell, fd, delimiter, raw, count, timeoutMs)
  if (array !== undefined) {
    const values = splitLine(line.text, state.variables.get('IFS') ?? ' \t\n', Infinity)
    state.variables.setElements(array, new Map(values.map((value, index) => [String(index), value])))
  } else if (names.length === 0) {
    state.variables.set('REPLY', line.text.map(({ char }) => char).join(''))
  } else {
    const values = splitLine(line.text, state.variables.get('IFS') ?? ' \t\n', names.length)
    for (const [index, name] of names.entries()) setPlace(shell, name, values[index] ?? '', place)
  }
  return line.timedOut ? 142 : line.ended ? 1 : 0
}

function setPlace (shell: Interpreter, name: string, value: string, place: Place): void {
  const indexed = /^(\w+)\[(.*)\]$/.exec(name)
  if (indexed === null) shell.state.variables.set(name, value)
  else shell.state.variables.set(indexed[1]!, value, shell.expansion(place.io).index(indexed[1]!, indexed[2]!))
}

interface ReadCharacter {
  readonly char: string
  readonly quoted: boolean
}

/**
 * A line, byte by byte where the input is shared, so that nothing is taken that belongs to who reads next. A file's
 * position is put back instead.
 */
async function readLine (
  shell: Interpreter, fd: number, delimiter: string, raw: boolean, count: number, timeoutMs: number | undefined
): Promise<{ text: ReadCharacter[], ended: boolean, timedOut: boolean }> {
  const { system } = shell
  const seekable = timeoutMs === undefined && await system.seek(fd, 0, 'current').then(() => true, () => false)
  const bytes: number[] = []
  const stop = delimiter.charCodeAt(0)
  let ended = false
  let timedOut = false
  let quoting = false
  const deadline = timeoutMs === undefined ? null : system.sleep(timeoutMs).then(() => null)
  outer: for (;;) {
    const reading = system.read(fd, seekable ? 4096 : 1)
    const piece = deadline === null ? await reading : await Promise.race([reading, deadline])
    if (piece === null) {
      timedOut = true
      break
    }
    if (piece.length === 0) {
      ended = true
      break
    }
    for (const [at, byte] of piece.entries()) {
      const escaped: boolean = quoting
      quoting = !raw && byte === 92 && !escaped
      if (byte === stop && !escaped) {
        if (at + 1 < piece.length) await system.seek(fd, at + 1 - piece.length, 'current')
        break outer
      }
      bytes.push(byte)
      if (bytes.length >= count) {
        if (at + 1 < piece.length) await system.seek(fd, at + 1 - piece.length, 'current')
        break outer
      }
    }
  }
  const out: ReadCharacter[] = []
  const text = new TextDecoder().decode(Uint8Array.from(bytes)).replaceAll('\0', '')
  let escaped = false
  for (const char of text) {
    if (!raw && char === '\\' && !escaped) {
      escaped = true
      continue
    }
    if (!(escaped && char === '\n')) out.push({ char, quoted: escaped })
    escaped = false
  }
  return { text: out, ended, timedOut }
}

/** At most `most` pieces; the last one is the rest of the line. */
function splitLine (text: readonly ReadCharacter[], ifs: string, most: number): string[] {
  const isDelimiter = (at: number): boolean => at < text.length && !text[at]!.quoted && ifs.includes(text[at]!.char)
  const isSpace = (at: number): boolean => isDelimiter(at) && ' \t\n'.includes(text[at]!.char)
  const out: string[] = []
  let at = 0
  while (isSpace(at)) at++
  while (at < text.length) {
    if (out.length === most - 1) {
      let end = text.length
      while (end > at && isSpace(end - 1)) end--
      const rest = text.slice(at, end)
      // One delimiter at the end of the last piece belongs to it no more, if it is the only one.
      const only = rest.findIndex((_, index) => isDelimiter(at + index))
      const cut = only >= 0 && only === rest.length - 1 && !isSpace(at + only) ? rest.slice(0, -1) : rest
      out.push(cut.map(({ char }) => char).join(''))
      return out
    }
    let end = at
    while (end < text.length && !isDelimiter(end)) end++
    out.push(text.slice(at, end).map(({ char }) => char).join(''))
    at = end
    while (isSpace(at)) at++
    if (isDelimiter(at) && !isSpace(at)) {
      at++
      while (isSpace(at)) at++
    }
  }
  return out
}

const optionLetters: Readonly<Record<string, keyof Options>> = {
  a: 'allexport', e: 'errexit', f: 'noglob', m: 'monitor', n: 'noexec', u: 'nounset', v: 'verbose', x: 'xtrace', C: 'noclobber'
}
const optionNames: readonly (keyof Options)[] = ['allexport', 'errexit', 'monitor', 'noclobber', 'noexec', 'noglob', 'nounset', 'pipefail', 'verbose', 'xtrace']

async function set (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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
function declaring (command: 'declare' | 'local' | 'export' | 'readonly'): Builtin {
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

async function unset (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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

async function source (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const [name, ...values] = args
  if (name === undefined) return await wrong(shell, place, '.: filename argument required', 2)
  const path = name.includes('/') ? name : (await shell.paths.candidates(name))[0] ?? name
  let text: string
  try {
    const fd = await shell.system.open(path, { read: true })
    text = await shell.readAll(fd).finally(() => shell.system.close(fd))
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

async function kill (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  let signal = 15
  let at = 0
  const [first = ''] = args
  if (first === '-l' || first === '-L') {
    const names = args.length > 1
      ? args.slice(1).map(word => /^\d+$/.test(word) ? signalName(Number(word) > 128 ? Number(word) - 128 : Number(word)) ?? word : String(signalNumber(word)))
      : signalNames()
    await print(shell, place, args.length > 1 ? `${names.join('\n')}\n` : `${names.join(' ')}\n`)
    return 0
  }
  if (first === '-s' || first === '-n' || /^-[A-Z0-9]/i.test(first)) {
    const word = first === '-s' || first === '-n' ? args[1] ?? '' : first.slice(1)
    const number = signalNumber(word)
    if (number === undefined) return await wrong(shell, place, `kill: ${word}: invalid signal specification`)
    signal = number
    at = first === '-s' || first === '-n' ? 2 : 1
  }
  if (args[at] === '--') at++
  if (at >= args.length) return await wrong(shell, place, 'kill: usage: kill [-s sigspec | -signum] pid | jobspec ...', 2)
  let status = 0
  for (const word of args.slice(at)) {
    const targets = await killTargets(shell, word)
    if (targets === null) {
      status = await wrong(shell, place, word.startsWith('%') ? `kill: ${word}: no such job` : `kill: ${word}: arguments must be process or job IDs`)
      continue
    }
    for (const target of targets) {
      try {
        await (target < 0 ? shell.system.killGroup(-target, signal) : shell.system.kill(target, signal))
      } catch (error) {
        status = await wrong(shell, place, `kill: (${word}) - ${describe(error)}`)
      }
    }
  }
  return status
}

async function killTargets (shell: Interpreter, word: string): Promise<number[] | null> {
  if (/^-?\d+$/.test(word)) return [Number(word)]
  if (!word.startsWith('%')) return null
  const job = shell.jobs.find(word)
  if (job === undefined) return null
  if (job.group !== 0) return [-job.group]
  return job.children.filter(child => child.end === null && child.process > 0).map(child => child.process)
}

async function wait (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const interrupted = shell.host.session?.interruption()
  const until = async <T> (promise: Promise<T>): Promise<T | null> =>
    interrupted === undefined ? await promise : await Promise.race([promise, interrupted.then(() => null)])
  const done = async (job: Job): Promise<number | null> => {
    if (await until(Promise.all(job.children.map(child => child.ended))) === null) return null
    shell.jobs.remove(job)
    return statusOf(job)
  }
  const words = args.filter(word => word !== '-n')
  if (args.includes('-n')) {
    const jobs = shell.jobs.own()
    if (jobs.length === 0) return 127
    const first = await until(Promise.race(jobs.map(async job => {
      await Promise.all(job.children.map(child => child.ended))
      return job
    })))
    return first === null ? 130 : await done(first) ?? 130
  }
  if (words.length === 0) {
    for (const job of shell.jobs.own()) if (await done(job) === null) return 130
    return 0
  }
  let status = 0
  for (const word of words) {
    const job = shell.jobs.find(word)
    const child = job?.children.find(one => one.process === Number(word))
    if (job === undefined || job.inherited) {
      const ended = /^\d+$/.test(word) ? shell.jobs.takeEnded(Number(word)) : undefined
      status = ended ?? await wrong(shell, place, /^\d+$/.test(word) ? `wait: pid ${word} is not a child of this shell` : `wait: ${word}: no such job`, 127)
      continue
    }
    const ended = await done(job)
    if (ended === null) return 130
    status = child?.end?.status ?? ended
  }
  return status
}

async function jobs (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const all = shell.jobs.all()
  const current = all.at(-1)
  for (const job of all) {
    if (args.includes('-p')) await print(shell, place, `${job.children[0]!.process}\n`)
    else if (!args.includes('-r') || !isDone(job)) await print(shell, place, jobLine(job, current, args.includes('-l')))
    job.told = isDone(job)
    if (job.told) shell.jobs.remove(job)
  }
  return 0
}

async function foreground (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  if (!shell.state.options.monitor) return await wrong(shell, place, 'fg: no job control')
  const job = shell.jobs.find(args[0] ?? '%%')
  if (job === undefined) return await wrong(shell, place, `fg: ${args[0] ?? 'current'}: no such job`)
  await print(shell, place, `${job.text}\n`)
  const status = await shell.foregroundJob(job.children, job.group, job.text)
  shell.jobs.remove(job)
  return status
}

async function background (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const job = shell.jobs.find(args[0] ?? '%%')
  if (job === undefined) return await wrong(shell, place, `bg: ${args[0] ?? 'current'}: no such job`)
  // A job is never stopped, so it is in the background already.
  return await wrong(shell, place, `bg: job ${job.number} already in background`)
}

async function trap (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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

async function type (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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

async function command (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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
  const process = await shell.spawn(words, shell.state.variables.environment(), place.io, group)
  return await shell.foregroundJob([childOf(shell.system, process)], group === 0 ? process : 0, words.join(' '))
}

async function getopts (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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

async function mapfile (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const trim = args.includes('-t')
  const name = args.findLast(word => !word.startsWith('-')) ?? 'MAPFILE'
  const fd = place.io.fd(0)
  if (fd === undefined) return await wrong(shell, place, 'mapfile: 0: Bad file descriptor')
  const text = await shell.readAll(fd)
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  shell.state.variables.setElements(name, new Map(lines.map((line, at) => [String(at), trim ? line.replace(/\n$/, '') : line])))
  return 0
}

async function alias (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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

async function history (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
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

async function printDirectory (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const logical = args.includes('-P') ? undefined : shell.state.variables.get('PWD')
  await print(shell, place, `${logical ?? await shell.system.cwd()}\n`)
  return 0
}

async function test (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  try {
    return Number(!await testArguments(shell, args, place.io))
  } catch (error) {
    if (!(error instanceof ShellError)) throw error
    return await wrong(shell, place, error.message, 2)
  }
}

async function bracket (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  if (args.at(-1) !== ']') return await wrong(shell, place, '[: missing `]\'', 2)
  return await test(shell, args.slice(0, -1), place)
}

async function help (shell: Interpreter, _args: readonly string[], place: Place): Promise<number> {
  const names = Object.keys(builtins).toSorted()
  await print(shell, place, `Built in: ${names.join(' ')}\nOther commands are files in ${shell.state.variables.get('PATH') ?? '(no PATH)'}: try \`ls /bin\`. Each is a process: \`ps\`, \`top\`, \`kill\`.\n`)
  return 0
}

async function shopt (shell: Interpreter, args: readonly string[]): Promise<number> {
  const on = args.includes('-s')
  if (args.includes('nullglob')) {
    if (on || args.includes('-u')) shell.state.options.nullglob = on
    else return Number(!shell.state.options.nullglob)
  }
  return 0
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

