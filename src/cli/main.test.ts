import assert from 'node:assert/strict'
import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { kernels, presets } from '../kernels/index.ts'
import { workloads, type Comparison } from '../lab/index.ts'

// By the launcher, as people start it: it keeps compiled sources.
const main = join(import.meta.dirname, '../../bin/kaleidos.js')
const wasm = (name: string): string => join(import.meta.dirname, '../../programs/wasm', `${name}.wasm`)
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-cli-'))
after(() => rmSync(folder, { recursive: true }))
mkdirSync(join(folder, 'data'))
writeFileSync(join(folder, 'data/words.txt'), 'one\ntwo\n')

interface Given {
  readonly input?: string | Buffer
  readonly cwd?: string
}

function kaleidos (words: readonly string[], { input = '', cwd = folder }: Given = {}): SpawnSyncReturns<Buffer> {
  return spawnSync(process.execPath, [main, ...words], { input, cwd, timeout: 60_000, killSignal: 'SIGKILL' })
}

/** Runs a line of the shell in which `$k` is the command. */
function shell (line: string): SpawnSyncReturns<string> {
  return spawnSync('bash', ['-c', line], {
    cwd: folder, encoding: 'utf8', env: { ...process.env, k: `${process.execPath} ${main}` }, timeout: 60_000, killSignal: 'SIGKILL'
  })
}

const names = Object.keys(kernels)

test('a mistake ends the command with its status', () => {
  const result = kaleidos(['run', '--kernal', 'x', 'a.wasm'])
  assert.equal(result.stdout.toString(), '')
  assert.match(result.stderr.toString(), /unknown option '--kernal'/)
  assert.equal(result.status, 2)
})

test('kernels are listed and shown, as text and as JSON', () => {
  const list = kaleidos(['kernels']).stdout.toString()
  for (const name of names) assert.ok(list.includes(name))
  const { linux: _, ...apart } = presets
  assert.deepEqual(JSON.parse(kaleidos(['kernels', '--json']).stdout.toString()), Object.values({ ...kernels, ...apart }).map(kernel => kernel()))
  assert.deepEqual(JSON.parse(kaleidos(['kernels', 'show', 'microkernel', '--json']).stdout.toString()), kernels.microkernel())
  assert.match(kaleidos(['kernels', 'show', 'microkernel']).stdout.toString(), /user above · supervisor below/)
  assert.match(kaleidos(['kernels', 'show', 'microkernel', '--dot']).stdout.toString(), /^digraph/)
})

