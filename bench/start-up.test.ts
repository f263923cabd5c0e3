import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

test('starts are measured: of a program, and of CRuby here and under node:wasi', () => {
  const bench = join(import.meta.dirname, 'start-up.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const { figures } = JSON.parse(output) as { readonly figures: Record<string, { readonly wholeMs: number, readonly fromBytesMs?: number }> }
  assert.deepEqual(Object.keys(figures), ['node -e 0', 'hello from sources', 'ruby, kaleidos', 'ruby, node:wasi'])
  for (const [name, { wholeMs, fromBytesMs }] of Object.entries(figures)) {
    assert.ok(wholeMs > 0, `${name}: ${wholeMs}`)
    if (name.startsWith('ruby')) assert.ok(fromBytesMs! > 0 && fromBytesMs! < wholeMs, `${name}: ${fromBytesMs} of ${wholeMs}`)
  }
})
