import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, WaitQueue, errnoName, runPlain } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { TestScheduler, filesConformance, slowly, wholeFiles } from '../../roles/conformance/index.ts'
import {
  DescriptorFlags, FileSystem, FileType, OpenFlags, READ, RIGHTS_ALL, Ready, Rights, WRITE, Whence, Window, takeDirectoryRecord
} from '../../roles/index.ts'
import type { Console, DescriptorRecord, FileAttributes } from '../../roles/index.ts'
import { devfs } from '../devfs/index.ts'
import { startService, testArena } from '../testing.ts'
import { filesSubject, newPipefs, newRamfs, startVfs } from './testing.ts'
import type { TestVfs } from './testing.ts'

const remembering = { mounts: [{ path: '/', fileSystem: 'ramfs', namesAreOurs: true }] }

filesConformance({ name: 'vfs over ramfs', test, skip: wholeFiles, make: () => filesSubject(startVfs()) })
filesConformance({ name: 'vfs over ramfs, remembering walks', test, skip: wholeFiles, make: () => filesSubject(startVfs({}, remembering)) })

test('a path that was walked is not walked again, until a name is removed or renamed', () => {
  const ramfs = newRamfs()
  let lookups = 0
  const bound = Object.keys(FileSystem.operations).map(name => [name, (ramfs as unknown as Record<string, () => unknown>)[name]!.bind(ramfs)])
  const counted: FileSystem = {
    ...Object.fromEntries(bound) as FileSystem,
    lookup: (directory, name) => {
      lookups++
      return ramfs.lookup(directory, name)
    }
  }
  const { files, root } = filesSubject(startVfs({ ramfs: counted }, remembering))
  const asked = (call: () => Eventual<unknown>): [number, string] => {
    const before = lookups
    const result = runPlain(call())
    return [lookups - before, typeof result === 'number' && result < 0 ? errnoName(result) : 'done']
  }
  for (const path of ['a', 'a/b', 'a/b/c']) runPlain(files.createDirectory(root, path))
  const stat = (path: string): (() => Eventual<unknown>) => () => files.attributesAt(root, 0, path)
  assert.deepEqual(asked(stat('a/b/c')), [3, 'done'])
  assert.deepEqual(asked(stat('a/b/c')), [0, 'done'])
  assert.deepEqual(asked(stat('a/b/none')), [3, 'ENOENT'], 'what is not there is not remembered')
  assert.deepEqual(asked(stat('a/b/none')), [3, 'ENOENT'])
  assert.deepEqual(asked(() => files.createDirectory(root, 'a/b/none')), [3, 'done'])
  assert.deepEqual(asked(stat('a/b/c')), [0, 'done'], 'a new name changes no old one')
  runPlain(files.rename(root, 'a/b', root, 'a/d'))
  assert.deepEqual(asked(stat('a/b/c')), [2, 'ENOENT'])
  assert.deepEqual(asked(stat('a/d/c')), [3, 'done'])
  runPlain(files.removeDirectory(root, 'a/d/c'))
  assert.deepEqual(asked(stat('a/d/c')), [3, 'ENOENT'])
})

test('a path that leads through a mount point is not remembered as if it did not', () => {
  const { files, root } = filesSubject(startVfs({ other: newRamfs() }, { mounts: [...remembering.mounts, { path: '/a/m', fileSystem: 'other' }] }))
  const found = (path: string): unknown => {
    const attributes = runPlain(files.attributesAt(root, 0, path))
    return typeof attributes === 'number' ? errnoName(attributes) : [attributes.device, attributes.type]
  }
  runPlain(files.createDirectory(root, 'a/m/in'))
  for (let time = 0; time < 2; time++) {
    assert.deepEqual(found('a/m'), [2, FileType.DIRECTORY])
    assert.deepEqual(found('a/m/in'), [2, FileType.DIRECTORY])
    assert.deepEqual(found('a/m/..'), [1, FileType.DIRECTORY])
    assert.deepEqual(found('in'), 'ENOENT')
  }
})

