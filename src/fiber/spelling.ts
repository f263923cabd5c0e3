/**
 * Spellings: short ASCII strings with their bytes, kept by the string, so that one which is copied again and again (the
 * name of a file, mostly) is copied by words and not letter by letter.
 */

const SPELLINGS_MAX = 4096
const SPELLING_BYTES_MAX = 64

const spellings = new Map<string, Spelling>()

export class Spelling {
  readonly text: string
  /** Its bytes as little-endian words, and those after the last whole word. */
  readonly #words: readonly number[]
  readonly #rest: readonly number[]

  constructor (text: string) {
    this.text = text
    const whole = text.length >> 2
    this.#words = Array.from({ length: whole }, (_, i) => [3, 2, 1, 0].reduce((word, k) => word << 8 | text.charCodeAt(4 * i + k), 0))
    this.#rest = Array.from({ length: text.length & 3 }, (_, i) => text.charCodeAt(4 * whole + i))
  }

  /** Writes its bytes, `text.length` of them, at `at`. */
  put (view: DataView, at: number): void {
    const words = this.#words
    const rest = this.#rest
    let to = at
    for (let i = 0; i < words.length; i++) {
      view.setInt32(to, words[i]!, true)
      to += 4
    }
    for (let i = 0; i < rest.length; i++) view.setUint8(to + i, rest[i]!)
  }

  /** Whether these are the bytes at `at`. */
  isAt (view: DataView, at: number): boolean {
    const words = this.#words
    const rest = this.#rest
    let from = at
    for (let i = 0; i < words.length; i++) {
      if (view.getInt32(from, true) !== words[i]!) return false
      from += 4
    }
    for (let i = 0; i < rest.length; i++) if (view.getUint8(from + i) !== rest[i]!) return false
    return true
  }
}

/** The spelling of a string; null for one that is long or has other letters than ASCII's. */
export function spellingOf (text: string): Spelling | null {
  if (text.length > SPELLING_BYTES_MAX) return null
  return spellings.get(text) ?? spell(text)
}

function spell (text: string): Spelling | null {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return null
  if (spellings.size >= SPELLINGS_MAX) spellings.clear()
  const spelling = new Spelling(text)
  spellings.set(text, spelling)
  return spelling
}
