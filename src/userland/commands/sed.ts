/**
 * sed: edits a stream by a script, line by line as they come.
 *
 * Source: POSIX.1-2024, sed; GNU sed manual.
 */

import { UsageError } from '../library/options.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { concatenated, encodeText } from '../text/bytes.ts'
import { parseScript } from './sed-script.ts'
import type { Address, SedCommand } from './sed-script.ts'

export const sed: Command = async tool => {
  const options = tool.options({
    letters: 'nEre:f:iszuls', long: { quiet: 'n', silent: 'n', 'regexp-extended': 'E', expression: 'e', file: 'f', 'in-place': 'i', separate: 's', 'null-data': 'z', unbuffered: 'u' }
  })
  const operands = [...options.operands]
  const pieces: string[] = []
  for (const [letter, value] of options.order) {
    if (letter === 'e') pieces.push(value!)
    if (letter === 'f') pieces.push(new TextDecoder().decode(await tool.readAll(value!)).replace(/\n$/, ''))
  }
  if (pieces.length === 0) {
    const first = operands.shift()
    if (first === undefined) throw new UsageError('usage: sed [OPTION]... {script} [input-file]...')
    pieces.push(first)
  }
  const text = pieces.join('\n')
  const script = parseScript(text, options.has('E') || options.has('r'))
  const quiet = options.has('n') || text.startsWith('#n\n')
  const end = options.has('z') ? '\0' : '\n'
  if (!options.has('i')) {
    const input = new Input(tool, operands.length === 0 ? ['-'] : operands, end)
    return await new Editor(tool, script, quiet, end, input, async out => { await tool.print(out) }).run()
  }
  for (const path of operands) {
    const out: Uint8Array[] = []
    const input = new Input(tool, [path], end)
    const status = await new Editor(tool, script, quiet, end, input, async piece => { out.push(encodeText(piece)) }).run()
    if (!tool.failed) await tool.calls.writeFile(path, out.length === 0 ? new Uint8Array(0) : concatenated(out))
    if (status !== 0) return status
  }
  return 0
}

/** Lines of several files as one stream, with a look at whether one is the last. */
class Input {
  readonly #tool: Tool
  readonly #lines: AsyncGenerator<{ text: string, ended: boolean }>
  #next: { text: string, ended: boolean } | null | undefined = undefined
  number = 0

  constructor (tool: Tool, paths: readonly string[], end: string) {
    this.#tool = tool
    this.#lines = this.#all(paths, end)
  }

  async * #all (paths: readonly string[], end: string): AsyncGenerator<{ text: string, ended: boolean }> {
    for (const path of paths) {
      try {
        for await (const piece of this.#tool.texts(path, end.charCodeAt(0))) {
          const lines = piece.split(end)
          const rest = lines.pop()!
          for (const text of lines) yield { text, ended: true }
          if (rest !== '') yield { text: rest, ended: false }
        }
      } catch (error) {
        this.#tool.complainOf(`can't read ${path}`, error, 2)
      }
    }
  }

  /** The next line; null at the end. `ended`: whether it had an end, which the last one of a file may lack. */
  async take (): Promise<{ text: string, ended: boolean } | null> {
    const line = this.#next === undefined ? await this.#read() : this.#next
    this.#next = undefined
    if (line !== null) this.number++
    return line
  }

  /** Looks ahead: only asked where the script has a `$`, so that a line is edited as soon as it is there. */
  async isLast (): Promise<boolean> {
    if (this.#next === undefined) this.#next = await this.#read()
    return this.#next === null
  }

  async #read (): Promise<{ text: string, ended: boolean } | null> {
    const { done, value } = await this.#lines.next()
    return done === true ? null : value
  }
}

class Editor {
  readonly #tool: Tool
  readonly #script: readonly SedCommand[]
  readonly #quiet: boolean
  readonly #end: string
  readonly #input: Input
  readonly #out: (text: string) => Promise<void>
  readonly #ranges = new Map<SedCommand, { readonly until: number | null }>()
  readonly #files = new Map<string, number>()
  readonly #labels = new Map<string, number>()
  #space = ''
  #held = ''
  #ended = true
  #substituted = false
  /** What `a` and `r` put out at the end of the cycle. */
  #after: (() => Promise<void>)[] = []
  #lastExpression: RegExp | null = null
  #missingEnd = false

