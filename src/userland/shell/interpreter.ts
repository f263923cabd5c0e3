/**
 * The interpreter: runs a syntax tree as the process that the shell is.
 *
 * What the shell must do itself (assignments, functions, built-in commands, loops) it does in its own process; every
 * other command, every stage of a pipeline, `( … )`, `$( … )` and `&` are processes of their own, joined by the system's
 * pipes. It gives way now and then, so that a loop of the shell's own stops nobody.
 * Source: POSIX.1-2024, Shell Command Language; bash(1).
 */

import type {
  AndOr, Assignment, Case, Command, CommandExpansionPart, CommandNode, CompoundCommand, CompoundList, For, ArithmeticFor, Function as FunctionNode,
  If, Pipeline, PipelineNode, ProcessSubstitutionPart, Redirected, Select, Statement, TestExpression, While, Word
} from 'unbash'
import { codeOf, describe } from '../library/errors.ts'
import type { ChildOptions, TaskCalls } from '../../os/index.ts'
import { ALIAS_DEPTH_MAX, NESTING_MAX, STATEMENTS_PER_TURN, SUBSTITUTION_BYTES_MAX } from '../limits.ts'
import { matchesPattern } from '../text/pattern.ts'
import { posixRegExp } from '../text/posix-regex.ts'
import { ArithmeticError } from './arithmetic.ts'
import { builtins, isSpecial } from './builtins.ts'
import { Expansion } from './expansion.ts'
import { Interrupt, LoopExit, Return, ShellError, ShellExit } from './faults.ts'
import type { ShellHost } from './host.ts'
import { Jobs, childOf, describeSignal } from './jobs.ts'
import type { Child } from './jobs.ts'
import { CommandPaths } from './paths.ts'
import { quoteWord } from '../text/quoting.ts'
import { redirected } from './redirections.ts'
import type { ShellState } from './state.ts'
import { Io } from './streams.ts'
import { SyntaxFault, parseSource } from './syntax.ts'
import { testBinary, testUnary } from './tests.ts'
import { VariableError } from './variables.ts'

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
  #loops = 0
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
    return this.#loops > 0
  }

  /** Whether there is a function or a sourced file to return from. */
  get canReturn (): boolean {
    return this.#returns > 0
  }

  /** Runs a source; its status. Errors of syntax are told. Exits, and leaving loops and functions, are thrown. */
  async run (text: string, io: Io = this.io): Promise<number> {
    let source
    try {
      source = parseSource(this.state.interactive ? this.#withAliases(text) : text)
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
      command: (part, from) => this.#substitute(part, from),
      process: (part, from) => this.#substituteProcess(part, from),
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
    await this.#turn()
    if (this.state.options.noexec && !this.state.interactive) return this.state.status
    const { command, background } = statement
    if (background === true) return await this.#background(command, textOf(place.source, statement).replace(/\s*&\s*$/, ''), place)
    return this.state.status = command.type === 'AndOr' ? await this.#andOr(command, place) : await this.#pipelineNode(command, place)
  }

  /** Lets others run, and the person stop what goes on. */
  async #turn (): Promise<void> {
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
    const children: Child[] = []
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
        children.push(process < 0 ? ended(-process - 1) : childOf(this.system, process))
        if (group === 0 && process > 0) group = process
        if (input !== null) await this.system.close(input)
        if (pipe !== null) await this.system.close(pipe.write)
        input = pipe?.read ?? null
      }
    } catch (error) {
      if (input !== null) await this.system.close(input)
      throw error
    }
    return { children, group: group === 0 ? undefined : group }
  }

  /** A process number; or, where there is none because the command could not be started, minus its status minus 1. */
  async #orStatus (body: () => Promise<number>, place: Place): Promise<number> {
    let status = 1
    const process = await this.#orComplaint(async () => {
      try {
        return await body()
      } catch (error) {
        if (error instanceof ShellError) status = error.status
        throw error
      }
    }, place)
    return process > 1 ? process : -status - 1
  }

  /** Starts a command as a process of its own. */
  async #start (node: CommandNode, place: Place, group: number | undefined): Promise<number> {
    if (node.type === 'Command' && node.name !== undefined && !node.redirects.some(redirect => redirect.type === 'Redirect' && redirect.descriptor?.type === 'FileDescriptorVariable')) {
      const words = await this.expansion(place.io).words(commandWords(node))
      const [name] = words
      if (name !== undefined && !this.state.functions.has(name) && !(name in builtins)) return await this.#startProgram(node, words, place, group)
    }
    return await this.subshell(async inner => await inner.command(node, { ...place, io: inner.io }), place.io, group)
  }

  async #startProgram (node: Command, words: readonly string[], place: Place, group: number | undefined): Promise<number> {
    if (this.state.options.xtrace) await this.#trace(words, place.io)
    const io = await redirected(this, node.redirects, place.io)
    try {
      const env = this.state.variables.environment()
      for (const assignment of assignmentsOf(node)) env[assignment.name] = await this.#assigned(assignment, io)
      return await this.spawn(words, env, io, group)
    } finally {
      if (io !== place.io) await io.close(this.system)
    }
  }

  /** Starts a program by name. Throws a ShellError with the status that a shell gives when there is none. */
  async spawn (words: readonly string[], env: Readonly<Record<string, string>>, io: Io, group: number | undefined): Promise<number> {
    const name = words[0]!
    const path = await this.paths.find(name)
    if (path === undefined) {
      throw new ShellError(name.includes('/') ? `${name}: No such file or directory` : `${name}: command not found`, 'command', 127)
    }
    const request: ChildOptions = { args: words, env, descriptors: io.list(), group: groupOf(group) }
    try {
      return await this.system.spawn(path, request)
    } catch (error) {
      switch (codeOf(error)) {
        case 'ENOEXEC': return await this.#startScript(path, words, request)
        case 'ENOENT': this.paths.forget(name); throw new ShellError(`${name}: No such file or directory`, 'command', 127)
        case 'EISDIR': throw new ShellError(`${name}: Is a directory`, 'command', 126)
        case 'ENOTSUP': throw new ShellError(`${name}: this kernel runs one program, and the shell is it: only what is built in can be used`, 'command', 126)
        case '': throw error
        default: throw new ShellError(`${name}: ${describe(error)}`, 'command', 126)
      }
    }
  }

  /** What is no program may be a script. */
  async #startScript (path: string, words: readonly string[], request: ChildOptions): Promise<number> {
    const fd = await this.system.open(path, { read: true })
    const start = await this.system.read(fd, SCRIPT_START_BYTES).finally(() => this.system.close(fd))
    if (start.includes(0)) throw new ShellError(`${words[0]!}: cannot execute binary file: Exec format error`, 'command', 126)
    const [, interpreter, option] = /^#! *(\S+)(?: +(\S+))?/.exec(new TextDecoder().decode(start)) ?? []
    const isShell = interpreter === undefined || /(^|\/)(ba|da|k)?sh$/.test(interpreter) || (/\/env$/.test(interpreter) && /^(ba|da)?sh$/.test(option ?? ''))
    if (isShell) return await this.system.spawn(this.host.path, { ...request, args: [words[0]!, path, ...words.slice(1)] })
    const program = await this.paths.find(/\/env$/.test(interpreter) && option !== undefined ? option : interpreter)
    if (program === undefined) throw new ShellError(`${words[0]!}: ${interpreter}: bad interpreter: No such file or directory`, 'command', 126)
    const more = /\/env$/.test(interpreter) || option === undefined ? [] : [option]
    return await this.system.spawn(program, { ...request, args: [program, ...more, path, ...words.slice(1)] })
  }

  /** A process of the shell's own that goes on with a copy of its state. */
  async subshell (body: (inner: Interpreter) => Promise<number>, io: Io, group?: number): Promise<number> {
    const state = this.state.clone()
    const [depth, returns, loops] = [this.#depth, this.#returns, this.#loops]
    const { name } = this.state
    const jobs = this.jobs.clone()
    try {
      return await this.system.spawn(async system => {
        const inner = new Interpreter(system, state, { ...this.host, session: null }, io.inherited(), jobs)
        inner.#depth = depth
        inner.#returns = returns
        inner.#loops = loops
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
      default: return await this.#compound(node, place)
    }
  }

  async #redirected (node: Redirected, place: Place): Promise<number> {
    const io = await redirected(this, node.redirects, place.io)
    try {
      return await this.#compound(node.command, { ...place, io })
    } finally {
      await io.close(this.system)
    }
  }

  async #compound (node: CompoundCommand, place: Place): Promise<number> {
    switch (node.type) {
      case 'BraceGroup': return await this.statements(node.body.commands, place)
      case 'Subshell': return await this.#inSubshell(node.body, place)
      case 'If': return await this.#if(node, place)
      case 'For': return await this.#for(node, place)
      case 'ArithmeticFor': return await this.#arithmeticFor(node, place)
      case 'While': return await this.#while(node, place)
      case 'Case': return await this.#case(node, place)
      case 'Select': return await this.#select(node, place)
      case 'TestCommand': return Number(!await this.#test(node.expression, place))
      case 'ArithmeticCommand': return Number(await this.expansion(place.io).arithmetic(node.body) === 0n)
    }
  }

  async #inSubshell (body: CompoundList, place: Place): Promise<number> {
    const group = this.state.options.monitor ? 0 : undefined
    const process = await this.subshell(async inner => await inner.statements(body.commands, { ...place, io: inner.io }), place.io, group)
    const [status] = await this.#foreground([childOf(this.system, process)], group === 0 ? process : undefined, textOf(place.source, body))
    return status!
  }

  async #if (node: If, place: Place): Promise<number> {
    const asked = { ...place, guarded: true }
    if (await this.statements(node.clause.commands, asked) === 0) return await this.statements(node.then.commands, place)
    for (const branch of node.elif) {
      if (await this.statements(branch.clause.commands, asked) === 0) return await this.statements(branch.then.commands, place)
    }
    return node.else === undefined ? 0 : await this.statements(node.else.commands, place)
  }

  async #for (node: For, place: Place): Promise<number> {
    const values = node.wordlist === undefined ? this.state.positional : await this.expansion(place.io).words(node.wordlist)
    let status = 0
    for (const value of values) {
      await this.#turn()
      this.state.variables.set(node.name.value, value)
      const round = await this.#round(node.body, place)
      status = round.status
      if (round.leave) break
    }
    return status
  }

  async #arithmeticFor (node: ArithmeticFor, place: Place): Promise<number> {
    const part = (expression: { pos: number, end: number } | undefined): string => expression === undefined ? '' : textOf(place.source, expression)
    const number = async (text: string): Promise<bigint> => await this.expansion(place.io).arithmetic(text)
    let status = 0
    await number(part(node.initialize))
    while (node.test === undefined || await number(part(node.test)) !== 0n) {
      await this.#turn()
      const round = await this.#round(node.body, place)
      status = round.status
      if (round.leave) break
      await number(part(node.update))
    }
    return status
  }

  async #while (node: While, place: Place): Promise<number> {
    let status = 0
    for (;;) {
      await this.#turn()
      let leave = false
      let met = true
      this.#loops++
      try {
        met = (await this.statements(node.clause.commands, { ...place, guarded: true }) === 0) === (node.kind === 'while')
      } catch (error) {
        leave = leavesHere(error)
      } finally {
        this.#loops--
      }
      if (leave || !met) return status
      const round = await this.#round(node.body, place)
      status = round.status
      if (round.leave) return status
    }
  }

  /** One round of a loop. */
  async #round (body: CompoundList, place: Place): Promise<{ status: number, leave: boolean }> {
    this.#loops++
    try {
      return { status: await this.statements(body.commands, place), leave: false }
    } catch (error) {
      return { status: 0, leave: leavesHere(error) }
    } finally {
      this.#loops--
    }
  }

  async #case (node: Case, place: Place): Promise<number> {
    const expansion = this.expansion(place.io)
    const text = await expansion.text(node.word)
    let status = 0
    let through = false
    for (const item of node.items) {
      let matched = through
      for (const pattern of item.pattern) {
        if (matched) break
        matched = matchesPattern(await expansion.pattern(pattern), text)
      }
      if (!matched) continue
      status = await this.statements(item.body.commands, place)
      if (item.terminator === ';&') through = true
      else if (item.terminator === ';;&') through = false
      else return status
    }
    return status
  }

  async #select (node: Select, place: Place): Promise<number> {
    const values = node.wordlist === undefined ? this.state.positional : await this.expansion(place.io).words(node.wordlist)
    let status = 0
    for (;;) {
      await this.writeTo(place.io, 2, values.map((value, at) => `${at + 1}) ${value}\n`).join('') + (this.state.variables.get('PS3') ?? '#? '))
      if (await builtins['read']!(this, ['REPLY'], place) !== 0) return status
      const choice = values[Number(this.state.variables.get('REPLY')) - 1]
      this.state.variables.set(node.name.value, choice ?? '')
      const round = await this.#round(node.body, place)
      status = round.status
      if (round.leave) return status
    }
  }

  async #test (node: TestExpression, place: Place): Promise<boolean> {
    const expansion = this.expansion(place.io)
    switch (node.type) {
      case 'TestGroup': return await this.#test(node.expression, place)
      case 'TestNot': return (await this.#test(node.operand, place)) === (node.negations.length % 2 === 0)
      case 'TestLogical':
        for (const operand of node.operands) if (await this.#test(operand, place) === (node.operator === '||')) return node.operator === '||'
        return node.operator !== '||'
      case 'TestUnary': return await testUnary(this, node.operator, await expansion.text(node.operand), place.io)
      case 'TestBinary': {
        const left = await expansion.text(node.left)
        if (node.operator === '=' || node.operator === '==') return matchesPattern(await expansion.pattern(node.right), left)
        if (node.operator === '!=') return !matchesPattern(await expansion.pattern(node.right), left)
        if (node.operator === '=~') return this.#matches(left, await this.#expressionOf(node.right, expansion))
        const right = await expansion.text(node.right)
        if (/^-(eq|ne|lt|le|gt|ge)$/.test(node.operator)) {
          return await testBinary(this, String(await expansion.arithmetic(left)), node.operator, String(await expansion.arithmetic(right)))
        }
        return await testBinary(this, left, node.operator, right)
      }
    }
  }

  /** The right side of `=~`: what is quoted in it stands for itself. */
  async #expressionOf (word: Word, expansion: Expansion): Promise<string> {
    if (word.parts === undefined) return word.text
    let out = ''
    for (const part of word.parts) {
      const inner = { ...word, text: part.text, value: part.text, parts: [part] } as Word
      const text = await expansion.text(inner)
      if (part.type === 'SingleQuoted' || part.type === 'DoubleQuoted' || part.type === 'AnsiCQuoted') out += text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      else out += part.type === 'Literal' || part.type === 'Glob' || part.type === 'ExtendedGlob' || part.type === 'BraceExpansion' ? part.text : text
    }
    return out
  }

  #matches (text: string, expression: string): boolean {
    const found = posixRegExp(expression, { extended: true }).exec(text)
    this.state.variables.setElements('BASH_REMATCH', new Map((found ?? []).map((group: string | undefined, at) => [String(at), group ?? ''])))
    return found !== null
  }

  #define (node: FunctionNode, place: Place): number {
    this.state.functions.set(node.name.value, { body: node.body, source: place.source, text: textOf(place.source, node) })
    return 0
  }

  async #simple (node: Command, place: Place): Promise<number> {
    const assignments = assignmentsOf(node)
    const substitutions = this.#substitutions
    const words = node.name === undefined ? [] : await this.#commandWords(node, place)
    const [name] = words
    if (name === undefined) {
      await this.#assign(assignments, place.io)
      if (node.redirects.length > 0) await (await redirected(this, node.redirects, place.io)).close(this.system)
      // Of `x=$(false)` the status is that of the substitution.
      return this.#substitutions !== substitutions ? this.state.status : 0
    }
    const body = this.state.functions.get(name)
    const builtin = Object.hasOwn(builtins, name) ? builtins[name] : undefined
    if (body === undefined && builtin === undefined) return await this.#program(node, words, place)

    if (this.state.options.xtrace) await this.#trace(words, place.io)
    if (name === 'exec' && body === undefined) return await this.#exec(node, words, place)
    const io = await redirected(this, node.redirects, place.io)
    const lasting = body === undefined && isSpecial(name) && assignments.length > 0
    if (lasting) await this.#assign(assignments, io)
    const scoped = !lasting && assignments.length > 0
    if (scoped) await this.#scope(assignments, io)
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
    if (assignment !== undefined) await this.#assign([assignment], io)
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
      const process = await this.spawn(words.slice(1), this.state.variables.environment(), io, undefined)
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
    const loops = this.#loops
    this.#depth++
    this.#loops = 0
    this.state.variables.push()
    this.state.positional = args
    try {
      return await this.returning(() => this.command(body, { ...place, source }))
    } finally {
      this.#depth--
      this.#loops = loops
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

  /** Variables for one command, in a scope of their own. */
  async #scope (assignments: readonly Assignment[], io: Io): Promise<void> {
    const values: [string, string][] = []
    for (const assignment of assignments) values.push([assignment.name, await this.#assigned(assignment, io)])
    this.state.variables.push()
    for (const [name, value] of values) {
      const variable = this.state.variables.local(name)
      variable.value = value
      variable.exported = true
    }
  }

  async #assign (assignments: readonly Assignment[], io: Io): Promise<void> {
    const { variables, options } = this.state
    for (const assignment of assignments) {
      const { name, value, append } = assignment
      const expansion = this.expansion(io)
      if (value.type === 'ArrayValue') {
        const elements = await expansion.elements(name, value.elements, append === true ? variables.elements(name) : undefined)
        variables.setElements(name, elements)
      } else {
        const text = await this.#assigned(assignment, io)
        const index = assignment.index === undefined ? undefined : expansion.index(name, await expansion.text(assignment.index))
        variables.set(name, text, index)
      }
      if (options.allexport) variables.writable(name).exported = true
      if (options.xtrace) await this.writeTo(io, 2, `+ ${name}=${quoteWord(variables.get(name) ?? '')}\n`)
    }
  }

  /** The text that an assignment gives. */
  async #assigned ({ name, value, append, index }: Assignment, io: Io): Promise<string> {
    const expansion = this.expansion(io)
    if (value.type === 'ArrayValue') throw new ShellError(`${name}: cannot assign an array to a command's variable`)
    const text = await expansion.text(value)
    const variable = this.state.variables.find(name)
    if (append !== true) return variable?.integer === true ? String(await expansion.arithmetic(text)) : text
    const before = index === undefined ? this.state.variables.get(name) : this.state.variables.elements(name)?.get(expansion.index(name, index.text))
    if (variable?.integer === true) return String(await expansion.arithmetic(before ?? '0') + await expansion.arithmetic(text))
    return `${before ?? ''}${text}`
  }

  #substitutions = 0

  async #substitute (part: CommandExpansionPart, io: Io): Promise<string> {
    const { script } = part
    if (script?.errors !== undefined && script.errors.length > 0) throw new ShellError(`command substitution: syntax error: ${script.errors[0]!.message}`, 'fatal', 2)
    if (script === undefined || script.commands.length === 0) return ''
    // Descendants of an escaped backtick have positions in a source of their own; others in the one around them.
    const inner = script.source ?? part.text
    const offset = script.source === undefined ? part.pos : 0
    const source = ' '.repeat(Math.max(0, offset)) + inner
    const read = await this.#redirectedInput(script.commands, io)
    const text = read ?? await this.capture(async shell => await shell.statements(script.commands, { io: shell.io, source, guarded: false }), io)
    this.#substitutions++
    return text.replace(/\n+$/, '')
  }

  /** `$(< file)` reads the file and starts nothing. */
  async #redirectedInput (commands: readonly Statement[], io: Io): Promise<string | undefined> {
    const command = commands.length === 1 ? commands[0]!.command : undefined
    if (command?.type !== 'Command' || command.name !== undefined || command.prefix.length + command.suffix.length !== command.redirects.length) return undefined
    const [redirect] = command.redirects
    if (command.redirects.length !== 1 || redirect?.type !== 'Redirect' || redirect.operator !== '<') return undefined
    const opened = await redirected(this, command.redirects, io)
    try {
      this.state.status = 0
      return await this.readAll(opened.fd(0)!)
    } finally {
      await opened.close(this.system)
    }
  }

  /** What a body writes in a process of its own. */
  async capture (body: (shell: Interpreter) => Promise<number>, io: Io): Promise<string> {
    const pipe = await this.system.pipe()
    let process: number
    try {
      process = await this.subshell(async shell => {
        // As bash has it, unless it is asked to be POSIX.
        shell.state.options.errexit = false
        return await body(shell)
      }, io.with([[1, pipe.write]], []))
    } catch (error) {
      await this.system.close(pipe.read)
      throw error
    } finally {
      await this.system.close(pipe.write)
    }
    const child = childOf(this.system, process)
    const text = await this.readAll(pipe.read).finally(() => this.system.close(pipe.read))
    const end = await child.ended
    this.state.status = end.status
    if (end.signal === 'SIGINT' && this.host.session !== null) throw new Interrupt()
    return text
  }

  async readAll (fd: number): Promise<string> {
    const pieces: Uint8Array[] = []
    let total = 0
    for (;;) {
      const piece = await this.system.read(fd, 65536)
      if (piece.length === 0) break
      total += piece.length
      if (total > SUBSTITUTION_BYTES_MAX) throw new ShellError(`more than ${SUBSTITUTION_BYTES_MAX} bytes in a substitution`)
      pieces.push(piece)
    }
    const whole = new Uint8Array(total)
    let at = 0
    for (const piece of pieces) {
      whole.set(piece, at)
      at += piece.length
    }
    // A variable holds no NUL.
    return new TextDecoder().decode(whole).replaceAll('\0', '')
  }

  /** `<(…)`: the output of a command in a file that is there while the shell is. */
  async #substituteProcess (part: ProcessSubstitutionPart, io: Io): Promise<string> {
    if (part.operator === '>') throw new ShellError('>(…): not supported')
    const { script } = part
    if (script === undefined) throw new ShellError('<(…): syntax error')
    const path = `/tmp/.sh-${this.state.process}-${[...await this.system.random(6)].map(byte => byte.toString(16).padStart(2, '0')).join('')}`
    const fd = await this.system.open(path, { write: true, create: true, exclusive: true })
    try {
      const source = ' '.repeat(part.pos) + part.text
      const process = await this.subshell(async shell => await shell.statements(script.commands, { io: shell.io, source, guarded: false }), io.with([[1, fd]], []))
      await childOf(this.system, process).ended
    } finally {
      await this.system.close(fd)
    }
    this.temporary.push(path)
    return path
  }

  /** Files to be removed once the command line is done. */
  readonly temporary: string[] = []

  async removeTemporary (): Promise<void> {
    for (const path of this.temporary.splice(0)) await this.system.unlink(path).catch(() => {})
  }

  async #trace (words: readonly string[], io: Io): Promise<void> {
    await this.writeTo(io, 2, `${this.state.variables.get('PS4') ?? '+ '}${words.map(word => quoteWord(word)).join(' ')}\n`)
  }

  /** The source with the aliases at the head of its commands put in. */
  #withAliases (text: string): string {
    if (this.state.aliases.size === 0) return text
    let out = text
    const done = new Set<string>()
    for (let round = 0; round < ALIAS_DEPTH_MAX; round++) {
      let source
      try {
        source = parseSource(out)
      } catch {
        return out
      }
      const found = commandNames(source.script.commands)
        .filter(word => word.parts === undefined && word.text === word.value && this.state.aliases.has(word.value) && !done.has(word.value))
      if (found.length === 0) return out
      for (const word of found.toSorted((a, b) => b.pos - a.pos)) {
        done.add(word.value)
        out = out.slice(0, word.pos) + this.state.aliases.get(word.value)! + out.slice(word.end)
      }
    }
    return out
  }
}

