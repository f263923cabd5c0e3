import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeUtf8, encodeUtf8, utf8Length } from './utf8.ts'

const samples = ['', 'a', 'plain/path.txt', 'é', '中文', '😀', 'a😀é中', 'x'.repeat(100), '￿', '\u{10ffff}', '\0']

test('encoding agrees with the platform, and decoding undoes it', () => {
  for (const text of samples) {
    const expected = new TextEncoder().encode(text)
    const bytes = new Uint8Array(500)
    assert.equal(utf8Length(text), expected.length, text)
    assert.equal(encodeUtf8(text, bytes, 7), expected.length)
    assert.deepEqual(bytes.slice(7, 7 + expected.length), expected)
    for (let again = 0; again < 2; again++) assert.equal(decodeUtf8(bytes, 7, expected.length), text)
  }
})

test('a lone surrogate becomes U+FFFD, as TextEncoder does it', () => {
  for (const text of ['\ud800', 'a\udc00b', '\ud800x']) {
    const bytes = new Uint8Array(20)
    const n = encodeUtf8(text, bytes, 0)
    assert.deepEqual(bytes.slice(0, n), new TextEncoder().encode(text))
    assert.equal(utf8Length(text), n)
  }
})

test('what is not UTF-8 is refused exactly where the platform refuses it', () => {
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  let seed = 12345
  const random = (): number => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) >>> 8
  const leads = [0x00, 0x61, 0x7f, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff, 0xa0, 0x9f, 0x90, 0x8f]
  for (let round = 0; round < 20000; round++) {
    const bytes = Uint8Array.from({ length: random() % 6 }, () => leads[random() % leads.length]!)
    let expected: string | null
    try { expected = strict.decode(bytes) } catch { expected = null }
    assert.equal(decodeUtf8(bytes, 0, bytes.length), expected, [...bytes].join(' '))
  }
})
