// `os.fs` as those use it who know Node's: whole files, pieces, directories, and what fails.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SystemError } from '../../src/index.ts'
import { everyName, program, start } from '../system/support.ts'

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

for (const kernel of everyName) {
  test(`${kernel}: files are written, appended to, cut and read, whole and in pieces`, async () => {
    await using os = await start(kernel)
    await os.fs.writeFile('/a', 'one')
    await os.fs.appendFile('/a', Uint8Array.of(33, 10))
    await os.fs.appendFile('/new', new TextEncoder().encode('é').buffer as ArrayBuffer)
    assert.equal(await os.fs.readText('/a'), 'one!\n')
    assert.equal(text(await os.fs.readFile('/new')), 'é')
    await os.fs.truncate('/a', 2)
    assert.equal(await os.fs.readText('/a'), 'on')
    await os.fs.truncate('/a')
    assert.equal((await os.fs.stat('/a')).size, 0)
    const large = new Uint8Array(300_000).map((_, i) => i)
    await new Blob([large]).stream().pipeTo(os.fs.writable('/large'))
    const pieces: Uint8Array[] = []
    for await (const piece of os.fs.readable('/large')) pieces.push(piece)
    assert.ok(pieces.length > 1)
    assert.deepEqual(new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer()), large)
    await os.fs.copyFile('/large', '/copy')
    assert.deepEqual(await os.fs.readFile('/copy'), large)
    await os.fs.utimes('/copy', { accessedMs: 1500, modifiedMs: 1_700_000_000_123 })
    const { accessedMs, modifiedMs } = await os.fs.stat('/copy')
    assert.deepEqual([accessedMs, modifiedMs], [1500, 1_700_000_000_123])
    await os.fs.utimes('/copy', { modifiedMs: 'now' })
    const later = await os.fs.stat('/copy')
    assert.ok(later.accessedMs === 1500 && later.modifiedMs > modifiedMs)
  })

  test(`${kernel}: directories are made, listed and removed with all in them`, async () => {
    await using os = await start(kernel)
    await os.fs.mkdir('/d/e/f', { recursive: true })
    await os.fs.writeFile('/d/file', '')
    await os.fs.symlink('file', '/d/link')
    await os.fs.symlink('nowhere', '/d/dangling')
    assert.deepEqual(await os.fs.readdir('/d'), ['dangling', 'e', 'file', 'link'])
    assert.deepEqual((await os.fs.entries('/d')).map(({ name, type }) => `${name} ${type}`), ['dangling symlink', 'e directory', 'file file', 'link symlink'])
    assert.deepEqual(await Promise.all(['/d', '/d/link', '/d/dangling', '/none', '/d/file/x'].map(path => os.fs.exists(path))), [true, true, false, false, false])
    await assert.rejects(os.fs.rm('/d'), { code: 'EISDIR' })
    await assert.rejects(os.fs.rm('/none'), { code: 'ENOENT' })
    await os.fs.rm('/none', { force: true })
    await os.fs.rm('/d/link')
    await os.fs.rm('/d', { recursive: true })
    assert.equal(await os.fs.exists('/d'), false)
  })

  test(`${kernel}: what fails says what and why, as a value`, async () => {
    await using os = await start(kernel)
    await os.fs.mkdir('/d')
    await assert.rejects(os.fs.readFile('/none'), (error: unknown) => {
      assert.ok(error instanceof SystemError)
      assert.deepEqual([error.name, error.code, error.message], ['SystemError', 'ENOENT', 'readFile /none: ENOENT (no such file or directory)'])
      return true
    })
    await assert.rejects(os.fs.writeFile('/d', ''), { code: 'EISDIR' })
    await assert.rejects(os.fs.writeFile('/a', 7 as unknown as string), { name: 'TypeError', message: 'writeFile takes bytes or a text, not number' })
    await assert.rejects(os.fs.readable('/none').getReader().read(), { code: 'ENOENT' })
    await assert.rejects(os.fs.writable('/none/x').getWriter().write(''), { code: 'ENOENT' })
    await assert.rejects(os.fs.copyFile('/none', '/x'), { code: 'ENOENT' })
  })

  test(`${kernel}: streams that are let go of keep no descriptor`, async () => {
    await using os = await start(kernel)
    await os.fs.writeFile('/a', new Uint8Array(200_000))
    const open = async (): Promise<number> => (await os.fs.readdir('/proc/1/fd')).length
    const before = await open()
    for await (const piece of os.fs.readable('/a')) {
      assert.ok(piece.length > 0)
      break
    }
    const writer = os.fs.writable('/b').getWriter()
    await writer.write('x')
    await writer.abort()
    const wrong = os.fs.writable('/c').getWriter()
    await assert.rejects(wrong.write(7 as unknown as string), TypeError)
    assert.equal(await open(), before + 1, 'what was misused is closed by who misused it')
    await wrong.abort().catch(() => {})
  })
}

test('programs read what the host wrote', async () => {
  await using os = await start('microkernel')
  await os.fs.writeFile('/a', 'from the host\n')
  assert.equal((await os.spawn(program('cat'), { args: ['cat', '/a'] }).output()).text, 'from the host\n')
})
