import assert from 'node:assert/strict'
import { test } from 'node:test'
import { wordSums } from './word-sums.ts'

function reference (bytes: Uint8Array, at: number): [number, number] {
  let [first, second] = [BigInt(bytes.length), 0n]
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const add = (value: number): void => {
    first += BigInt(value)
    second += first
  }
  for (; at + 4 <= bytes.length; at += 4) add(view.getInt32(at, true))
  for (; at < bytes.length; at++) add(bytes[at]!)
  return [Number(BigInt.asIntN(32, first)), Number(BigInt.asIntN(32, second))]
}

test('bytes of every length have the sums that their definition says, however they are summed', () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => Math.imul(index + 1, 2654435761) >>> 13)
  for (const length of [0, 1, 3, 4, 9, 16 * 1024, 16 * 1024 + 24, 16 * 1024 + 31, 65536, 65536 + 24, 131_072 + 27, 300_000]) {
    for (const at of [0, 4, 24]) {
      if (at <= length) assert.deepEqual(wordSums(bytes.subarray(0, length), at), reference(bytes.subarray(0, length), at), `${length} bytes from ${at}`)
    }
  }
})

test('a changed byte, and two words that changed places, are told', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, index) => index % 251)
  const sums = wordSums(bytes, 0)
  for (const at of [0, 65_535, 65_536, 199_999]) assert.notDeepEqual(wordSums(bytes.with(at, bytes[at]! ^ 8), 0), sums)
  const swapped = bytes.slice()
  swapped.copyWithin(70_000, 100_000, 100_004)
  swapped.set(bytes.subarray(70_000, 70_004), 100_000)
  assert.notDeepEqual(wordSums(swapped, 0), sums)
})
