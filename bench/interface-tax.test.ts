import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'

test('the interface tax is measured, and both ways do the same work', () => {
  const output = execFileSync(process.execPath, [join(import.meta.dirname, 'interface-tax.ts'), '1'], { encoding: 'utf8' })
  for (const size of ['1 B', '4 KiB']) {
    assert.match(output, new RegExp(`^${size} +[\\d.]+ ns +[\\d.]+ ns +-?[\\d.]+ ns +[\\d.]+ × +\\d+$`, 'm'))
  }
})
