/**
 * The person's terminal, as the console of a system: a line discipline with editing, history and completion.
 *
 * It stands where a tty driver stands: whoever reads the console gets lines that a person has edited, one for each read,
 * and Ctrl-C becomes an interrupt. The shell is a program like others, except that it says when it reads a command: then
 * there is a prompt, history, and Tab. A program that takes the alternate screen, as full-screen programs do, gets keys as
 * they are typed; asked for its size by `CSI 18 t`, the terminal answers as xterm does.
 * Source: POSIX.1-2024, Base Definitions 11 (canonical and non-canonical mode); xterm, "Control Sequences".
 */

import { createInterface } from 'node:readline'
import type { Interface } from 'node:readline'
import { Writable } from 'node:stream'
import type { ReadStream, WriteStream } from 'node:tty'
import type { Input } from '../machine/live/index.ts'
import { Errno } from '../fiber/index.ts'

export type Complete = (line: string) => Promise<[string[], string]>

export interface TerminalOptions {
  readonly input: ReadStream
  readonly output: WriteStream
  /** Ctrl-C was pressed, and no command line is being typed. */
  readonly interrupt: () => void
  readonly complete: Complete
}

const ENTER_SCREEN = '\x1b[?1049h'
const LEAVE_SCREEN = '\x1b[?1049l'
const SHOW_CURSOR = '\x1b[?25h'
const ASK_SIZE = '\x1b[18t'
/** What is typed ahead: more is lost, as a tty does. */
const PENDING_MAX = 4096

type Mode =
  /** Nobody reads a command: programs run, and may read lines. */
  | 'running'
  /** A command line is being typed. */
  | 'prompt'
  /** A full-screen program has the keys. */
  | 'keys'

export class Terminal {
  readonly #options: TerminalOptions
  readonly #decoder = new TextDecoder()
  #editor: Interface | null = null
  /** Newest first, as the editor keeps it. It is the editor's own array. */
  readonly #recent: string[] = []
  #mode: Mode = 'running'
  /** Lines, keys, and ends of input (null) that nobody has read yet. */
  readonly #pending: (Uint8Array | null)[] = []
  #awaited = false
  #arrived: () => void = () => {}
  /** The line that the cursor stands in, as far as programs have written it. */
  #partial = ''
  #interruptions: (() => void)[] = []
  #interrupted = false
  #closed = false
  /** Commands, oldest first. */
  history: readonly string[] = []

  constructor (options: TerminalOptions) {
    this.#options = options
  }

