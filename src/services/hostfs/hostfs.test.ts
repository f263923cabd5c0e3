import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, linkSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { pathAnchors } from '../../machine/live/anchors-path-node.ts'
import { NodeFolders } from '../../machine/live/folders-node.ts'
import { fileSystemConformance, wholeFileSystem } from '../../roles/conformance/index.ts'
import { APPEND, Access, FileType, HOST_DIRECTORIES_HELD_MAX, READ, SetAttributes, WRITE, Window, inodeOf, takeDirectoryRecord, typeOf } from '../../roles/index.ts'
import type { Attributes } from '../../roles/index.ts'
import { startService, testArena } from '../testing.ts'
import { hostfs } from './index.ts'
import type { Hostfs } from './hostfs.ts'

const outside = mkdtempSync(join(tmpdir(), 'hostfs-'))
const machines: NodeFolders[] = []
after(() => {
  for (const machine of machines) machine.closeAll()
  rmSync(outside, { recursive: true, force: true })
})
let shares = 0

/** A share in a folder of its own, beside a secret that no one inside may see. */
function make (options: Readonly<Record<string, unknown>> = {}, folders?: (hostPath: string) => NodeFolders) {
  const hostPath = join(outside, `share-${++shares}`)
  mkdirSync(hostPath)
  writeFileSync(join(outside, 'secret'), 'secret')
  const machine = folders?.(hostPath) ?? new NodeFolders([{ hostPath, writable: true }])
  machines.push(machine)
  const files = startService(hostfs, { devices: { folders: machine }, options })['files'] as unknown as Hostfs
  const memory = testArena('client')
  const window = (length: number): Window => Window.of(memory, memory.allocate(Math.max(1, length)), length, READ | WRITE, { bytesCopied: 0 })!
  const root = files.root() as number
  return {
    files, machine, hostPath, root, window,
    on: (...names: string[]) => join(hostPath, ...names),
    look: (name: string, directory = root) => files.attributes(inodeOf(files.lookup(directory, name))) as Attributes,
    text (text: string): Window {
      const made = window(text.length)
      made.put(0, new TextEncoder().encode(text), 0, text.length)
      return made
    },
    read (handle: number, length = 100): string {
      const into = window(length)
      const count = files.read(handle, 0, into) as number
      const bytes = new Uint8Array(length)
      into.take(0, bytes, 0, length)
      return count < 0 ? String(count) : new TextDecoder().decode(bytes.subarray(0, count))
    },
    list (handle: number, room = 4096) {
      const records = []
      for (let cookie = 0; ;) {
        const into = window(room)
        const count = files.readDirectory(handle, cookie, into) as number
        assert.ok(count >= 0, `readDirectory ${count}`)
        if (count === 0) return records
        const bytes = new Uint8Array(count)
        into.take(0, bytes, 0, count)
        for (let at = 0; at < count;) {
          const record = takeDirectoryRecord(bytes, at)
          records.push(record)
          cookie = record.cookie
          at = record.next
        }
      }
    }
  }
}

const subject = (folders?: (hostPath: string) => NodeFolders) => () => {
  const { files, machine } = make({}, folders)
  return { files, arena: testArena('client'), counter: { bytesCopied: 0 }, close: () => machine.closeAll() }
}
/** What a host folder under Node is, but for the exactness of times, which is tested below. */
const wholeFolder = { ...wholeFileSystem, 'exact times': 'Node sets times to the us only' }
fileSystemConformance({ name: 'hostfs', test, skip: wholeFolder, make: subject() })
fileSystemConformance({
  name: 'hostfs on checked paths',
  test,
  skip: { ...wholeFolder, 'unlinked files': 'a path leads nowhere once its file has no name' },
  make: subject(hostPath => new NodeFolders([{ hostPath, writable: true }], pathAnchors))
})

