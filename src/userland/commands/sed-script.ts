/** The script of sed: its grammar. Source: POSIX.1-2024, sed; GNU sed manual. */

import { Failure } from '../library/tool.ts'
import { posixRegExp } from '../text/posix-regex.ts'

export type Address =
  | { readonly kind: 'line', readonly line: number }
  | { readonly kind: 'plus' | 'multiple', readonly line: number }
  | { readonly kind: 'step', readonly line: number, readonly step: number }
  | { readonly kind: 'last' }
  | { readonly kind: 'match', readonly expression: RegExp | null }

export interface SedCommand {
  readonly name: string
  readonly first: Address | null
  readonly second: Address | null
  readonly negated: boolean
  /** A label, a file, a text to put out, a status. */
  readonly text: string
  readonly expression: RegExp | null
  readonly replacement: (groups: readonly (string | undefined)[]) => string
  readonly flags: { readonly all: boolean, readonly from: number, readonly print: boolean, readonly file: string, readonly multiline: boolean }
  readonly map: ReadonlyMap<string, string>
  /** Of a `{`: where its `}` stands. */
  end: number
}

export function parseScript (text: string, extended: boolean): SedCommand[] {
  return new Parser(text, extended).whole()
}

class Parser {
  readonly #text: string
  readonly #extended: boolean
  #at = 0

  constructor (text: string, extended: boolean) {
    this.#text = text
    this.#extended = extended
  }

  whole (): SedCommand[] {
    const commands: SedCommand[] = []
    const open: SedCommand[] = []
    for (;;) {
      this.#skip(/[\s;]/)
      if (this.#at >= this.#text.length) break
      const command = this.#command()
      if (command === null) continue
      if (command.name === '{') open.push(command)
      if (command.name === '}') {
        const start = open.pop()
        if (start === undefined) this.#fail('unexpected `}\'')
        start.end = commands.length
      }
      commands.push(command)
    }
    if (open.length > 0) throw new Failure('-e expression #1, char 0: unmatched `{\'')
    return commands
  }

  #fail (message: string): never {
    throw new Failure(`-e expression #1, char ${this.#at}: ${message}`)
  }

  #skip (what: RegExp): void {
    while (this.#at < this.#text.length && what.test(this.#text[this.#at]!)) this.#at++
  }

  #command (): SedCommand | null {
    const first = this.#address(false)
    let second: Address | null = null
    this.#skip(/[ \t]/)
    if (first !== null && this.#text[this.#at] === ',') {
      this.#at++
      this.#skip(/[ \t]/)
      second = this.#address(true)
      if (second === null) this.#fail('unexpected `,\'')
    }
    this.#skip(/[ \t]/)
    let negated = false
    while (this.#text[this.#at] === '!') {
      negated = true
      this.#at++
      this.#skip(/[ \t]/)
    }
    const name = this.#text[this.#at++]
    if (name === undefined) this.#fail('missing command')
    const base = { name, first, second, negated, text: '', expression: null, replacement: () => '', flags: noFlags, map: new Map<string, string>(), end: 0 }
    switch (name) {
      case '#':
        this.#line()
        return null
      case '{': case '}': case 'd': case 'D': case 'p': case 'P': case 'n': case 'N': case 'g': case 'G': case 'h': case 'H': case 'x': case '=': case 'z': case 'F':
        if (name !== '{') this.#terminated()
        return base
      case 'l': case 'q': case 'Q': case 'L': {
        this.#skip(/[ \t]/)
        const text = this.#while(/\d/)
        this.#terminated()
        return { ...base, text }
      }
      case ':': {
        this.#skip(/[ \t]/)
        const text = this.#while(/[^\n;]/).trim()
        if (text === '') this.#fail('":" lacks a label')
        return { ...base, text }
      }
      case 'b': case 't': case 'T': {
        this.#skip(/[ \t]/)
        return { ...base, text: this.#while(/[^\n;}]/).trim() }
      }
      case 'a': case 'i': case 'c': return { ...base, text: this.#insertion() }
      case 'r': case 'w': case 'R': case 'W': {
        this.#skip(/[ \t]/)
        const text = this.#line()
        if (text === '') this.#fail('missing filename in r/R/w/W commands')
        return { ...base, text }
      }
      case 's': return { ...base, ...this.#substitution() }
      case 'y': return { ...base, map: this.#transliteration() }
      default: return this.#fail(`unknown command: \`${name}'`)
    }
  }

  #while (what: RegExp): string {
    const from = this.#at
    this.#skip(what)
    return this.#text.slice(from, this.#at)
  }

  /** The rest of the line. */
  #line (): string {
    const text = this.#while(/[^\n]/)
    this.#at++
    return text
  }

  #terminated (): void {
    this.#skip(/[ \t]/)
    const next = this.#text[this.#at]
    if (next !== undefined && !'\n;}#'.includes(next)) this.#fail('extra characters after command')
  }

