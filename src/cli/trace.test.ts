/** `kaleidos trace` as a person calls it. */

import assert from 'node:assert/strict'
import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kernels } from '../kernels/index.ts'
import type { CallsOfRun, Receipt } from '../lab/index.ts'

const main = join(import.meta.dirname, '../../bin/kaleidos.js')
const wasm = (name: string): string => join(import.meta.dirname, '../../programs/wasm', `${name}.wasm`)
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-trace-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })
writeFileSync(join(folder, 'words.txt'), 'one\ntwo\n')

function trace (...words: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [main, 'trace', ...words], { encoding: 'utf8', cwd: folder, input: 'b\na\n', timeout: 120_000, env: { ...process.env, NO_COLOR: '1' } })
}

function assertColumns (text: string): void {
  for (const line of text.split('\n')) assert.ok([...line].length < 80, `${[...line].length} columns: ${line}`)
}

const names = Object.keys(kernels)

test('a receipt for each kernel, then all beside each other, in 80 columns', () => {
  const { status, stdout, stderr } = trace('--call', 'fd_pread')
  assert.deepEqual([status, stderr], [0, ''])
  assertColumns(stdout)
  for (const name of names) assert.match(stdout, new RegExp(`^fd_pread, 4 KiB of a file, under ${name}$`, 'm'))
  assert.match(stdout, /^ {2}rpc to vfs .* ns +\d+ % +1 +1 +1 +16 B$/m)
  assert.match(stdout, /^ +ramfs\.read .* ns +\d+ % +4,096 B$/m)
  assert.match(stdout, /^total .* 100 % +4 +4 +2 +4,144 B$/m)
  assert.match(stdout, /^kernel +time +× +in gates/m)
})

test('as JSON: the steps add up to the total, and count what the kernel\'s page says', () => {
  const receipts = JSON.parse(trace('--call', 'fd_fdstat_get', '--json').stdout) as Receipt[]
  assert.deepEqual(receipts.map(({ kernel }) => kernel), names)
  for (const { kernel, lines, total, counts, unit, wholeNs, calls, calledSo } of receipts) {
    assert.equal(unit, 'ns')
    assert.ok(Math.abs(total - lines.reduce((sum, { cost }) => sum + cost, 0)) < 1e-6)
    assert.ok(total > 0 && wholeNs !== null && calledSo >= 8000 && calls >= calledSo)
    assert.deepEqual([counts.crossings, counts.switches], { monolithic: [1, 0], microkernel: [2, 2], unikernel: [0, 0] }[kernel])
  }
})

test('on modelled hardware: cycles, for what, and the same each time', () => {
  const [first, second] = [0, 1].map(() => trace('--call', 'clock_time_get', '--kernel', 'microkernel', '--machine', 'model:skylake'))
  assert.deepEqual([first!.status, first!.stderr], [0, ''])
  assert.equal(first!.stdout, second!.stdout)
  assertColumns(first!.stdout)
  assert.match(first!.stdout, /^ {2}rpc to clock +\d+/m)
  assert.match(first!.stdout, /switch of address space \d+ · .*enter the supervisor \d+/)
  const [receipt] = JSON.parse(trace('--call', 'clock_time_get', '--kernel', 'microkernel', '--machine', 'model:skylake', '--json').stdout) as Receipt[]
  assert.equal(receipt!.unit, 'cycles')
  for (const line of receipt!.lines) assert.ok(Math.abs(line.cost - line.charges.reduce((sum, { cycles }) => sum + cycles, 0)) < 1e-6)
})

test('all calls of a program, its trace in a file, and its exit status', () => {
  const { status, stdout } = trace('--out', 'trace.json', '--dir', '.', wasm('wc'), 'words.txt')
  assert.equal(status, 0)
  assertColumns(stdout)
  assert.match(stdout, /^wc\.wasm under monolithic$/m)
  assert.match(stdout, /^fd_read +\d+/m)
  assert.ok(Array.isArray((JSON.parse(readFileSync(join(folder, 'trace.json'), 'utf8')) as { traceEvents: unknown }).traceEvents))
  const [run] = JSON.parse(trace('--json', '--kernel', 'microkernel', wasm('exit'), '3').stdout) as (CallsOfRun & { status: number })[]
  assert.deepEqual([run!.kernel, run!.status], ['microkernel', 3])
})

test('a call of a program of one\'s own, with its input', () => {
  const { status, stdout } = trace('--call', 'fd_read', '--stdin', 'words.txt', wasm('sort'))
  assert.equal(status, 0)
  assert.match(stdout, /^fd_read, of sort\.wasm, under monolithic$/m)
})

test('mistakes are told with what to do', () => {
  const mistakes: [words: string[], status: number, says: RegExp][] = [
    [['--call', 'fd_raed'], 2, /no system call fd_raed\nDid you mean fd_read\?/],
    [['--call', 'poll_oneoff'], 2, /makes poll_oneoff over and over\nName one that does/],
    [['--kernel', 'mega'], 2, /no kernel is named mega/],
    [['--machine', 'skylake'], 2, /Did you mean model:skylake\?/],
    [['--dir', '.'], 2, /--dir without a program/],
    [['--out', 'x.json'], 2, /--out with --call, or without a program/],
    [['--out', 'x.json', '--kernel', 'monolithic', '--kernel', 'microkernel', wasm('true')], 2, /--out with several kernels/],
    [['--call', 'path_link', wasm('hello')], 1, /the program makes no path_link, but fd_/],
    [['none.wasm'], 127, /no such file/]
  ]
  for (const [words, status, says] of mistakes) {
    const result = trace(...words)
    assert.deepEqual([result.status, result.stdout], [status, ''], words.join(' '))
    assert.match(result.stderr, says)
  }
})