for (const [kind, folders] of [
  ['descriptors', undefined], ['checked paths', (hostPath: string) => new NodeFolders([{ hostPath, writable: true }], pathAnchors)]
] as const) {
  test(`no name leads out of the share (${kind})`, () => {
    const { files, root, hostPath } = make({}, folders)
    symlinkSync('..', join(hostPath, 'up'))
    symlinkSync(outside, join(hostPath, 'absolute'))
    symlinkSync(join(outside, 'secret'), join(hostPath, 'file'))
    for (const name of ['..', '.', '', '/', '../secret', 'up/secret', `/proc/self/root${outside}/secret`, 'file\0', '/etc/passwd']) {
      assert.equal(files.lookup(root, name), -Errno.EINVAL, `lookup ${JSON.stringify(name)}`)
      assert.equal(files.create(root, name, FileType.REGULAR), -Errno.EINVAL, `create ${JSON.stringify(name)}`)
      assert.equal(files.unlink(root, name), -Errno.EINVAL)
      assert.equal(files.rename(root, 'file', root, name), -Errno.EINVAL)
      assert.equal(files.symlink(root, name, 'x'), -Errno.EINVAL)
    }
    for (const name of ['up', 'absolute', 'file']) {
      const link = files.lookup(root, name)
      assert.equal(typeOf(link), FileType.SYMBOLIC_LINK)
      assert.equal(files.open(inodeOf(link), Access.READ), -Errno.ELOOP)
      assert.equal(files.lookup(inodeOf(link), 'secret'), -Errno.ENOTDIR, 'a link is no directory')
      assert.equal(files.create(root, name, FileType.REGULAR), -Errno.EEXIST, 'creating does not follow')
    }
  })

  test(`a directory that turns into a symbolic link between two steps leads nowhere (${kind})`, () => {
    const { files, on, look } = make({}, folders)
    mkdirSync(on('d'))
    writeFileSync(on('d', 'secret'), 'mine')
    const directory = look('d').inode
    const inner = look('secret', directory).inode
    renameSync(on('d'), on('away'))
    symlinkSync(outside, on('d'))
    const entry = files.lookup(directory, 'secret')
    for (const result of [entry < 0 ? entry : files.attributes(inodeOf(entry)), files.attributes(inner)]) {
      if (typeof result !== 'number') assert.equal(result.size, 4, 'what was in the directory, never what the link leads to')
    }
    const made = files.create(directory, 'new', FileType.REGULAR) as number
    assert.ok(!existsSync(join(outside, 'new')), `made outside: ${made}`)
    const handle = files.open(inner, Access.READ | Access.WRITE) as number
    assert.ok(handle < 0 || (files.attributes(inner) as Attributes).size === 4)
  })
}

test('another program that swaps a directory and a link all the time gets nobody out', async () => {
  const { files, root, on, read } = make()
  mkdirSync(on('a'))
  writeFileSync(on('a', 'secret'), 'mine')
  symlinkSync(outside, on('b'))
  const { spawn } = await import('node:child_process')
  const swapper = spawn(process.execPath, ['-e', `
    const { renameSync } = require('node:fs')
    process.chdir(${JSON.stringify(on('.'))})
    console.log('swapping')
    for (;;) { renameSync('a', 'c'); renameSync('b', 'a'); renameSync('a', 'b'); renameSync('c', 'a') }`], { stdio: ['ignore', 'pipe', 'inherit'] })
  await new Promise(resolve => swapper.stdout.once('data', resolve))
  let found = 0
  for (let turn = 0; turn < 3000 || (found === 0 && turn < 1_000_000); turn++) {
    const directory = files.lookup(root, 'a')
    if (directory < 0) continue
    const inner = files.lookup(inodeOf(directory), 'secret')
    if (inner < 0) continue
    const handle = files.open(inodeOf(inner), Access.READ) as number
    if (handle < 0) continue
    assert.equal(read(handle), 'mine')
    files.close(handle)
    found++
  }
  swapper.kill('SIGKILL')
  assert.ok(found > 0, 'it was found at times')
})

test('a FIFO and a device in the share are seen and never opened', { skip: process.platform === 'win32' && 'no FIFOs' }, () => {
  const { files, on, look } = make()
  execFileSync('mkfifo', [on('fifo')])
  assert.equal(look('fifo').type, FileType.UNKNOWN)
  assert.equal(files.open(look('fifo').inode, Access.READ), -Errno.ENXIO)
  assert.equal(files.open(look('fifo').inode, Access.WRITE), -Errno.ENXIO)
  const handle = files.open(look('fifo').inode, 0) as number
  assert.ok(handle > 0, 'it can be looked at')
  assert.equal(files.setAttributes(look('fifo').inode, SetAttributes.SIZE, 0, 0, 0, 0, 0), -Errno.EINVAL)
})

