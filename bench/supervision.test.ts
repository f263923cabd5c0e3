import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

interface Figures {
  readonly recovery: Readonly<Record<string, { readonly median: number, readonly worst: number }>>
  readonly calls: Readonly<Record<string, { readonly plain: number, readonly supervised: number }>>
}

test('servers come back, and what supervision costs is measured beside a kernel without it', () => {
  const bench = join(import.meta.dirname, 'supervision.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json'], { encoding: 'utf8' })
  const { recovery, calls } = (JSON.parse(output) as { readonly figures: Figures }).figures
  assert.deepEqual(Object.keys(recovery), ['clock', 'entropy', 'vfs', 'ramfs'])
  for (const [name, { median, worst }] of Object.entries(recovery)) assert.ok(median > 0 && worst >= median, name)
  for (const [name, { plain, supervised }] of Object.entries(calls)) assert.ok(plain > 0 && supervised > 0, name)
})
