/**
 * Regular expressions of POSIX, basic and extended, as those of JavaScript.
 *
 * With the extensions of GNU: `\+`, `\?`, `\|` in basic ones, `\w`, `\W`, `\s`, `\S`, `\b`, `\B`, `\<`, `\>` in both.
 * What is not the same: of alternatives the first that leads to a match is taken, not the longest; letters outside
 * ASCII have no case. Case is folded here and not by a flag, because the host's engine that cannot run away (it takes
 * over where backtracking becomes too much, see `cli/shell.ts`) knows no flags that fold.
 * Source: POSIX.1-2024, Base Definitions, chapter 9; GNU grep and sed manuals.
 */

import { bracketEnd, bracketMembers } from './pattern.ts'

export interface RegexOptions {
  readonly extended?: boolean
  readonly ignoreCase?: boolean
  /** A text, no expression. */
  readonly fixed?: boolean
}

export class RegexError extends Error {}

/** The source of a JavaScript expression. Throws a RegexError that says what is wrong. */
export function regexSource (pattern: string, options: RegexOptions = {}): string {
  if (options.fixed === true) return [...pattern].map(char => literal(char, options)).join('')
  const source = new Translation(pattern, options).whole()
  return source
}

/** A JavaScript expression. `flags`: those of JavaScript, but not `i`. Throws a RegexError. */
export function posixRegExp (pattern: string, options: RegexOptions = {}, flags = ''): RegExp {
  const source = regexSource(pattern, options)
  try {
    return new RegExp(source, flags)
  } catch {
    throw new RegexError(`invalid regular expression: ${pattern}`)
  }
}

class Translation {
  readonly #pattern: string
  readonly #options: RegexOptions
  readonly #extended: boolean
  #at = 0
  #open = 0
  #groups = 0
  /** Whether something stands before that can be repeated. */
  #repeatable = false

  constructor (pattern: string, options: RegexOptions) {
    this.#pattern = pattern
    this.#options = options
    this.#extended = options.extended === true
  }

  whole (): string {
    let out = ''
    while (this.#at < this.#pattern.length) out += this.#one()
    if (this.#open > 0) throw new RegexError(`Unmatched ${this.#extended ? '(' : '\\('}`)
    return out
  }

  #one (): string {
    const char = this.#pattern[this.#at++]!
    if (char === '\\') return this.#escaped()
    if (char === '[') return this.#bracket()
    if (char === '.') return this.#atom('[^\\n]')
    if (char === '^') return this.#extended || this.#startsBranch() ? this.#anchor('^') : this.#atom('\\^')
    if (char === '$') return this.#extended || this.#endsBranch() ? this.#anchor('$') : this.#atom('\\$')
    if (char === '*') return this.#repeatable ? this.#repeated('*') : this.#extended ? '' : this.#atom('\\*')
    if (!this.#extended) return this.#atom(literal(char, this.#options))
    switch (char) {
      case '+': case '?': return this.#repeatable ? this.#repeated(char) : this.#atom(`\\${char}`)
      case '{': return this.#interval()
      case '(': return this.#group()
      case ')': return this.#open > 0 ? this.#closed() : this.#atom('\\)')
      case '|': return this.#alternative()
      default: return this.#atom(literal(char, this.#options))
    }
  }

  #escaped (): string {
    const char = this.#pattern[this.#at++]
    if (char === undefined) throw new RegexError('Trailing backslash')
    if (/[1-9]/.test(char)) {
      if (Number(char) > this.#groups) throw new RegexError('Invalid back reference')
      return this.#atom(`(?:\\${char})`)
    }
    switch (char) {
      case 'w': case 'W': case 's': case 'S': return this.#atom(`\\${char}`)
      case 'b': case 'B': return this.#anchor(`\\${char}`)
      case '<': return this.#anchor('\\b(?=\\w)')
      case '>': return this.#anchor('\\b(?<=\\w)')
      case '`': return this.#anchor('(?<![^])')
      case '\'': return this.#anchor('(?![^])')
      case 'n': return this.#atom('\\n')
      case 't': return this.#atom('\\t')
    }
    if (!this.#extended) {
      switch (char) {
        case '(': return this.#group()
        case ')':
          if (this.#open === 0) throw new RegexError('Unmatched ) or \\)')
          return this.#closed()
        case '{': return this.#interval()
        case '|': return this.#alternative()
        case '+': case '?': return this.#repeatable ? this.#repeated(char) : this.#atom(`\\${char}`)
      }
    }
    return this.#atom(literal(char, this.#options))
  }

  #atom (text: string): string {
    this.#repeatable = true
    return text
  }

  #anchor (text: string): string {
    this.#repeatable = false
    return text
  }

  #repeated (text: string): string {
    // A repetition of a repetition, which JavaScript would take for a lazy or possessive one, changes nothing or little.
    const next = this.#pattern[this.#at]
    if (text !== '*' && (next === '*')) {
      this.#at++
      return '*'
    }
    return text
  }

