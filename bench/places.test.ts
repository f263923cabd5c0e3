import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

test('calls into another thread are measured, and so is what they are measured beside', { timeout: 120_000 }, () => {
  const bench = join(import.meta.dirname, 'places.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json'], { encoding: 'utf8' })
  const { figures } = JSON.parse(output) as { readonly figures: Readonly<Record<string, number>> }
  for (const name of ['hot', 'bareHot', 'cold', 'bareCold', 'fill', 'take', 'start']) assert.ok(figures[name]! > 0, name)
  assert.equal(figures['sum']! > 0, true)
})
