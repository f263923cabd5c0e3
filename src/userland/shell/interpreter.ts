/**
 * The interpreter: runs a syntax tree as the process that the shell is.
 *
 * What the shell must do itself (assignments, functions, built-in commands, loops) it does in its own process; every
 * other command, every stage of a pipeline, `( … )`, `$( … )` and `&` are processes of their own, joined by the system's
 * pipes. It gives way now and then, so that a loop of the shell's own stops nobody.
 * Source: POSIX.1-2024, Shell Command Language; bash(1).
 */

import type { AndOr, Assignment, Command, CommandNode, CompoundList, Function as FunctionNode, Pipeline, PipelineNode, Redirected, Statement } from 'unbash'
import { codeOf, describe } from '../library/errors.ts'
import type { TaskCalls } from '../../os/index.ts'
import { NESTING_MAX, STATEMENTS_PER_TURN } from '../limits.ts'
import { ArithmeticError } from './arithmetic.ts'
import { withAliases } from './aliases.ts'
import { assign, assigned, scopeWith } from './assignments.ts'
import { builtins, isSpecial } from './builtins/index.ts'
import { compound } from './compound.ts'
import { Expansion } from './expansion.ts'
import { Interrupt, LoopExit, Return, ShellError, ShellExit } from './faults.ts'
import type { ShellHost } from './host.ts'
import { Jobs, childOf, describeSignal } from './jobs.ts'
import type { Child } from './jobs.ts'
import { CommandPaths } from './paths.ts'
import { quoteWord } from '../text/quoting.ts'
import { groupOf, startProgram } from './programs.ts'
import { redirected } from './redirections.ts'
import type { ShellState } from './state.ts'
import { Io } from './streams.ts'
import { substitute, substituteProcess } from './substitution.ts'
import { SyntaxFault, parseSource } from './syntax.ts'
import { VariableError } from './variables.ts'
import { assignmentsOf, commandWords, isDeclaration, textOf } from './words.ts'

/** Where a command stands. */
export interface Place {
  readonly io: Io
  /** The source that positions in the tree are of. */
  readonly source: string
  /** Whether its failure is asked about, so that `set -e` does not end the shell. */
  readonly guarded: boolean
}

const STATUS_INTERRUPTED = 130

export class Interpreter {
  readonly system: TaskCalls
  readonly state: ShellState
  readonly host: ShellHost
  /** In a subshell those of the shell that it came from, to be looked at. */
  readonly jobs: Jobs
  readonly paths: CommandPaths
  /** The shell's own descriptors. */
  readonly io: Io
  #statements = 0
  #depth = 0
  /** Loops around what runs, within the function that it is in. */
  loops = 0
  /** Functions and sourced files around what runs. */
  #returns = 0
  #errorTrap = false

  constructor (system: TaskCalls, state: ShellState, host: ShellHost, io: Io, jobs = new Jobs()) {
    this.system = system
    this.state = state
    this.host = host
    this.io = io
    this.jobs = jobs
    this.paths = new CommandPaths(system, state)
  }

  /** Whether there is a loop to leave. */
  get inLoop (): boolean {
    return this.loops > 0
  }

  /** Whether there is a function or a sourced file to return from. */
  get canReturn (): boolean {
    return this.#returns > 0
  }

  /** Runs a source; its status. Errors of syntax are told. Exits, and leaving loops and functions, are thrown. */
  async run (text: string, io: Io = this.io): Promise<number> {
    let source
    try {
      source = parseSource(this.state.interactive ? withAliases(text, this.state.aliases) : text)
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error
      await this.complain(error.message, io)
      return this.state.status = 2
    }
    return await this.statements(source.script.commands, { io, source: source.text, guarded: false })
  }

  /** Runs a whole script to its end, with what `trap … EXIT` asks for. */
  async runToEnd (text: string): Promise<number> {
    return await this.toEnd(() => this.run(text))
  }

