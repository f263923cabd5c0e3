import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('every kind of call is measured through every gate, and all do the same work', () => {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'gates.ts'), '1'], { encoding: 'utf8' })
  for (const kind of ['one word', 'eight words', 'a path of 20 bytes', 'a word and a window', 'a word, for a record of ten']) {
    assert.match(output, new RegExp(`^${kind}( +[\\d.]+ ns){3} +\\d+ × +\\d+$`, 'm'))
  }
})