test('all names of one file have one number, and it keeps it under another name', () => {
  const { files, root, on, look, hostPath } = make()
  writeFileSync(on('a'), 'x')
  linkSync(on('a'), on('b'))
  const { inode } = look('a')
  assert.equal(look('b').inode, inode)
  assert.equal(files.rename(root, 'a', root, 'b'), 0)
  assert.deepEqual(readdirSync(hostPath).sort(), ['a', 'b'], 'two names of one file: nothing happens')
  assert.equal(files.rename(root, 'a', root, 'c'), 0)
  assert.equal((files.attributes(inode) as Attributes).links, 2)
  assert.equal(files.unlink(root, 'b'), 0)
  assert.equal((files.attributes(inode) as Attributes).links, 1)
  // Behind its back.
  renameSync(on('c'), on('d'))
  assert.equal(files.attributes(inode), -Errno.ENOENT)
  assert.equal(look('d').inode, inode)
  assert.equal((files.attributes(inode) as Attributes).links, 1)
})

test('a number never stands for another file that took the name', () => {
  const { files, root, on, look } = make()
  for (const how of ['file', 'directory'] as const) {
    mkdirSync(on(how))
    writeFileSync(on(how, 'a'), 'old')
    const directory = look(how).inode
    const { inode } = look('a', directory)
    if (how === 'file') renameSync(on('file', 'a'), on('file', 'b'))
    else renameSync(on('directory'), on('moved'))
    if (how === 'directory') mkdirSync(on('directory'))
    writeFileSync(on(how, 'a'), 'another')
    const now = files.attributes(inode)
    assert.ok(typeof now === 'number' ? now === -Errno.ENOENT : now.size === 3, how)
    assert.notEqual(look('a', look(how).inode).inode, inode)
    const linked = files.link(inode, root, `link-${how}`)
    assert.ok(linked === -Errno.ENOENT || look(`link-${how}`).size === 3, how)
  }
})

test('an open file works on when the host removes it or puts another in its place', () => {
  const { files, on, look, text, read } = make()
  writeFileSync(on('a'), 'first')
  const { inode } = look('a')
  const handle = files.open(inode, Access.READ | Access.WRITE) as number
  unlinkSync(on('a'))
  writeFileSync(on('a'), 'second one')
  assert.equal(read(handle), 'first')
  assert.equal(files.write(handle, APPEND, text('!')), 1)
  assert.equal(read(handle), 'first!')
  const attributes = files.attributes(inode) as Attributes
  assert.deepEqual([attributes.links, attributes.size], [0, 6])
  assert.equal(files.setAttributes(inode, SetAttributes.SIZE, 2, 0, 0, 0, 0), 0)
  assert.equal(read(handle), 'fi')
  assert.notEqual(look('a').inode, inode)
  assert.equal(files.close(handle), 0)
  assert.equal(files.attributes(inode), -Errno.ENOENT)
  assert.equal(readFileSync(on('a'), 'utf8'), 'second one')
})

test('writing at the end is the host\'s own, with other programs at it', () => {
  const { files, on, look, text } = make()
  writeFileSync(on('log'), 'a')
  const handle = files.open(look('log').inode, Access.WRITE) as number
  files.write(handle, APPEND, text('b'))
  writeFileSync(on('log'), 'c', { flag: 'a' })
  files.write(handle, APPEND, text('d'))
  assert.equal(readFileSync(on('log'), 'utf8'), 'abcd')
})

for (const [which, options, writable] of [['the mount', { readOnly: true }, true], ['the share', {}, false]] as const) {
  test(`nothing can be changed when ${which} is read-only`, () => {
    const { files, root, on, look, read, hostPath } = make(options, hostPath => new NodeFolders([{ hostPath, writable }]))
    writeFileSync(on('a'), 'x')
    mkdirSync(on('d'))
    const before = lstatSync(on('a'), { bigint: true })
    const file = look('a').inode
    assert.equal(read(files.open(file, Access.READ) as number), 'x')
    const changes = {
      write: files.open(file, Access.WRITE), create: files.create(root, 'n', FileType.REGULAR), mkdir: files.create(root, 'n', FileType.DIRECTORY),
      symlink: files.symlink(root, 'n', 'a'), link: files.link(file, root, 'n'), unlink: files.unlink(root, 'a'),
      rmdir: files.removeDirectory(root, 'd'), rename: files.rename(root, 'a', root, 'b'),
      size: files.setAttributes(file, SetAttributes.SIZE, 0, 0, 0, 0, 0), times: files.setAttributes(file, SetAttributes.MODIFY_NOW, 0, 0, 0, 0, 0)
    }
    for (const [name, result] of Object.entries(changes)) assert.equal(result, -Errno.EROFS, name)
    assert.deepEqual(readdirSync(hostPath).sort(), ['a', 'd'])
    assert.equal(lstatSync(on('a'), { bigint: true }).mtimeNs, before.mtimeNs)
  })
}