  async toEnd (body: () => Promise<number>): Promise<number> {
    try {
      this.state.status = await body()
    } catch (error) {
      this.state.status = await this.#endOf(error)
    }
    await this.removeTemporary()
    const trap = this.state.traps.get('EXIT')
    if (trap !== undefined && trap !== '') {
      this.state.traps.delete('EXIT')
      const { status } = this.state
      try {
        await this.run(trap)
      } catch (error) {
        return await this.#endOf(error)
      }
      return status
    }
    return this.state.status
  }

  async #endOf (error: unknown): Promise<number> {
    if (error instanceof ShellExit || error instanceof Return) return error.status
    if (error instanceof LoopExit) return 0
    if (error instanceof Interrupt) return STATUS_INTERRUPTED
    if (!isComplaint(error)) throw error
    await this.complain(messageOf(error))
    return error instanceof ShellError ? error.status : 1
  }

  /** Something is wrong: told on the standard error of the shell. */
  async complain (message: string, io: Io = this.io): Promise<void> {
    await this.writeTo(io, 2, `${this.state.name}: ${message}\n`)
  }

  async writeTo (io: Io, number: number, text: string | Uint8Array): Promise<void> {
    const fd = io.fd(number)
    if (fd === undefined) throw new ShellError('write error: Bad file descriptor')
    const bytes = typeof text === 'string' ? encoder.encode(text) : text
    if (bytes.length > 0) await this.system.write(fd, bytes)
  }

  expansion (io: Io): Expansion {
    return new Expansion({
      state: this.state,
      command: (part, from) => substitute(this, part, from),
      process: (part, from) => substituteProcess(this, part, from),
      directory: async path => {
        const entries = await this.system.readdir(path).catch(() => [])
        // A link may lead to a directory.
        return entries.map(({ name, type }) => ({ name, directory: type === 'directory' || type === 'symlink' }))
      },
      exists: async path => await this.system.lstat(path).then(() => true, () => false)
    }, io)
  }

  async statements (list: readonly Statement[], place: Place): Promise<number> {
    let status = 0
    for (const statement of list) status = await this.#statement(statement, place)
    return status
  }

  async #statement (statement: Statement, place: Place): Promise<number> {
    await this.turn()
    if (this.state.options.noexec && !this.state.interactive) return this.state.status
    const { command, background } = statement
    if (background === true) return await this.#background(command, textOf(place.source, statement).replace(/\s*&\s*$/, ''), place)
    return this.state.status = command.type === 'AndOr' ? await this.#andOr(command, place) : await this.#pipelineNode(command, place)
  }

  /** Lets others run, and the person stop what goes on. */
  async turn (): Promise<void> {
    // Any call lets others have the processor.
    if (++this.#statements % STATEMENTS_PER_TURN === 0) await this.system.monotonicNs()
    if (this.host.session?.interrupted() === true) throw new Interrupt()
  }

  async #andOr ({ commands, operators }: AndOr, place: Place): Promise<number> {
    let status = 0
    for (const [at, command] of commands.entries()) {
      const before = operators[at - 1]
      if ((before === '&&' && status !== 0) || (before === '||' && status === 0)) continue
      const last = at === commands.length - 1
      status = this.state.status = await this.#pipelineNode(command, last ? place : { ...place, guarded: true })
    }
    return status
  }

  async #pipelineNode (node: PipelineNode, place: Place): Promise<number> {
    if (node.type === 'Pipeline') return await this.#pipeline(node, place)
    const status = await this.#orComplaint(() => this.command(node, place), place)
    if (['Command', 'Subshell', 'ArithmeticCommand', 'TestCommand', 'Redirected'].includes(node.type)) await this.#failed(status, place)
    return status
  }

  /** `set -e` and `trap … ERR`, after a command whose failure nobody asks about. */
  async #failed (status: number, place: Place): Promise<void> {
    if (status === 0 || place.guarded) return
    const trap = this.state.traps.get('ERR')
    if (trap !== undefined && trap !== '' && !this.#errorTrap) {
      this.#errorTrap = true
      this.state.status = status
      try {
        await this.run(trap, place.io)
      } finally {
        this.#errorTrap = false
      }
    }
    if (this.state.options.errexit) throw new ShellExit(status)
  }

  /** Errors of a command are told, and are its failure; those of expansions end a shell that nobody types to. */
  async #orComplaint (body: () => Promise<number>, place: Place): Promise<number> {
    try {
      return await body()
    } catch (error) {
      if (!isComplaint(error)) throw error
      await this.complain(messageOf(error), place.io)
      const status = error instanceof ShellError ? error.status : 1
      if (error instanceof ShellError && error.fatal) throw this.state.interactive ? new Interrupt() : new ShellExit(status)
      return status
    }
  }

  async #pipeline (node: Pipeline, place: Place): Promise<number> {
    const negated = node.prefixes.filter(prefix => prefix.type === 'Negation').length % 2 === 1
    const timed = node.prefixes.some(prefix => prefix.type === 'Time')
    const inner = negated ? { ...place, guarded: true } : place
    const started = timed ? await this.system.monotonicNs() : 0
    let status: number
    if (node.commands.length === 0) status = 0
    else if (node.commands.length === 1) status = await this.#pipelineNode(node.commands[0]!, inner)
    else {
      status = await this.#orComplaint(() => this.#stages(node, inner), inner)
      if (!negated) await this.#failed(status, inner)
    }
    if (timed) await this.writeTo(place.io, 2, timeReport(await this.system.monotonicNs() - started))
    return negated ? Number(status === 0) : status
  }

  async #stages (node: Pipeline, place: Place): Promise<number> {
    const { children, group } = await this.#startStages(node, place, this.state.options.monitor)
    const statuses = await this.#foreground(children, group, textOf(place.source, node))
    this.state.variables.setElements('PIPESTATUS', new Map(statuses.map((status, at) => [String(at), String(status)])))
    const failed = statuses.findLast(status => status !== 0)
    return this.state.options.pipefail ? failed ?? 0 : statuses.at(-1) ?? 0
  }

  /** Starts every stage, joined by pipes. `group`: whether they get a process group of their own. */
  async #startStages (node: Pipeline, place: Place, ownGroup: boolean): Promise<{ children: Child[], group: number | undefined }> {
    const { commands, operators } = node
    const started: number[] = []
    // Not before all are started: the next cannot join a group whose every process was waited for.
    const wait = (): Child[] => started.map(process => process < 0 ? ended(-process - 1) : childOf(this.system, process))
    let group: number | undefined = ownGroup ? 0 : undefined
    let input: number | null = null
    try {
      for (const [at, command] of commands.entries()) {
        const last = at === commands.length - 1
        const pipe = last ? null : await this.system.pipe()
        const changes: [number, number][] = []
        if (input !== null) changes.push([0, input])
        if (pipe !== null) changes.push([1, pipe.write])
        if (pipe !== null && operators[at] === '|&') changes.push([2, pipe.write])
        const io = place.io.with(changes, [])
        const process: number = await this.#orStatus(() => this.#start(command, { ...place, io, guarded: false }, group), { ...place, io })
        started.push(process)
        if (group === 0 && process > 0) group = process
        if (input !== null) await this.system.close(input)
        if (pipe !== null) await this.system.close(pipe.write)
        input = pipe?.read ?? null
      }
    } catch (error) {
      wait()
      if (input !== null) await this.system.close(input)
      throw error
    }
    return { children: wait(), group: group === 0 ? undefined : group }
  }

  /** A process number; or, where there is none because the command could not be started, minus its status minus 1. */
  async #orStatus (body: () => Promise<number>, place: Place): Promise<number> {
    let process = 0
    const status = await this.#orComplaint(async () => {
      process = await body()
      return 0
    }, place)
    return process > 0 ? process : -status - 1
  }

  /** Starts a command as a process of its own. */
  async #start (node: CommandNode, place: Place, group: number | undefined): Promise<number> {
    if (node.type === 'Command' && node.name !== undefined && !node.redirects.some(redirect => redirect.type === 'Redirect' && redirect.descriptor?.type === 'FileDescriptorVariable')) {
      const words = await this.expansion(place.io).words(commandWords(node))
      const [name] = words
      if (name !== undefined && !this.state.functions.has(name) && !Object.hasOwn(builtins, name)) return await this.#startProgram(node, words, place, group)
    }
    return await this.subshell(async inner => await inner.command(node, { ...place, io: inner.io }), place.io, group)
  }

  async #startProgram (node: Command, words: readonly string[], place: Place, group: number | undefined): Promise<number> {
    if (this.state.options.xtrace) await this.#trace(words, place.io)
    const io = await redirected(this, node.redirects, place.io)
    try {
      const env = this.state.variables.environment()
      for (const assignment of assignmentsOf(node)) env[assignment.name] = await assigned(this, assignment, io)
      return await startProgram(this, words, env, io, group)
    } finally {
      if (io !== place.io) await io.close(this.system)
    }
  }

  /** A process of the shell's own that goes on with a copy of its state. */
  async subshell (body: (inner: Interpreter) => Promise<number>, io: Io, group?: number): Promise<number> {
    const state = this.state.clone()
    const [depth, returns, loops] = [this.#depth, this.#returns, this.loops]
    const { name } = this.state
    const jobs = this.jobs.clone()
    try {
      return await this.system.spawn(async system => {
        const inner = new Interpreter(system, state, { ...this.host, session: null }, io.inherited(), jobs)
        inner.#depth = depth
        inner.#returns = returns
        inner.loops = loops
        return await inner.toEnd(() => body(inner))
      }, { args: [name], env: state.variables.environment(), descriptors: io.list(), group: groupOf(group) })
    } catch (error) {
      if (codeOf(error) === 'ENOTSUP') throw new ShellError('this kernel runs one program, and the shell is it: there are no other processes')
      throw codeOf(error) === '' ? error : new ShellError(`cannot start a process: ${describe(error)}`)
    }
  }

  /** Waits for processes that have the terminal. */
  async #foreground (children: readonly Child[], group: number | undefined, text: string): Promise<number[]> {
    const monitored = this.state.options.monitor && group !== undefined && this.host.session !== null
    if (monitored) await this.system.setForeground(group, 2).catch(() => {})
    let ends
    try {
      ends = await Promise.all(children.map(child => child.ended))
    } finally {
      // The shell itself is never in the foreground: what stops a program does not stop it, and its children ignore nothing.
      if (monitored) await this.system.setForeground(0, 2).catch(() => {})
    }
    const last = ends.at(-1)
    if (last !== undefined && last.signal !== null && last.signal !== 'SIGPIPE' && last.signal !== 'SIGINT') {
      await this.writeTo(this.io, 2, `${describeSignal(last.signal)}${this.state.interactive ? '' : ` (${text})`}\n`)
    }
    if (last?.signal === 'SIGINT' && this.state.interactive) {
      this.state.status = last.status
      throw new Interrupt()
    }
    return ends.map(end => end.status)
  }

  async foregroundJob (children: readonly Child[], group: number, text: string): Promise<number> {
    return (await this.#foreground(children, group, text)).at(-1) ?? 0
  }

  async #background (command: PipelineNode | AndOr, text: string, place: Place): Promise<number> {
    const monitor = this.state.options.monitor
    let io = place.io
    let opened = -1
    // A background job does not take what a person types.
    if (!monitor) {
      opened = await this.system.open('/dev/null', { read: true }).catch(() => -1)
      if (opened >= 0) io = io.with([[0, opened]], [opened])
    }
    let children: Child[]
    let group: number | undefined
    try {
      if (command.type === 'Pipeline' && command.commands.length > 1 && command.prefixes.length === 0) {
        ({ children, group } = await this.#startStages(command, { ...place, io }, monitor))
      } else {
        const inner = { ...place, guarded: false }
        const process = await this.#orStatus(() => command.type === 'AndOr' || command.type === 'Pipeline'
          ? this.subshell(async shell => command.type === 'AndOr'
              ? await shell.#andOr(command, { ...inner, io: shell.io })
              : await shell.#pipeline(command, { ...inner, io: shell.io }), io, monitor ? 0 : undefined)
          : this.#start(command, { ...inner, io }, monitor ? 0 : undefined), { ...inner, io })
        children = [process < 0 ? ended(-process - 1) : childOf(this.system, process)]
        group = monitor && process > 0 ? process : undefined
      }
    } finally {
      if (opened >= 0) await this.system.close(opened)
    }
    const job = this.jobs.add(children, group ?? 0, text)
    this.state.background = children.at(-1)!.process
    if (this.state.interactive) await this.writeTo(this.io, 2, `[${job.number}] ${this.state.background}\n`)
    return this.state.status = 0
  }

  /** Runs a command here, as far as it is the shell's; its status. */
  async command (node: CommandNode | CompoundList, place: Place): Promise<number> {
    switch (node.type) {
      case 'Command': return await this.#simple(node, place)
      case 'CompoundList': return await this.statements(node.commands, place)
      case 'Redirected': return await this.#redirected(node, place)
      case 'Function': return this.#define(node, place)
      case 'Coproc': throw new ShellError('coproc: not supported')
      default: return await compound(this, node, place)
    }
  }

  async #redirected (node: Redirected, place: Place): Promise<number> {
    const io = await redirected(this, node.redirects, place.io)
    try {
      return await compound(this, node.command, { ...place, io })
    } finally {
      await io.close(this.system)
    }
  }

  async inSubshell (body: CompoundList, place: Place): Promise<number> {
    const group = this.state.options.monitor ? 0 : undefined
    const process = await this.subshell(async inner => await inner.statements(body.commands, { ...place, io: inner.io }), place.io, group)
    const [status] = await this.#foreground([childOf(this.system, process)], group === 0 ? process : undefined, textOf(place.source, body))
    return status!
  }

  #define (node: FunctionNode, place: Place): number {
    this.state.functions.set(node.name.value, { body: node.body, source: place.source, text: textOf(place.source, node) })
    return 0
  }

  async #simple (node: Command, place: Place): Promise<number> {
    const assignments = assignmentsOf(node)
    const substitutions = this.substitutions
    const words = node.name === undefined ? [] : await this.#commandWords(node, place)
    const [name] = words
    if (name === undefined) {
      await assign(this, assignments, place.io)
      if (node.redirects.length > 0) await (await redirected(this, node.redirects, place.io)).close(this.system)
      // Of `x=$(false)` the status is that of the substitution.
      return this.substitutions !== substitutions ? this.state.status : 0
    }
    const body = this.state.functions.get(name)
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined
    if (body === undefined && builtin === undefined) return await this.#program(node, words, place)

    if (this.state.options.xtrace) await this.#trace(words, place.io)
    if (name === 'exec' && body === undefined) return await this.#exec(node, words, place)
    const io = await redirected(this, node.redirects, place.io)
    const lasting = body === undefined && isSpecial(name) && assignments.length > 0
    if (lasting) await assign(this, assignments, io)
    const scoped = !lasting && assignments.length > 0
    if (scoped) await scopeWith(this, assignments, io)
    try {
      if (body !== undefined) return await this.#call(name, words.slice(1), { ...place, io })
      return await builtin!(this, words.slice(1), { ...place, io })
    } finally {
      if (scoped) this.state.variables.pop()
      if (io !== place.io) await io.close(this.system)
    }
  }

  /** Words of a command. What `declare` and its like assign is one word each, not split. */
  async #commandWords (node: Command, place: Place): Promise<string[]> {
    const expansion = this.expansion(place.io)
    if (!isDeclaration(node.name!.value)) return await expansion.words(commandWords(node))
    const words = await expansion.words([node.name!])
    for (const argument of node.args) {
      if (argument.type === 'Word') {
        words.push(...await expansion.words([argument]))
      } else if (argument.value.type === 'ArrayValue') {
        this.#pendingArrays.set(argument.name, argument)
        words.push(argument.name)
      } else {
        words.push(`${argument.name}${argument.index === undefined ? '' : `[${argument.index.text}]`}${argument.append === true ? '+' : ''}=${await expansion.text(argument.value)}`)
      }
    }
    return words
  }

  /** Arrays that a `declare` is about to assign. */
  readonly #pendingArrays = new Map<string, Assignment>()

  async assignPendingArray (name: string, io: Io): Promise<void> {
    const assignment = this.#pendingArrays.get(name)
    this.#pendingArrays.delete(name)
    if (assignment !== undefined) await assign(this, [assignment], io)
  }

  async #program (node: Command, words: readonly string[], place: Place): Promise<number> {
    const group = this.state.options.monitor ? 0 : undefined
    const process = await this.#startProgram(node, words, place, group)
    const [status] = await this.#foreground([childOf(this.system, process)], group === 0 ? process : undefined, textOf(place.source, node))
    return status!
  }

  /** `exec`: with a command it takes the shell's place, else its redirections stay. */
  async #exec (node: Command, words: readonly string[], place: Place): Promise<number> {
    const io = await redirected(this, node.redirects, place.io)
    if (words.length === 1) {
      // What was opened stays open: nothing closes it but the shell's end.
      place.io.adopt(io)
      return 0
    }
    try {
      const process = await startProgram(this, words.slice(1), this.state.variables.environment(), io, undefined)
      throw new ShellExit((await childOf(this.system, process).ended).status)
    } catch (error) {
      if (error instanceof ShellError && !this.state.interactive) {
        await this.complain(error.message, io)
        throw new ShellExit(error.status)
      }
      throw error
    }
  }

  async #call (name: string, args: readonly string[], place: Place): Promise<number> {
    const { body, source } = this.state.functions.get(name)!
    if (this.#depth >= NESTING_MAX) throw new ShellError(`${name}: maximum function nesting level exceeded (${NESTING_MAX})`, 'fatal')
    const { positional } = this.state
    const loops = this.loops
    this.#depth++
    this.loops = 0
    this.state.variables.push()
    this.state.positional = args
    try {
      return await this.returning(() => this.command(body, { ...place, source }))
    } finally {
      this.#depth--
      this.loops = loops
      this.state.positional = positional
      this.state.variables.pop()
    }
  }

  /** Runs what `return` leaves. */
  async returning (body: () => Promise<number>): Promise<number> {
    this.#returns++
    try {
      return await body()
    } catch (error) {
      if (error instanceof Return) return error.status
      throw error
    } finally {
      this.#returns--
    }
  }

  /** Runs a text as part of what runs: `eval`, `source`, traps. */
  async nested (text: string, io: Io): Promise<number> {
    if (this.#depth >= NESTING_MAX) throw new ShellError(`nested too deeply (${NESTING_MAX})`, 'fatal')
    this.#depth++
    try {
      return await this.run(text, io)
    } finally {
      this.#depth--
    }
  }

  /** How many substitutions there were. */
  substitutions = 0

  /** Files to be removed once the command line is done. */
  readonly temporary: string[] = []

  async removeTemporary (): Promise<void> {
    for (const path of this.temporary.splice(0)) await this.system.unlink(path).catch(() => {})
  }

  async #trace (words: readonly string[], io: Io): Promise<void> {
    await this.writeTo(io, 2, `${this.state.variables.get('PS4') ?? '+ '}${words.map(word => quoteWord(word)).join(' ')}\n`)
  }

}

const encoder = new TextEncoder()

function isComplaint (error: unknown): error is Error {
  return error instanceof ShellError || error instanceof ArithmeticError || error instanceof VariableError || error instanceof SyntaxFault || codeOf(error) !== ''
}

function messageOf (error: Error): string {
  return codeOf(error) === '' ? error.message : describe(error)
}

/** A command that could not be started, as one that has ended. */
function ended (status: number): Child {
  const end = { process: 0, status, signal: null }
  return { process: 0, ended: Promise.resolve(end), end }
}

function timeReport (ns: number): string {
  const seconds = ns / 1e9
  const text = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`
  return `\nreal\t${text}\n`
}

