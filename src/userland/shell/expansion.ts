/**
 * Expansion of words: braces, tilde, parameters, commands, arithmetic, splitting, pathnames, quotes.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.6; bash(1), EXPANSION.
 */

import type {
  ArithmeticExpansionPart, CommandExpansionPart, DoubleQuotedChild, HereDoc, ParameterExpansionPart, ProcessSubstitutionPart, Word, WordPart
} from 'unbash'
import { matchesPattern, patternSource } from '../text/pattern.ts'
import { evaluate } from './arithmetic.ts'
import { expandBraces } from './braces.ts'
import { Fields } from './fields.ts'
import type { Field } from './fields.ts'
import { ShellError } from './faults.ts'
import { expandPathnames } from './pathnames.ts'
import { quoteWord } from '../text/quoting.ts'
import type { ShellState } from './state.ts'
import { parseWord } from './syntax.ts'
import type { Io } from './streams.ts'
import type { Elements } from './variables.ts'

/** What expansion asks of the interpreter. */
export interface Substitution {
  readonly state: ShellState
  /** What a command writes, without the line ends at its end. */
  command (part: CommandExpansionPart, io: Io): Promise<string>
  /** The name of a file that is the output, or the input, of a command. */
  process (part: ProcessSubstitutionPart, io: Io): Promise<string>
  directory (path: string): Promise<readonly { readonly name: string, readonly directory: boolean }[]>
  exists (path: string): Promise<boolean>
}

/** Where parts stand: what splits and what a backslash does. */
type Quoting = 'none' | 'double' | 'heredoc' | 'assignment'

export class Expansion {
  readonly #with: Substitution
  readonly #io: Io

  constructor (substitution: Substitution, io: Io) {
    this.#with = substitution
    this.#io = io
  }

