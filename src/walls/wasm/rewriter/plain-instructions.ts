// Passes over what is most of a body: instructions that do nothing but compute.
//
// Four in five instructions of real programs only take values from the stack and leave one: they neither branch nor call, and nothing
// is inserted at them. In live mode all that has to be known of them is how many there are; so they are not decoded one by one
// but passed over, in one loop over the bytes. Whatever is less simple ends the loop, and so does what is not well formed:
// `InstructionReader` then reads it, and says what is wrong with it.

import type { InstructionReader } from './instruction-reader.ts'

const form = { other: 0, none: 1, local: 2, global: 3, memory: 4, number32: 5, number64: 6, bytes4: 7, bytes8: 8 } as const

const forms = new Uint8Array(256)
for (const [first, last, what] of [
  [0x01, 0x01, form.none], // nop
  [0x1a, 0x1b, form.none], // drop, select
  [0x20, 0x22, form.local],
  [0x23, 0x24, form.global],
  [0x28, 0x3e, form.memory],
  [0x41, 0x41, form.number32], [0x42, 0x42, form.number64], [0x43, 0x43, form.bytes4], [0x44, 0x44, form.bytes8],
  [0x45, 0xc4, form.none],
] as const) forms.fill(what, first, last + 1)

/** A memory access that names no memory has an alignment below this. */
const withoutMemoryIndex = 0x40

export class PlainInstructions {
  /** Where the last one that was passed over begins, if any was. */
  lastAt = 0

  /** Passes over the plain instructions from where the reader stands, and answers how many. Locals and globals are there to be named. */
  pass(reader: InstructionReader, locals: number, globals: number): number {
    const { bytes, end } = reader
    let count = 0
    let at = reader.pos
    let pos = at
    let last = at
    while (pos < end) {
      const what = forms[bytes[pos++]!]!
      if (what === form.none) {
        // That is all of it.
      } else if (what === form.local || what === form.global) {
        let index = bytes[pos++]!
        if (index >= 0x80) {
          index = (index & 0x7f) | (bytes[pos++]! << 7)
          if (index >= 0x4000) break
        }
        if (index >= (what === form.local ? locals : globals)) break
      } else if (what === form.memory) {
        if (bytes[pos++]! >= withoutMemoryIndex) break
        let left = 10
        while (bytes[pos++]! >= 0x80) if (--left === 0) break
        if (left === 0) break
      } else if (what === form.number32 || what === form.number64) {
        let left = what === form.number32 ? 5 : 10
        while (bytes[pos++]! >= 0x80) if (--left === 0) break
        if (left === 0) break
      } else if (what === form.bytes4) {
        pos += 4
      } else if (what === form.bytes8) {
        pos += 8
      } else {
        break
      }
      if (pos > end) break
      last = at
      at = pos
      count++
    }
    reader.pos = at
    this.lastAt = last
    return count
  }
}
