import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../fiber/index.ts'
import { Arena, READ, WRITE, Window } from './index.ts'

function make (size = 1000): { arena: Arena, at: number, counter: { bytesCopied: number } } {
  const arena = new Arena({ name: 'test', sizeBytesMax: 1 << 20 })
  return { arena, at: arena.allocate(size), counter: { bytesCopied: 0 } }
}
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)

test('a window reaches its bytes and no others', () => {
  const { arena, at, counter } = make()
  const window = Window.of(arena, at, 10, READ | WRITE, counter)!
  assert.equal(window.put(8, bytes(1, 2), 0, 2), 2)
  assert.equal(window.put(9, bytes(1, 2), 0, 2), -Errno.EFAULT)
  assert.equal(window.put(-1, bytes(1), 0, 1), -Errno.EFAULT)
  assert.equal(window.put(0, bytes(1), 0, -1), -Errno.EFAULT)
  assert.deepEqual([...arena.bytes.subarray(at, at + 12)], [0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 0, 0])
  assert.equal(Window.of(arena, arena.sizeBytes - 5, 10, READ, counter), null)
  assert.equal(Window.of(arena, -1, 10, READ, counter), null)
})

test('a direction that it does not have is refused, and derived ones have no more', () => {
  const { arena, at, counter } = make()
  const reads = Window.of(arena, at, 10, READ, counter)!
  assert.equal(reads.put(0, bytes(1), 0, 1), -Errno.EFAULT)
  assert.equal(reads.fill(0, 1, 1), -Errno.EFAULT)
  assert.equal(reads.derive(READ | WRITE).put(0, bytes(1), 0, 1), -Errno.EFAULT)
  const writes = Window.of(arena, at, 10, WRITE, counter)!
  assert.equal(writes.take(0, new Uint8Array(1), 0, 1), -Errno.EFAULT)
  assert.equal(writes.transfer(READ, 0, 1, () => 1), -Errno.EFAULT)
})

test('revoking one ends all that derive from it, and not what it derives from', () => {
  const { arena, at, counter } = make()
  const owner = Window.of(arena, at, 10, READ | WRITE, counter)!
  const child = owner.derive(WRITE)
  const grandchild = child.slice(2, 4)
  child.revoke()
  assert.equal(grandchild.put(0, bytes(1), 0, 1), -Errno.EFAULT)
  assert.equal(child.live, false)
  assert.equal(owner.put(0, bytes(1), 0, 1), 1)
})

test('pieces are one run of offsets, whatever part is touched', () => {
  const { arena, at, counter } = make()
  const pieces = [at, 3, at + 100, 0, at + 10, 5, at + 50, 2]
  const window = Window.ofPieces(arena, pieces, READ | WRITE, counter)!
  assert.equal(window.length, 10)
  const source = Uint8Array.from({ length: 10 }, (_, i) => i + 1)
  for (let from = 0; from < 10; from++) {
    for (let length = 0; from + length <= 10; length++) {
      arena.bytes.fill(0, at, at + 200)
      assert.equal(window.put(from, source, from, length), length)
      const seen = [...arena.bytes.subarray(at, at + 3), ...arena.bytes.subarray(at + 10, at + 15), ...arena.bytes.subarray(at + 50, at + 52)]
      assert.deepEqual(seen, [...source].map((byte, i) => i >= from && i < from + length ? byte : 0), `${from} ${length}`)
      const back = new Uint8Array(10)
      assert.equal(window.slice(from, length).take(0, back, from, length), length)
      assert.deepEqual([...back], seen)
    }
  }
  assert.equal(Window.ofPieces(arena, [at, 3, arena.sizeBytes, 1], READ, counter), null)
})

test('what is copied is counted, once, and what is refused is not', () => {
  const { arena, at, counter } = make()
  const window = Window.of(arena, at, 100, READ | WRITE, counter)!
  window.put(0, new Uint8Array(60), 0, 60)
  window.take(0, new Uint8Array(40), 0, 40)
  window.fill(0, 7, 0)
  window.transfer(WRITE, 0, 100, (_bytes, _at, n) => n - 1)
  window.put(99, new Uint8Array(60), 0, 60)
  assert.equal(counter.bytesCopied, 60 + 40 + 7 + 99)
})

test('a device is handed the piece itself, and a short move ends a transfer', () => {
  const { arena, at, counter } = make()
  const window = Window.ofPieces(arena, [at, 4, at + 10, 4], READ | WRITE, counter)!
  const lengths: number[] = []
  const moved = window.transfer(WRITE, 0, 8, (piece, from, n) => {
    lengths.push(piece.length)
    piece.fill(9, from, from + n)
    return lengths.length === 1 ? n : 1
  })
  assert.equal(moved, 5)
  assert.deepEqual(lengths, [4, 4])
  assert.deepEqual([...arena.bytes.subarray(at, at + 6)], [9, 9, 9, 9, 0, 0])
  assert.equal(window.transfer(WRITE, 0, 8, () => -Errno.EIO), -Errno.EIO)
})

test('a window follows its arena when that grows', () => {
  const { arena, at, counter } = make()
  const window = Window.of(arena, at, 4, READ | WRITE, counter)!
  window.put(0, bytes(1, 2, 3, 4), 0, 4)
  arena.allocate(500_000)
  const back = new Uint8Array(4)
  assert.equal(window.take(0, back, 0, 4), 4)
  assert.deepEqual([...back], [1, 2, 3, 4])
})

