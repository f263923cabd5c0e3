import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseSize, parseTime } from './limit-options.ts'

test('sizes and times have units, and what is none is told in a sentence', () => {
  assert.deepEqual(['0', '65536', '512K', '64M', '1.5G', '64MiB', '10kb'].map(parseSize), [0, 65536, 524_288, 67_108_864, 1_610_612_736, 67_108_864, 10_240])
  assert.deepEqual(['500ms', '10s', '0.5s', '2m', '1h'].map(parseTime), [500, 10_000, 500, 120_000, 3_600_000])
  for (const word of ['', 'x', '64X', '-1', '1.0000001K', '1e3', '99999999999G', '64 M']) assert.throws(() => parseSize(word), /Give a number of bytes, such as/, word)
  for (const word of ['', '5', 's', '-1s', '10 s', '1d']) assert.throws(() => parseTime(word), /Give a time with its unit/, word)
})

const main = join(import.meta.dirname, 'main.ts')
const wasm = (folder: string, name: string): string => join(import.meta.dirname, '../..', folder, `${name}.wasm`)

function run (...words: string[]): { status: number | null, stdout: string, stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'run', ...words], { encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL' })
  return { status, stdout, stderr }
}

test('kaleidos run: each limit reaches the program, and a wrong one ends the command', () => {
  const hostile = wasm('test/system/programs/wasm', 'hostile')
  assert.equal(run('--mem', '8M', wasm('programs/wasm', 'grow')).stdout, 'refused after 7 MiB\n')
  assert.match(run('--disk', '100K', hostile, 'fill', '/f').stdout, /^102400 bytes, then errno/)
  assert.match(run('--files', '5', hostile, 'names', '/').stdout, /^5 files, then errno/)
  assert.match(run('--descriptors', '20', hostile, 'descriptors', '/dev/null').stdout, /^16 opened, then errno/)
  assert.match(run('--pipe-bytes', '128K', hostile, 'pipes').stdout, /^2 pipes, then errno/)
  const spin = run('--cpu-time', '50ms', wasm('programs/wasm', 'spin'))
  assert.deepEqual([spin.status, spin.stderr.replace(/.*wasm: /, '')], [151, 'its processor time of 0.05 s is used up (SIGXCPU)\n'])
  const wrong = run('--mem', '64X', hostile)
  assert.equal(wrong.status, 2)
  assert.match(wrong.stderr, /'64X' is invalid\. Give a number of bytes/)
})