test('what is walked while a name is being removed is not remembered after it', () => {
  const ramfs = newRamfs()
  const bound = Object.keys(FileSystem.operations).map(name => [name, (ramfs as unknown as Record<string, () => unknown>)[name]!.bind(ramfs)])
  const queue = new WaitQueue('test')
  const late: FileSystem = {
    ...Object.fromEntries(bound) as FileSystem,
    * removeDirectory (directory, name) {
      yield queue
      return runPlain(ramfs.removeDirectory(directory, name))
    }
  }
  const { files, root } = filesSubject(startVfs({ ramfs: late }, remembering))
  for (const path of ['a', 'a/b']) runPlain(files.createDirectory(root, path))
  const removing = files.removeDirectory(root, 'a/b') as Fiber<number>
  removing.next(queue)
  const stat = (): unknown => runPlain(files.attributesAt(root, 0, 'a/b'))
  assert.equal(typeof stat(), 'object')
  assert.deepEqual(removing.next(queue), { done: true, value: 0 })
  // It gets the inode number that has become free.
  runPlain(files.createDirectory(root, 'c'))
  assert.equal(stat(), -Errno.ENOENT)
})

test('a path that is remembered is refused as one that is walked: a file made through a link that ends in a slash', () => {
  const { files, root } = filesSubject(startVfs({}, remembering))
  const create = (path: string): Eventual<number> => files.open(root, 1, path, OpenFlags.CREATE, Rights.FD_WRITE, 0, 0)
  runPlain(files.createDirectory(root, 'a'))
  assert.ok(runPlain(create('a/file')) >= 0)
  runPlain(files.symlink('file/', root, 'a/link'))
  assert.equal(runPlain(create('a/link')), -Errno.EISDIR)
  assert.equal(runPlain(files.attributesAt(root, 1, 'a/link')), -Errno.ENOTDIR)
  assert.equal(runPlain(create('a/link')), -Errno.EISDIR)
})

