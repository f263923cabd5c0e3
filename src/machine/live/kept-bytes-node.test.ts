import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { promisify } from 'node:util'
import { keptIn } from './kept-bytes-node.ts'

const owners = { skip: process.getuid === undefined ? 'this host has no owners of files' : false }

function folderFor (t: TestContext): string {
  const outer = mkdtempSync(join(tmpdir(), 'kept-'))
  t.after(() => rmSync(outer, { recursive: true }))
  return join(outer, 'deep', 'kept')
}

/** The path of the one file that a folder holds. */
function pathOf (folder: string): string {
  const [name, ...others] = readdirSync(folder)
  assert.deepEqual(others, [])
  return join(folder, name!)
}

const parts = [Uint8Array.of(1, 2, 3), new Uint8Array(0), new Uint8Array(100_000).fill(7)]
const whole = new Uint8Array([...parts[0]!, ...parts[2]!])

test('gives back what was put, to another process too, and nothing under other keys', t => {
  const folder = folderFor(t)
  assert.equal(keptIn(folder).get('a'), null)
  keptIn(folder).put('a', parts)
  assert.deepEqual(keptIn(folder).get('a'), whole)
  assert.equal(keptIn(folder).get('b'), null)
  assert.equal(readdirSync(folder).length, 1)
})

test('is for this user alone', owners, t => {
  const folder = folderFor(t)
  keptIn(folder).put('a', parts)
  assert.equal(statSync(folder).mode & 0o777, 0o700)
  assert.equal(statSync(pathOf(folder)).mode & 0o777, 0o600)
})

test('a file that was cut off, grown or changed is not given, and goes', t => {
  const folder = folderFor(t)
  const kept = keptIn(folder)
  kept.put('a', parts)
  const path = pathOf(folder)
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
    assert.equal(readdirSync(folder).length, 1)
  }
  chmodSync(folder, 0o700)
  chmodSync(pathOf(folder), 0o602)
  assert.equal(kept.get('a'), null)
})

test('symbolic links are not followed', t => {
  const folder = folderFor(t)
  const kept = keptIn(folder)
  kept.put('a', parts)
  const path = pathOf(folder)
  renameSync(path, join(folder, '..', 'elsewhere'))
  symlinkSync('../elsewhere', path)
  assert.equal(kept.get('a'), null)
  renameSync(folder, `${folder}-moved`)
  symlinkSync(`${folder}-moved`, folder)
  kept.put('c', parts)
  assert.deepEqual(readdirSync(`${folder}-moved`), [basename(path)])
})

test('all files together are bounded, and what was used longest ago goes first', t => {
  const folder = folderFor(t)
  const size = whole.length + 32
  const kept = keptIn(folder, 3 * size)
  const there = (): string[] => ['a', 'b', 'c', 'd', 'e'].filter(key => keptIn(folder).get(key) !== null)
  for (const [age, key] of ['a', 'b', 'c'].entries()) {
    const before = existsSync(folder) ? readdirSync(folder) : []
    kept.put(key, parts)
    utimesSync(join(folder, readdirSync(folder).find(name => !before.includes(name))!), 1000 + age, 1000 + age)
  }
  assert.notEqual(kept.get('a'), null)
  kept.put('d', parts)
  assert.deepEqual(there(), ['a', 'c', 'd'])
  keptIn(folder, size - 1).put('e', parts)
  assert.deepEqual(there(), ['a', 'c', 'd'], 'what is larger than the bound is not kept')
})

test('what a process that died was writing goes after a while', t => {
  const folder = folderFor(t)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(join(folder, 'x.1.writing'), 'half', { mode: 0o600 })
  writeFileSync(join(folder, 'y.1.writing'), 'half', { mode: 0o600 })
  utimesSync(join(folder, 'x.1.writing'), 1000, 1000)
  keptIn(folder).put('a', parts)
  assert.deepEqual(readdirSync(folder).filter(name => name.endsWith('.writing')), ['y.1.writing'])
  assert.deepEqual(keptIn(folder).get('a'), whole)
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

test('keys of one name are told apart, and the later has the file', t => {
  const folder = folderFor(t)
  const kept = keptIn(folder)
  // Four words each, the sums of which are the same: +1, -2, +1.
  const keys = ['AAAABBBBCCCCDDDD', 'BAAA@BBBDCCCDDDD', 'long '.repeat(5000)]
  assert.notEqual(keys[0], keys[1])
  kept.put(keys[0]!, parts)
  assert.equal(kept.get(keys[1]!), null)
  assert.deepEqual(kept.get(keys[0]!), whole)
  kept.put(keys[1]!, [Uint8Array.of(9)])
  assert.equal(readdirSync(folder).length, 1, 'the names are the same')
  assert.equal(kept.get(keys[0]!), null)
  assert.deepEqual(kept.get(keys[1]!), Uint8Array.of(9))
  kept.put(keys[2]!, parts)
  assert.deepEqual(kept.get(keys[2]!), whole)
})

test('two processes that keep the same at once do no harm', async t => {
  const folder = folderFor(t)
  const source = `
    import { keptIn } from ${JSON.stringify(new URL('kept-bytes-node.ts', import.meta.url).href)}
    const kept = keptIn(${JSON.stringify(folder)})
    const contents = new Uint8Array(300_000).fill(5)
    let found = 0
    for (let i = 0; i < 30; i++) {
      kept.put('key', [contents])
      const read = kept.get('key')
      if (read === null) continue
      found++
      if (Buffer.compare(read, contents) !== 0) throw new Error('something else came back')
    }
    if (found < 25) throw new Error('found ' + found + ' times')`
  const run = (): Promise<unknown> => promisify(execFile)(process.execPath, ['--no-warnings', '--input-type=module', '--eval', source])
  await Promise.all([run(), run()])
  assert.equal(readdirSync(folder).length, 1)
})
