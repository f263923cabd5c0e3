import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import process from 'node:process'
import test from 'node:test'
import { fileURLToPath } from 'node:url'

test('the benchmark of the rewriter runs, and every mode comes to the same results', () => {
  const bench = fileURLToPath(new URL('rewriter.ts', import.meta.url))
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '1'], { encoding: 'utf8' })
  assert.match(output, /rewriting CRuby, live: \d+ MB\/s/)
  for (const name of ['tight loop', 'recursion', 'sort', 'sha256sum']) {
    assert.match(output, new RegExp(`${name} +live +[\\d.]+ +[\\d.]+ +-?\\d+ % more`))
  }
})
