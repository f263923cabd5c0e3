// Set-up against an npm that only says what it was asked: when it installs, how, and what is left behind.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const made: string[] = []
after(() => { for (const folder of made) rmSync(folder, { recursive: true, force: true }) })

interface Outcome { status: number | null, output: string }

class Checkout {
  readonly root = mkdtempSync(join(tmpdir(), 'kaleidos-setup-'))

  constructor() {
    made.push(this.root)
    mkdirSync(join(this.root, 'bin'))
    writeFileSync(join(this.root, 'bin', 'kaleidos.js'), '')
    this.lock('1')
    this.npm('good')
  }

  lock(content: string) { writeFileSync(join(this.root, 'package-lock.json'), content) }

  npm(kind: 'good' | 'failing' | 'scriptless' | 'slow') {
    const bin = JSON.stringify(join(this.root, 'node_modules', '.bin'))
    const parts = {
      good: `fs.mkdirSync(${bin}, { recursive: true }); fs.writeFileSync(${bin} + '/node', '')`,
      failing: `console.error('npm error network'); process.exit(1)`,
      scriptless: `fs.mkdirSync(${bin}, { recursive: true })`,
      slow: `fs.mkdirSync(${bin}, { recursive: true }); setTimeout(() => fs.writeFileSync(${bin} + '/node', ''), 400)`,
    }
    const calls = JSON.stringify(join(this.root, 'calls'))
    writeFileSync(join(this.root, 'npm.js'),
      `const fs = require('fs'); fs.appendFileSync(${calls}, process.argv[2] + '\\n'); ${parts[kind]}`)
  }

  async setUp(...args: string[]): Promise<Outcome> {
    const script = join(import.meta.dirname, 'setup.mjs')
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, KALEIDOS_SETUP_ROOT: this.root, npm_execpath: join(this.root, 'npm.js'), KALEIDOS_SETUP_TELL_MS: '150' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
    const status = await new Promise<number | null>(resolve => child.on('close', resolve))
    return { status, output }
  }

  calls(): string[] {
    const file = join(this.root, 'calls')
    return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : []
  }
}

test('set-up installs once, links the command, and then says and does nothing', async () => {
  const checkout = new Checkout()
  assert.equal((await checkout.setUp()).status, 0)
  assert.deepEqual(await checkout.setUp(), { status: 0, output: '' })
  assert.deepEqual(checkout.calls(), ['ci'])
  assert.ok(existsSync(join(checkout.root, 'node_modules', '.bin', process.platform === 'win32' ? 'kaleidos.cmd' : 'kaleidos')))
})

test('an install that takes long says from time to time that it goes on', async () => {
  const checkout = new Checkout()
  checkout.npm('slow')
  const { status, output } = await checkout.setUp()
  assert.equal(status, 0)
  assert.match(output, /^kaleidos: first use: .*\n(kaleidos: still installing, \d+ s\n)+kaleidos: dependencies installed in \d+ s\n$/)
})

test('what npm installed by itself is not installed again', async () => {
  const checkout = new Checkout()
  mkdirSync(join(checkout.root, 'node_modules', '.bin'), { recursive: true })
  writeFileSync(join(checkout.root, 'node_modules', '.bin', 'node'), '')
  assert.equal((await checkout.setUp('--installed')).status, 0)
  assert.ok(existsSync(join(checkout.root, 'node_modules', '.bin', 'kaleidos')), 'the command is linked')
  assert.deepEqual(await checkout.setUp(), { status: 0, output: '' })
  assert.deepEqual(checkout.calls(), [])
})

test('a changed lock file brings the install up to date in place', async () => {
  const checkout = new Checkout()
  await checkout.setUp()
  checkout.lock('2')
  await checkout.setUp()
  await checkout.setUp()
  assert.deepEqual(checkout.calls(), ['ci', 'install'])
})

test('a removed node_modules is installed anew', async () => {
  const checkout = new Checkout()
  await checkout.setUp()
  rmSync(join(checkout.root, 'node_modules'), { recursive: true })
  await checkout.setUp()
  assert.deepEqual(checkout.calls(), ['ci', 'ci'])
})

test('a failed install says why, and the next one starts from nothing', async () => {
  const checkout = new Checkout()
  await checkout.setUp()
  checkout.lock('2')
  checkout.npm('failing')
  const failed = await checkout.setUp()
  assert.equal(failed.status, 1)
  assert.match(failed.output, /npm error network/)
  assert.doesNotMatch(failed.output, /at .*setup\.mjs/)
  checkout.npm('good')
  assert.equal((await checkout.setUp()).status, 0)
  assert.deepEqual(checkout.calls(), ['ci', 'install', 'ci'])
})

test('an npm that ignores install scripts is told apart', async () => {
  const checkout = new Checkout()
  checkout.npm('scriptless')
  const { status, output } = await checkout.setUp()
  assert.equal(status, 1)
  assert.match(output, /npm rebuild node --ignore-scripts=false/)
  assert.equal((await checkout.setUp()).status, 1)
  // What the advice does.
  writeFileSync(join(checkout.root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node'), '')
  assert.deepEqual(await checkout.setUp(), { status: 0, output: '' })
  assert.deepEqual(checkout.calls(), ['ci'])
})

const root = process.platform === 'win32' || process.getuid?.() === 0
test('a folder that may not be written is told, without a stack', { skip: root && 'nothing is refused to root' }, async () => {
  const checkout = new Checkout()
  chmodSync(checkout.root, 0o555)
  try {
    const { status, output } = await checkout.setUp()
    assert.equal(status, 1)
    assert.match(output, /^kaleidos: the dependencies cannot be installed: EACCES.*\nWork in a folder that you may write\.\n$/)
  } finally {
    chmodSync(checkout.root, 0o755)
  }
})

test('of two set-ups at once one installs', async () => {
  const checkout = new Checkout()
  checkout.npm('slow')
  const outcomes = await Promise.all([checkout.setUp(), checkout.setUp(), checkout.setUp()])
  assert.deepEqual(outcomes.map(outcome => outcome.status), [0, 0, 0])
  assert.deepEqual(checkout.calls(), ['ci'])
  assert.ok(!existsSync(join(checkout.root, '.setup-lock')))
})

test('the lock of a holder that is gone is taken over', async () => {
  const checkout = new Checkout()
  const gone = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await new Promise(resolve => gone.on('close', resolve))
  writeFileSync(join(checkout.root, '.setup-lock'), `${gone.pid}\n`)
  const outcomes = await Promise.all([checkout.setUp(), checkout.setUp()])
  assert.deepEqual(outcomes.map(outcome => outcome.status), [0, 0])
  assert.deepEqual(checkout.calls(), ['ci'])
})
