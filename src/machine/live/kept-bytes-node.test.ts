import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { sha256 } from './digest-node.ts'
import { keptIn } from './kept-bytes-node.ts'

const owners = { skip: process.getuid === undefined ? 'this host has no owners of files' : false }

function folderFor (t: TestContext): string {
  const outer = mkdtempSync(join(tmpdir(), 'kept-'))
  t.after(() => rmSync(outer, { recursive: true }))
  return join(outer, 'deep', 'kept')
}

const parts = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(100_000).fill(7)]
const whole = new Uint8Array([...parts[0]!, ...parts[2]!])

test('gives back what was put, to another process too, and nothing under other keys', t => {
  const folder = folderFor(t)
  assert.equal(keptIn(folder).get('a'), null)
  keptIn(folder).put('a', parts)
  assert.deepEqual(keptIn(folder).get('a'), whole)
  assert.equal(keptIn(folder).get('b'), null)
  assert.deepEqual(readdirSync(folder), ['a'])
})

test('is for this user alone', owners, t => {
  const folder = folderFor(t)
  keptIn(folder).put('a', parts)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(join(folder, 'a')).mode & 0o777, 0o600)
})

test('a file that was cut off, grown or changed is not given, and goes', t => {
  const folder = folderFor(t)
  const kept = keptIn(folder)
  const path = join(folder, 'a')
  const damages: (() => void)[] = [
    () => truncateSync(path, 50), () => truncateSync(path, 5), () => truncateSync(path, 0),
    () => writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.of(0)])),
    ...[0, 4, 8, 12, 60_000].map(at => () => { const bytes = readFileSync(path); bytes[at]! ^= 1; writeFileSync(path, bytes) })
  ]
  for (const damage of damages) {
    kept.put('a', parts)
    damage()
    assert.equal(kept.get('a'), null)
    assert.equal(existsSync(path), false)
  }
})

test('a folder or a file that somebody else may write is not used', owners, t => {
  const folder = folderFor(t)
  const kept = keptIn(folder)
  kept.put('a', parts)
  for (const mode of [0o770, 0o702, 0o720]) {
    chmodSync(folder, mode)
    assert.equal(kept.get('a'), null, mode.toString(8))
    kept.put('b', parts)
    assert.deepEqual(readdirSync(folder), ['a'])
  }
  chmodSync(folder, 0o700)
  chmodSync(join(folder, 'a'), 0o602)
  assert.equal(kept.get('a'), null)
})

test('symbolic links are not followed', t => {
  const folder = folderFor(t)
  const kept = keptIn(folder)
  kept.put('a', parts)
  renameSync(join(folder, 'a'), join(folder, '..', 'elsewhere'))
  symlinkSync('../elsewhere', join(folder, 'a'))
  assert.equal(kept.get('a'), null)
  renameSync(folder, `${folder}-moved`)
  symlinkSync(`${folder}-moved`, folder)
  kept.put('c', parts)
  assert.equal(existsSync(join(folder, 'c')), false)
})

test('all files together are bounded, and what was used longest ago goes first', t => {
  const folder = folderFor(t)
  const size = whole.length + 81
  const kept = keptIn(folder, 3 * size)
  for (const [age, key] of ['a', 'b', 'c'].entries()) {
    kept.put(key, parts)
    utimesSync(join(folder, key), 1000 + age, 1000 + age)
  }
  assert.notEqual(kept.get('a'), null)
  kept.put('d', parts)
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'c', 'd'])
  keptIn(folder, size - 1).put('e', parts)
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'c', 'd'], 'what is larger than the bound is not kept')
})

test('what a process that died was writing goes after a while', t => {
  const folder = folderFor(t)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'x.1.writing'), 'half', { mode: 0o600 })
  writeFileSync(join(folder, 'y.1.writing'), 'half', { mode: 0o600 })
  utimesSync(join(folder, 'x.1.writing'), 1000, 1000)
  keptIn(folder).put('a', parts)
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'y.1.writing'])
})

test('where nothing can be kept, nothing is, and nothing is thrown', t => {
  const folder = folderFor(t)
  mkdirSync(join(folder, '..'), { recursive: true })
  writeFileSync(folder, 'a file')
  for (const place of [folder, join(folder, 'below'), '/proc/nowhere', 'bad\0name']) {
    keptIn(place).put('a', parts)
    assert.equal(keptIn(place).get('a'), null)
  }
})

test('the digest is that of others, for little and for much', () => {
  for (const length of [0, 1, 55, 56, 64, 65_536, 65_537, 200_000]) {
    const bytes = Uint8Array.from({ length }, (_item, index) => index * 31)
    assert.equal(sha256(bytes), createHash('sha256').update(bytes).digest('hex'))
  }
})
