/**
 * Fields: what the expansion of words makes, with what was quoted told apart from what was not.
 *
 * A field is its text, and the same as a pattern in which quoted characters are escaped. Text from an unquoted expansion
 * is split at the characters of IFS; everything else belongs to the field it stands in.
 * Source: POSIX.1-2024, Shell Command Language 2.6.5.
 */

import { escapePattern } from '../text/pattern.ts'

export interface Field {
  text: string
  pattern: string
  /** Whether something in it was quoted, so that it is there even when it is empty. */
  quoted: boolean
}

export class Fields {
  readonly list: Field[] = []
  #current: Field | null = null
  readonly #ifs: string

  constructor (ifs: string) {
    this.#ifs = ifs
  }

  /** Unquoted text of the word itself: not split, but it may be a pattern. */
  plain (text: string): void {
    const field = this.#open()
    field.text += text
    field.pattern += text
  }

  /** An unquoted character after a backslash, or quoted text. */
  quoted (text: string): void {
    const field = this.#open()
    field.text += text
    field.pattern += escapePattern(text)
    field.quoted = true
  }

  /** A text with a pattern of its own. */
  with (text: string, pattern: string, quoted: boolean): void {
    const field = this.#open()
    field.text += text
    field.pattern += pattern
    field.quoted ||= quoted
  }

  /** What an unquoted expansion gave: split at IFS. */
  expanded (text: string): void {
    if (this.#ifs === '') {
      if (text !== '') this.plain(text)
      return
    }
    const isSpace = (char: string): boolean => this.#ifs.includes(char) && ' \t\n'.includes(char)
    let at = 0
    while (at < text.length) {
      const char = text[at]!
      if (!this.#ifs.includes(char)) {
        let end = at + 1
        while (end < text.length && !this.#ifs.includes(text[end]!)) end++
        this.plain(text.slice(at, end))
        at = end
        continue
      }
      // One delimiter: spaces, at most one other character of IFS, spaces.
      while (at < text.length && isSpace(text[at]!)) at++
      const other = at < text.length && this.#ifs.includes(text[at]!)
      if (other) {
        this.#open()
        at++
        while (at < text.length && isSpace(text[at]!)) at++
      }
      this.end()
    }
  }

  /** Ends the field that is open; the next begins a new one. */
  end (): void {
    if (this.#current !== null) this.list.push(this.#current)
    this.#current = null
  }

  #open (): Field {
    this.#current ??= { text: '', pattern: '', quoted: false }
    return this.#current
  }
}
