/**
 * Shell patterns: `*`, `?`, `[…]`, backslash, and the extended forms `@(a|b)`, `?(…)`, `*(…)`, `+(…)`, `!(…)`.
 *
 * A pattern is a string in which a backslash makes the next character literal: quoted parts of a word are escaped so
 * (`escapePattern`). What it matches is a string, not a path: path components are the caller's matter (`../shell/glob.ts`).
 * Source: POSIX.1-2024, Shell Command Language 2.14; bash(1), Pattern Matching.
 */

/** The POSIX classes, as what stands inside a bracket of a regular expression. */
export const characterClasses: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9', alpha: 'A-Za-z', blank: ' \\t', cntrl: '\\x00-\\x1f\\x7f', digit: '0-9', graph: '!-~', lower: 'a-z', print: ' -~',
  punct: '!-\\/:-@\\[-`{-~', space: ' \\t\\n\\v\\f\\r', upper: 'A-Z', xdigit: '0-9A-Fa-f', word: 'A-Za-z0-9_'
}

/** The text as a pattern that matches it alone. */
export function escapePattern (text: string): string {
  return text.replace(/[\\*?[\]!@+()|{}^-]/g, '\\$&')
}

/** Whether a pattern can match anything but itself. */
export function isPattern (pattern: string): boolean {
  return /(^|[^\\])(\\\\)*([*?[]|[@+!]\()/.test(pattern)
}

/** The text of a pattern that is none: backslashes taken off. */
export function unescapePattern (pattern: string): string {
  return pattern.replace(/\\([^])/g, '$1')
}

/** A regular expression (its source) that matches what the pattern matches. `star` is what `*` may stand for. */
export function patternSource (pattern: string, { lazy = false } = {}): string {
  return new Translation(pattern, lazy).whole()
}

/** Whether the whole text matches the pattern. */
export function matchesPattern (pattern: string, text: string): boolean {
  return patternRegExp(pattern).test(text)
}

const compiled = new Map<string, RegExp>()
const COMPILED_MAX = 256

export function patternRegExp (pattern: string): RegExp {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const made = new RegExp(`^(?:${patternSource(pattern)})$`, 's')
  if (compiled.size >= COMPILED_MAX) compiled.clear()
  compiled.set(pattern, made)
  return made
}

class Translation {
  readonly #pattern: string
  readonly #star: string
  #at = 0

  constructor (pattern: string, lazy: boolean) {
    this.#pattern = pattern
    this.#star = lazy ? '.*?' : '.*'
  }

  whole (): string {
    return this.#sequence('')
  }

  /** Up to one of the characters in `ends`, or the end. */
  #sequence (ends: string): string {
    let out = ''
    while (this.#at < this.#pattern.length) {
      const char = this.#pattern[this.#at]!
      if (ends.includes(char)) break
      out += this.#one(char)
    }
    return out
  }

  #one (char: string): string {
    if ('?*+@!'.includes(char) && this.#pattern[this.#at + 1] === '(') {
      const group = this.#group(char)
      if (group !== null) return group
    }
    this.#at++
    switch (char) {
      case '*': return this.#star
      case '?': return '.'
      case '[': return this.#bracket()
      case '\\': {
        const next = this.#pattern[this.#at]
        if (next === undefined) return '\\\\'
        this.#at++
        return literal(next)
      }
      default: return literal(char)
    }
  }

  #group (operator: string): string | null {
    const from = this.#at
    this.#at += 2
    const alternatives = [this.#sequence('|)')]
    while (this.#pattern[this.#at] === '|') {
      this.#at++
      alternatives.push(this.#sequence('|)'))
    }
    if (this.#pattern[this.#at] !== ')') {
      this.#at = from
      return null
    }
    this.#at++
    const any = alternatives.join('|')
    switch (operator) {
      case '?': return `(?:${any})?`
      case '*': return `(?:${any})*`
      case '+': return `(?:${any})+`
      case '!': return `(?!(?:${any})(?:$|[^]))${this.#star}`
      default: return `(?:${any})`
    }
  }

  /** What follows `[`; a bracket that does not end is a character like others. */
  #bracket (): string {
    const end = bracketEnd(this.#pattern, this.#at)
    if (end < 0) return '\\['
    const inside = this.#pattern.slice(this.#at, end)
    this.#at = end + 1
    const negated = inside.startsWith('!') || inside.startsWith('^')
    const members = bracketMembers(negated ? inside.slice(1) : inside)
    if (members === '') return negated ? '.' : '[^\\s\\S]'
    return `[${negated ? '^' : ''}${members}]`
  }
}

/** Where the `]` stands that ends a bracket which begins before `from`; -1 if nowhere. */
export function bracketEnd (pattern: string, from: number): number {
  let at = from
  if (pattern[at] === '!' || pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  while (at < pattern.length) {
    const char = pattern[at]
    if (char === '[' && pattern[at + 1] !== undefined && ':.='.includes(pattern[at + 1]!)) {
      const close = pattern.indexOf(`${pattern[at + 1]}]`, at + 2)
      if (close >= 0) {
        at = close + 2
        continue
      }
    }
    if (char === '\\') at++
    else if (char === ']') return at
    at++
  }
  return -1
}

/** The inside of a POSIX bracket as that of a regular expression's. `escapes`: whether a backslash quotes. */
export function bracketMembers (inside: string, escapes = true): string {
  let out = ''
  for (let at = 0; at < inside.length; at++) {
    const char = inside[at]!
    if (char === '[' && inside[at + 1] === ':') {
      const close = inside.indexOf(':]', at + 2)
      const name = close < 0 ? '' : inside.slice(at + 2, close)
      if (close >= 0 && name in characterClasses) {
        out += characterClasses[name]
        at = close + 1
        continue
      }
    }
    if (char === '[' && (inside[at + 1] === '.' || inside[at + 1] === '=')) {
      const close = inside.indexOf(`${inside[at + 1]}]`, at + 2)
      if (close >= 0) {
        out += escapeMember(inside.slice(at + 2, close))
        at = close + 1
        continue
      }
    }
    if (char === '\\' && escapes) {
      at++
      out += escapeMember(inside[at] ?? '\\')
    } else if (char === '-' && at > 0 && at < inside.length - 1) {
      // A range, and one that is backwards holds nothing.
      const low = inside[at - 1]!
      const high = inside[at + 1]!
      out += low <= high ? '-' : '\\-'
    } else {
      out += escapeMember(char)
    }
  }
  return out
}

function escapeMember (text: string): string {
  return text.replace(/[\\\]^[-]/g, '\\$&')
}

function literal (char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char
}
