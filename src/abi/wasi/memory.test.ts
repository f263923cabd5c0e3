import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Errno } from '../../fiber/index.ts'
import { Arena, PATH_BYTES_MAX } from '../../roles/index.ts'
import {
  deltaOf, inside, instantOf, nanosecondsOf, offsetOf, put64, putString, putTime, secondsOf, takePath
} from './memory.ts'

const U64_LAST = 2n ** 64n - 1n
const u64 = fc.oneof(
  fc.bigInt({ min: 0n, max: U64_LAST }),
  fc.constantFrom(0n, 1n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, U64_LAST,
    999_999_999n, 1_000_000_000n, 18_446_744_073_709_551_615n)
)

function words (value: bigint): [low: number, high: number] {
  return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value >> 32n))]
}

function memoryOf (bytes: number): Arena {
  return new Arena({ name: 'program', sizeBytes: bytes, sizeBytesMax: bytes })
}

test('a number from 0 up is written as the 64 bits that it is', () => {
  const view = new DataView(new ArrayBuffer(8))
  fc.assert(fc.property(u64, value => {
    const number = Number(value)
    if (number >= 2 ** 64) return
    put64(view, 0, number)
    assert.equal(view.getBigUint64(0, true), BigInt(number))
  }))
})

test('a timespec is written as ns to the last bit, and saturates at both ends', () => {
  const view = new DataView(new ArrayBuffer(8))
  const check = (sec: number, nsec: number): void => {
    putTime(view, 0, sec, nsec)
    const exact = BigInt(sec) * 1_000_000_000n + BigInt(nsec)
    assert.equal(view.getBigUint64(0, true), exact < 0n ? 0n : exact > U64_LAST ? U64_LAST : exact, `${sec} s ${nsec} ns`)
  }
  fc.assert(fc.property(fc.integer({ min: -(2 ** 36), max: 2 ** 36 }), fc.integer({ min: 0, max: 999_999_999 }), check))
  check(18_446_744_073, 709_551_615)
  check(18_446_744_073, 709_551_616)
  check(1_700_000_000, 123_456_789)
  check(-1, 999_999_999)
})

test('ns are split into seconds and the rest to the last bit', () => {
  fc.assert(fc.property(u64, value => {
    const [low, high] = words(value)
    assert.equal(BigInt(secondsOf(low, high)), value / 1_000_000_000n)
    assert.equal(BigInt(nanosecondsOf(low, high)), value % 1_000_000_000n)
  }))
})

test('offsets and distances are exact to 2^53, and keep their sign and their side of it beyond', () => {
  const last = BigInt(Number.MAX_SAFE_INTEGER)
  fc.assert(fc.property(u64, value => {
    const [low, high] = words(value)
    const signed = BigInt.asIntN(64, value)
    assert.equal(BigInt(offsetOf(low, high)), signed < 0n ? -1n : signed > last ? last : signed)
    const delta = deltaOf(low, high)
    if (signed >= -last - 1n && signed <= last) assert.equal(BigInt(delta), signed)
    else assert.equal(delta, signed < 0n ? Number.MIN_SAFE_INTEGER : Number.MAX_SAFE_INTEGER)
  }))
})

test('a deadline is never earlier than was asked, and at most 2 µs later', () => {
  fc.assert(fc.property(u64, value => {
    const late = BigInt(instantOf(...words(value))) - value
    assert.ok(late >= 0n && late < 2048n, `${late} ns late`)
    if (value < 2n ** 53n) assert.equal(late, 0n)
  }))
})

test('addresses do not wrap around', () => {
  const memory = memoryOf(65536)
  assert.equal(inside(memory, 65532, 4), true)
  assert.equal(inside(memory, 65533, 4), false)
  assert.equal(inside(memory, -1 >>> 0, 4), false)
  assert.equal(inside(memory, -4 >>> 0, 8), false)
  assert.equal(inside(memory, 65536, 0), true)
  assert.equal(inside(memory, 65537, 0), false)
})

test('paths are taken as UTF-8', () => {
  const memory = memoryOf(65536)
  const counter = { bytesCopied: 0 }
  const take = (bytes: number[] | string): string | number => {
    const encoded = typeof bytes === 'string' ? new TextEncoder().encode(bytes) : Uint8Array.from(bytes)
    memory.bytes.set(encoded, 100)
    return takePath(memory, 100, encoded.length, counter)
  }
  assert.equal(take('a/b'), 'a/b')
  assert.equal(take('a/b'), 'a/b')
  assert.equal(take('a/c'), 'a/c')
  assert.equal(take('größe/日本/🦀'), 'größe/日本/🦀')
  assert.equal(take(''), '')
  assert.equal(take('\ufeffa'), '\ufeffa')
  assert.equal(take('a\0b'), 'a\0b')
  for (const bad of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0x61, 0x80]]) {
    assert.equal(take(bad), Errno.EILSEQ, String(bad))
  }
  assert.equal(takePath(memory, 0, PATH_BYTES_MAX + 1, counter), Errno.ENAMETOOLONG)
  assert.equal(takePath(memory, 65536 - 3, 4, counter), Errno.EFAULT)
  assert.equal(takePath(memory, 100, -1, counter), Errno.EFAULT)
})

test('a string is cut at the last byte of its room and not before', () => {
  const memory = memoryOf(65536)
  const counter = { bytesCopied: 0 }
  memory.bytes.fill(0xee)
  assert.equal(putString(memory, 0, 4, 'aé€', counter), 4)
  assert.deepEqual([...memory.bytes.subarray(0, 5)], [0x61, 0xc3, 0xa9, 0xe2, 0xee])
  assert.equal(putString(memory, 0, 100, 'aé', counter), 3)
  assert.equal(memory.bytes[3], 0xe2)
  assert.equal(putString(memory, 0, 0, 'x', counter), 0)
  assert.equal(counter.bytesCopied, 7)
})
