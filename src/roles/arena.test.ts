import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../fiber/index.ts'
import { Arena, READ, WRITE, Window } from './index.ts'

const MIB = 1024 * 1024

test('an arena that grows keeps its bytes where they were, small or large', () => {
  const arena = new Arena({ name: 'a', sizeBytesMax: 64 * MIB })
  const addresses: number[] = []
  for (let i = 0; i < 40; i++) {
    const address = arena.allocate(MIB)
    assert.ok(address > 0)
    arena.bytes.fill(i + 1, address, address + MIB)
    addresses.push(address)
  }
  assert.ok(arena.sizeBytes >= 40 * MIB && arena.sizeBytes <= 64 * MIB)
  addresses.forEach((address, i) => {
    for (const at of [address, address + 12345, address + MIB - 1]) assert.equal(arena.bytes[at], i + 1)
    assert.equal(arena.view.getUint8(address), i + 1)
  })
  assert.equal(arena.allocatedBytes, 40 * MIB)
})

test('what is allocated is zeros, however large the arena is, and after it was used', () => {
  const arena = new Arena({ name: 'a', sizeBytesMax: 64 * MIB })
  for (let round = 0; round < 2; round++) {
    const addresses = Array.from({ length: 30 }, () => arena.allocate(MIB))
    for (const address of addresses) {
      assert.ok(arena.bytes.subarray(address, address + MIB).every(byte => byte === 0))
      arena.bytes.fill(0xff, address, address + MIB)
    }
    for (const address of addresses) arena.free(address, MIB)
  }
})

test('views of bytes that have moved have no length, and parts are those of now', () => {
  const arena = new Arena({ name: 'a', sizeBytesMax: 64 * MIB })
  const address = arena.allocate(4096)
  arena.bytes[address] = 7
  for (let size = arena.sizeBytes; size < 32 * MIB; size = arena.sizeBytes) {
    const [bytes, part] = [arena.bytes, arena.part(address, 4096)]
    assert.equal(part[0], 7)
    while (arena.sizeBytes === size) arena.allocate(MIB / 4)
    assert.deepEqual([bytes.length, part.length], [0, 0])
    assert.deepEqual([arena.part(address, 4096).length, arena.part(address, 4096)[0]], [4096, 7])
  }
})

test('an arena ends where it ends, and asks whether it may grow', () => {
  const small = new Arena({ name: 'a', sizeBytesMax: 10 * MIB })
  let blocks = 0
  while (small.allocate(MIB) !== 0) blocks++
  assert.equal(blocks, 9, 'one is lost to what lies below the first address')
  let paid = 0
  const paying = new Arena({
    name: 'b', sizeBytesMax: 64 * MIB,
    mayGrow (bytes) {
      if (paid + bytes > 16 * MIB) return false
      paid += bytes
      return true
    }
  })
  const before = paying.sizeBytes
  while (paying.allocate(MIB) !== 0) { /* until it is refused */ }
  assert.equal(paying.sizeBytes - before, paid)
  assert.ok(paying.sizeBytes <= before + 16 * MIB)
})

test('a window that rests names nothing, whoever kept it, until it is used again', () => {
  const arena = new Arena({ name: 'a', sizeBytes: 8192, sizeBytesMax: 8192 })
  const window = Window.of(arena, 100, 50, READ | WRITE, { bytesCopied: 0 })!
  const bytes = new Uint8Array(50).fill(7)
  assert.equal(window.rest(), true)
  assert.equal(window.length, 0)
  assert.equal(window.put(0, bytes, 0, 1), -Errno.EFAULT)
  assert.equal(window.take(0, bytes, 0, 1), -Errno.EFAULT)
  assert.equal(window.reuse(arena, 8190, 3, READ), false)
  assert.equal(window.length, 0)
  assert.equal(window.reuse(arena, 8190, 2, READ), true)
  assert.equal(window.put(0, bytes, 0, 1), -Errno.EFAULT, 'it may be read only')
  assert.equal(window.take(0, bytes, 0, 2), 2)
  assert.equal(arena.bytes[100], 0)
})