filesConformance({
  name: 'vfs over a slow ramfs',
  test,
  skip: wholeFiles,
  make () {
    const made = startVfs({ ramfs: slowly(FileSystem, newRamfs()), pipefs: slowly(FileSystem, newPipefs()) })
    const root = new TestScheduler().runNow(made.tables.preopen(1, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
    return { files: made.files, root, arena: testArena('client'), counter: { bytesCopied: 0 } }
  }
})

const FILE = Rights.FD_READ | Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_TELL | Rights.FD_FILESTAT_GET | Rights.POLL_FD_READWRITE

/** A vfs and a client whose calls are run to their end. */
function make (made: TestVfs = startVfs()) {
  const { files, tables, caller } = made
  const scheduler = new TestScheduler()
  const run = <T> (value: Eventual<T>): T => scheduler.runNow(value)
  const memory = testArena('client')
  const room = (length: number, text = ''): Window => {
    const window = Window.of(memory, memory.allocate(Math.max(1, length)), length, READ | WRITE, { bytesCopied: 0 })!
    if (text !== '') window.put(0, new TextEncoder().encode(text), 0, text.length)
    return window
  }
  const root = run(tables.preopen(caller.principal, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
  assert.ok(root >= 0, `preopen ${root}`)
  return {
    ...made, run, scheduler, root, room,
    as: (process: number) => { (caller as { principal: number }).principal = process },
    open: (path: string, flags = 0, base: number = FILE, descriptorFlags = 0) =>
      run(files.open(root, 1, path, flags, base, 0, descriptorFlags)),
    write: (fd: number, text: string) => run(files.write(fd, room(text.length, text))),
    read (fd: number, length = 100): string | number {
      const into = room(length)
      const count = run(files.read(fd, into))
      if (count < 0) return count
      const bytes = new Uint8Array(count)
      into.take(0, bytes, 0, count)
      return new TextDecoder().decode(bytes)
    },
    stat: (path: string) => run(files.attributesAt(root, 0, path)) as FileAttributes,
    list (fd: number, length = 4096): string[] {
      const names: string[] = []
      for (let cookie = 0; ;) {
        const into = room(length)
        const count = run(files.readDirectory(fd, cookie, into))
        assert.ok(count >= 0, `readDirectory ${count}`)
        if (count === 0) return names
        const bytes = new Uint8Array(count)
        into.take(0, bytes, 0, count)
        for (let at = 0; at < count;) {
          const record = takeDirectoryRecord(bytes, at)
          names.push(record.name)
          cookie = record.cookie
          at = record.next
        }
      }
    }
  }
}

const mounts = [
  { path: '/mnt/deep', fileSystem: 'third' }, { path: '/', fileSystem: 'ramfs' }, { path: '/mnt', fileSystem: 'second' },
  { path: '/ro', fileSystem: 'third', readOnly: true }
]

function makeMounted () {
  return make(startVfs({ second: newRamfs(), third: newRamfs() }, { mounts }))
}

test('mounts are crossed in and out, whatever their order in the plan', () => {
  const { open, write, read, stat, run, files, root } = makeMounted()
  write(open('mnt/f', OpenFlags.CREATE), 'second')
  write(open('mnt/deep/f', OpenFlags.CREATE), 'third')
  write(open('f', OpenFlags.CREATE), 'first')
  assert.equal(read(open('mnt/deep/../f')), 'second')
  assert.equal(read(open('mnt/deep/../../f')), 'first')
  assert.equal(read(open('ro/f', 0, Rights.FD_READ)), 'third', 'one file system, mounted twice')
  assert.equal(new Set(['f', 'mnt/f', 'mnt/deep/f', 'ro/f'].map(path => stat(path).device)).size, 4)
  assert.equal(run(files.symlink('../../f', root, 'mnt/deep/l')), 0)
  assert.equal(read(open('mnt/deep/l')), 'first', 'a link that crosses')
  assert.equal(open('mnt/../..'), -Errno.ENOTCAPABLE)
})

test('a mount point is busy, what holds one is not empty, and file systems do not mix', () => {
  const { run, files, root, open } = makeMounted()
  open('f', OpenFlags.CREATE)
  run(files.createDirectory(root, 'd'))
  assert.equal(run(files.removeDirectory(root, 'ro')), -Errno.EBUSY)
  assert.equal(run(files.removeDirectory(root, 'mnt')), -Errno.EBUSY)
  assert.equal(run(files.rename(root, 'ro', root, 'x')), -Errno.EBUSY)
  assert.equal(run(files.rename(root, 'd', root, 'ro')), -Errno.EBUSY)
  assert.equal(run(files.unlink(root, 'ro')), -Errno.EISDIR)
  assert.equal(run(files.createDirectory(root, 'mnt')), -Errno.EEXIST)
  assert.equal(run(files.rename(root, 'f', root, 'mnt/f')), -Errno.EXDEV)
  assert.equal(run(files.link(root, 0, 'f', root, 'mnt/f')), -Errno.EXDEV)
})

test('a directory that holds a mount point further down is not removed or replaced', () => {
  const { run, files, root } = make(startVfs({ second: newRamfs() }, {
    mounts: [{ path: '/', fileSystem: 'ramfs' }, { path: '/a/b', fileSystem: 'second' }]
  }))
  run(files.createDirectory(root, 'd'))
  assert.equal(run(files.removeDirectory(root, 'a')), -Errno.ENOTEMPTY)
  assert.equal(run(files.rename(root, 'd', root, 'a')), -Errno.ENOTEMPTY)
})

test('listings show mount points, and not what they hide', () => {
  const ramfs = newRamfs()
  for (const name of ['mnt', 'ro', 'file', 'x']) ramfs.create(1, name, FileType.DIRECTORY)
  const { list, root } = make(startVfs({ ramfs, second: newRamfs(), third: newRamfs() }, { mounts }))
  for (const length of [40, 64, 100, 4096]) {
    assert.deepEqual(list(root, length), ['.', '..', 'mnt', 'ro', 'file', 'x'], `${length} bytes at a time`)
  }
})

test('a read-only mount changes nothing', () => {
  const { run, files, root, open } = makeMounted()
  open('mnt/deep/f', OpenFlags.CREATE)
  run(files.createDirectory(root, 'mnt/deep/d'))
  const path = 'ro/f'
  const results = {
    create: open('ro/new', OpenFlags.CREATE), write: open(path), truncate: open(path, OpenFlags.TRUNCATE, Rights.FD_READ),
    mkdir: run(files.createDirectory(root, 'ro/x')), rmdir: run(files.removeDirectory(root, 'ro/d')),
    unlink: run(files.unlink(root, path)), symlink: run(files.symlink('x', root, 'ro/s')),
    link: run(files.link(root, 0, path, root, 'ro/g')), rename: run(files.rename(root, path, root, 'ro/g')),
    times: run(files.setTimesAt(root, 0, path, 2, 0, 0, 0, 0))
  }
  for (const [name, result] of Object.entries(results)) assert.equal(result, -Errno.EROFS, name)
  const fd = open(path, 0, Rights.FD_READ | Rights.FD_FILESTAT_SET_TIMES)
  assert.ok(fd >= 0)
  assert.equal(run(files.setTimes(fd, 2, 0, 0, 0, 0)), -Errno.EROFS)
  assert.equal(open(path, OpenFlags.CREATE | OpenFlags.EXCLUSIVE, Rights.FD_READ), -Errno.EEXIST)
})

test('a mount that cannot be placed is an error of the first preopen', () => {
  const { tables } = startVfs({}, { mounts: [{ path: '/', fileSystem: 'none' }] })
  assert.equal(new TestScheduler().runNow(tables.preopen(1, '/', '/', 0, 0)), -Errno.ENODEV)
})

test('a child has duplicates of descriptors: one position, and rights of its own', () => {
  const { open, write, read, run, files, tables, as, root } = make()
  const fd = open('f', OpenFlags.CREATE)
  write(fd, 'hello world')
  run(files.seek(fd, 0, Whence.SET))
  assert.equal(tables.inherit(2, 1, [fd, -1, root, fd], 0), 0)
  assert.equal(tables.inherit(2, 1, [], 0), -Errno.EEXIST)
  assert.equal(tables.inherit(3, 1, [99], 0), -Errno.EBADF)
  assert.equal(tables.inherit(3, 9, [0], 0), -Errno.EBADF)
  as(2)
  assert.equal(read(0, 6), 'hello ')
  assert.equal(read(1), -Errno.EBADF)
  assert.equal(files.preopened(2), '/')
  assert.equal(files.setRights(3, Rights.FD_READ, 0), 0)
  assert.equal(write(0, 'W'), 1, 'the other duplicate keeps its rights')
  as(1)
  assert.equal(read(fd), 'orld')
  assert.equal(files.close(fd), 0)
  as(2)
  run(files.seek(0, 0, Whence.SET))
  assert.equal(read(0), 'hello World', 'the file stays open for the child')
})

test('release closes everything: the last duplicate ends a pipe', () => {
  const { run, files, tables, as, read, write, scheduler } = make()
  const pipe = run(files.pipe()) as { read: number, write: number }
  tables.inherit(2, 1, [pipe.write], 0)
  run(files.close(pipe.write))
  as(2)
  write(0, 'x')
  as(1)
  assert.equal(read(pipe.read), 'x')
  const waiting = scheduler.spawn(files.read(pipe.read, make().room(1)) as Fiber<number>)
  run(scheduler.settleDown())
  assert.equal(waiting.done, false)
  assert.equal(run(tables.release(2)), 0)
  assert.equal(run(waiting.join()), 0)
  assert.equal(run(tables.release(2)), 0)
  as(2)
  assert.equal(run(files.close(0)), -Errno.EBADF)
  assert.equal(tables.inherit(2, 1, [0], 0), 0)
  assert.ok(run(files.descriptor(0)))
  run(tables.release(2))
  assert.equal(run(files.descriptor(0)), -Errno.EBADF, 'the table that was used last')
})

test('a link of the file system to an absolute path leads nowhere', () => {
  const ramfs = newRamfs()
  ramfs.create(1, 'f', FileType.REGULAR)
  ramfs.symlink(1, 'absolute', '/f')
  const { open, run, files, root } = make(startVfs({ ramfs }))
  assert.equal(open('absolute'), -Errno.ENOTCAPABLE)
  assert.equal(open('absolute/x'), -Errno.ENOTCAPABLE)
  assert.equal(run(files.readLink(root, 'absolute')), '/f')
})

test('a read that fails leaves the position, and does not keep it', () => {
  const { open, write, run, files, room } = make(startVfs({ ramfs: slowly(FileSystem, newRamfs()) }))
  const fd = open('f', OpenFlags.CREATE)
  write(fd, 'abc')
  run(files.seek(fd, 1, Whence.SET))
  const window = room(2)
  window.revoke()
  assert.equal(run(files.read(fd, window)), -Errno.EFAULT)
  assert.equal(run(files.tell(fd)), 1)
})

test('the number of descriptors is bounded, and one that is too many changes nothing', () => {
  const { open, run, files, stat, tables, as, root } = make()
  assert.equal(tables.inherit(2, 1, [root], 0), 0)
  as(2)
  let last = 0
  for (let fd = open('f', OpenFlags.CREATE); fd >= 0; fd = open('f')) last = fd
  assert.equal(last, 1023)
  assert.equal(open('g', OpenFlags.CREATE), -Errno.EMFILE)
  assert.equal(stat('g'), -Errno.ENOENT)
  assert.equal(run(files.pipe()), -Errno.EMFILE)
  run(files.close(500))
  assert.equal(run(files.pipe()), -Errno.EMFILE)
  assert.equal(open('f'), 500)
})

test('readers of one open file never get the same bytes, however they wait', () => {
  const slow = make(startVfs({ ramfs: slowly(FileSystem, newRamfs()) }))
  const { open, write, run, files, room, scheduler } = slow
  const fd = open('f', OpenFlags.CREATE)
  write(fd, '0123456789')
  run(files.seek(fd, 0, Whence.SET))
  const windows = [room(3), room(3), room(3), room(3)]
  const tasks = windows.map(window => scheduler.spawn(files.read(fd, window) as Fiber<number>))
  const counts = tasks.map(task => run(task.join()))
  assert.deepEqual(counts, [3, 3, 3, 1])
  assert.equal(run(files.tell(fd)), 10)
})

test('a reader that is ended while it waits gives the position back', () => {
  const gate = new WaitQueue('gate')
  const ramfs = newRamfs()
  function * read (handle: number, offset: number, into: Window): Fiber<number> {
    yield gate
    return ramfs.read(handle, offset, into) as number
  }
  const { open, write, run, files, room, scheduler } = make(startVfs({ ramfs: { ...slowly(FileSystem, ramfs), read } }))
  const fd = open('f', OpenFlags.CREATE)
  write(fd, 'abc')
  run(files.seek(fd, 0, Whence.SET))
  const task = scheduler.spawn(files.read(fd, room(2)) as Fiber<number>)
  run(scheduler.settleDown())
  const other = scheduler.spawn(files.tell(fd) as Fiber<number>)
  run(scheduler.settleDown())
  assert.equal(task.done || other.done, false, 'one waits for its bytes, the other for the position')
  task.end()
  assert.equal(run(other.join()), 0)
})

test('a poll ends at its deadline, and not before', () => {
  const { run, files, clock, scheduler } = make()
  const { read } = run(files.pipe()) as { read: number, write: number }
  const polling = scheduler.spawn(files.poll([read, Ready.READABLE], clock.nowNs + 1e9) as Fiber<readonly number[]>)
  run(scheduler.settleDown())
  assert.equal(polling.done, false)
  clock.advance(0.5e9)
  run(scheduler.settleDown())
  assert.equal(polling.done, false)
  clock.advance(0.6e9)
  assert.deepEqual(run(polling.join()), [0, 0])
  assert.deepEqual(run(files.poll([], clock.nowNs - 1)), [])
})

test('a poll for nothing is an error, and one of what can never be ready ends', () => {
  const ramfs = newRamfs()
  const broken = { ...slowly(FileSystem, newPipefs()), ready: () => 0, awaitReady: () => 0 }
  const { run, files, root, open } = make(startVfs({ ramfs, pipefs: broken }))
  const { read } = run(files.pipe()) as { read: number, write: number }
  assert.equal(run(files.poll([read, Ready.READABLE], Infinity)), -Errno.EIO)
  const fd = open('f', OpenFlags.CREATE)
  for (const events of [0, Ready.HANGUP, 8]) assert.deepEqual(run(files.poll([fd, events], Infinity)), [-Errno.EINVAL, 0])
  assert.deepEqual(run(files.poll([root, Ready.READABLE], Infinity)), [Ready.READABLE, 0], 'a directory')
  assert.equal(run(files.poll([fd], 0)), -Errno.EINVAL)
})

test('NONBLOCK belongs to the open file, so that duplicates share it', () => {
  const { run, files, tables, as } = make()
  const { read } = run(files.pipe()) as { read: number, write: number }
  tables.inherit(2, 1, [read], 0)
  as(2)
  assert.equal(run(files.setDescriptorFlags(0, DescriptorFlags.NONBLOCK)), 0)
  as(1)
  assert.equal(run(files.read(read, make().room(1))), -Errno.EAGAIN)
})

test('libc knows a terminal by its rights: devices that are none let seek be asked for, and no stream can seek', () => {
  const terminal: Console = {
    read: () => 0, write: (_unit, from) => from.length, ready: () => 0, awaitReady: () => 0, terminal: unit => unit === 0 ? 1 : 0
  }
  const devices = startService(devfs, {
    requires: { entropy: { fill: (into: Window) => into.length }, console: new Map([['console', terminal]]) }
  })['files'] as unknown as FileSystem
  const { open, run, files } = make(startVfs({ devfs: devices }, {
    mounts: [{ path: '/', fileSystem: 'ramfs' }, { path: '/dev', fileSystem: 'devfs' }]
  }))
  const seeking = Rights.FD_SEEK | Rights.FD_TELL
  const found = (name: string): [type: number, seeks: boolean] => {
    const { type, rightsBase } = run(files.descriptor(open(`dev/${name}`))) as DescriptorRecord
    return [type, (rightsBase & seeking) !== 0]
  }
  assert.deepEqual(found('stdin'), [FileType.CHARACTER_DEVICE, false], 'a terminal')
  assert.deepEqual(found('stdout'), [FileType.UNKNOWN, false], 'redirected')
  assert.deepEqual(found('null'), [FileType.CHARACTER_DEVICE, true])
  const fd = open('dev/zero', OpenFlags.TRUNCATE)
  assert.equal(run(files.seek(fd, 0, Whence.SET)), -Errno.ESPIPE)
  assert.equal(run(files.write(open('dev/full'), make().room(1))), -Errno.ENOSPC)
  assert.equal(run(files.read(open('dev/stdin', 0, FILE, DescriptorFlags.NONBLOCK), make().room(1))), -Errno.EAGAIN)
  assert.equal(open('dev/none', OpenFlags.CREATE), -Errno.EPERM)
})