  /** The words of a command: split, pathnames expanded. */
  async words (words: readonly Word[]): Promise<string[]> {
    const out: string[] = []
    for (const word of words) {
      if (word.parts === undefined && !/[\\~{]/.test(word.text)) {
        out.push(word.value)
        continue
      }
      for (const one of bracedWords(word)) {
        for (const field of await this.#fields(one)) out.push(...await this.#paths(field))
      }
    }
    return out
  }

  /** One text, not split: an assigned value, a redirection's target, the word of a `case`. */
  async text (word: Word): Promise<string> {
    return (await this.#unsplit(word, 'assignment')).map(field => field.text).join('')
  }

  /** The same as a pattern, in which what was quoted is escaped. */
  async pattern (word: Word): Promise<string> {
    return (await this.#unsplit(word, 'assignment')).map(field => field.pattern).join('')
  }

  /** A redirection's target: a pattern that matches one file names it. */
  async target (word: Word): Promise<string> {
    const [name, ...more] = await this.words([word])
    if (name === undefined || more.length > 0) throw new ShellError(`${word.text}: ambiguous redirect`)
    return name
  }

  async hereDocument ({ body, delimiter, operator }: HereDoc): Promise<string> {
    const strip = (text: string): string => operator === '<<-' ? text.replace(/^\t+/gm, '') : text
    if (delimiter?.quoted === true || body.parts === undefined) {
      const text = strip(body.text)
      return delimiter?.quoted === true ? text : text.replace(/\\([\\$`])/g, '$1').replace(/\\\n/g, '')
    }
    const fields = new Fields('')
    let lineStart = true
    for (const part of body.parts) {
      if (part.type === 'Literal') {
        const raw = operator === '<<-' ? part.text.replace(lineStart ? /(^|\n)\t+/g : /(\n)\t+/g, '$1') : part.text
        fields.quoted(unescapeDouble(raw, 'heredoc'))
        lineStart = part.text.endsWith('\n')
      } else {
        await this.#part(part, 'heredoc', fields)
        lineStart = false
      }
    }
    fields.end()
    return fields.list.map(field => field.text).join('')
  }

  /** The text of arithmetic, with its `$…` expanded, as a number. */
  async arithmetic (text: string): Promise<bigint> {
    const { state } = this.#with
    return evaluate(await this.#arithmeticText(text), {
      get: (name, index) => {
        const value = index === undefined ? this.#parameter(name) : this.#element(name, index)
        if (value === undefined && state.options.nounset) throw new ShellError(`${name}: unbound variable`, 'fatal')
        return value
      },
      set: (name, index, value) => { state.variables.set(name, value, index === undefined ? undefined : this.index(name, index)) }
    })
  }

  /** The key of an element from what stands between the brackets. */
  index (name: string, text: string): string {
    if (this.#with.state.variables.find(name)?.associative === true) return text.replace(/^(['"])([^]*)\1$/, '$2')
    const value = evaluate(text, {
      get: (inner, index) => index === undefined ? this.#parameter(inner) : this.#element(inner, index),
      set: (inner, _index, number) => { this.#with.state.variables.set(inner, number) }
    })
    if (value >= 0n) return String(value)
    const last = Math.max(-1, ...[...this.#with.state.variables.elements(name)?.keys() ?? []].map(Number))
    const at = BigInt(last) + 1n + value
    if (at < 0n) throw new ShellError(`${name}: bad array subscript`)
    return String(at)
  }

  async #arithmeticText (text: string): Promise<string> {
    if (!/[$`"'\\]/.test(text)) return text
    const word = parseWord(`"${text.replace(/["]/g, '')}"`)
    if (word === undefined) return text
    return await this.text(word)
  }

  async #paths (field: Field): Promise<string[]> {
    if (this.#with.state.options.noglob || !/[*?[(]/.test(field.pattern)) return [field.text]
    const found = await expandPathnames(field.pattern, this.#with)
    if (found.length > 0) return found
    return this.#with.state.options.nullglob ? [] : [field.text]
  }

  async #fields (word: Word): Promise<Field[]> {
    const fields = new Fields(this.#with.state.variables.get('IFS') ?? ' \t\n')
    await this.#word(word, 'none', fields)
    fields.end()
    return fields.list
  }

  async #unsplit (word: Word, quoting: Quoting): Promise<Field[]> {
    const fields = new Fields('')
    await this.#word(word, quoting, fields)
    fields.end()
    return fields.list
  }

  async #word (word: Word, quoting: Quoting, fields: Fields): Promise<void> {
    const { parts } = word
    if (parts === undefined) this.#literal(word.text, quoting, fields, true)
    else for (const [at, part] of parts.entries()) await this.#part(part, quoting, fields, at === 0)
  }

  #literal (text: string, quoting: Quoting, fields: Fields, first: boolean): void {
    if (quoting === 'double' || quoting === 'heredoc') {
      fields.quoted(unescapeDouble(text, quoting))
      return
    }
    let rest = text
    if (first) rest = this.#tilde(rest, fields)
    const pieces = quoting === 'assignment' && rest.includes(':~') ? rest.split(/(?<=:)(?=~)/) : [rest]
    for (const [at, piece] of pieces.entries()) plainText(at === 0 ? piece : this.#tilde(piece, fields), fields)
  }

  /** Expands a tilde at the start of a text; gives what is left. */
  #tilde (text: string, fields: Fields): string {
    const found = /^~([A-Za-z_][\w-]*|[+-])?(?=[/:]|$)/.exec(text)
    if (found === null) return text
    const { variables } = this.#with.state
    const home = found[1] === undefined ? variables.get('HOME') : found[1] === '+' ? variables.get('PWD') : found[1] === '-' ? variables.get('OLDPWD') : undefined
    if (home === undefined) return text
    fields.quoted(home)
    return text.slice(found[0].length)
  }

  async #part (part: WordPart | DoubleQuotedChild, quoting: Quoting, fields: Fields, first = false): Promise<void> {
    const inQuotes = quoting === 'double' || quoting === 'heredoc'
    switch (part.type) {
      case 'Literal': return this.#literal(part.text, quoting, fields, first)
      case 'SingleQuoted': return fields.quoted(part.value)
      case 'AnsiCQuoted': return fields.quoted(part.value)
      case 'DoubleQuoted': case 'LocaleString': {
        // "$@" of nothing is no word at all; "" is one.
        if (part.parts.length === 0 || !part.parts.every(isAll)) fields.quoted('')
        for (const child of part.parts) await this.#part(child, 'double', fields)
        return
      }
      case 'Glob':
        if (part.kind === 'bracket' && part.parts.some(inner => inner.type !== 'Literal')) {
          fields.plain('[')
          for (const inner of part.parts) await this.#part(inner, quoting, fields)
          return fields.plain(']')
        }
        return plainText(part.text, fields)
      case 'ExtendedGlob': return fields.plain(await this.#extendedGlob(part.text))
      case 'BraceExpansion': return plainText(part.text, fields)
      case 'SimpleExpansion': return await this.#simple(part.text.slice(1), quoting, fields)
      case 'ParameterExpansion': return await this.#expansion(part, quoting, fields)
      case 'CommandExpansion': return this.#put(await this.#with.command(part, this.#io), inQuotes, quoting, fields)
      case 'ArithmeticExpansion': return this.#put(String(await this.#arithmeticPart(part)), inQuotes, quoting, fields)
      case 'ProcessSubstitution': return fields.quoted(await this.#with.process(part, this.#io))
    }
  }

  async #arithmeticPart (part: ArithmeticExpansionPart): Promise<bigint> {
    const inner = part.text.startsWith('$((') ? part.text.slice(3, -2) : part.text.slice(2, -1)
    return await this.arithmetic(inner)
  }

  async #extendedGlob (text: string): Promise<string> {
    if (!text.includes('$')) return text
    const word = parseWord(text.replace(/[()|]/g, '\\$&'))
    return word === undefined ? text : `${text[0]}${(await this.text(word)).slice(1)}`
  }

  #put (text: string, inQuotes: boolean, quoting: Quoting, fields: Fields): void {
    if (inQuotes) fields.quoted(text)
    else if (quoting === 'none') fields.expanded(text)
    else if (text !== '') fields.plain(text)
  }

  async #simple (name: string, quoting: Quoting, fields: Fields): Promise<void> {
    if (name === '@' || name === '*') return this.#all(this.#with.state.positional, name, quoting, fields)
    const value = this.#parameter(name)
    if (value === undefined && this.#with.state.options.nounset) throw new ShellError(`${/^\d/.test(name) ? '$' : ''}${name}: unbound variable`, 'fatal')
    this.#put(value ?? '', quoting === 'double' || quoting === 'heredoc', quoting, fields)
  }

  /** `$@`, `$*`, `${x[@]}`, `${x[*]}`. */
  #all (values: readonly string[], which: string, quoting: Quoting, fields: Fields): void {
    const ifs = this.#with.state.variables.get('IFS') ?? ' \t\n'
    const inQuotes = quoting === 'double' || quoting === 'heredoc'
    if (quoting === 'heredoc' || quoting === 'assignment' || (inQuotes && which === '*')) {
      const separator = which === '*' ? ifs.slice(0, 1) : ' '
      this.#put(values.join(separator), inQuotes, quoting, fields)
      return
    }
    for (const [at, value] of values.entries()) {
      if (at > 0) fields.end()
      if (inQuotes) fields.quoted(value)
      else fields.expanded(value)
    }
  }

  async #expansion (part: ParameterExpansionPart, quoting: Quoting, fields: Fields): Promise<void> {
    const { operation, prefix } = part
    const inQuotes = quoting === 'double' || quoting === 'heredoc'
    if (operation?.type === 'Unknown' || (part.parameter === '' && prefix === undefined)) throw new ShellError(`${part.text}: bad substitution`, 'fatal')
    if (operation?.type === 'Names') {
      const names = this.#with.state.variables.names(part.parameter)
      return this.#all(names, operation.operator, quoting, fields)
    }
    const index = part.index === undefined ? undefined : await this.text(part.index)
    const isAllOf = index === '@' || index === '*' || (index === undefined && (part.parameter === '@' || part.parameter === '*'))
    if (prefix === '#') return this.#put(this.#length(part.parameter, index), inQuotes, quoting, fields)
    if (prefix === '!' && isAllOf) {
      return this.#all([...this.#with.state.variables.elements(part.parameter)?.keys() ?? []], index ?? '@', quoting, fields)
    }
    const name = prefix === '!' ? this.#parameter(part.parameter) ?? '' : part.parameter
    if (isAllOf) {
      const values = await this.#transformAll(name, index, part)
      if (values !== null) return this.#all(values, index ?? name, quoting, fields)
    }
    const value = isAllOf ? this.#joined(name, index) : index === undefined ? this.#named(name) : this.#element(name, index)
    if (operation?.type === 'Default') {
      const { operator } = operation
      const unset = value === undefined || (operator.startsWith(':') && value === '')
      if (operator.endsWith('+')) {
        if (!unset) await this.#word(operation.operand, quoting, fields)
        return
      }
      if (!unset) return this.#put(value, inQuotes, quoting, fields)
      if (operator.endsWith('-')) return await this.#word(operation.operand, quoting, fields)
      const given = await this.text(operation.operand)
      if (operator.endsWith('?')) throw new ShellError(`${name}: ${given === '' ? 'parameter null or not set' : given}`, 'fatal')
      this.#with.state.variables.set(name, given, index === undefined ? undefined : this.index(name, index))
      return this.#put(given, inQuotes, quoting, fields)
    }
    if (value === undefined && this.#with.state.options.nounset) throw new ShellError(`${name}: unbound variable`, 'fatal')
    this.#put(await this.#transform(value ?? '', part), inQuotes, quoting, fields)
  }

  /** The values of `$@` or an array after an operation; null when the operation is one of defaults. */
  async #transformAll (name: string, index: string | undefined, part: ParameterExpansionPart): Promise<string[] | null> {
    const { operation } = part
    const values = this.#values(name, index)
    if (operation?.type === 'Default') {
      return values.length > 0 && operation.operator.endsWith('-') ? values : null
    }
    if (operation?.type === 'Slice') {
      const isPositional = index === undefined
      const whole = isPositional ? [this.#with.state.name, ...values] : values
      const offset = Number(await this.arithmetic(await this.text(operation.offset)))
      const from = offset < 0 ? whole.length + offset : offset
      if (from < 0) return []
      // `${@:0}` begins with the name of the shell.
      const rest = whole.slice(isPositional && offset === 0 ? 0 : from)
      return operation.length === undefined ? rest : rest.slice(0, Math.max(0, Number(await this.arithmetic(await this.text(operation.length)))))
    }
    const out: string[] = []
    for (const value of values) out.push(await this.#transform(value, part))
    return out
  }

  #values (name: string, index: string | undefined): string[] {
    return index === undefined ? [...this.#with.state.positional] : [...this.#with.state.variables.elements(name)?.values() ?? []]
  }

  #joined (name: string, index: string | undefined): string | undefined {
    const values = this.#values(name, index)
    return values.length === 0 ? undefined : values.join(' ')
  }

  #length (name: string, index: string | undefined): string {
    if (index === '@' || index === '*') return String(this.#with.state.variables.elements(name)?.size ?? 0)
    if (name === '@' || name === '*' || name === '') return String(this.#with.state.positional.length)
    const value = index === undefined ? this.#named(name) : this.#element(name, index)
    if (value === undefined && this.#with.state.options.nounset) throw new ShellError(`${name}: unbound variable`, 'fatal')
    return String([...value ?? ''].length)
  }

  async #transform (value: string, { operation }: ParameterExpansionPart): Promise<string> {
    switch (operation?.type) {
      case 'Remove': return removed(value, operation.operator, await this.pattern(operation.operand))
      case 'Replace': return replaced(value, operation.operator, await this.pattern(operation.pattern), await this.text(operation.replacement))
      case 'Slice': {
        const characters = [...value]
        const offset = Number(await this.arithmetic(await this.text(operation.offset)))
        const from = offset < 0 ? characters.length + offset : offset
        if (from < 0 || from > characters.length) return ''
        if (operation.length === undefined) return characters.slice(from).join('')
        const length = Number(await this.arithmetic(await this.text(operation.length)))
        const to = length < 0 ? characters.length + length : from + length
        if (to < from) throw new ShellError(`${operation.length.text}: substring expression < 0`)
        return characters.slice(from, to).join('')
      }
      case 'CaseModification': {
        const { operator, operand } = operation
        const pattern = operand === undefined ? '?' : await this.pattern(operand)
        const change = (char: string): string =>
          !matchesPattern(pattern, char) ? char : operator.startsWith('^') ? char.toUpperCase() : char.toLowerCase()
        return operator.length === 2 ? [...value].map(change).join('') : value === '' ? '' : change([...value][0]!) + [...value].slice(1).join('')
      }
      case 'Transform': {
        const how = await this.text(operation.operand)
        if (how === 'Q') return quoteWord(value, true)
        if (how === 'U') return value.toUpperCase()
        if (how === 'L') return value.toLowerCase()
        if (how === 'u') return value.slice(0, 1).toUpperCase() + value.slice(1)
        throw new ShellError(`@${how}: bad substitution`, 'fatal')
      }
      default: return value
    }
  }

  /** A parameter by name, special ones too. */
  #parameter (name: string): string | undefined {
    return this.#with.state.parameter(name)
  }

  #named (name: string): string | undefined {
    return this.#parameter(name)
  }

  #element (name: string, index: string): string | undefined {
    if (index === '@' || index === '*') return this.#joined(name, index)
    return this.#with.state.variables.elements(name)?.get(this.index(name, index))
  }

  /** The elements of `x=(…)`. */
  async elements (name: string, words: readonly Word[], before: Elements | undefined): Promise<Elements> {
    const { state } = this.#with
    const associative = state.variables.find(name)?.associative === true
    const out: Elements = new Map(before)
    let next = associative ? 0 : Math.max(-1, ...[...out.keys()].map(Number)) + 1
    for (const word of words) {
      const keyed = /^\[([^\]]*)\]=([^]*)$/.exec(word.text)
      const valueWord = keyed === null ? undefined : keyed[2] === '' ? null : parseWord(keyed[2]!)
      if (keyed !== null && valueWord !== undefined) {
        const keyWord = parseWord(keyed[1]!)
        const key = keyWord === undefined ? keyed[1]! : await this.text(keyWord)
        const at = associative ? key : this.index(name, key)
        out.set(at, valueWord === null ? '' : await this.text(valueWord))
        if (!associative) next = Number(at) + 1
        continue
      }
      for (const value of await this.words([word])) out.set(String(next++), value)
    }
    return associative ? out : new Map([...out].toSorted(([a], [b]) => Number(a) - Number(b)))
  }
}

