/**
 * The shell as a command: `sh`, `sh -c TEXT`, `sh SCRIPT ARGUMENT…`, and the one that a person types at.
 *
 * It reads its script as it goes where that comes by a pipe or from a person: a line, or as many as make a command whole.
 */

import type { Task, TaskCalls } from '../../os/index.ts'
import { describe } from '../library/errors.ts'
import { builtins } from './builtins/index.ts'
import { Interrupt, LoopExit, Return, ShellError, ShellExit } from './faults.ts'
import type { Session, ShellHost } from './host.ts'
import { Interpreter } from './interpreter.ts'
import { jobLine } from './jobs.ts'
import { PATH_DEFAULT } from './paths.ts'
import { newState } from './state.ts'
import type { ShellState } from './state.ts'
import { Io } from './streams.ts'
import { SyntaxFault, parseSource } from './syntax.ts'

/** The task of the shell. With a session it is a person's, and reads lines by its editor. */
export function shellTask (path: string, session: Session | null = null): Task {
  return async calls => await main(calls, { path, session })
}

interface Request {
  readonly text: string | null
  readonly script: string | null
  readonly name: string
  readonly positional: readonly string[]
  readonly interactive: boolean
  readonly login: boolean
  readonly options: readonly string[]
}

async function main (calls: TaskCalls, host: ShellHost): Promise<number> {
  const request = requestOf(calls.args)
  if (typeof request === 'string') {
    await calls.write(2, `sh: ${request}\n`)
    return 2
  }
  const interactive = host.session !== null && (request.interactive || (request.text === null && request.script === null))
  const state = newState(request.name, await calls.pid(), interactive)
  state.positional = request.positional
  await begin(state, calls)
  const shell = new Interpreter(calls, state, interactive ? host : { ...host, session: null }, Io.standard())
  if (request.options.length > 0) await builtins['set']!(shell, request.options, { io: shell.io, source: '', guarded: true })
  if (request.text !== null) return await shell.runToEnd(request.text)
  if (request.script !== null) return await runFile(shell, request.script)
  return interactive ? await converse(shell, host.session!) : await shell.toEnd(() => runInput(shell))
}

/** The command line of the shell; what is wrong with it as a text. */
function requestOf (args: readonly string[]): Request | string {
  const options: string[] = []
  let [at, text, interactive, login, fromInput] = [1, null as string | null, false, false, false]
  for (; /^[-+]./.test(args[at] ?? ''); at++) {
    const word = args[at]!
    if (word === '--') {
      at++
      break
    }
    if (word === '--login') {
      login = true
      continue
    }
    if (word === '-o' || word === '+o') {
      options.push(word, args[++at] ?? '')
      continue
    }
    for (const letter of word.slice(1)) {
      if (letter === 'c') text = ''
      else if (letter === 'i') interactive = true
      else if (letter === 'l') login = true
      else if (letter === 's') fromInput = true
      else if (letter === 'o') options.push('-o', args[++at] ?? '')
      else options.push(`${word[0]}${letter}`)
    }
  }
  const rest = args.slice(at)
  const base = { interactive, login, options }
  if (text !== null) {
    const [source, name, ...positional] = rest
    if (source === undefined) return '-c: option requires an argument'
    return { ...base, text: source, script: null, name: name ?? args[0] ?? 'sh', positional }
  }
  const [script, ...positional] = rest
  if (script === undefined || fromInput) return { ...base, text: null, script: null, name: args[0] ?? 'sh', positional: rest }
  return { ...base, text: null, script, name: script, positional }
}

/** Variables that a shell has from its environment, and those it sees to that there are. */
async function begin (state: ShellState, calls: TaskCalls): Promise<void> {
  for (const [name, value] of Object.entries(calls.env)) {
    if (!/^[A-Za-z_]\w*$/.test(name)) continue
    state.variables.set(name, value)
    state.variables.writable(name).exported = true
  }
  const initial = (name: string, value: string, exported: boolean): void => {
    if (state.variables.get(name) !== undefined) return
    state.variables.set(name, value)
    state.variables.writable(name).exported = exported
  }
  initial('PATH', PATH_DEFAULT, true)
  initial('HOME', '/', true)
  initial('IFS', ' \t\n', false)
  initial('OPTIND', '1', false)
  state.variables.set('IFS', ' \t\n')
  state.variables.set('PWD', await calls.cwd())
  state.variables.writable('PWD').exported = true
  state.variables.set('PPID', String(await calls.ppid()))
  const level = Number(state.variables.get('SHLVL') ?? 0)
  state.variables.set('SHLVL', String((Number.isInteger(level) ? level : 0) + 1))
  state.variables.writable('SHLVL').exported = true
}

async function runFile (shell: Interpreter, path: string): Promise<number> {
  let text: string
  try {
    text = await shell.system.readText(path)
  } catch (error) {
    await shell.complain(`${path}: ${describe(error)}`)
    return (error as { code?: string }).code === 'ENOENT' ? 127 : 126
  }
  if (text.includes('\0')) {
    await shell.complain(`${path}: cannot execute binary file`)
    return 126
  }
  return await shell.runToEnd(text)
}

/** Runs what comes by standard input, whole commands at a time, and takes no more than it runs: `read` gets the next line. */
async function runInput (shell: Interpreter): Promise<number> {
  const lines = new InputLines(shell.system)
  let [text, status] = ['', 0]
  for (let line = await lines.next(); line !== null; line = await lines.next()) {
    text += line
    if (isIncomplete(text)) continue
    const whole = text
    text = ''
    status = await shell.run(whole)
  }
  if (text !== '') status = await shell.run(text)
  return status
}