  #group (): string {
    this.#open++
    this.#groups++
    this.#repeatable = false
    return '('
  }

  #closed (): string {
    this.#open--
    this.#repeatable = true
    return ')'
  }

  #alternative (): string {
    this.#repeatable = false
    return '|'
  }

  /** What follows `{`. */
  #interval (): string {
    const rest = this.#pattern.slice(this.#at)
    const found = (this.#extended ? /^(\d*)(,?)(\d*)\}/ : /^(\d*)(,?)(\d*)\\\}/).exec(rest)
    if (found === null || (found[1] === '' && found[2] === '') || !this.#repeatable) {
      if (this.#extended) return this.#atom('\\{')
      throw new RegexError(this.#repeatable ? 'Invalid content of \\{\\}' : 'Invalid preceding regular expression')
    }
    this.#at += found[0].length
    const [, low, comma, high] = found as unknown as [string, string, string, string]
    if (Number(low) > INTERVAL_MAX || Number(high) > INTERVAL_MAX) throw new RegexError('Regular expression too big')
    if (high !== '' && Number(low) > Number(high)) throw new RegexError('Invalid content of \\{\\}')
    return `{${low === '' ? '0' : low}${comma}${high}}`
  }

  #bracket (): string {
    const end = regexBracketEnd(this.#pattern, this.#at)
    if (end < 0) throw new RegexError('Unmatched [, [^, [:, [., or [=')
    const inside = this.#pattern.slice(this.#at, end)
    this.#at = end + 1
    const negated = inside.startsWith('^')
    let members = bracketMembers(negated ? inside.slice(1) : inside, false)
    if (this.#options.ignoreCase === true) members += otherCases(members)
    return this.#atom(`[${negated ? '^' : ''}${members}]`)
  }

  #startsBranch (): boolean {
    const before = this.#pattern.slice(0, this.#at - 1)
    return before === '' || /\\\(\^*$/.test(before) || before.endsWith('\\|') || before.endsWith('\n')
  }

  #endsBranch (): boolean {
    const after = this.#pattern.slice(this.#at)
    return after === '' || after.startsWith('\\)') || after.startsWith('\\|')
  }
}

/** Repetitions that an interval may ask for, as RE_DUP_MAX of Linux. */
const INTERVAL_MAX = 32767

/** A backslash does not quote in a bracket of a regular expression. */
function regexBracketEnd (pattern: string, from: number): number {
  const doubled = pattern.replaceAll('\\', ' ').replaceAll('!', ' ')
  return bracketEnd(doubled, from)
}

function literal (char: string, { ignoreCase = false }: RegexOptions): string {
  if (ignoreCase && char.toLowerCase() !== char.toUpperCase() && char.toLowerCase().length === 1 && char.toUpperCase().length === 1) {
    return `[${char.toLowerCase()}${char.toUpperCase()}]`
  }
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}

/** For each letter and range of letters among the members of a bracket the same in the other case. */
function otherCases (members: string): string {
  let out = ''
  for (const [, low, high] of members.replaceAll(/\\(?:x..|.)/g, '').matchAll(/([A-Za-z])(?:-([A-Za-z]))?/g)) {
    out += `${swapped(low!)}${high === undefined ? '' : `-${swapped(high)}`}`
  }
  return out
}

function swapped (char: string): string {
  return char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()
}
