import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

test('every kind of call is measured through every gate and beside its floor, and all do the same work', () => {
  const bench = join(import.meta.dirname, 'gates.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json'], { encoding: 'utf8' })
  const { figures } = JSON.parse(output) as { readonly figures: { readonly [name: string]: { readonly ns: number, readonly sum: number } } }
  for (const gate of ['direct', 'trap', 'rpc']) {
    for (const kind of ['one', 'eight', 'path', 'window', 'record']) assert.ok(figures[`${gate} ${kind}`]!.ns > 0)
  }
  for (const [ours, floor] of [['trap one', 'trap'], ['rpc eight', 'rpc'], ['rpc window', 'grant'], ['queueing', 'queueing']] as const) {
    assert.equal(figures[ours]!.sum, figures[`floor ${floor}`]!.sum)
  }
})
