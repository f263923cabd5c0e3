/**
 * `test`, `[` and the operators of `[[`.
 *
 * Source: POSIX.1-2024, test (by the number of arguments); bash(1), CONDITIONAL EXPRESSIONS.
 */

import type { FileStat } from '../../os/index.ts'
import { ShellError } from './faults.ts'
import type { Interpreter } from './interpreter.ts'
import type { Io } from './streams.ts'

const unary = new Set(['-a', '-b', '-c', '-d', '-e', '-f', '-h', '-k', '-L', '-N', '-O', '-G', '-n', '-o', '-p', '-r', '-S', '-s', '-t', '-u', '-g', '-v', '-w', '-x', '-z', '-R'])
const binary = new Set(['=', '==', '!=', '<', '>', '-eq', '-ne', '-lt', '-le', '-gt', '-ge', '-nt', '-ot', '-ef'])

export async function testUnary (shell: Interpreter, operator: string, operand: string, io: Io): Promise<boolean> {
  const { system, state } = shell
  const attributes = async (): Promise<FileStat | null> => operand === '' ? null : await system.stat(operand).catch(() => null)
  switch (operator) {
    case '-n': return operand !== ''
    case '-z': return operand === ''
    case '-v': {
      const indexed = /^(\w+)\[(.*)\]$/.exec(operand)
      if (indexed !== null) return state.variables.elements(indexed[1]!)?.has(indexed[2]!) === true
      return state.parameter(operand) !== undefined
    }
    case '-o': return (state.options as unknown as Readonly<Record<string, boolean>>)[operand] === true
    case '-t': {
      const fd = io.fd(Number(operand))
      return fd !== undefined && await system.isTerminal(fd)
    }
    case '-h': case '-L': return operand !== '' && (await system.lstat(operand).catch(() => null))?.type === 'symlink'
    case '-d': return (await attributes())?.type === 'directory'
    case '-f': return (await attributes())?.type === 'file'
    case '-c': return (await attributes())?.type === 'device'
    case '-p': return (await attributes())?.type === 'other'
    case '-s': return ((await attributes())?.size ?? 0) > 0
    case '-b': case '-S': case '-g': case '-u': case '-k': return false
    // There are no owners and modes: what is there can be read, written and tried.
    case '-a': case '-e': case '-r': case '-w': case '-x': case '-O': case '-G': case '-N': case '-R': return await attributes() !== null
    default: throw new ShellError(`${operator}: unary operator expected`, 'command', 2)
  }
}

export async function testBinary (shell: Interpreter, left: string, operator: string, right: string): Promise<boolean> {
  switch (operator) {
    case '=': case '==': return left === right
    case '!=': return left !== right
    case '<': return left < right
    case '>': return left > right
    case '-eq': return whole(left) === whole(right)
    case '-ne': return whole(left) !== whole(right)
    case '-lt': return whole(left) < whole(right)
    case '-le': return whole(left) <= whole(right)
    case '-gt': return whole(left) > whole(right)
    case '-ge': return whole(left) >= whole(right)
    case '-nt': case '-ot': case '-ef': {
      const statOf = (path: string): Promise<FileStat | null> => shell.system.stat(path).catch(() => null)
      const [a, b] = await Promise.all([statOf(left), statOf(right)])
      if (operator === '-ef') return a !== null && b !== null && a.inode === b.inode && a.device === b.device
      const [newer, older] = operator === '-nt' ? [a, b] : [b, a]
      return newer !== null && (older === null || newer.modifiedMs > older.modifiedMs)
    }
    default: throw new ShellError(`${operator}: binary operator expected`, 'command', 2)
  }
}

function whole (text: string): bigint {
  if (!/^\s*[+-]?\d+\s*$/.test(text)) throw new ShellError(`${text}: integer expression expected`, 'command', 2)
  return BigInt(text.trim().replace(/^\+/, ''))
}

/** Whether the arguments of `test` are true. */
export async function testArguments (shell: Interpreter, args: readonly string[], io: Io): Promise<boolean> {
  const [a, b, c, d] = args as [string, string, string, string]
  switch (args.length) {
    case 0: return false
    case 1: return a !== ''
    case 2:
      if (a === '!') return b === ''
      if (unary.has(a)) return await testUnary(shell, a, b, io)
      throw new ShellError(`test: ${a}: unary operator expected`, 'command', 2)
    case 3:
      if (binary.has(b)) return await testBinary(shell, a, b, c)
      if (b === '-a') return a !== '' && c !== ''
      if (b === '-o') return a !== '' || c !== ''
      if (a === '!') return !await testArguments(shell, [b, c], io)
      if (a === '(' && c === ')') return b !== ''
      if (unary.has(a)) break
      throw new ShellError(`test: ${b}: binary operator expected`, 'command', 2)
    case 4:
      if (a === '!') return !await testArguments(shell, [b, c, d], io)
      if (a === '(' && d === ')') return await testArguments(shell, [b, c], io)
  }
  return await new Arguments(shell, args, io).whole()
}

/** More arguments than four: an expression with `-a`, `-o`, `!` and parentheses. */
class Arguments {
  readonly #shell: Interpreter
  readonly #args: readonly string[]
  readonly #io: Io
  #at = 0

  constructor (shell: Interpreter, args: readonly string[], io: Io) {
    this.#shell = shell
    this.#args = args
    this.#io = io
  }

  async whole (): Promise<boolean> {
    const value = await this.#or()
    if (this.#at < this.#args.length) throw new ShellError('test: too many arguments', 'command', 2)
    return value
  }

  async #or (): Promise<boolean> {
    let value = await this.#and()
    while (this.#args[this.#at] === '-o') {
      this.#at++
      const right = await this.#and()
      value ||= right
    }
    return value
  }

  async #and (): Promise<boolean> {
    let value = await this.#primary()
    while (this.#args[this.#at] === '-a') {
      this.#at++
      const right = await this.#primary()
      value &&= right
    }
    return value
  }

  async #primary (): Promise<boolean> {
    const word = this.#args[this.#at++]
    if (word === undefined) throw new ShellError('test: argument expected', 'command', 2)
    const next = this.#args[this.#at]
    if (next !== undefined && binary.has(next) && this.#at + 1 < this.#args.length) {
      this.#at += 2
      return await testBinary(this.#shell, word, next, this.#args[this.#at - 1]!)
    }
    if (word === '!') return !await this.#primary()
    if (word === '(') {
      const value = await this.#or()
      if (this.#args[this.#at++] !== ')') throw new ShellError('test: `)\' expected', 'command', 2)
      return value
    }
    if (unary.has(word) && next !== undefined) {
      this.#at++
      return await testUnary(this.#shell, word, next, this.#io)
    }
    return word !== ''
  }
}
