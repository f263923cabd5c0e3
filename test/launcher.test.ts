// The launcher: which Node it takes, and that nobody can tell that it stands between the shell and the command.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { SpawnOptions } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = mkdtempSync(join(tmpdir(), 'kaleidos-launcher-'))
after(() => rmSync(root, { recursive: true, force: true }))

const launcher = join(root, 'bin', 'kaleidos.js')
mkdirSync(join(root, 'src', 'cli'), { recursive: true })
cpSync(join(import.meta.dirname, '..', 'bin'), join(root, 'bin'), { recursive: true })
writeFileSync(join(root, 'package.json'), '{ "type": "module" }')
writeFileSync(join(root, 'src', 'cli', 'main.ts'), `
  const [what, value]: string[] = process.argv.slice(2)
  if (what === 'args') console.log(JSON.stringify(process.argv.slice(2)), process.env.KALEIDOS_STARTED)
  if (what === 'exit') process.exitCode = Number(value)
  if (what === 'die') process.kill(process.pid, value)
  if (what === 'throw') throw new Error('of the command')
  if (what === 'copy') process.stdin.pipe(process.stdout)
  if (what === 'wait') {
    process.on('SIGTERM', () => process.exit(9))
    setTimeout(() => {}, 20_000)
    console.log('ready')
  }
`)

/** Another file that is this Node: the launcher takes it for a different one. */
const otherNode = join(root, 'other-node')
writeFileSync(otherNode, `#!/bin/sh\nexec '${process.execPath}' "$@"\n`)
chmodSync(otherNode, 0o755)

const waysToRun: Record<string, Record<string, string>> = {
  'in this process': {},
  'in its place': { KALEIDOS_NODE: otherNode },
  'as a child': { KALEIDOS_NODE: otherNode, NODE_OPTIONS: '--import=data:text/javascript,delete(process.execve)' },
}

function start(env: Record<string, string>, args: string[], options: SpawnOptions = {}) {
  const child = spawn(process.execPath, [launcher, ...args], { env: { ...process.env, ...env }, ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { output += text })
  const ended = new Promise<{ status: number | null, signal: string | null, output: string }>(resolve =>
    child.on('close', (status, signal) => resolve({ status, signal, output })))
  return { child, ended }
}

for (const [way, env] of Object.entries(waysToRun)) {
  const skip = process.platform === 'win32' && 'other Nodes are tried with a shell script'

  test(`launcher, ${way}: arguments arrive as they are`, { skip }, async () => {
    const { output } = await start(env, ['args', 'a b', '--', '--help', '']).ended
    assert.equal(output, '["args","a b","--","--help",""] undefined\n')
  })

  test(`launcher, ${way}: the status is the command's`, { skip }, async () => {
    assert.equal((await start(env, ['exit', '42']).ended).status, 42)
  })

  test(`launcher, ${way}: an uncaught error of the command is reported as one`, { skip }, async () => {
    const { status, output } = await start(env, ['throw']).ended
    assert.equal(status, 1)
    assert.match(output, /Error: of the command/)
  })

  test(`launcher, ${way}: death by signal is passed on`, { skip }, async () => {
    for (const signal of ['SIGTERM', 'SIGKILL']) assert.equal((await start(env, ['die', signal]).ended).signal, signal)
  })

  test(`launcher, ${way}: a signal reaches the command`, { skip }, async () => {
    const { child, ended } = start(env, ['wait'])
    await new Promise(resolve => child.stdout?.once('data', resolve))
    child.kill('SIGTERM')
    assert.equal((await ended).status, 9)
  })

  test(`launcher, ${way}: standard input is the command's`, { skip }, async () => {
    const { child, ended } = start(env, ['copy'])
    child.stdin?.end('through\n')
    assert.equal((await ended).output, 'through\n')
  })
}

test('launcher: a Node without JSPI that was asked for is refused, with advice', async () => {
  const { status, output } = await start({ KALEIDOS_NODE: '/nowhere/node' }, ['exit', '0']).ended
  assert.equal(status, 1)
  assert.match(output, /KALEIDOS_NODE names \/nowhere\/node/)
  assert.match(output, /Node 26/)
})

test('launcher: a host without JSPI and without another Node says what is missing', async () => {
  const NODE_OPTIONS = '--import=data:text/javascript,delete(WebAssembly.Suspending)'
  const { status, output } = await start({ NODE_OPTIONS }, ['exit', '0']).ended
  assert.equal(status, 1)
  assert.match(output, /needs a Node with JSPI; this is Node \d+/)
})

test('launcher: a checkout whose dependencies are not installed says how to install them', async () => {
  const setup = join(root, 'scripts', 'setup.mjs')
  const main = join(root, 'src', 'cli', 'main.ts')
  const whole = readFileSync(main)
  mkdirSync(join(root, 'scripts'))
  writeFileSync(setup, '')
  try {
    for (const source of ['import "a-package-that-is-not-there"', 'export const ended = import("a-package-that-is-not-there")']) {
      writeFileSync(main, source)
      const { status, output } = await start({}, []).ended
      assert.equal(output, `kaleidos: The dependencies of this checkout are not installed.\nRun \`npm run setup\` in ${realpathSync(root)}.\n`)
      assert.equal(status, 1)
    }
  } finally {
    rmSync(join(root, 'scripts'), { recursive: true })
    writeFileSync(main, whole)
  }
})

test('launcher: a Node that turns out to have no JSPI is not started for ever', async () => {
  const NODE_OPTIONS = '--import=data:text/javascript,delete(WebAssembly.Suspending)'
  const { status, output } = await start({ NODE_OPTIONS, KALEIDOS_STARTED: '1' }, ['exit', '0']).ended
  assert.equal(status, 1)
  assert.match(output, /was expected to have JSPI/)
})
