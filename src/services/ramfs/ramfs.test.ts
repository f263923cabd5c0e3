import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { fileSystemConformance, wholeFileSystem } from '../../roles/conformance/index.ts'
import { Access, FileType, READ, Resource, SetAttributes, WRITE, Window } from '../../roles/index.ts'
import type { Attributes, FileSystem } from '../../roles/index.ts'
import { TestClock, startService, testArena } from '../testing.ts'
import { ramfs } from './index.ts'
import { PAGE_BYTES } from './pages.ts'

fileSystemConformance({
  name: 'ramfs',
  test,
  skip: wholeFileSystem,
  make: () => ({
    files: startService(ramfs, { requires: { clock: new TestClock() } })['files'] as unknown as FileSystem,
    arena: testArena('client'),
    counter: { bytesCopied: 0 }
  })
})

/** A ramfs whose operations answer at once, and a client's memory. */
function make (options: Readonly<Record<string, unknown>> = {}, arena = testArena('ramfs')) {
  const clock = new TestClock()
  const files = startService(ramfs, { requires: { clock }, options, arena })['files'] as unknown as FileSystem
  const memory = testArena('client')
  const counter = { bytesCopied: 0 }
  const room = (length: number): Window => Window.of(memory, memory.allocate(length), length, READ | WRITE, counter)!
  const file = (name: string): number => files.open(files.create(1, name, FileType.REGULAR) as number, Access.READ | Access.WRITE) as number
  return { files, clock, arena, room, file, counter, stat: (inode: number) => files.attributes(inode) as Attributes }
}

test('a full quota is ENOSPC, a write that partly fits is short, and what is freed can be used again', () => {
  const { files, room, file } = make({ bytesMax: 3 * PAGE_BYTES })
  const a = file('a')
  assert.equal(files.write(a, 0, room(2 * PAGE_BYTES)), 2 * PAGE_BYTES)
  const b = file('b')
  assert.equal(files.write(b, 0, room(2 * PAGE_BYTES)), PAGE_BYTES)
  assert.equal(files.write(b, PAGE_BYTES, room(1)), -Errno.ENOSPC)
  assert.equal(files.write(b, 10, room(20)), 20, 'a page that is there')
  assert.equal(files.allocate(b, 0, 2 * PAGE_BYTES), -Errno.ENOSPC)
  assert.equal(files.unlink(1, 'a'), 0)
  assert.equal(files.write(b, PAGE_BYTES, room(1)), -Errno.ENOSPC, 'the file is still open')
  assert.equal(files.close(a), 0)
  assert.equal(files.write(b, PAGE_BYTES, room(1)), 1)
})

test('an allocation that fails takes nothing', () => {
  const { files, room, file } = make({ bytesMax: 2 * PAGE_BYTES })
  const a = file('a')
  files.write(a, 5 * PAGE_BYTES, room(1))
  assert.equal(files.allocate(a, 0, 2 * PAGE_BYTES), -Errno.ENOSPC)
  assert.equal(files.write(file('b'), 0, room(1)), 1)
})

test('all memory is given back when the last name and the last handle are gone', () => {
  const { files, room, file, arena } = make()
  const before = arena.allocatedBytes
  const handle = file('a')
  files.write(handle, 0, room(10 * PAGE_BYTES))
  files.write(handle, 2 ** 40, room(1))
  assert.equal(arena.allocatedBytes - before, 11 * PAGE_BYTES)
  files.unlink(1, 'a')
  assert.equal(arena.allocatedBytes - before, 11 * PAGE_BYTES)
  files.close(handle)
  assert.equal(arena.allocatedBytes, before)
})

test('an arena that is full is ENOSPC', () => {
  const { files, room, file } = make({}, testArena('small', 64 * 1024))
  const written = files.write(file('a'), 0, room(100 * PAGE_BYTES)) as number
  assert.ok(written > 0 && written < 100 * PAGE_BYTES)
  assert.equal(files.write(file('b'), 0, room(1)), -Errno.ENOSPC)
})

test('the number of inodes is bounded', () => {
  const { files } = make({ inodesMax: 3 })
  assert.ok(files.create(1, 'a', FileType.REGULAR) as number > 0)
  assert.ok(files.create(1, 'b', FileType.DIRECTORY) as number > 0)
  assert.equal(files.create(1, 'c', FileType.REGULAR), -Errno.ENOSPC)
  assert.equal(files.symlink(1, 'c', 'a'), -Errno.ENOSPC)
  files.unlink(1, 'a')
  assert.ok(files.create(1, 'c', FileType.REGULAR) as number > 0)
})

test('a directory has a link of its parent, one of its own and one of each directory in it', () => {
  const { files, stat } = make()
  const d = files.create(1, 'd', FileType.DIRECTORY) as number
  const e = files.create(d, 'e', FileType.DIRECTORY) as number
  assert.deepEqual([stat(1).links, stat(d).links, stat(e).links], [3, 3, 2])
  files.rename(d, 'e', 1, 'e')
  assert.deepEqual([stat(1).links, stat(d).links, stat(e).links], [4, 2, 2])
  files.rename(1, 'e', 1, 'd')
  assert.deepEqual([stat(1).links, stat(e).links], [3, 2])
})

test('reading marks the access time only after a change, and no call but one that looks asks the clock', () => {
  const { files, clock, room, file, stat } = make()
  const handle = file('a')
  const looked = stat(2)
  const asked = clock.nowNs
  files.write(handle, 0, room(10))
  files.read(handle, 0, room(10))
  assert.equal(clock.nowNs, asked)
  const first = stat(2)
  assert.ok(first.accessNsec > looked.accessNsec)
  files.read(handle, 0, room(10))
  files.read(handle, 0, room(10))
  assert.equal(stat(2).accessNsec, first.accessNsec)
  assert.equal(stat(2).changeNsec, first.changeNsec)
})

