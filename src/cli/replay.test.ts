import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { commandLine } from './command-line.ts'
import { firstDifference } from './replay.ts'
import type { RecordedResult } from './record.ts'

const folder = mkdtempSync(join(tmpdir(), 'kaleidos-replay-'))
after(() => rmSync(folder, { recursive: true }))
const wasm = (name: string): string => join(import.meta.dirname, '../../programs/wasm', `${name}.wasm`)
const main = join(import.meta.dirname, 'main.ts')
const file = (name: string): string => join(folder, name)

function kaleidos (words: readonly string[], input = ''): { status: number | null, out: string, err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { input, encoding: 'utf8' })
  return { status, out: stdout, err: stderr }
}

function lastJson (text: string): Record<string, unknown> {
  return JSON.parse(text.trimEnd().split('\n').at(-1)!) as Record<string, unknown>
}

async function complaint (...words: string[]): Promise<[unknown, string]> {
  let err = ''
  const ending = await commandLine(words, { out: () => {}, err: text => { err += text } })
  return [ending, err]
}

const record = file('sort.json')
const sort = ['run', '--machine', 'model:skylake', '--kernel', 'microkernel', '--processors', '2', '--seed', '3', '--json', '--record', record, wasm('sort')]

describe('run on a model machine, and its replay', () => {
  test('standard streams, status and JSON', () => {
    const { status, out, err } = kaleidos(sort, 'b\na\n')
    assert.deepEqual([status, out], [0, 'a\nb\n'], err)
    const { machine, profile, processors, seed, traceHash, events, virtualNs } = lastJson(err)
    assert.deepEqual([machine, profile, processors, seed], ['model:skylake', 'skylake', 2, 3])
    assert.match(String(traceHash), /^[0-9a-f]{16}$/)
    assert.ok(Number(events) > 50 && Number(virtualNs) > 1000)
    const again = kaleidos(['replay', record])
    assert.deepEqual([again.status, again.out, again.err], [0, `same, ${events as number} events, hash ${traceHash as string}\n`, ''])
  })

  test('a record of something else: what changed is named first, then where it differs, with the events there', () => {
    const whole = JSON.parse(readFileSync(record, 'utf8'))
    whole.versions.core = 'another'
    whole.stdin = null
    writeFileSync(file('changed.json'), JSON.stringify(whole))
    const { status, out, err } = kaleidos(['replay', file('changed.json')])
    assert.equal(status, 1)
    assert.match(err, /^kaleidos: other sources than those that recorded it: core;/)
    assert.match(out, /^differs\nrecorded: \d+ events, hash [0-9a-f]{16}, status 0\nthis run: [^]*not the same\.\nBoth are the same up to event \d+; at event \d+ they are not\.[^]*\n {2}event \d+: processor \d/)
  })

  test('Ctrl-C in an endless loop ends it, and the replay ends at the same event', { skip: process.platform === 'win32' }, async () => {
    const path = file('spin.json')
    const child = spawn(process.execPath, [main, 'run', '--machine', 'model:skylake', '--record', path, '--json', wasm('spin')], { stdio: ['ignore', 'ignore', 'pipe'] })
    const ended = new Promise<unknown>(resolve => child.on('close', (_status, signal) => resolve(signal)))
    const interval = setInterval(() => { if (spinning(child.pid!)) child.kill('SIGINT') }, 500)
    assert.equal(await ended, 'SIGINT')
    clearInterval(interval)
    const [arrival] = (JSON.parse(readFileSync(path, 'utf8')) as { arrivals: { signal: string, events: number }[] }).arrivals
    assert.equal(arrival!.signal, 'SIGINT')
    const { status, out } = kaleidos(['replay', path])
    assert.deepEqual([status, /^same, \d+ events/.test(out)], [0, true], out)
  })

  test('a program that waits for what cannot come is ended, and told of', () => {
    const { status, err } = kaleidos(['run', '--machine', 'model:pentium', wasm('hello')])
    assert.equal(status, 0, err)
  })
})

/** Whether it has begun to loop: then it has used more of the processor than its start takes. */
function spinning (pid: number): boolean {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return Number(fields[11]) > 150
  } catch {
    return true
  }
}

test('what makes no sense is told', async () => {
  const hello = wasm('hello')
  for (const [words, message] of [
    [['run', '--seed', '3', hello], /--seed without a model machine[^]*--machine model:skylake --seed 3/],
    [['run', '--machine', 'live', '--processors', '2', hello], /--processors without a model machine/],
    [['run', '--machine', 'model:skylake', '--processors', '65', hello], /from 1 to 64/],
    [['run', '--machine', 'model:skylack', hello], /no profile is named skylack\nDid you mean skylake\?/],
    [['run', '--record', file('x'), hello], /--record without a model machine/],
    [['run', '--machine', 'model:skylake', '--dir', folder, '--record', file('x'), hello], /--record with --dir/],
    [['replay', file('absent')], /absent: no such file/],
    [['replay', folder], /is a folder/]
  ] as const) {
    const [ending, err] = await complaint(...words)
    assert.equal(ending, 2, err)
    assert.match(err, message)
  }
})

test('files that are no whole records are told of', async () => {
  for (const [text, message] of [
    ['', /is empty: the run that it was to keep has not ended/], ['{}', /is no record/], ['\x7fELF', /is no record/],
    ['{"kaleidosRecord":1,"vers', /cut off or damaged/], ['{"kaleidosRecord":2}', /layout 2, and this version reads layout 1/],
    ['{"kaleidosRecord":1}', /is damaged: versions, kernel, profile, /]
  ] as const) {
    writeFileSync(file('bad'), text)
    const [ending, err] = await complaint('replay', file('bad'))
    assert.equal(ending, 2)
    assert.match(err, message)
  }
})

test('where runs differ is found by their checkpoints, however many each has kept', () => {
  const exit = { kind: 'exit', status: 0, signal: null, message: '' } as const
  const result = (traceHash: string, checkpoints: [number, string][]): RecordedResult =>
    ({ exit, stdout: '', stderr: '', virtualNs: 1, events: 300, traceHash, checkpoints: checkpoints.map(([events, hash]) => ({ events, hash })) })
  const one = result('x', [[64, 'a'], [128, 'b'], [192, 'c'], [256, 'd']])
  assert.equal(firstDifference(one, one), null)
  assert.deepEqual(firstDifference(one, result('y', [[64, 'a'], [128, 'b'], [192, 'other'], [256, 'e']])), { after: 128, before: 192 })
  assert.deepEqual(firstDifference(one, result('y', [[128, 'b'], [256, 'e']])), { after: 128, before: 256 })
  assert.deepEqual(firstDifference(one, result('y', [[64, 'a']])), { after: 64, before: 300 })
})
