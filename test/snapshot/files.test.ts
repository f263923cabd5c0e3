// A system in which no program runs, saved and taken up under every kernel: its files, names, times and what is open are what they were.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SnapshotError, restore } from '../../src/index.ts'
import type { OperatingSystem } from '../../src/index.ts'
import { everyName, holdings, program, run, start } from '../system/support.ts'

/** Every kind of file, names that are gaps, a file with holes, and one that is large. */
async function fill (os: OperatingSystem): Promise<void> {
  const { fs } = os
  await fs.mkdir('/a/b/c', { recursive: true })
  await fs.writeFile('/a/hello.txt', 'hello\n')
  await fs.writeFile('/a/gone.txt', 'gone')
  await fs.writeFile('/a/b/large', Uint8Array.from({ length: 300_000 }, (_, i) => i * 7))
  await fs.link('/a/hello.txt', '/a/b/c/linked')
  await fs.symlink('../hello.txt', '/a/b/up')
  await fs.symlink('x'.repeat(200), '/a/long')
  await fs.writeFile('/a/sparse', 'x')
  await fs.truncate('/a/sparse', 10_000_000)
  await fs.appendFile('/a/sparse', 'end')
  await fs.unlink('/a/gone.txt')
  await fs.utimes('/a/hello.txt', { accessedMs: 1e12, modifiedMs: 2e12 })
}

async function told (os: OperatingSystem, path = '/'): Promise<unknown[]> {
  const all: unknown[] = []
  for (const { name, type, inode } of await os.fs.entries(path)) {
    const at = `${path === '/' ? '' : path}/${name}`
    if (at === '/proc' || at === '/dev') continue
    const { accessedMs: _, ...attributes } = await os.fs.lstat(at)
    all.push([at, type, inode, attributes, type === 'file' ? Buffer.from(await os.fs.readFile(at)).toString('latin1') : type === 'symlink' ? await os.fs.readlink(at) : ''])
    if (type === 'directory') all.push(...await told(os, at))
  }
  return all
}

for (const kernel of everyName) {
  test(`${kernel}: files are what they were, and what can be done with them`, async () => {
    await using os = await start(kernel)
    await fill(os)
    const before = await told(os)
    assert.ok(before.length > 8)
    const snapshot = await os.snapshot()
    const held = await holdings(os)
    await using restored = await restore(snapshot.bytes)
    assert.deepEqual(await told(restored), before)
    assert.deepEqual({ ...await holdings(restored), arenas: {} }, { ...held, arenas: {} })
    // Both go on, and neither sees what the other does.
    for (const [system, text] of [[os, 'one'], [restored, 'other']] as const) {
      await system.fs.writeFile('/a/new', text)
      await system.fs.rm('/a/b', { recursive: true })
    }
    assert.equal(await os.fs.readText('/a/new'), 'one')
    assert.equal(await restored.fs.readText('/a/new'), 'other')
    assert.deepEqual((await told(restored)).map(each => (each as unknown[])[2]), (await told(os)).map(each => (each as unknown[])[2]), 'numbers are given as they would have been')
    assert.equal((await run(restored, program('cat'), { args: ['cat', '/a/hello.txt'] })).stdout, 'hello\n')
  })
}

test('what is saved twice is equal, and what is taken up and saved again is as well', async () => {
  await using os = await start('microkernel')
  await fill(os)
  const [one, other] = [await os.snapshot(), await os.snapshot()]
  await using restored = await restore(one)
  const again = await restored.snapshot()
  assert.equal(one.identity.length, 64)
  assert.equal(one.bytes.length, other.bytes.length)
  assert.equal(again.bytes.length, one.bytes.length)
})

test('a file that is none, of another format, cut off or changed in any byte is refused in a sentence', async () => {
  await using os = await start('monolithic')
  await os.fs.writeFile('/x', 'contents')
  const { bytes } = await os.snapshot()
  const refused = (given: Uint8Array, message: RegExp): Promise<void> => assert.rejects(restore(given), (error: unknown) => error instanceof SnapshotError && message.test(error.message))
  await refused(new Uint8Array(0), /no snapshot/)
  await refused(new TextEncoder().encode('kaleidos'), /no snapshot/)
  await refused(new TextEncoder().encode('kaleidos snapshot 99 7.0.0\nabc\n'), /format 99 .*7\.0\.0/)
  await refused(bytes.subarray(0, bytes.length - 1), /damaged/)
  for (let at = 0; at < bytes.length; at += Math.ceil(bytes.length / 50)) {
    const changed = bytes.slice()
    changed[at]! ^= 1
    await refused(changed, /no snapshot|format|damaged/)
  }
  await assert.rejects(restore('x' as never), TypeError)
  await assert.rejects(restore(bytes, { wrong: 1 } as never), /there is no option 'wrong'/)
})