test('times that are set are not overwritten by marks of earlier changes', () => {
  const { files, room, file, stat } = make()
  files.write(file('a'), 0, room(10))
  files.setAttributes(2, SetAttributes.MODIFY_TIME, 0, 0, 0, 77, 0)
  assert.equal(stat(2).modifySec, 77)
})

test('a write copies each byte once', () => {
  const { files, room, file, counter } = make()
  const handle = file('a')
  const window = room(3 * PAGE_BYTES)
  counter.bytesCopied = 0
  files.write(handle, 100, window)
  assert.equal(counter.bytesCopied, 3 * PAGE_BYTES)
  files.read(handle, 100, window)
  assert.equal(counter.bytesCopied, 6 * PAGE_BYTES)
})

test('offsets and sizes that are none change nothing', () => {
  const { files, room, file, stat } = make()
  const handle = file('a')
  files.write(handle, 0, room(10))
  for (const wrong of [-2, -1e9, NaN, -Infinity]) {
    assert.equal(files.read(handle, wrong, room(1)), -Errno.EINVAL)
    assert.equal(files.write(handle, wrong, room(1)), -Errno.EINVAL)
    assert.equal(files.allocate(handle, wrong, 1), -Errno.EINVAL)
    assert.equal(files.setAttributes(2, SetAttributes.SIZE, wrong, 0, 0, 0, 0), -Errno.EINVAL)
  }
  assert.equal(stat(2).size, 10)
})

test('a window that was revoked is EFAULT, and nothing is written', () => {
  const { files, room, file, stat } = make()
  const handle = file('a')
  const window = room(10)
  window.revoke()
  assert.equal(files.write(handle, 0, window), -Errno.EFAULT)
  assert.equal(stat(2).size, 0)
})

test('the listing keeps its place in a large directory, and stays fast', () => {
  const { files, room } = make()
  const names = 20_000
  for (let i = 0; i < names; i++) files.create(1, `n${i}`, FileType.REGULAR)
  for (let i = 0; i < names; i += 2) files.unlink(1, `n${i}`)
  const handle = files.open(1, Access.READ) as number
  const window = room(4096)
  let calls = 0
  let bytes = 0
  for (let cookie = 0; ; calls++) {
    const count = files.readDirectory(handle, cookie, window) as number
    if (count === 0) break
    bytes += count
    // Every record here is 32 bytes; the cookie of the last is at its start.
    const last = new Uint8Array(8)
    window.take(count - 32, last, 0, 8)
    cookie = new DataView(last.buffer).getFloat64(0, true)
  }
  assert.equal(bytes, names / 2 * 32)
  assert.ok(calls < 100)
})

test('pages written in any order, near and far, are found again', () => {
  const { files, room, file } = make({ bytesMax: 2000 * PAGE_BYTES })
  const handle = file('a')
  const written = new Set<number>()
  let state = 7
  const next = (below: number): number => (state = (state * 1103515245 + 12345) % 2 ** 31) % below
  const byte = room(1)
  for (let i = 0; i < 1500; i++) {
    const page = next(3) === 0 ? next(5000) : next(300)
    byte.fill(0, 1, 1 + page % 255)
    assert.equal(files.write(handle, page * PAGE_BYTES, byte), 1)
    written.add(page)
  }
  const seen = new Uint8Array(1)
  for (let page = 0; page < 5000; page++) {
    if (page * PAGE_BYTES >= (files.available(handle) as number)) break
    assert.equal(files.read(handle, page * PAGE_BYTES, byte), 1)
    byte.take(0, seen, 0, 1)
    assert.equal(seen[0], written.has(page) ? 1 + page % 255 : 0, `page ${page}`)
  }
})

test('a name that a rename replaces is free again', () => {
  const { files } = make({ inodesMax: 4 })
  for (let round = 0; round < 10; round++) {
    assert.ok(files.create(1, 'new', FileType.REGULAR) as number > 0, `round ${round}`)
    assert.equal(files.rename(1, 'new', 1, 'old'), 0)
  }
})

test('each page of a file is given back to who paid for it', () => {
  const used = new Map<number, number>()
  const add = (account: number, resource: number, amount: number): number => {
    if (resource === Resource.DISK) used.set(account, (used.get(account) ?? 0) + amount)
    return 0
  }
  const accounts = {
    of: (process: number) => process * 10, charge: add, credit: (account: number, resource: number, amount: number) => add(account, resource, -amount)
  }
  const caller = { principal: 1, immediate: 1, memory: null }
  const files = startService(ramfs, { requires: { clock: new TestClock(), accounts }, caller })['files'] as unknown as FileSystem
  const memory = testArena('client')
  const window = Window.of(memory, memory.allocate(2 * PAGE_BYTES), 2 * PAGE_BYTES, READ, { bytesCopied: 0 })!
  const inode = files.create(1, 'f', FileType.REGULAR) as number
  const handle = files.open(inode, Access.READ | Access.WRITE) as number
  files.write(handle, 0, window)
  caller.principal = 2
  files.write(handle, PAGE_BYTES, window)
  assert.deepEqual([...used], [[10, 2 * PAGE_BYTES], [20, PAGE_BYTES]])
  files.setAttributes(inode, SetAttributes.SIZE, 2 * PAGE_BYTES, 0, 0, 0, 0)
  assert.deepEqual([...used], [[10, 2 * PAGE_BYTES], [20, 0]])
  files.setAttributes(inode, SetAttributes.SIZE, 0, 0, 0, 0, 0)
  assert.deepEqual([...used], [[10, 0], [20, 0]])
})
