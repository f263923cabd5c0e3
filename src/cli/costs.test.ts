import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { services } from '../os/index.ts'

const main = join(import.meta.dirname, '../../bin/kaleidos.js')

function costs (...words: string[]): { status: number | null, out: string, err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'machines', 'costs', ...words], { encoding: 'utf8', timeout: 60_000 })
  return { status, out: stdout, err: stderr }
}

test('without a name: what common calls come to, and which tables there are', () => {
  const { status, out } = costs()
  assert.equal(status, 0)
  assert.match(out, /path_open of a name of ten bytes\n +\d+ \(\d+ to [\d,]+\) instructions, \d+ lines of data\n +wasi \d+, vfs \d+, ramfs \d+, ramfs \d+/)
  for (const name of [...services.keys(), 'core']) assert.match(out, new RegExp(`\\b${name}\\b`))
})

test('a table, with each operation and the reason of each row; the core\'s with its paths', () => {
  const { out } = costs('ramfs')
  assert.match(out, /^FileSystem\n {2}root\n {4}call: [\d.]+ \([\d.]+ to [\d.]+\) instructions, [\d.]+ lines\n {8}the root is known$/m)
  assert.match(out, /byte of name: .*\n +the name hashed/)
  assert.match(out, /under\s+the\s+lock\s+inode,\s+by\s+directory/)
  assert.match(costs('core').out, /^l4 rpc\n {2}in\n[^]*^mach port\n[^]*^scheduler\n[^]*^Threads\n {2}load\n/m)
  assert.deepEqual(Object.keys(JSON.parse(costs('clock', '--json').out) as object), ['Clock'])
})

test('a service that there is not: the one that was meant', () => {
  const { status, err } = costs('rmafs')
  assert.equal(status, 2)
  assert.match(err, /there is no service 'rmafs'\nDid you mean ramfs\?/)
})