  /** The console's input. */
  readonly makeInput = (arrived: () => void): Input => {
    this.#arrived = arrived
    return {
      read: (bytes, at, length) => this.#read(bytes, at, length),
      readable: () => this.#pending.length === 0 ? 0 : this.#pending[0] === null ? -1 : this.#pending[0]!.length,
      await: wanted => { this.#await(wanted) },
      hungUp: () => false,
      terminal: true,
      close: () => { this.close() }
    }
  }

  /** The console's output: it knows what programs ask of the terminal. */
  readonly output: Writable = Object.assign(new Writable({
    write: (chunk: Uint8Array, _encoding, done) => { this.#write(chunk, done) }
  }), { isTTY: true })

  get size (): { columns: number, rows: number } {
    const { columns, rows } = this.#options.output
    return { columns: columns || 80, rows: rows || 24 }
  }

  /** A command will be read next. */
  prompt (text: string): void {
    if (this.#mode === 'keys') this.#leaveKeys(true)
    this.#interrupted = false
    // Output that did not end its line keeps it: the prompt has one of its own.
    if (this.#partial !== '') this.#options.output.write('\x1b[7m%\x1b[0m\n')
    this.#partial = ''
    this.#mode = 'prompt'
    this.#recent.splice(0, this.#recent.length, ...[...this.history].reverse())
    const lines = text.split('\n')
    if (lines.length > 1) this.#options.output.write(lines.slice(0, -1).map(line => `${line}\n`).join(''))
    const [ahead] = this.#pending
    if (ahead !== undefined) {
      // It was typed before it was asked for: shown as if it had been typed now.
      this.#mode = 'running'
      this.#options.output.write(`${lines.at(-1)!}${ahead === null ? '' : new TextDecoder().decode(ahead)}`)
      return
    }
    const editor = this.#edit()
    editor.setPrompt(lines.at(-1)!)
    editor.prompt(true)
  }

  interrupted (): boolean {
    const before = this.#interrupted
    this.#interrupted = false
    return before
  }

  interruption (): Promise<void> {
    return new Promise(resolve => { this.#interruptions.push(resolve) })
  }

  close (): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#mode === 'keys') this.#leaveKeys(true)
    this.#editor?.close()
    this.#options.input.pause()
  }

  #edit (): Interface {
    if (this.#editor !== null) return this.#editor
    const { input, output, complete } = this.#options
    const editor = createInterface({
      input, output, terminal: true, history: this.#recent, historySize: 10_000, removeHistoryDuplicates: false, tabSize: 8, escapeCodeTimeout: 50,
      completer: (line: string, done: (error: Error | null, result: [string[], string]) => void) => {
        if (this.#mode !== 'prompt') return done(null, [[], line])
        // Who has typed on meanwhile has no use for it.
        const stale = (): boolean => this.#mode !== 'prompt' || this.#editor?.line.startsWith(line) !== true
        complete(line).then(result => { done(null, stale() ? [[], line] : result) }, () => { done(null, [[], line]) })
      }
    })
    editor.setPrompt('')
    editor.on('line', line => { this.#entered(line) })
    editor.on('SIGINT', () => { this.#interrupt() })
    // There is nothing that stops a job.
    editor.on('SIGTSTP', () => {})
    editor.on('close', () => {
      this.#editor = null
      if (this.#closed || this.#mode === 'keys') return
      this.#push(null)
      // Ctrl-D was the end of input for one reader, and not of the terminal.
      setImmediate(() => { if (!this.#closed && this.#mode !== 'keys') this.#edit() })
    })
    this.#editor = editor
    return editor
  }

  #entered (line: string): void {
    this.#mode = 'running'
    this.#partial = ''
    this.#recent.length = 0
    this.#editor?.setPrompt('')
    this.#push(encoder.encode(`${line}\n`))
  }

  #interrupt (): void {
    const { output } = this.#options
    this.#interrupted = true
    for (const resolve of this.#interruptions.splice(0)) resolve()
    output.write('^C')
    if (this.#mode === 'prompt') {
      // The line is given up: the shell reads an empty one, asks, and prompts again.
      output.write('\r\n')
      this.#clearLine()
      this.#mode = 'running'
      this.#push(encoder.encode('\n'))
      return
    }
    this.#clearLine()
    this.#pending.length = 0
    this.#options.interrupt()
  }

  #clearLine (): void {
    // By the editor's own keys: to the start of the line, and all of it away.
    this.#editor?.write(null, { ctrl: true, name: 'e' })
    const { output } = this.#options
    const { write } = output
    output.write = () => true
    this.#editor?.write(null, { ctrl: true, name: 'u' })
    output.write = write
  }

  #push (piece: Uint8Array | null): void {
    if (this.#pending.length >= PENDING_MAX) return
    this.#pending.push(piece)
    this.#wake()
  }

  #wake (): void {
    if (!this.#awaited) return
    this.#awaited = false
    this.#arrived()
  }

  #await (wanted: boolean): void {
    this.#awaited = wanted
    if (!wanted) return
    if (this.#pending.length > 0) {
      setImmediate(() => { this.#wake() })
      return
    }
    if (this.#mode !== 'running') return
    // A program reads: what it wrote last in this line is its prompt.
    this.#edit().setPrompt(this.#partial)
  }

  /** At most one line, or the end of input once. */
  #read (bytes: Uint8Array, at: number, length: number): number {
    const first = this.#pending[0]
    if (first === undefined) return -Errno.EAGAIN
    if (first === null) {
      this.#pending.shift()
      return 0
    }
    const count = Math.min(length, first.length)
    bytes.set(first.subarray(0, count), at)
    if (count === first.length) this.#pending.shift()
    else this.#pending[0] = first.subarray(count)
    return count
  }

  #write (chunk: Uint8Array, done: () => void): void {
    const { output } = this.#options
    const text = chunk.includes(0x1b) ? this.#commands(this.#decoder.decode(chunk)) : null
    if (this.#mode === 'keys') {
      output.write(text ?? chunk, () => { done() })
      return
    }
    // Somebody writes while a command is typed: it goes above the line.
    const typing = this.#mode === 'prompt' && this.#editor !== null
    if (typing) output.write('\r\x1b[J')
    const last = chunk.lastIndexOf(10)
    const tail = new TextDecoder().decode(chunk.subarray(last + 1, last + 1 + PARTIAL_BYTES_MAX))
    const partial = last < 0 ? (this.#partial + tail).slice(-PARTIAL_BYTES_MAX) : tail
    // What moves the cursor or changes colours alone is nothing that stands in the line.
    this.#partial = /^(?:\x1b\[[\d;?]*[A-Za-z]|\r)*$|\r$/.test(partial) ? '' : partial
    output.write(text ?? chunk, () => { done() })
    if (!typing) return
    if (this.#partial !== '') output.write('\n')
    this.#partial = ''
    this.#editor!.prompt(true)
  }

  /** Does what programs ask of the terminal here; gives what is left for the one outside. */
  #commands (text: string): string {
    if (text.includes(ENTER_SCREEN) && this.#mode !== 'keys') this.#enterKeys()
    if (text.includes(LEAVE_SCREEN) && this.#mode === 'keys') this.#leaveKeys(false)
    if (!text.includes(ASK_SIZE)) return text
    if (this.#mode === 'keys') {
      const { rows, columns } = this.size
      this.#push(encoder.encode(`\x1b[8;${rows};${columns}t`))
    }
    return text.replaceAll(ASK_SIZE, '')
  }

  #enterKeys (): void {
    this.#mode = 'keys'
    const { input } = this.#options
    this.#editor?.close()
    this.#editor = null
    input.setRawMode(true)
    input.on('data', this.#key)
    input.resume()
  }

  /** `clean`: the program did not leave the screen itself. */
  #leaveKeys (clean: boolean): void {
    this.#mode = 'running'
    const { input, output } = this.#options
    input.off('data', this.#key)
    this.#pending.length = 0
    if (clean) output.write(SHOW_CURSOR + LEAVE_SCREEN)
    this.#partial = ''
    if (!this.#closed) this.#edit()
  }

  readonly #key = (piece: Uint8Array): void => {
    if (piece.includes(3)) {
      this.#interrupted = true
      this.#options.interrupt()
      return
    }
    this.#push(piece)
  }
}

const encoder = new TextEncoder()
const PARTIAL_BYTES_MAX = 512
