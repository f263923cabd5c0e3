import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

interface Figures {
  readonly taxes: { readonly [call: string]: { readonly throughNs: number, readonly byHandNs: number } }
  readonly layers: { readonly [call: string]: readonly { readonly name: string, readonly ns: number }[] }
}

test('the interface tax is measured, and so is each layer of a read', () => {
  const bench = join(import.meta.dirname, 'interface-tax.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json'], { encoding: 'utf8' })
  const { figures } = JSON.parse(output) as { readonly figures: Figures }
  for (const call of ['fd_fdstat_get', 'clock_time_get', 'fd_read 1 B', 'fd_read 4 KiB']) {
    const { throughNs, byHandNs } = figures.taxes[call]!
    assert.ok(throughNs > 0 && byHandNs > 0, call)
  }
  for (const call of ['fd_read 1 B', 'fd_read 4 KiB']) {
    assert.equal(figures.layers[call]!.length, 8)
    assert.ok(figures.layers[call]!.every(({ ns }) => Number.isFinite(ns)))
  }
})
