/**
 * What a command is given: its arguments, its streams with buffers, and the system calls of its process.
 *
 * A command is a task. It reads and writes as it goes, so that it works in a pipe that never ends; what it writes is
 * kept until there is much of it, until it ends, or until it has to wait for more input.
 */

import type { Task, TaskCalls } from '../../os/index.ts'
import { LINE_BYTES_MAX, OUTPUT_BUFFER_BYTES, READ_BYTES } from '../limits.ts'
import { concatenated, decodeText, encodeText } from '../text/bytes.ts'
import { RegexError } from '../text/posix-regex.ts'
import { codeOf, describe } from './errors.ts'
import { UsageError, parseOptions } from './options.ts'
import type { OptionsOf, Parsed } from './options.ts'

/** A command: its status is what it returns. */
export type Command = (tool: Tool) => Promise<number>

/** Ends a command with a message and a status. */
export class Failure extends Error {
  readonly status: number

  constructor (message: string, status = 1) {
    super(message)
    this.status = status
  }
}

/** The task of a command, which is loaded when it is started first. `usageStatus`: what it gives for wrong options. */
export function commandTask (name: string, load: () => Promise<Command>, usageStatus = 1): Task {
  return async calls => {
    const tool = new Tool(name, calls)
    try {
      if (calls.args.length === 2 && calls.args[1] === '--help') {
        await tool.print(`${name}: options and operands as POSIX and GNU have them, as far as they are there; see docs/shell.md\n`)
        return await tool.finish(0)
      }
      const command = await load()
      return await tool.finish(await command(tool))
    } catch (error) {
      if (error instanceof UsageError) {
        tool.complain(error.message)
        return await tool.finish(usageStatus)
      }
      if (error instanceof Failure || error instanceof RegexError) {
        tool.complain(error.message)
        return await tool.finish(error instanceof Failure ? error.status : 2)
      }
      if (codeOf(error) === '') throw error
      tool.complain(describe(error))
      return await tool.finish(1)
    }
  }
}

export class Tool {
  readonly name: string
  readonly calls: TaskCalls
  readonly args: readonly string[]
  #status = 0
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #complaints = ''

  constructor (name: string, calls: TaskCalls) {
    this.name = name
    this.calls = calls
    this.args = calls.args.slice(1)
  }

  get env (): Readonly<Record<string, string>> {
    return this.calls.env
  }

  options (options: OptionsOf): Parsed {
    return parseOptions(this.args, options)
  }

  /** Takes output; where it has become much, it is written. */
  async print (text: string | Uint8Array): Promise<void> {
    const bytes = typeof text === 'string' ? encodeText(text) : text
    this.#pending.push(bytes)
    this.#pendingBytes += bytes.length
    if (this.#pendingBytes >= OUTPUT_BUFFER_BYTES) await this.flush()
  }

  async flush (): Promise<void> {
    if (this.#complaints !== '') {
      const complaints = this.#complaints
      this.#complaints = ''
      await this.calls.write(2, encodeText(complaints))
    }
    if (this.#pendingBytes === 0) return
    const bytes = concatenated(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    await this.calls.write(1, bytes)
  }

  /** Says that something is wrong; the command goes on, and will have failed. */
  complain (message: string, status = 1): void {
    this.#complaints += `${this.name}: ${message}\n`
    this.#status = Math.max(this.#status, status)
  }

  /** The same of a file. Anything but an error of a system call is thrown on. */
  complainOf (what: string, error: unknown, status = 1): void {
    if (codeOf(error) === '') throw error
    this.complain(`${what}: ${describe(error)}`, status)
  }

  async finish (status: number): Promise<number> {
    await this.flush()
    return Math.max(status, this.#status)
  }

  /** Bytes of a file; `-` is standard input. What is kept of the output goes out before it waits. */
  async * read (path: string): AsyncGenerator<Uint8Array> {
    const fd = path === '-' ? 0 : await this.calls.open(path)
    try {
      yield * this.readFrom(fd)
    } finally {
      if (fd !== 0) await this.calls.close(fd)
    }
  }

  async * readFrom (fd: number): AsyncGenerator<Uint8Array> {
    const waits = fd === 0
    for (;;) {
      if (waits) await this.flush()
      const piece = await this.calls.read(fd, READ_BYTES)
      if (piece.length === 0) return
      yield piece
    }
  }

  /** All bytes of a file. */
  async readAll (path: string): Promise<Uint8Array> {
    const pieces: Uint8Array[] = []
    for await (const piece of this.read(path)) pieces.push(piece)
    return pieces.length === 0 ? new Uint8Array(0) : concatenated(pieces)
  }

  /** Pieces of whole lines, each a text with its line ends; the last may lack one. */
  async * texts (path: string, end = 10): AsyncGenerator<string> {
    let rest: Uint8Array[] = []
    let restBytes = 0
    for await (const piece of this.read(path)) {
      const last = piece.lastIndexOf(end)
      if (last < 0) {
        rest.push(piece)
        restBytes += piece.length
        if (restBytes > LINE_BYTES_MAX) throw new Failure(`${path}: a line longer than ${LINE_BYTES_MAX} bytes`)
        continue
      }
      rest.push(piece.subarray(0, last + 1))
      yield decodeText(concatenated(rest))
      rest = last + 1 < piece.length ? [piece.subarray(last + 1)] : []
      restBytes = piece.length - last - 1
    }
    if (rest.length > 0) yield decodeText(concatenated(rest))
  }

  /** Lines without their ends. */
  async * lines (path: string, end = '\n'): AsyncGenerator<string> {
    for await (const text of this.texts(path, end.charCodeAt(0))) {
      const lines = text.split(end)
      if (lines.at(-1) === '') lines.pop()
      yield * lines
    }
  }

  /** Runs `body` for each operand that can be read (standard input when there is none); tells of the others. */
  async forEach (operands: readonly string[], body: (path: string) => Promise<void>): Promise<void> {
    for (const path of operands.length === 0 ? ['-'] : operands) {
      try {
        await body(path)
      } catch (error) {
        this.complainOf(path, error)
      }
    }
  }

  get failed (): boolean {
    return this.#status !== 0
  }
}
