import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { READ, WRITE, Window } from '../../roles/index.ts'
import type { Entropy } from '../../roles/index.ts'
import { startService, testArena } from '../testing.ts'
import { entropy as service } from './index.ts'

test('every piece of the window is filled, nothing beside it, and a window that may not be written is refused', () => {
  const devices = { entropy: { fill: (bytes: Uint8Array) => { bytes.fill(7) } } }
  const { fill } = startService(service, { devices })['entropy'] as unknown as Entropy
  const arena = testArena('client')
  const at = arena.allocate(64)
  const counter = { bytesCopied: 0 }
  assert.equal(fill(Window.ofPieces(arena, [at, 3, at + 8, 5], WRITE, counter)!), 8)
  assert.deepEqual([...arena.bytes.subarray(at, at + 16)], [7, 7, 7, 0, 0, 0, 0, 0, 7, 7, 7, 7, 7, 0, 0, 0])
  assert.equal(counter.bytesCopied, 8)
  assert.equal(fill(Window.of(arena, at, 4, READ, counter)!), -Errno.EFAULT)
  assert.equal(fill(Window.of(arena, at, 0, WRITE, counter)!), 0)
})
