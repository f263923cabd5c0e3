import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sha256 } from './digest-node.ts'
import { identityOf } from './identity.ts'

test('the identity of bytes tells them from all others, by themselves or by their digest', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 31 + (at >> 8)) & 255)
  const seen = new Set<string>()
  const lengths = [0, 1, 4095, 4096, 4097, 65_535, 65_536, 65_537, 69_990]
  for (const length of lengths) {
    const part = bytes.subarray(7, 7 + length)
    const identity = identityOf(part, sha256)
    assert.equal(identityOf(part.slice(), sha256), identity)
    assert.equal(identity, length <= 65_536 ? `bytes ${Buffer.from(part).toString('latin1')}` : `sha256 ${createHash('sha256').update(part).digest('hex')}`)
    seen.add(identity)
    if (length === 0) continue
    const other = part.slice()
    other[length - 1]! ^= 1
    seen.add(identityOf(other, sha256))
  }
  assert.equal(seen.size, 2 * lengths.length - 1)
})

test('bytes that spell the digest of others are not taken for them', () => {
  const much = new Uint8Array(70_000)
  const spelled = new TextEncoder().encode(identityOf(much, sha256))
  assert.notEqual(identityOf(spelled, sha256), identityOf(much, sha256))
})
