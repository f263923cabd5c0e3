import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

test('programs on threads of their own are measured beside those in the kernel\'s', () => {
  const output = execFileSync(process.execPath, ['--no-warnings', join(import.meta.dirname, 'program-threads.ts'), '--trial', '--json'], { encoding: 'utf8' })
  const { figures } = JSON.parse(output) as { readonly figures: Readonly<Record<string, Readonly<Record<string, number>>>> }
  assert.equal(Object.keys(figures).length, 4)
  for (const [name, places] of Object.entries(figures)) {
    assert.equal(Object.keys(places).length, 2, name)
    for (const ns of Object.values(places)) assert.ok(ns > 0, name)
  }
})