const encoder = new TextEncoder()
const SCRIPT_START_BYTES = 256

/** The first words of commands, wherever they stand. */
function commandNames (nodes: readonly unknown[]): Word[] {
  const out: Word[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, name } = node as { type?: string, name?: Word }
    if (type === 'Command' && name !== undefined) out.push(name)
    if (type === 'Word') return
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) value.forEach(visit)
      else visit(value)
    }
  }
  nodes.forEach(visit)
  return out
}

function commandWords (node: Command): Word[] {
  // What looks like an assignment after the command's name is a word.
  return [node.name!, ...node.args.map(argument => argument.type === 'Word' ? argument : wordOf(argument))]
}

function wordOf (assignment: Assignment): Word {
  const value = assignment.value.type === 'Word' ? assignment.value : undefined
  const prefix = assignment.text.slice(0, value === undefined ? undefined : value.pos - assignment.pos)
  if (value?.parts === undefined) return { type: 'Word', text: assignment.text, value: `${prefix}${value?.value ?? ''}`, pos: assignment.pos, end: assignment.end }
  const before = { type: 'Literal', pos: assignment.pos, end: value.pos, value: prefix, text: prefix } as const
  return { type: 'Word', text: assignment.text, value: assignment.text, pos: assignment.pos, end: assignment.end, parts: [before, ...value.parts] }
}

function assignmentsOf (node: Command): Assignment[] {
  return node.prefix.filter(item => item.type === 'Assignment')
}

function isDeclaration (name: string): boolean {
  return ['export', 'readonly', 'local', 'declare', 'typeset'].includes(name)
}

function textOf (source: string, { pos, end }: { readonly pos: number, readonly end: number }): string {
  return source.slice(pos, end)
}

/** Whether a loop is left here; `continue` goes on with it. Anything that is no way out of this loop is thrown on. */
function leavesHere (error: unknown): boolean {
  if (!(error instanceof LoopExit)) throw error
  if (error.levels > 1) {
    error.levels--
    throw error
  }
  return error.kind === 'break'
}

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

/** A process group as the shell names it (0 a new one, undefined the shell's own) in the system's words. */
function groupOf (group: number | undefined): 'same' | 'new' | number {
  return group === undefined ? 'same' : group === 0 ? 'new' : group
}

function timeReport (ns: number): string {
  const seconds = ns / 1e9
  const text = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(3)}s`
  return `\nreal\t${text}\n`
}

