import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'
import type { Finding } from './harness.ts'
import { performanceReport } from './performance.ts'
import type { Run } from './performance.ts'

const finding: Finding = {
  title: 'Doors', question: 'How long does a door take?', held: 'the door.',
  targets: [
    { what: 'open', wanted: 'at most 1 s', measured: '2 s', met: false },
    { what: 'close', wanted: 'at most 1 s', measured: '1 s', met: true },
    { what: 'lock', wanted: 'at most 1 s', measured: 'no key', met: null }
  ],
  tables: [{ title: 'Times', columns: [{ name: 'what', words: true }, { name: 's' }], rows: [['open | shut', '2'], ['<close>', '1']], notes: ['s: seconds'] }],
  figures: {}
}
const run: Run = {
  reports: [{ name: 'doors', finding }, { name: 'windows', failure: 'it ended with 1' }],
  host: { processor: 'a processor', processors: 2, memoryBytes: 1, system: 'a system', node: '1', v8: '2', date: '2000-01-01' },
  command: 'npm run bench', seconds: 3, load: [0.5, 1.5]
}

test('a report says the answer first, then every target and table', () => {
  const text = performanceReport(run)
  assert.match(text, /^# Performance\n\nWritten by `npm run bench`.*\n\n\*\*1 of 3 targets met, 1 missed, 1 not measured\.\*\*\n/)
  assert.match(text, /^\| \*\*missed\*\* \| open \| 2 s \| at most 1 s \|$/m)
  assert.match(text, /^\| not measured \| lock \| no key \| at most 1 s \|$/m)
  assert.match(text, /^\*\*windows did not end:\*\* it ended with 1$/m)
  assert.match(text, /^\| what \| s \|\n\| --- \| ---: \|\n\| open \\\| shut \| 2 \|\n\| &lt;close> \| 1 \|\n\n- s: seconds$/m)
})

test('a report says so if the machine was busy', () => {
  assert.doesNotMatch(performanceReport(run), /was busy/)
  assert.match(performanceReport({ ...run, load: [0.5, 2.5] }), /\*\*The machine was busy/)
})

test('a benchmark that there is not is told, with those that there are', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, 'run.ts'), 'doors'], { encoding: 'utf8' })
  assert.equal(status, 2)
  assert.match(stderr, /^bench: there is no doors; there are system-calls, interface-tax, processes, gates, places, program-threads, metering/)
})
