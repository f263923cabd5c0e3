/**
 * Records of numbers, as they lie in a message: a word for each field, in the order of the role.
 *
 * A record comes from whatever service made it. One whose fields stand in the role's order, as nearly all do, is put by
 * walking it, and taken as a copy of it whose every field was compared with its word: what the caller gets is what the
 * message says, in an object of its own. Any other goes as results that are no records of numbers do, name by name.
 *
 * Copying an object whose shape is known at that place of the code is several times as fast as making one from names.
 * So each layout has a place of its own, of a fixed number; layouts beyond share the last and are slower, not different.
 */

import type { Fields } from '../../roles/index.ts'
import { MESSAGE_BYTES } from './limits.ts'

type Numbers = Readonly<Record<string, number>>
type Copy = (record: Numbers) => Record<string, number>

const copies: readonly Copy[] = [
  r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }),
  r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r }), r => ({ ...r })
]

const layouts = new Map<string, RecordLayout>()

export class RecordLayout {
  readonly names: readonly string[]
  readonly #copy: Copy

  private constructor (names: readonly string[], copy: Copy) {
    this.names = names
    this.#copy = copy
  }

  /** The layout of a record; null when not all its fields are numbers, or an ordinary message buffer does not hold them. */
  static of (fields: Fields): RecordLayout | null {
    const names = Object.keys(fields)
    if (names.length === 0 || 8 + 8 * names.length > MESSAGE_BYTES || names.some(name => fields[name]!.kind !== 'number')) return null
    const key = names.join(' ')
    let layout = layouts.get(key)
    if (layout === undefined) {
      layout = new RecordLayout(names, copies[Math.min(layouts.size, copies.length - 1)]!)
      layouts.set(key, layout)
    }
    return layout
  }

  /**
   * Puts a record's numbers into words from `at` on, and takes the record that they make; null when it has other fields,
   * in another order, or a number that a comparison cannot tell (NaN). The record is looked at once, to copy it: what gives
   * other numbers when it is looked at again, or has them of its prototype, is no record but by that copy.
   */
  exchangeInOrder (given: Numbers, words: Float64Array<ArrayBufferLike>, at: number): Record<string, number> | null {
    const names = this.names
    const record = this.#copy(given)
    let done = 0
    for (const name in record) {
      if (name !== names[done]) return null
      const value = record[name]
      if (typeof value !== 'number') return null
      words[at + done] = value
      if (words[at + done] !== value) return null
      done++
    }
    return done === names.length ? record : null
  }
}