test('times are set to the us, before 1970 too, and the one that is not named stays to the ns', () => {
  const { files, on, look } = make()
  writeFileSync(on('a'), 'x')
  symlinkSync('nowhere', on('l'))
  for (const name of ['a', 'l']) {
    const before = look(name)
    for (const [sec, nsec] of [[1_700_000_000, 123_456_000], [1_700_000_000, 999_999_999], [0, 1], [-5, 250_000_000], [4_000_000_000, 1000]] as const) {
      assert.equal(files.setAttributes(before.inode, SetAttributes.MODIFY_TIME, 0, 0, 0, sec, nsec), 0)
      const now = look(name)
      assert.deepEqual([now.modifySec, Math.floor(now.modifyNsec / 1000)], [sec, Math.floor(nsec / 1000)], `${name} ${sec} ${nsec}`)
      assert.deepEqual([now.accessSec, now.accessNsec], [before.accessSec, before.accessNsec])
    }
    assert.equal(files.setAttributes(before.inode, SetAttributes.ACCESS_NOW | SetAttributes.MODIFY_TIME, 0, 0, 0, 7, 0), 0)
    assert.ok(look(name).accessSec >= before.accessSec)
    assert.equal(look(name).modifySec, 7)
  }
})

test('a listing leaves out names that are not UTF-8', { skip: process.platform !== 'linux' && 'names of the host are strings' }, () => {
  const { files, root, on, list, look } = make()
  writeFileSync(Buffer.concat([Buffer.from(on('')), Buffer.from('/bad'), Buffer.from([0xff, 0xfe])]), 'x')
  writeFileSync(on('naïve-\u{1f600}'), 'x')
  const records = list(files.open(root, Access.READ) as number)
  assert.deepEqual(records.map(record => record.name).sort(), ['naïve-\u{1f600}'])
  for (const record of records) assert.equal(record.inode, look(record.name).inode)
})

test('a huge directory is listed in pieces, each entry once though others come and go', () => {
  const { files, root, on, list, machine, window } = make({ inodesMax: 64 })
  const count = 5000
  for (let i = 0; i < count; i++) writeFileSync(on(`f${i}`), '')
  const handle = files.open(root, Access.READ) as number
  const into = window(4096)
  assert.ok(files.readDirectory(handle, 0, into) as number > 0)
  for (let i = 0; i < count; i += 2) unlinkSync(on(`f${i}`))
  for (let i = 0; i < 100; i++) writeFileSync(on(`new${i}`), '')
  const names = list(handle, 300).map(record => record.name)
  assert.equal(new Set(names).size, names.length)
  const kept = names.filter(name => name.startsWith('f')).map(name => Number(name.slice(1))).sort((a, b) => a - b)
  assert.deepEqual(kept, Array.from({ length: count / 2 }, (_, i) => 2 * i + 1))
  assert.equal(files.readDirectory(handle, 0, window(8)), -Errno.EINVAL)
  files.close(handle)
  assert.equal(machine.handles, 1, 'the root only')
})

test('inodes and held directories are bounded, and what was forgotten is found again', () => {
  const { files, root, on, look, machine } = make({ inodesMax: 64 })
  for (let i = 0; i < 400; i++) {
    mkdirSync(on(`d${i}`))
    writeFileSync(on(`d${i}`, 'f'), String(i))
  }
  const numbers = Array.from({ length: 400 }, (_, i) => look('f', look(`d${i}`).inode).inode)
  assert.ok(machine.handles < 300, `${machine.handles} handles`)
  for (let i = 0; i < 400; i++) assert.equal(look('f', look(`d${i}`).inode).inode, numbers[i], 'the same number as before')
  assert.equal(files.root(), root)
})

test('directories that are held are bounded', () => {
  const { on, look, machine } = make()
  for (let i = 0; i < HOST_DIRECTORIES_HELD_MAX + 100; i++) {
    mkdirSync(on(`d${i}`))
    writeFileSync(on(`d${i}`, 'f'), '')
    look('f', look(`d${i}`).inode)
  }
  assert.ok(machine.handles <= HOST_DIRECTORIES_HELD_MAX + 1, `${machine.handles} handles`)
})

test('a share that is not there says so', () => {
  const files = startService(hostfs, { devices: { folders: new NodeFolders([{ hostPath: join(outside, 'secret'), writable: true }]) } })['files'] as unknown as Hostfs
  assert.equal(files.root(), -Errno.ENOTDIR)
  const none = startService(hostfs, { devices: { folders: new NodeFolders([]) } })['files'] as unknown as Hostfs
  assert.equal(none.root(), -Errno.ENODEV)
})