  #address (second: boolean): Address | null {
    const char = this.#text[this.#at]
    if (char === undefined) return null
    if (char === '$') {
      this.#at++
      return { kind: 'last' }
    }
    if (second && (char === '+' || char === '~')) {
      this.#at++
      return { kind: char === '+' ? 'plus' : 'multiple', line: Number(this.#while(/\d/)) }
    }
    if (/\d/.test(char)) {
      const line = Number(this.#while(/\d/))
      if (this.#text[this.#at] !== '~') return { kind: 'line', line }
      this.#at++
      return { kind: 'step', line, step: Number(this.#while(/\d/)) }
    }
    if (char !== '/' && char !== '\\') return null
    this.#at++
    const delimiter = char === '/' ? '/' : this.#text[this.#at++]!
    const pattern = this.#delimited(delimiter, true)
    const flags = this.#while(/[IM]/)
    return { kind: 'match', expression: this.#expression(pattern, flags.includes('I'), flags.includes('M')) }
  }

  #expression (pattern: string, ignoreCase: boolean, multiline: boolean): RegExp | null {
    return pattern === '' ? null : posixRegExp(pattern, { extended: this.#extended, ignoreCase }, multiline ? 'm' : '')
  }

  /** Up to the delimiter, which a backslash makes an ordinary character. */
  #delimited (delimiter: string, isPattern: boolean): string {
    let out = ''
    let bracket = false
    for (;;) {
      const char = this.#text[this.#at++]
      if (char === undefined) this.#fail(isPattern ? 'unterminated address regex' : 'unterminated `s\' command')
      if (char === '\\') {
        const next = this.#text[this.#at++] ?? ''
        if (next === delimiter && !bracket) out += isPattern && /[.*[\]^$+?(){}|]/.test(delimiter) ? `\\${next}` : next
        else out += `\\${next}`
        continue
      }
      if (isPattern && char === '[' && !bracket) {
        bracket = true
        out += char
        if (this.#text[this.#at] === '^') out += this.#text[this.#at++]!
        if (this.#text[this.#at] === ']') out += this.#text[this.#at++]!
        continue
      }
      if (bracket && char === '[' && /[:.=]/.test(this.#text[this.#at] ?? '')) {
        const close = this.#text.indexOf(`${this.#text[this.#at]!}]`, this.#at + 1)
        if (close >= 0) {
          out += this.#text.slice(this.#at - 1, close + 2)
          this.#at = close + 2
          continue
        }
      }
      if (bracket && char === ']') bracket = false
      else if (char === delimiter && !bracket) return out
      out += char
    }
  }

  #substitution (): Pick<SedCommand, 'expression' | 'replacement' | 'flags'> {
    const delimiter = this.#text[this.#at++]
    if (delimiter === undefined || delimiter === '\n' || delimiter === '\\') this.#fail('unterminated `s\' command')
    const pattern = this.#delimited(delimiter, true)
    const replacement = this.#delimited(delimiter, false)
    let [all, from, print, ignoreCase, multiline, file] = [false, 1, false, false, false, '']
    for (;;) {
      const flag = this.#text[this.#at]
      if (flag === undefined || '\n;}# \t'.includes(flag)) break
      this.#at++
      if (flag === 'g') all = true
      else if (flag === 'p') print = true
      else if (flag === 'i' || flag === 'I') ignoreCase = true
      else if (flag === 'm' || flag === 'M') multiline = true
      else if (/[1-9]/.test(flag)) from = Number(flag + this.#while(/\d/))
      else if (flag === 'w') {
        this.#skip(/[ \t]/)
        file = this.#line()
        break
      } else this.#fail('unknown option to `s\'')
    }
    this.#skip(/[ \t]/)
    const expression = this.#expression(pattern, ignoreCase, multiline)
    return { expression, replacement: replacementOf(replacement), flags: { all, from, print, file, multiline } }
  }

  #transliteration (): ReadonlyMap<string, string> {
    const delimiter = this.#text[this.#at++]!
    const [from, to] = [this.#delimited(delimiter, false), this.#delimited(delimiter, false)].map(text => [...text.replace(/\\(.)/g, (_, char: string) => char === 'n' ? '\n' : char === 't' ? '\t' : char)])
    if (from!.length !== to!.length) this.#fail('strings for `y\' command are different lengths')
    this.#terminated()
    return new Map(from!.map((char, at) => [char, to![at]!]))
  }

  /** The text of `a`, `i`, `c`: on the next lines after a backslash, or on the same line. */
  #insertion (): string {
    this.#skip(/[ \t]/)
    if (this.#text[this.#at] === '\\') {
      this.#at++
      this.#skip(/[ \t]/)
      if (this.#text[this.#at] === '\n') this.#at++
    }
    let out = ''
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++]!
      if (char === '\n') break
      if (char === '\\') out += this.#text[this.#at++] ?? ''
      else out += char
    }
    return out
  }
}

const noFlags = { all: false, from: 1, print: false, file: '', multiline: false } as const

/** The right side of `s`: `&`, `\1`, `\n`, and the changes of case of GNU. */
function replacementOf (text: string): SedCommand['replacement'] {
  const parts: ({ group: number } | { text: string } | { letters: string })[] = []
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '&') parts.push({ group: 0 })
    else if (char !== '\\') parts.push({ text: char })
    else {
      const next = text[++at] ?? '\\'
      if (/\d/.test(next)) parts.push({ group: Number(next) })
      else if ('ULEul'.includes(next)) parts.push({ letters: next })
      else parts.push({ text: next === 'n' ? '\n' : next === 't' ? '\t' : next })
    }
  }
  return groups => {
    let out = ''
    let [letters, once] = ['', '']
    for (const part of parts) {
      if ('letters' in part) {
        if (part.letters === 'u' || part.letters === 'l') once = part.letters
        else letters = part.letters === 'E' ? '' : part.letters
        continue
      }
      let piece = 'group' in part ? groups[part.group] ?? '' : part.text
      if (letters !== '') piece = letters === 'U' ? piece.toUpperCase() : piece.toLowerCase()
      if (once !== '' && piece !== '') {
        piece = (once === 'u' ? piece[0]!.toUpperCase() : piece[0]!.toLowerCase()) + piece.slice(1)
        once = ''
      }
      out += piece
    }
    return out
  }
}
