// `kaleidos run --trace`: a file that Perfetto opens, whatever becomes of the run.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import type { SpawnSyncReturns } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { kernelNames, sleep } from '../system/support.ts'
import { readChromeTrace } from './chrome-trace.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-trace-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })
const file = join(folder, 'trace.json')
const wasm = (name: string): string => join(root, 'programs', 'wasm', `${name}.wasm`)

function kaleidos (...words: string[]): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [join(root, 'bin', 'kaleidos.js'), ...words], { encoding: 'utf8', timeout: 60_000, input: 'b\na\n' })
}

for (const kernel of kernelNames) {
  test(`${kernel}: what a program does, on tracks of processors, domains and programs, with flows across gates`, () => {
    const { status, stdout, stderr } = kaleidos('run', '--kernel', kernel, '--trace', file, wasm('sort'))
    assert.deepEqual([status, stdout, stderr], [0, 'a\nb\n', ''])
    const { slices, flows, groups } = readChromeTrace(readFileSync(file, 'utf8'))
    assert.equal(groups[0], 'processors')
    assert.ok(groups.includes('sort.wasm (2)'))
    const runs = slices.filter(({ track, category }) => track === 'processor 0' && category === 'thread')
    assert.ok(runs.some(({ name }) => name === 'sort.wasm (2)'))
    const life = slices.find(({ group, track }) => group === 'sort.wasm (2)' && track === 'life')
    assert.equal(life?.args['exit'], 0)
    const states = slices.filter(({ group, track }) => group === 'sort.wasm (2)' && track === 'state')
    assert.ok(states.some(({ name }) => name === 'runs'))
    // A flow for each call that entered another domain, from the slice of who calls to that of who serves.
    const served = slices.filter(({ category }) => category === 'served')
    const across = flows.filter(({ category }) => category === 'call')
    assert.equal(across.length, served.length)
    assert.equal(served.length > 0, kernel !== 'unikernel')
    for (const { from, to } of across) {
      assert.equal(from.args['call'], to.args['call'])
      assert.ok(from.group !== to.group && from.startUs <= to.startUs && to.endUs <= from.endUs, `${from.name} holds ${to.name}`)
    }
    assert.ok(flows.some(({ category }) => category === 'wake') || kernel === 'unikernel')
  })
}

test('the file is valid from one write to the next, also after the command was killed', { skip: process.platform === 'win32' ? 'nothing stops a process there' : false }, async () => {
  const child = spawn(process.execPath, [join(root, 'bin', 'kaleidos.js'), 'run', '--trace', file, wasm('bench'), 'null', '10000', '1000'], { stdio: 'ignore' })
  const ended = new Promise(resolve => child.on('exit', resolve))
  try {
    let looks = 0
    for (let tries = 0; looks < 3 && tries < 3000; tries++) {
      await sleep(10)
      // It stands still while it is looked at: a file that grows is not read at one moment.
      child.kill('SIGSTOP')
      await sleep(10)
      const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0
      const text = size < 200_000 * (looks + 1) ? null : readFileSync(file, 'utf8')
      // It may have been stopped in the middle of a write.
      if (text !== null && text.endsWith('\n]}\n')) {
        looks++
        assert.ok(readChromeTrace(text, false).slices.length > 500)
      }
      if (looks < 3) child.kill('SIGCONT')
    }
    assert.equal(looks, 3, 'it grew while the program ran')
  } finally {
    child.kill('SIGKILL')
    await ended
  }
  assert.ok(readChromeTrace(readFileSync(file, 'utf8'), false).slices.length > 500)
})

test('a trace has as many events as it was told, and says what it lacks', () => {
  const { status, stderr } = kaleidos('run', '--trace', file, '--trace-events', '1000', wasm('bench'), 'null', '1000', '10')
  assert.equal(status, 0)
  assert.match(stderr, /has the first 1,000 of [\d,]+ events; --trace-events sets how many\n$/)
  const { slices } = readChromeTrace(readFileSync(file, 'utf8'))
  assert.ok(slices.length > 300 && slices.length < 1000)
  assert.equal(kaleidos('run', '--trace-events', 'many', wasm('true')).status, 2)
})

test('a program that fails leaves a whole trace, and its own status', () => {
  const { status } = kaleidos('run', '--trace', file, wasm('trap'), 'unreachable')
  assert.notEqual(status, 0)
  const { slices } = readChromeTrace(readFileSync(file, 'utf8'))
  assert.ok(slices.some(({ track, args }) => track === 'life' && args['signal'] !== undefined))
})

test('a trace goes through a pipe, too', { skip: process.platform === 'win32' ? 'there is no /dev/stdout' : false }, () => {
  const line = `'${process.execPath}' bin/kaleidos.js run --trace /dev/stdout '${wasm('true')}' | cat`
  const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: root, encoding: 'utf8', timeout: 60_000 })
  assert.equal(stderr, '')
  assert.ok(readChromeTrace(stdout).slices.length > 10)
})

test('a file that cannot be written is told before anything runs, one that fills up at the end', () => {
  const nowhere = kaleidos('run', '--trace', join(folder, 'none', 'trace.json'), wasm('hello'))
  assert.deepEqual([nowhere.status, nowhere.stdout], [2, ''])
  assert.match(nowhere.stderr, /^kaleidos: --trace .*: ENOENT/)
  if (process.platform !== 'linux') return
  const full = kaleidos('run', '--trace', '/dev/full', wasm('hello'))
  assert.equal(full.stdout, 'Hello from KaleidOS\n')
  assert.match(full.stderr, /the trace \/dev\/full is not whole: ENOSPC/)
})