for (const name of names) {
  const run = (words: readonly string[], given?: Given): SpawnSyncReturns<Buffer> => kaleidos(['run', '--kernel', name, ...words], given)

  test(`run, ${name}: arguments and environment are the program's, options after its name too`, () => {
    const result = run(['--env', 'A=1=2', wasm('args'), '--json', 'a b', ''])
    const lines = result.stdout.toString()
    for (const word of [`[${wasm('args')}]`, '[--json]', '[a b]', '[]', '[A=1=2]']) assert.ok(lines.includes(word), `${word} in ${lines}`)
    assert.ok(!lines.includes('PATH'), 'the host\'s environment is not the program\'s')
    assert.equal(result.stderr.toString(), '')
  })

  test(`run, ${name}: standard streams are binary and of any length`, () => {
    const input = Buffer.from(Uint8Array.from({ length: 300_001 }, (_, at) => at * 7))
    const result = run([wasm('cat')], { input })
    assert.ok(result.stdout.equals(input))
    assert.equal(result.status, 0)
  })

  test(`run, ${name}: the exit status is the program's`, () => {
    assert.equal(run([wasm('exit'), '42']).status, 42)
    assert.equal(run([wasm('true')]).status, 0)
  })

  test(`run, ${name}: a fault is told and has a status of its own`, () => {
    for (const [kind, status] of [['unreachable', 134], ['divide', 136], ['memory', 139]] as const) {
      const result = run([wasm('trap'), kind])
      assert.match(result.stderr.toString(), /^kaleidos: .*trap\.wasm: .*SIG[A-Z]+/)
      assert.equal(result.status, status, kind)
    }
  })

  test(`run, ${name}: folders of the host are seen where they were put`, () => {
    assert.equal(run(['--dir', 'data', wasm('cat'), 'data/words.txt']).stdout.toString(), 'one\ntwo\n')
    assert.equal(run(['--dir', './data', wasm('cat'), './data/words.txt']).stdout.toString(), 'one\ntwo\n')
    assert.equal(run(['--dir', 'data:/in', wasm('cat'), '/in/words.txt']).stdout.toString(), 'one\ntwo\n')
    assert.equal(run(['--dir', 'data:/', wasm('cat'), '/words.txt']).stdout.toString(), 'one\ntwo\n')
    assert.equal(run(['--dir', '.', wasm('cat'), 'data/words.txt']).stdout.toString(), 'one\ntwo\n')
    assert.notEqual(run([wasm('cat'), 'data/words.txt']).status, 0, 'no folder was given')
  })

  test(`run, ${name}: what is written stays on the host, unless it is read-only`, () => {
    assert.equal(run(['--dir', 'data:/d', wasm('cp'), '/d/words.txt', `/d/${name}.txt`]).status, 0)
    assert.equal(readFileSync(join(folder, `data/${name}.txt`), 'utf8'), 'one\ntwo\n')
    assert.notEqual(run(['--dir', 'data:/d:ro', wasm('cp'), '/d/words.txt', `/d/${name}-ro.txt`]).status, 0)
    assert.ok(!existsSync(join(folder, `data/${name}-ro.txt`)))
  })

  test(`run, ${name}: --json ends standard error with how it ended and what it cost`, () => {
    const result = run(['--json', wasm('exit'), '7'])
    const told = JSON.parse(result.stderr.toString().trim().split('\n').at(-1)!) as Record<string, unknown>
    assert.equal(told['kernel'], name)
    assert.deepEqual(told['exit'], { kind: 'exit', status: 7, signal: null, message: '' })
    assert.ok((told['counters'] as Record<string, number>)['calls']! > 0)
    assert.equal(result.status, 7)
  })

  test(`run, ${name}: a reader that goes away ends it quietly`, () => {
    const result = shell(`$k run --kernel ${name} ${wasm('bytes')} 100000000 | head -c 3 | od -An -tu1; echo \${PIPESTATUS[0]}`)
    assert.equal(result.stderr, '')
    assert.equal(result.stdout.replace(/\s+/g, ' ').trim(), '0 1 2 141')
  })

  test(`run, ${name}: output comes as it is made`, async () => {
    const child = spawn(process.execPath, [main, 'run', '--kernel', name, wasm('cat')], { stdio: 'pipe' })
    child.stdin.write('first')
    const [chunk] = await new Promise<Buffer[]>(resolve => child.stdout.once('data', (...data) => resolve(data)))
    assert.equal(String(chunk), 'first')
    child.stdin.end()
    assert.equal(await new Promise(resolve => child.once('close', resolve)), 0)
  })

  test(`run, ${name}: Ctrl-C ends a program that loops for ever, and this command with it`, async () => {
    const child = spawn(process.execPath, [main, 'run', '--kernel', name, wasm('spin')], { stdio: ['ignore', 'ignore', 'pipe'] })
    let stderr = ''
    child.stderr.on('data', data => { stderr += String(data) })
    await sleep(1500)
    child.kill('SIGINT')
    const [status, signal] = await new Promise<unknown[]>(resolve => child.once('close', (...how) => resolve(how)))
    assert.deepEqual([status, signal, stderr], [null, 'SIGINT', ''])
  })
}