/** Words of which each is a part of a braced one. */
function bracedWords (word: Word): Word[] {
  if (!word.text.includes('{')) return [word]
  const texts = expandBraces(word.text)
  if (texts.length === 1) return [word]
  return texts.flatMap(text => {
    const made = text === '' ? undefined : parseWord(text)
    return made === undefined ? [] : [made]
  })
}

/** Unquoted text of a word, in which a backslash quotes. */
function plainText (text: string, fields: Fields): void {
  if (text === '') return
  if (!text.includes('\\')) return fields.plain(text)
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!
    if (char !== '\\') {
      fields.plain(char)
      continue
    }
    const next = text[++at]
    if (next === '\n') continue
    fields.quoted(next ?? '\\')
  }
}

function unescapeDouble (text: string, quoting: 'double' | 'heredoc'): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\\n/g, '').replace(quoting === 'double' ? /\\([$`"\\])/g : /\\([$`\\])/g, '$1')
}

function isAll (part: DoubleQuotedChild): boolean {
  return (part.type === 'SimpleExpansion' && part.text === '$@') ||
    (part.type === 'ParameterExpansion' && part.prefix !== '#' && (part.parameter === '@' || part.index?.text === '@'))
}

function removed (value: string, operator: string, pattern: string): string {
  const longest = operator.length === 2
  if (operator.startsWith('#')) {
    const found = new RegExp(`^(?:${patternSource(pattern, { lazy: !longest })})`, 's').exec(value)
    return found === null ? value : value.slice(found[0].length)
  }
  // A regular expression finds the leftmost, which at the end is the longest; the shortest is looked for from the end.
  const whole = new RegExp(`^(?:${patternSource(pattern)})$`, 's')
  if (longest) {
    for (let at = 0; at <= value.length; at++) if (whole.test(value.slice(at))) return value.slice(0, at)
  } else {
    for (let at = value.length; at >= 0; at--) if (whole.test(value.slice(at))) return value.slice(0, at)
  }
  return value
}

function replaced (value: string, operator: string, pattern: string, replacement: string): string {
  if (pattern === '') return value
  const source = patternSource(pattern)
  const anchored = operator === '/#' ? `^(?:${source})` : operator === '/%' ? `(?:${source})$` : source
  return value.replace(new RegExp(anchored, operator === '//' ? 'gs' : 's'), () => replacement)
}

