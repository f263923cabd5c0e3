// `kaleidos run --snapshot` and `kaleidos restore`, as a person uses them: saved in the middle of its input, and gone on with.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('./main.ts', import.meta.url))
const wasm = (name: string): string => fileURLToPath(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))

async function kaleidos (args: readonly string[], input: string): Promise<{ status: number | null, stdout: string, stderr: string }> {
  const child = spawn(process.execPath, [command, ...args])
  child.stdin.end(input)
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')])
  return { status: status as number | null, stdout, stderr }
}

test('a program is saved by a signal, and goes on in another process of this host', { skip: process.platform === 'win32' ? 'this host has no signals' : false }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaleidos-snapshot-'))
  try {
    const file = join(folder, 'saved.bin')
    const child = spawn(process.execPath, [command, 'run', '--kernel', 'microkernel', '--snapshot', file, wasm('cat')])
    const said = text(child.stderr)
    child.stdin.write('first\n')
    const [first] = await once(child.stdout, 'data') as [Buffer]
    assert.equal(first.toString(), 'first\n')
    const ended = once(child, 'exit')
    child.kill('SIGUSR2')
    assert.deepEqual(await ended, [0, null])
    assert.match(await said, /saved to .*saved\.bin/)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(await kaleidos(['restore', file], 'second\n'), { status: 0, stdout: 'second\n', stderr: '' })
    const bytes = readFileSync(file)
    bytes[bytes.length - 5]! ^= 1
    writeFileSync(file, bytes)
    const damaged = await kaleidos(['restore', file], '')
    assert.equal(damaged.status, 1)
    assert.match(damaged.stderr, /damaged/)
    const none = await kaleidos(['restore', join(folder, 'none')], '')
    assert.equal(none.status, 2)
    assert.match(none.stderr, /cannot be read/)
  } finally {
    rmSync(folder, { recursive: true })
  }
})
