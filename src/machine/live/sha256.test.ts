import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { sha256 } from './sha256.ts'

test('the digest is SHA-256, for every length around its blocks and for parts of a larger array', () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, at) => (at * 31 + (at >> 8)) & 255)
  for (const length of [...Array.from({ length: 260 }, (_, at) => at), 65_535, 65_536, 69_990]) {
    const part = bytes.subarray(7, 7 + length)
    assert.equal(sha256(part), createHash('sha256').update(part).digest('hex'), `${length} bytes`)
  }
})