test('an arena gives out what does not overlap, zeroed, and takes it back', () => {
  const arena = new Arena({ name: 'test', sizeBytesMax: 1 << 20 })
  let seed = 7
  const random = (n: number): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % n
  const held: { at: number, size: number }[] = []
  for (let step = 0; step < 3000; step++) {
    if (held.length > 0 && random(2) === 0) {
      const [block] = held.splice(random(held.length), 1)
      arena.free(block!.at, block!.size)
      continue
    }
    const size = 1 + random(3000)
    const at = arena.allocate(size)
    if (at === 0) continue
    assert.ok(at % 16 === 0 && at >= 4096)
    assert.ok(held.every(other => at + size <= other.at || other.at + other.size <= at), `step ${step} overlaps`)
    assert.ok(arena.bytes.subarray(at, at + size).every(byte => byte === 0), `step ${step} is not zeroed`)
    arena.bytes.fill(0xff, at, at + size)
    held.push({ at, size })
  }
  for (const block of held) arena.free(block.at, block.size)
  assert.equal(arena.allocatedBytes, 0)
})

test('an arena at its limit says so, and goes on', () => {
  const arena = new Arena({ name: 'test', sizeBytesMax: 16384 })
  const first = arena.allocate(8192)
  assert.notEqual(first, 0)
  assert.equal(arena.allocate(8192), 0)
  arena.free(first, 8192)
  assert.equal(arena.allocate(8192), first)
})

test('nothing is allocated in a program\'s memory, and it is followed when the program grows it', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
  const arena = Arena.ofMemory('program', memory)
  assert.equal(arena.allocate(16), 0)
  assert.equal(arena.sizeBytes, 65536)
  memory.grow(1)
  assert.equal(arena.bytes.length, 131072)
  assert.equal(arena.view.byteLength, 131072)
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 4, shared: true })
  const other = Arena.ofMemory('shared', shared)
  shared.grow(2)
  assert.equal(other.bytes.length, 3 * 65536)
})

test('of a program that has ended a window reads zeros, and writes nowhere', () => {
  const { counter } = make()
  const memory = new WebAssembly.Memory({ initial: 1 })
  const arena = Arena.ofMemory('program', memory)
  const window = Window.of(arena, 100, 50, READ | WRITE, counter)!
  assert.equal(window.put(0, new Uint8Array(50).fill(7), 0, 50), 50)
  arena.part(100, 50)
  arena.retire()
  const taken = new Uint8Array(50)
  assert.equal(window.take(0, taken, 0, 50), 50)
  assert.equal(taken.some(byte => byte !== 0), false)
  assert.equal(window.put(0, new Uint8Array(50).fill(9), 0, 50), 50)
  arena.view.setUint8(0, 9)
  assert.deepEqual([...new Uint8Array(memory.buffer, 98, 4)], [0, 0, 7, 7])
  assert.equal(new Uint8Array(memory.buffer).includes(9), false)
  assert.equal(arena.allocate(16), 0)
})

test('a part that would begin before the window, or behind it, or nowhere, reaches nothing outside', () => {
  const { arena, at, counter } = make()
  const pieced = Window.ofPieces(arena, [at + 100, 4, at + 200, 4], READ | WRITE, counter)!
  for (const window of [Window.of(arena, at + 100, 10, READ | WRITE, counter)!, pieced]) {
    for (const from of [-1, -100, 11, 1e9, NaN, -Infinity, Infinity]) {
      const part = window.slice(from, 200)
      assert.ok(part.length <= window.length, `from ${from}: ${part.length} bytes`)
      part.put(0, new Uint8Array(200).fill(7), 0, part.length)
    }
    assert.equal(window.slice(0, -1).length, 0)
    assert.equal(window.slice(2, NaN).length, 0)
  }
  const outside = arena.bytes.subarray(at, at + 1000).filter((_, i) => !(i >= 100 && i < 110) && !(i >= 200 && i < 204))
  assert.ok(outside.every(byte => byte === 0), 'bytes beside the window were written')
})

test('addresses and lengths that are no numbers of bytes make no window', () => {
  const { arena, at, counter } = make()
  for (const wrong of [NaN, -1, Infinity]) {
    assert.equal(Window.of(arena, wrong, 8, READ, counter), null, `at ${wrong}`)
    assert.equal(Window.of(arena, at, wrong, READ, counter), null, `length ${wrong}`)
    assert.equal(Window.ofPieces(arena, [at, 8, wrong, 8], READ, counter), null, `a piece at ${wrong}`)
    assert.equal(Window.ofPieces(arena, [at, 8, at, wrong], READ, counter), null, `a piece of ${wrong}`)
  }
})

test('an allocation that the host has no memory for, or that is no number of bytes, is refused, and the arena is as it was', () => {
  const arena = new Arena({ name: 'large', sizeBytesMax: 2 ** 50 })
  const first = arena.allocate(100)
  for (const size of [2 ** 45, 2 ** 39, 2 ** 60, Infinity, NaN, -1]) assert.equal(arena.allocate(size), 0, `${size} bytes`)
  assert.equal(arena.allocatedBytes, 128)
  assert.equal(arena.allocate(100), first + 128)
})