  constructor (tool: Tool, script: readonly SedCommand[], quiet: boolean, end: string, input: Input, out: (text: string) => Promise<void>) {
    this.#tool = tool
    this.#script = script
    this.#quiet = quiet
    this.#end = end
    this.#input = input
    this.#out = out
    for (const [at, command] of script.entries()) if (command.name === ':') this.#labels.set(command.text, at)
    for (const { name, text } of script) {
      if ('btT'.includes(name) && text !== '' && !this.#labels.has(text)) throw new Failure(`-e expression #1, char ${text.length}: can't find label for jump to \`${text}'`)
    }
  }

  async run (): Promise<number> {
    let status = 0
    let restart = false
    for (;;) {
      if (!restart) {
        const line = await this.#input.take()
        if (line === null) break
        this.#space = line.text
        this.#ended = line.ended
      }
      this.#substituted = false
      const how = await this.#cycle()
      restart = how.kind === 'restart'
      if (how.kind !== 'delete' && how.kind !== 'restart' && !this.#quiet && how.print) await this.#put(this.#space, this.#ended)
      await this.#releaseAfter()
      if (how.kind === 'quit') {
        status = how.status
        break
      }
    }
    for (const fd of this.#files.values()) await this.#tool.calls.close(fd)
    return status
  }

  /** Writes a line. One without an end gets it only when another follows. */
  async #put (text: string, ended = true): Promise<void> {
    const before = this.#missingEnd ? this.#end : ''
    this.#missingEnd = !ended
    await this.#out(`${before}${text}${ended ? this.#end : ''}`)
  }

  async #releaseAfter (): Promise<void> {
    for (const release of this.#after.splice(0)) await release()
  }

  async #cycle (): Promise<{ kind: 'end' | 'delete' | 'restart', status: number, print: boolean } | { kind: 'quit', status: number, print: boolean }> {
    const finished = { kind: 'end', status: 0, print: true } as const
    for (let at = 0, steps = 0; at < this.#script.length; at++) {
      // A script may jump in a circle: others run on.
      if (++steps % STEPS_PER_TURN === 0) await this.#tool.calls.monotonicNs()
      const command = this.#script[at]!
      if (await this.#selects(command) === command.negated) {
        if (command.name === '{') at = command.end
        continue
      }
      switch (command.name) {
        case '{': case '}': case ':': case '#': break
        case 'd': return { kind: 'delete', status: 0, print: false }
        case 'D': {
          const newline = this.#space.indexOf('\n')
          if (newline < 0) return { kind: 'delete', status: 0, print: false }
          this.#space = this.#space.slice(newline + 1)
          return { kind: 'restart', status: 0, print: false }
        }
        case 'p': await this.#put(this.#space); break
        case 'P': await this.#put(this.#space.split('\n')[0]!); break
        case 'n': {
          const line = await this.#next()
          if (line === null) return { kind: 'quit', status: 0, print: true }
          if (!this.#quiet) await this.#put(this.#space, this.#ended)
          await this.#releaseAfter()
          this.#space = line.text
          this.#ended = line.ended
          break
        }
        case 'N': {
          const line = await this.#next()
          if (line === null) return { kind: 'quit', status: 0, print: true }
          this.#space += `\n${line.text}`
          this.#ended = line.ended
          break
        }
        case 'g': this.#space = this.#held; break
        case 'G': this.#space += `\n${this.#held}`; break
        case 'h': this.#held = this.#space; break
        case 'H': this.#held += `\n${this.#space}`; break
        case 'x': [this.#space, this.#held] = [this.#held, this.#space]; break
        case 'q': return { kind: 'quit', status: Number(command.text || 0), print: true }
        case 'Q': return { kind: 'quit', status: Number(command.text || 0), print: false }
        case '=': await this.#out(`${this.#input.number}\n`); break
        case 'l': await this.#put(visible(this.#space)); break
        case 'a': this.#after.push(async () => { await this.#put(command.text) }); break
        case 'i': await this.#put(command.text); break
        case 'c': {
          const range = this.#ranges.has(command)
          if (command.second === null || !range || command.negated) await this.#put(command.text)
          return { kind: 'delete', status: 0, print: false }
        }
        case 'r': this.#after.push(async () => { await this.#insertFile(command.text) }); break
        case 'w': await this.#writeTo(command.text, `${this.#space}\n`); break
        case 'y': this.#space = [...this.#space].map(char => command.map.get(char) ?? char).join(''); break
        case 's': await this.#substitute(command); break
        case 'b': at = this.#jump(command.text); break
        case 't':
          if (this.#substituted) at = this.#jump(command.text)
          this.#substituted = false
          break
        case 'T':
          if (!this.#substituted) at = this.#jump(command.text)
          this.#substituted = false
          break
        case 'z': this.#space = ''; break
        case 'F': await this.#put('-'); break
        default: throw new Failure(`unknown command: \`${command.name}'`)
      }
    }
    return finished
  }

  #jump (label: string): number {
    return label === '' ? this.#script.length : this.#labels.get(label)!
  }

  async #next (): Promise<{ text: string, ended: boolean } | null> {
    return await this.#input.take()
  }

  async #selects (command: SedCommand): Promise<boolean> {
    const { first, second } = command
    if (first === null) return true
    if (second === null) return await this.#matches(first)
    const range = this.#ranges.get(command)
    const { number } = this.#input
    if (range !== undefined) {
      if (range.until !== null) {
        if (number >= range.until) this.#ranges.delete(command)
        return number <= range.until || await this.#begins(command, first, second)
      }
      if (await this.#matches(second)) this.#ranges.delete(command)
      return true
    }
    return await this.#begins(command, first, second)
  }

  async #begins (command: SedCommand, first: Address, second: Address): Promise<boolean> {
    const { number } = this.#input
    const starts = first.kind === 'line' && first.line === 0 ? number === 1 : await this.#matches(first)
    if (!starts) return false
    if (second.kind === 'line') {
      if (second.line > number) this.#ranges.set(command, { until: second.line })
    } else if (second.kind === 'plus') {
      if (second.line > 0) this.#ranges.set(command, { until: number + second.line })
    } else if (second.kind === 'multiple') {
      const until = Math.ceil(number / second.line) * second.line
      if (until > number) this.#ranges.set(command, { until })
    } else if (!(first.kind === 'line' && first.line === 0 && await this.#matches(second)) && !(second.kind === 'last' && await this.#input.isLast())) {
      this.#ranges.set(command, { until: null })
    }
    return true
  }

  async #matches (address: Address): Promise<boolean> {
    switch (address.kind) {
      case 'line': return address.line === this.#input.number
      case 'last': return await this.#input.isLast()
      case 'step': return address.step === 0 ? this.#input.number === address.line : this.#input.number >= address.line && (this.#input.number - address.line) % address.step === 0
      case 'match': return this.#expression(address.expression).test(this.#space)
      default: return false
    }
  }

  /** An empty expression is the one that was used last. */
  #expression (expression: RegExp | null): RegExp {
    if (expression === null) {
      if (this.#lastExpression === null) throw new Failure('no previous regular expression')
      this.#lastExpression.lastIndex = 0
      return this.#lastExpression
    }
    this.#lastExpression = expression
    expression.lastIndex = 0
    return expression
  }

  async #substitute (command: SedCommand): Promise<void> {
    const { flags, replacement } = command
    const expression = new RegExp(this.#expression(command.expression).source, `g${flags.multiline ? 'm' : ''}`)
    let [out, count, from, changed] = ['', 0, 0, false]
    for (let at = 0; at <= this.#space.length;) {
      expression.lastIndex = at
      const match = expression.exec(this.#space)
      if (match === null) break
      const end = match.index + match[0].length
      // Nothing, right behind what was matched before, is no match.
      if (match[0] === '' && match.index === from && count > 0) {
        at = match.index + 1
        continue
      }
      count++
      at = match[0] === '' ? end + 1 : end
      if (count >= flags.from && (flags.all || count === flags.from)) {
        out += this.#space.slice(from, match.index) + replacement(match)
        changed = true
      } else {
        out += this.#space.slice(from, end)
      }
      from = end
      if (changed && !flags.all) break
    }
    if (!changed) return
    this.#space = out + this.#space.slice(from)
    this.#substituted = true
    if (flags.print) await this.#put(this.#space)
    if (flags.file !== '') await this.#writeTo(flags.file, `${this.#space}\n`)
  }

  async #insertFile (path: string): Promise<void> {
    try {
      for await (const piece of this.#tool.texts(path)) await this.#out(piece)
    } catch {
      // A file that cannot be read is as an empty one.
    }
  }

  async #writeTo (path: string, text: string): Promise<void> {
    if (path === '/dev/stdout') return await this.#out(text)
    let fd = this.#files.get(path)
    if (fd === undefined) {
      fd = path === '/dev/stderr' ? 2 : await this.#tool.calls.open(path, { write: true, create: true, truncate: true })
      this.#files.set(path, fd)
    }
    await this.#tool.calls.write(fd, encodeText(text))
  }
}

const STEPS_PER_TURN = 4096

/** What `l` shows. */
function visible (text: string): string {
  const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v' }
  return `${[...text].map(char => named[char] ?? (/[\x20-\x7e]/.test(char) ? char : [...encodeText(char)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join(''))).join('')}$`
}