test('compare: a person\'s own program, in tables, report and JSON', () => {
  const words = ['compare', wasm('cp'), '--dir', 'data', '--repeats', '1', '--out', 'report', '--seed', '5']
  const result = kaleidos([...words, '--json', '--', 'data/words.txt', 'data/copy.txt'])
  assert.equal(result.status, 0, result.stderr.toString())
  const told = JSON.parse(result.stdout.toString())
  assert.deepEqual(told.program.agreement, [names])
  assert.deepEqual(told.program.args, ['data/words.txt', 'data/copy.txt'])
  assert.deepEqual(told, JSON.parse(readFileSync(join(folder, 'report/compare.json'), 'utf8')))
  assert.match(readFileSync(join(folder, 'report/compare.html'), 'utf8'), /The same to the byte/)
  assert.ok(!existsSync(join(folder, 'data/copy.txt')), 'the folder itself stays as it is')
})

test('compare: a program whose output tells the time differs, and that is told', () => {
  const result = kaleidos(['compare', wasm('bench'), '--repeats', '1', '--out', 'report', '--', 'clock', '9', '9'])
  assert.match(result.stdout.toString(), /Outputs differ/)
  assert.equal(result.status, 1)
})

test('compare: every workload under every kernel', () => {
  const result = kaleidos(['compare', '--seconds', '1', '--out', 'report', '--json'])
  assert.equal(result.status, 0, result.stderr.toString())
  const told = JSON.parse(result.stdout.toString()) as Comparison
  assert.equal(told.measurements.length, names.length * workloads.length)
  for (const row of told.measurements) {
    const refused = row.kernel === 'unikernel' && ['pipe ping-pong', 'spawn', 'four at once'].includes(row.workload)
    assert.equal(row.outcome, refused ? 'refused' : 'measured', JSON.stringify(row))
    if (row.outcome === 'refused') continue
    assert.ok(row.ns.median > 0)
    const same = told.measurements.find(other => other.workload === row.workload && other.outcome === 'measured')
    assert.ok(same?.outcome === 'measured' && same.workHash === row.workHash, `${row.kernel} did other work in ${row.workload}`)
    if (row.workload !== 'null call' || row.counts === null) continue
    assert.equal(row.counts.calls, 1)
    assert.equal(row.counts.crossings, { monolithic: 1, microkernel: 2, unikernel: 0 }[row.kernel])
  }
})

test('compare: Ctrl-C leaves nothing behind', async () => {
  const temporary = mkdtempSync(join(folder, 'tmp-'))
  const child = spawn(process.execPath, [main, 'compare', wasm('spin'), '--dir', 'data'], {
    cwd: folder, stdio: 'ignore', env: { ...process.env, TMPDIR: temporary }
  })
  const copies = (): string[] => readdirSync(temporary, { recursive: true, encoding: 'utf8' }).filter(name => name.startsWith('kaleidos-'))
  for (let waited = 0; copies().length < 3 && waited < 30_000; waited += 50) await sleep(50)
  child.kill('SIGINT')
  const [, signal] = await new Promise<unknown[]>(done => child.once('close', (...how) => done(how)))
  assert.equal(signal, 'SIGINT')
  assert.deepEqual(copies(), [])
})

test('run: input that never ends does not keep a program from ending', async () => {
  const child = spawn(process.execPath, [main, 'run', wasm('true')], { stdio: ['pipe', 'ignore', 'inherit'] })
  child.stdin!.on('error', () => {}).write('x')
  assert.equal(await new Promise(done => child.once('exit', done)), 0)
})

test('debug address: a domain reaches its own arena, a supervisor those above it', () => {
  const lines = JSON.parse(kaleidos(['debug', 'address', '--kernel', 'microkernel', '--json']).stdout.toString()) as
    { domain: string, addresses: string[] }[]
  const domains = new Map(lines.map(line => [line.domain, line.addresses]))
  assert.equal(domains.get('ramfs')!.length, 1)
  const [program] = lines.map(line => line.domain).filter(name => name.startsWith('cat'))
  assert.deepEqual(domains.get('core'), ['core', `memory of ${program}`])
  assert.ok(!domains.get(program!)!.includes('core'))
  assert.match(kaleidos(['debug', 'address', '--kernel', 'monolithic']).stdout.toString(), /kernel +can address/)
})
