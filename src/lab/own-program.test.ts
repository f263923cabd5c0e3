import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fakeLibrary, plan, program, type Answer, type Call } from './library.fixture.ts'
import { measureOwn, type OwnResult } from './own-program.ts'

const root = mkdtempSync(join(tmpdir(), 'kaleidos-own-'))
const scratch = mkdtempSync(join(tmpdir(), 'kaleidos-scratch-'))
after(() => {
  assert.deepEqual(readdirSync(scratch), [])
  for (const folder of [root, scratch]) rmSync(folder, { recursive: true })
})

function ownOf (answer: (call: Call) => Answer, writable = true): Promise<OwnResult> {
  return measureOwn(fakeLibrary(answer), {
    kernels: [plan('a'), plan('b')], seconds: 1, repeats: 3, seed: 1, progress: () => {},
    own: {
      path: './my.wasm', scratch, program: program('my.wasm'), spawn: { args: ['./my.wasm', '-v'] },
      shares: [{ hostPath: root, guestPath: '/data', writable }]
    }
  })
}

const folderOf = (call: Call): string => call.boot.shares![0]!.hostPath

test('each run starts from the same files, and the original stays as it is', async () => {
  writeFileSync(join(root, 'in.txt'), 'in')
  mkdirSync(join(root, 'deep'), { recursive: true })
  const result = await ownOf(call => {
    assert.deepEqual(readdirSync(folderOf(call)).sort(), ['deep', 'in.txt'])
    writeFileSync(join(folderOf(call), 'deep/out.txt'), 'out')
    return { stdout: 'hello', counts: { calls: 7 } }
  })
  assert.deepEqual(readdirSync(root, { recursive: true }).sort(), ['deep', 'in.txt'])
  assert.equal(readFileSync(join(root, 'in.txt'), 'utf8'), 'in')
  assert.deepEqual(result.facts.agreement, [['a', 'b']])
  assert.deepEqual(result.facts.args, ['-v'])
  assert.equal(result.rounds, 3)
  const row = result.measurements[0]!
  assert.ok(row.outcome === 'measured')
  assert.equal(row.counts!.calls, 7)
  assert.equal(row.ns.samples, 3)
})

test('a folder that is read-only is shared as it is', async () => {
  await ownOf(call => {
    assert.equal(folderOf(call), root)
    return { stdout: '', counts: {} }
  }, false)
})

const differences: [what: string, answer: (call: Call) => Answer][] = [
  ['output', ({ kernel }) => ({ stdout: kernel, counts: {} })],
  ['status', ({ kernel }) => ({ stdout: '', exit: { status: kernel === 'a' ? 0 : 3 }, counts: {} })],
  ['files', call => {
    writeFileSync(join(folderOf(call), 'out.txt'), call.kernel)
    return { stdout: '', counts: {} }
  }],
  ['refusal', ({ kernel }) => {
    if (kernel === 'b') throw new Error('one program only')
    return { stdout: '', counts: {} }
  }]
]

for (const [what, answer] of differences) {
  test(`a difference in ${what} is told`, async () => {
    const { facts } = await ownOf(answer)
    assert.deepEqual(facts.agreement, [['a'], ['b']])
    if (what === 'refusal') assert.equal(facts.runs[1]!.message, 'one program only')
  })
}

test('a program that no kernel runs is an error, and no agreement', async () => {
  await assert.rejects(ownOf(() => { throw new Error('no _start') }), /no _start/)
})

test('a program that gives something else each time is told', async () => {
  let n = 0
  const { facts } = await ownOf(() => ({ stdout: String(n++), counts: {} }))
  assert.match(facts.runs[0]!.message, /not the same each time/)
})

test('what a program that failed said last is shown, and nothing of one that did not fail', async () => {
  const { facts } = await ownOf(({ kernel }) =>
    ({ stdout: '', stderr: 'reading\nmy: no such file\n', exit: { status: kernel === 'a' ? 1 : 0 }, counts: {} }))
  assert.deepEqual(facts.runs.map(run => run.message), ['my: no such file', ''])
})
