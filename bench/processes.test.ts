import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

interface Figures {
  readonly [workload: string]: { readonly monolithic: number, readonly microkernel: number, readonly floor: number }
}

test('pipes and processes are measured beside their floors, and those that live at once answer', () => {
  const bench = join(import.meta.dirname, 'processes.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json'], { encoding: 'utf8' })
  const { live, ...workloads } = (JSON.parse(output) as { readonly figures: Figures & { readonly live: { live: number, answered: number, refusal: string | null } } }).figures
  assert.equal(Object.keys(workloads).length, 3)
  for (const [name, { monolithic, microkernel, floor }] of Object.entries(workloads)) assert.ok(monolithic > 0 && microkernel > 0 && floor > 0, name)
  assert.deepEqual({ live: live.live, answered: live.answered, refusal: live.refusal }, { live: 50, answered: 50, refusal: null })
})
