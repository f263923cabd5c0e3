import assert from 'node:assert/strict'
import { test } from 'node:test'
import { spellingOf } from './spelling.ts'

test('the bytes of a spelling are those of its text, at any address, and nothing beyond them', () => {
  const view = new DataView(new ArrayBuffer(96))
  const bytes = new Uint8Array(view.buffer)
  for (const text of ['', 'a', 'etc', 'a/b/c', 'usr/share/dict/words', '\x00\x7f~', 'x'.repeat(64)]) {
    for (const at of [0, 1, 7]) {
      bytes.fill(0xee)
      const spelling = spellingOf(text)!
      spelling.put(view, at)
      assert.equal(Buffer.from(bytes.subarray(at, at + text.length)).toString('latin1'), text)
      assert.ok(bytes.subarray(at + text.length).every(byte => byte === 0xee), 'nothing after it is touched')
      assert.ok(bytes.subarray(0, at).every(byte => byte === 0xee), 'nor before it')
      assert.ok(spelling.isAt(view, at))
      for (let i = 0; i < text.length; i++) {
        bytes[at + i]! ^= 1
        assert.equal(spelling.isAt(view, at), false, `one bit of byte ${i} of ${JSON.stringify(text)} is another`)
        bytes[at + i]! ^= 1
      }
    }
  }
})

test('a text that is long or not ASCII has no spelling; the table of them is bounded', () => {
  for (const text of ['ä', 'a\u0080', '😀', 'x'.repeat(65)]) assert.equal(spellingOf(text), null)
  for (let i = 0; i < 10_000; i++) assert.equal(spellingOf(`file${i}`)!.text, `file${i}`)
})