function isIncomplete (text: string): boolean {
  try {
    parseSource(text)
    return false
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    return error.incomplete
  }
}

/** Lines of standard input with their ends: a file's position stays behind the line, a pipe is read byte by byte. */
class InputLines {
  readonly #calls: TaskCalls
  #seekable: boolean | null = null

  constructor (calls: TaskCalls) {
    this.#calls = calls
  }

  async next (): Promise<string | null> {
    this.#seekable ??= await this.#calls.seek(0, 0, 'current').then(() => true, () => false)
    const pieces: number[] = []
    for (;;) {
      const piece = await this.#calls.read(0, this.#seekable ? 4096 : 1)
      if (piece.length === 0) break
      const end = piece.indexOf(10)
      for (const byte of end < 0 ? piece : piece.subarray(0, end + 1)) pieces.push(byte)
      if (end < 0) continue
      if (end + 1 < piece.length) await this.#calls.seek(0, end + 1 - piece.length, 'current')
      break
    }
    return pieces.length === 0 ? null : new TextDecoder().decode(Uint8Array.from(pieces))
  }
}

/** Talks with a person until `exit` or the end of input. */
async function converse (shell: Interpreter, session: Session): Promise<number> {
  const { system, state } = shell
  const startUp = `${state.variables.get('HOME') ?? ''}/.shrc`
  const names = Object.keys(builtins)
  return await shell.toEnd(async () => {
    if (await system.stat(startUp).then(() => true, () => false)) await step(shell, `. '${startUp}'`)
    for (;;) {
      await tellOfJobs(shell)
      const text = await command(shell, session, names)
      if (text === null) break
      if (text.trim() === '') continue
      session.remember(text.replace(/\n$/, ''))
      await step(shell, text)
      await shell.removeTemporary()
    }
    await system.write(2, 'exit\n')
    return state.status
  })
}

/** One command, of as many lines as it takes; null at the end of input. */
async function command (shell: Interpreter, session: Session, names: readonly string[]): Promise<string | null> {
  const { state } = shell
  let text = ''
  for (;;) {
    const prompt = text === '' ? await promptOf(shell) : state.variables.get('PS2') ?? '> '
    const { columns, rows } = session.size
    for (const [name, value] of [['COLUMNS', columns], ['LINES', rows]] as const) {
      state.variables.set(name, String(value))
      state.variables.writable(name).exported = true
    }
    session.prompt(prompt, { state, builtins: names })
    const line = await readLine(shell.system)
    if (session.interrupted()) {
      state.status = 130
      text = ''
      continue
    }
    if (line === null) {
      if (text === '') return null
      await shell.complain('syntax error: unexpected end of file')
      state.status = 2
      return ''
    }
    text += line
    if (!isIncomplete(text)) return text
  }
}

async function readLine (calls: TaskCalls): Promise<string | null> {
  const pieces: Uint8Array[] = []
  for (;;) {
    const piece = await calls.read(0, 65536)
    if (piece.length === 0) return pieces.length === 0 ? null : new TextDecoder().decode(joined(pieces))
    pieces.push(piece)
    if (piece.at(-1) === 10) return new TextDecoder().decode(joined(pieces))
  }
}

function joined (pieces: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap(piece => [...piece]))
}

async function step (shell: Interpreter, text: string): Promise<void> {
  try {
    await shell.run(text)
  } catch (error) {
    if (error instanceof ShellExit) throw error
    if (error instanceof Interrupt) {
      shell.state.status = 130
      await shell.system.write(2, '\n')
      return
    }
    if (error instanceof LoopExit || error instanceof Return) return
    await shell.complain(describe(error))
    shell.state.status = error instanceof ShellError ? error.status : 1
  }
}

async function tellOfJobs (shell: Interpreter): Promise<void> {
  // The ends of background jobs come by calls that are under way: they are let come in first.
  await shell.system.monotonicNs()
  const current = shell.jobs.all().at(-1)
  for (const job of shell.jobs.finished()) {
    await shell.writeTo(shell.io, 2, jobLine(job, current))
    job.told = true
    shell.jobs.remove(job)
  }
}

/** The prompt: PS1, with bash's escapes as far as people use them. */
async function promptOf (shell: Interpreter): Promise<string> {
  const { state } = shell
  const pwd = state.variables.get('PWD') ?? '/'
  const home = state.variables.get('HOME') ?? '/'
  const short = home !== '/' && (pwd === home || pwd.startsWith(`${home}/`)) ? `~${pwd.slice(home.length)}` : pwd
  const kernel = state.variables.get('KERNEL') ?? 'kaleidos'
  const status = state.status === 0 ? '' : `\x1b[31m${state.status}\x1b[0m `
  const given = state.variables.get('PS1') ?? '\\?\\[\\e[1;32m\\]\\h\\[\\e[0m\\] \\[\\e[1;34m\\]\\w\\[\\e[0m\\] \\$ '
  return given.replace(/\\(\[|\]|[whuWs$nte?!aj\\]|0\d\d)/g, (whole, letter: string) => {
    switch (letter) {
      case 'w': return short
      case 'W': return short === '/' || short === '~' ? short : short.slice(short.lastIndexOf('/') + 1)
      case 'h': return kernel
      case 'u': return state.variables.get('USER') ?? 'root'
      case 's': return 'sh'
      case '$': return '$'
      case 'n': return '\n'
      case 'e': return '\x1b'
      case 'a': return '\x07'
      case '?': return status
      case 'j': return String(shell.jobs.all().length)
      case '[': case ']': return ''
      case '\\': return '\\'
      default: return whole
    }
  })
}
