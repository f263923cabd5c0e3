import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDirectory } from './options.ts'
import { suggestion } from './suggestion.ts'

const directories: [word: string, hostPath: string, guestName: string, guestPath: string, writable: boolean][] = [
  ['data', 'data', 'data', '/data', true],
  ['./data', './data', './data', '/data', true],
  ['.', '.', '.', '/', true],
  ['../up/data', '../up/data', '../up/data', '/up/data', true],
  ['/srv/data', '/srv/data', '/srv/data', '/srv/data', true],
  ['data:/d/', 'data', '/d/', '/d', true],
  ['data:/', 'data', '/', '/', true],
  ['data:ro', 'data', 'data', '/data', false],
  ['data:/d:ro', 'data', '/d', '/d', false],
  ['data:in', 'data', 'in', '/in', true],
  ['data::/d', 'data', '/d', '/d', true],
  ['data::/d:ro', 'data', '/d', '/d', false]
]

for (const [word, hostPath, guestName, guestPath, writable] of directories) {
  test(`--dir ${word}`, () => assert.deepEqual(parseDirectory(word), [{ hostPath, guestName, guestPath, writable }]))
}

test('a word that is no part of --dir is refused, not taken for a name', () => {
  for (const word of ['data:/d:rw', 'data:/d:x:ro', 'data:::/d', 'data::', 'data:']) {
    assert.throws(() => parseDirectory(word), { code: 'commander.invalidArgument' }, word)
  }
})

test('a suggestion is near, or there is none', () => {
  assert.equal(suggestion('monolith', ['microkernel', 'monolithic']), 'Did you mean monolithic? ')
  assert.equal(suggestion('Unikernel', ['unikernel']), 'Did you mean unikernel? ')
  assert.equal(suggestion('exokernel', ['monolithic']), '')
})
