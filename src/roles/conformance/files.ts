/**
 * What Files does for programs: descriptors, rights, paths and the sandbox, as WASI preview 1 has them.
 *
 * A subject gives a caller's descriptor `root` on an empty writable directory, with all rights. Where the references
 * leave a choice of error (wasi-testsuite, wasmtime), it is the one that POSIX or Linux gives.
 */

import { settle } from '../../fiber/index.ts'
import type { ErrnoName, Fiber } from '../../fiber/index.ts'
import {
  DescriptorFlags, FIRST_COOKIE, FileType, LookupFlags, NAME_BYTES_MAX, OpenFlags, PATH_BYTES_MAX, RIGHTS_ALL, Ready, Rights, SYMLINKS_MAX,
  SetAttributes, Whence, takeDirectoryRecord
} from '../index.ts'
import type { DirectoryRecord, FileAttributes, Files } from '../index.ts'
import type { Driver } from './drive.ts'
import { equal, equalList, fails, given, holds, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Hand, Skips, Suite } from './suite.ts'

export interface FilesSubject extends Client {
  readonly files: Files
  readonly root: number
}

export type FilesFeature = 'descriptors' | 'opening' | 'rights' | 'positions' | 'flags' | 'attributes' | 'sandbox' | 'paths' |
  'trailing slashes' | 'symbolic links' | 'dangling links' | 'changing names' | 'listing' | 'polling' | 'pipes'

/** Files with all that there is. */
export const wholeFiles: Skips<FilesFeature> = {
  descriptors: null, opening: null, rights: null, positions: null, flags: null, attributes: null, sandbox: null, paths: null,
  'trailing slashes': null, 'symbolic links': null, 'dangling links': null, 'changing names': null, listing: null,
  polling: null, pipes: null
}

export function filesConformance (suite: Suite<FilesSubject, FilesFeature>): void {
  registerCases('Files', cases, suite)
}

const { CREATE, DIRECTORY, EXCLUSIVE, TRUNCATE } = OpenFlags
const FOLLOW = LookupFlags.SYMLINK_FOLLOW
const READ_WRITE = Rights.FD_READ | Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_TELL | Rights.FD_FILESTAT_GET |
  Rights.FD_FILESTAT_SET_SIZE | Rights.FD_FILESTAT_SET_TIMES | Rights.FD_ALLOCATE | Rights.FD_ADVISE | Rights.FD_SYNC |
  Rights.FD_DATASYNC | Rights.FD_FDSTAT_SET_FLAGS | Rights.POLL_FD_READWRITE

interface OpenHow {
  readonly fd?: number
  readonly lookup?: number
  readonly flags?: number
  readonly base?: number
  readonly inheriting?: number
  readonly descriptorFlags?: number
}

/** A program, as far as files go. */
class Program {
  readonly files: Files
  readonly root: number
  readonly hand: Hand
  readonly driver: Driver

  constructor (subject: FilesSubject, hand: Hand, driver: Driver) {
    this.files = subject.files
    this.root = subject.root
    this.hand = hand
    this.driver = driver
  }

  /** A descriptor or an error. */
  * tryOpen (path: string, how: OpenHow = {}): Fiber<number> {
    return yield * settle(this.files.open(
      how.fd ?? this.root, how.lookup ?? FOLLOW, path, how.flags ?? 0, how.base ?? Rights.FD_READ, how.inheriting ?? 0,
      how.descriptorFlags ?? 0))
  }

  * open (path: string, how: OpenHow = {}): Fiber<number> {
    return works(yield * this.tryOpen(path, how), `open ${path}`)
  }

  /** A directory that can do what the root can. */
  * openDirectory (path: string, fd = this.root): Fiber<number> {
    const { rightsBase, rightsInheriting } = given(yield * settle(this.files.descriptor(fd)), 'descriptor')
    return yield * this.open(path, { fd, flags: DIRECTORY, base: rightsBase, inheriting: rightsInheriting })
  }

  * refuses (path: string, error: ErrnoName, how: OpenHow = {}): Fiber<void> {
    fails(yield * this.tryOpen(path, how), error, `open ${JSON.stringify(path)} with flags ${how.flags ?? 0}`)
  }

  * close (fd: number): Fiber<void> {
    equal(yield * settle(this.files.close(fd)), 0, `close ${fd}`)
  }

  * file (path: string, text = ''): Fiber<void> {
    const fd = yield * this.open(path, { flags: CREATE | TRUNCATE, base: READ_WRITE })
    if (text !== '') equal(yield * settle(this.files.write(fd, this.hand.text(text))), text.length, 'write')
    yield * this.close(fd)
  }

  * content (path: string): Fiber<string> {
    const fd = yield * this.open(path)
    const text = yield * this.read(fd, 4096)
    yield * this.close(fd)
    return text
  }

  * directory (path: string): Fiber<void> {
    equal(yield * settle(this.files.createDirectory(this.root, path)), 0, `createDirectory ${path}`)
  }

  * symlink (target: string, path: string): Fiber<void> {
    equal(yield * settle(this.files.symlink(target, this.root, path)), 0, `symlink ${path}`)
  }

  * read (fd: number, length: number): Fiber<string> {
    const into = this.hand.room(length)
    return this.hand.read(into, works(yield * settle(this.files.read(fd, into)), 'read'))
  }

  * write (fd: number, text: string): Fiber<void> {
    equal(yield * settle(this.files.write(fd, this.hand.text(text))), text.length, `write ${text}`)
  }

  * stat (path: string, lookup: number = FOLLOW): Fiber<FileAttributes> {
    return given(yield * settle(this.files.attributesAt(this.root, lookup, path)), `attributesAt ${path}`)
  }

  * gone (path: string): Fiber<void> {
    fails(yield * settle(this.files.attributesAt(this.root, 0, path)), 'ENOENT', `attributesAt ${path}`)
  }

  * list (fd: number, cookie = 0, room = 256): Fiber<DirectoryRecord[]> {
    const records: DirectoryRecord[] = []
    for (let from = cookie; ;) {
      const into = this.hand.room(room)
      const count: number = works(yield * settle(this.files.readDirectory(fd, from, into)), 'readDirectory')
      if (count === 0) return records
      const bytes = this.hand.see(into, count)
      for (let at = 0; at < count;) {
        const record = takeDirectoryRecord(bytes, at)
        records.push(record)
        at = record.next
        from = record.cookie
      }
    }
  }
}

function on (feature: FilesFeature, name: string, body: (program: Program, files: Files) => Fiber<void>): Case<FilesSubject, FilesFeature> {
  return {
    feature,
    name,
    * body (subject, hand, driver) {
      const program = new Program(subject, hand, driver)
      yield * body(program, program.files)
    }
  }
}

const cases: readonly Case<FilesSubject, FilesFeature>[] = [
  on('descriptors', 'are the lowest that are free', function * (program) {
    yield * program.file('a')
    const first = yield * program.open('a')
    const second = yield * program.open('a')
    const third = yield * program.open('a')
    holds(first !== second && second !== third, 'numbers are unique')
    yield * program.close(first)
    yield * program.close(second)
    equal(yield * program.open('a'), Math.min(first, second), 'the lowest')
    equal(yield * program.open('a'), Math.max(first, second), 'the next')
  }),

  on('descriptors', 'that are closed or never were are EBADF', function * (program, files) {
    yield * program.file('a')
    const fd = yield * program.open('a')
    yield * program.close(fd)
    for (const bad of [fd, 1000, -1, 2 ** 31, 2 ** 32 - 1]) {
      const room = program.hand.room(1)
      fails(yield * settle(files.close(bad)), 'EBADF', 'close')
      fails(yield * settle(files.read(bad, room)), 'EBADF', 'read')
      fails(yield * settle(files.write(bad, room)), 'EBADF', 'write')
      fails(yield * settle(files.pread(bad, 0, room)), 'EBADF', 'pread')
      fails(yield * settle(files.seek(bad, 0, Whence.SET)), 'EBADF', 'seek')
      fails(yield * settle(files.descriptor(bad)), 'EBADF', 'descriptor')
      fails(yield * settle(files.attributes(bad)), 'EBADF', 'attributes')
      fails(yield * settle(files.readDirectory(bad, 0, room)), 'EBADF', 'readDirectory')
      fails(yield * settle(files.open(bad, 0, 'a', 0, 0, 0, 0)), 'EBADF', 'open')
      fails(yield * settle(files.attributesAt(bad, 0, 'a')), 'EBADF', 'attributesAt')
      fails(yield * settle(files.renumber(program.root, bad)), 'EBADF', 'renumber to it')
      fails(yield * settle(files.renumber(bad, program.root)), 'EBADF', 'renumber of it')
      fails(yield * settle(files.preopened(bad)), 'EBADF', 'preopened')
    }
  }),

  on('descriptors', 'renumber moves one onto another, which is closed', function * (program, files) {
    yield * program.file('one', '1')
    yield * program.file('two', '2')
    const one = yield * program.open('one')
    const two = yield * program.open('two')
    equal(yield * settle(files.renumber(one, two)), 0, 'renumber')
    fails(yield * settle(files.close(one)), 'EBADF', 'the old number')
    equal(yield * program.read(two, 9), '1', 'what the new number reads')
    equal(yield * settle(files.renumber(two, two)), 0, 'renumber onto itself')
    yield * program.close(two)
  }),

  on('descriptors', 'a duplicate is another number of the same open file', function * (program, files) {
    yield * program.file('a', 'text')
    const fd = yield * program.open('a', { base: READ_WRITE | Rights.FD_SEEK })
    const free = yield * program.open('a')
    yield * program.close(free)
    equal(yield * settle(files.duplicate(fd, 0)), free, 'the lowest free number')
    equal(yield * program.read(fd, 2), 'te', 'read through the one')
    equal(yield * program.read(free, 9), 'xt', 'read through the other: they share a position')
    const high = works(yield * settle(files.duplicate(fd, free + 5)), 'duplicate')
    equal(high, free + 5, 'the lowest from a number on')
    const [one, other] = [given(yield * settle(files.descriptor(fd)), 'descriptor'), given(yield * settle(files.descriptor(high)), 'descriptor')]
    equalList([other.type, other.flags, other.rightsBase, other.rightsInheriting], [one.type, one.flags, one.rightsBase, one.rightsInheriting], 'type, flags and rights')
    yield * program.close(fd)
    equal(yield * settle(files.seek(high, 0, Whence.SET)), 0, 'it outlives the first')
    equal(yield * program.read(free, 9), 'text', 'what it reads')
    yield * program.close(high)
    yield * program.close(free)
    equal(yield * program.open('a'), Math.min(fd, free), 'their numbers are free')
  }),

  on('descriptors', 'a duplicate at a number closes what stood there', function * (program, files) {
    yield * program.file('one', '1')
    yield * program.file('two', '2')
    const one = yield * program.open('one')
    const two = yield * program.open('two')
    equal(yield * settle(files.duplicateTo(one, two)), 0, 'onto an open one')
    equal(yield * program.read(two, 9), '1', 'what it reads')
    equal(yield * settle(files.duplicateTo(one, one)), 0, 'onto itself')
    equal(yield * settle(files.duplicateTo(one, two + 7)), 0, 'onto a free number')
    for (const fd of [one, two, two + 7]) yield * program.close(fd)
    const pipe = given(yield * settle(files.pipe()), 'pipe')
    equal(yield * settle(files.duplicateTo(pipe.read, pipe.write)), 0, 'onto the writing end')
    equal(yield * program.read(pipe.read, 1), '', 'nobody writes any more')
    yield * program.close(pipe.read)
    yield * program.close(pipe.write)
  }),

  on('descriptors', 'what cannot be duplicated, and where', function * (program, files) {
    yield * program.file('a')
    const fd = yield * program.open('a')
    for (const bad of [fd + 1, -1, 2 ** 31, 2 ** 32 - 1, 1.5]) {
      fails(yield * settle(files.duplicate(bad, 0)), 'EBADF', `duplicate ${bad}`)
      fails(yield * settle(files.duplicateTo(bad, fd)), 'EBADF', `duplicate ${bad} to it`)
    }
    for (const bad of [-1, 2 ** 31, 2 ** 32 - 1, 1.5]) {
      fails(yield * settle(files.duplicate(fd, bad)), 'EINVAL', `from ${bad} on`)
      fails(yield * settle(files.duplicateTo(fd, bad)), 'EBADF', `to ${bad}`)
    }
    yield * program.close(fd)
  }),

  on('descriptors', 'only preopened ones have a path', function * (program, files) {
    given(yield * settle(files.preopened(program.root)), 'preopened')
    const fd = yield * program.open('.')
    fails(yield * settle(files.preopened(fd)), 'EBADF', 'one that was opened')
  }),

  on('opening', 'creates, exclusively or not, and truncates', function * (program) {
    yield * program.refuses('a', 'ENOENT')
    yield * program.close(yield * program.open('a', { flags: CREATE, base: 0 }))
    yield * program.file('a', 'text')
    yield * program.close(yield * program.open('a', { flags: CREATE }))
    equal(yield * program.content('a'), 'text', 'content after CREATE of what is there')
    yield * program.refuses('a', 'EEXIST', { flags: CREATE | EXCLUSIVE })
    yield * program.close(yield * program.open('b', { flags: CREATE | EXCLUSIVE }))
    yield * program.close(yield * program.open('a', { flags: TRUNCATE, base: READ_WRITE }))
    equal((yield * program.stat('a')).size, 0, 'size after TRUNCATE')
  }),

  on('opening', 'of directories: for reading, never for writing', function * (program) {
    yield * program.directory('d')
    yield * program.file('f')
    yield * program.close(yield * program.open('d'))
    yield * program.close(yield * program.open('d', { flags: DIRECTORY }))
    yield * program.close(yield * program.open('.', { flags: DIRECTORY }))
    yield * program.refuses('d', 'EISDIR', { flags: DIRECTORY, base: Rights.FD_READ | Rights.FD_WRITE })
    yield * program.refuses('d', 'EISDIR', { flags: CREATE })
    yield * program.refuses('d', 'EISDIR', { flags: TRUNCATE })
    yield * program.refuses('d', 'EEXIST', { flags: CREATE | EXCLUSIVE })
    yield * program.refuses('f', 'ENOTDIR', { flags: DIRECTORY })
    yield * program.refuses('f/x', 'ENOTDIR')
    yield * program.refuses('f/x', 'ENOTDIR', { flags: CREATE })
    yield * program.refuses('none/x', 'ENOENT', { flags: CREATE })
    yield * program.refuses('d', 'EINVAL', { flags: DIRECTORY | CREATE })
  }),

  on('opening', 'knows its flags', function * (program) {
    yield * program.file('f')
    yield * program.refuses('f', 'EINVAL', { flags: 16 })
    yield * program.refuses('f', 'EINVAL', { lookup: 2 })
    yield * program.refuses('f', 'EINVAL', { descriptorFlags: 32 })
  }),

  on('opening', 'needs a directory to start from', function * (program, files) {
    yield * program.file('f')
    const fd = yield * program.open('f')
    yield * program.refuses('x', 'ENOTDIR', { fd })
    fails(yield * settle(files.createDirectory(fd, 'x')), 'ENOTDIR', 'createDirectory')
    fails(yield * settle(files.readDirectory(fd, 0, program.hand.room(64))), 'ENOTDIR', 'readDirectory')
  }),

  on('rights', 'that were not asked for are missing', function * (program, files) {
    yield * program.file('a', 'text')
    const fd = yield * program.open('a', { base: 0 })
    const room = program.hand.room(1)
    fails(yield * settle(files.read(fd, room)), 'ENOTCAPABLE', 'read')
    fails(yield * settle(files.write(fd, room)), 'ENOTCAPABLE', 'write')
    fails(yield * settle(files.pread(fd, 0, room)), 'ENOTCAPABLE', 'pread')
    fails(yield * settle(files.pwrite(fd, 0, room)), 'ENOTCAPABLE', 'pwrite')
    fails(yield * settle(files.seek(fd, 1, Whence.SET)), 'ENOTCAPABLE', 'seek')
    fails(yield * settle(files.tell(fd)), 'ENOTCAPABLE', 'tell')
    fails(yield * settle(files.attributes(fd)), 'ENOTCAPABLE', 'attributes')
    fails(yield * settle(files.setSize(fd, 0)), 'ENOTCAPABLE', 'setSize')
    fails(yield * settle(files.setTimes(fd, SetAttributes.ACCESS_NOW, 0, 0, 0, 0)), 'ENOTCAPABLE', 'setTimes')
    fails(yield * settle(files.allocate(fd, 0, 1)), 'ENOTCAPABLE', 'allocate')
    fails(yield * settle(files.advise(fd, 0, 1, 0)), 'ENOTCAPABLE', 'advise')
    fails(yield * settle(files.sync(fd, 0)), 'ENOTCAPABLE', 'sync')
    fails(yield * settle(files.sync(fd, 1)), 'ENOTCAPABLE', 'datasync')
    fails(yield * settle(files.setDescriptorFlags(fd, DescriptorFlags.APPEND)), 'ENOTCAPABLE', 'setDescriptorFlags')
    equal((yield * program.stat('a')).size, 4, 'size')
  }),

  on('rights', 'of a directory are checked by every call on paths', function * (program, files) {
    yield * program.directory('d')
    yield * program.file('d/f')
    yield * program.symlink('f', 'd/l')
    const fd = yield * program.open('d', { base: 0, inheriting: RIGHTS_ALL })
    const root = program.root
    yield * program.refuses('f', 'ENOTCAPABLE', { fd })
    fails(yield * settle(files.attributesAt(fd, 0, 'f')), 'ENOTCAPABLE', 'attributesAt')
    fails(yield * settle(files.setTimesAt(fd, 0, 'f', SetAttributes.ACCESS_NOW, 0, 0, 0, 0)), 'ENOTCAPABLE', 'setTimesAt')
    fails(yield * settle(files.createDirectory(fd, 'x')), 'ENOTCAPABLE', 'createDirectory')
    fails(yield * settle(files.removeDirectory(fd, 'x')), 'ENOTCAPABLE', 'removeDirectory')
    fails(yield * settle(files.unlink(fd, 'f')), 'ENOTCAPABLE', 'unlink')
    fails(yield * settle(files.symlink('x', fd, 's')), 'ENOTCAPABLE', 'symlink')
    fails(yield * settle(files.readLink(fd, 'l')), 'ENOTCAPABLE', 'readLink')
    fails(yield * settle(files.link(fd, 0, 'f', root, 'x')), 'ENOTCAPABLE', 'link from')
    fails(yield * settle(files.link(root, 0, 'd/f', fd, 'x')), 'ENOTCAPABLE', 'link to')
    fails(yield * settle(files.rename(fd, 'f', root, 'x')), 'ENOTCAPABLE', 'rename from')
    fails(yield * settle(files.rename(root, 'd/f', fd, 'x')), 'ENOTCAPABLE', 'rename to')
    fails(yield * settle(files.readDirectory(fd, 0, program.hand.room(64))), 'ENOTCAPABLE', 'readDirectory')
    const opens = yield * program.open('d', { base: Rights.PATH_OPEN, inheriting: RIGHTS_ALL })
    yield * program.refuses('new', 'ENOTCAPABLE', { fd: opens, flags: CREATE })
    yield * program.refuses('f', 'ENOTCAPABLE', { fd: opens, flags: TRUNCATE })
    yield * program.close(yield * program.open('f', { fd: opens }))
  }),

  on('rights', 'are never more than the directory lets be inherited', function * (program, files) {
    yield * program.file('f')
    const fd = yield * program.open('.', { base: Rights.PATH_OPEN, inheriting: Rights.FD_READ | Rights.PATH_OPEN })
    yield * program.refuses('f', 'ENOTCAPABLE', { fd, base: Rights.FD_READ | Rights.FD_SEEK })
    yield * program.refuses('.', 'ENOTCAPABLE', { fd, base: 0, inheriting: Rights.FD_WRITE })
    const inner = yield * program.open('f', { fd, base: Rights.FD_READ })
    equal(given(yield * settle(files.descriptor(inner)), 'descriptor').rightsBase, Rights.FD_READ, 'rights')
  }),

  on('rights', 'are given up and not taken back', function * (program, files) {
    yield * program.file('f', 'text')
    const fd = yield * program.open('f', { base: READ_WRITE })
    equal(yield * settle(files.setRights(fd, READ_WRITE & ~Rights.FD_WRITE, 0)), 0, 'setRights')
    fails(yield * settle(files.write(fd, program.hand.text('x'))), 'ENOTCAPABLE', 'write')
    equal(yield * program.read(fd, 9), 'text', 'read')
    fails(yield * settle(files.setRights(fd, READ_WRITE, 0)), 'ENOTCAPABLE', 'taking one back')
    fails(yield * settle(files.setRights(fd, 0, Rights.FD_READ)), 'ENOTCAPABLE', 'one more to inherit')
  }),

  on('rights', 'that do not apply to a type of file are taken away', function * (program, files) {
    yield * program.directory('d')
    yield * program.file('f')
    const directory = given(yield * settle(files.descriptor(yield * program.open('d', { base: Rights.FD_SEEK | Rights.PATH_OPEN }))), 'descriptor')
    equal(directory.rightsBase, Rights.PATH_OPEN, 'a directory has no position')
    equal(directory.type, FileType.DIRECTORY, 'type')
    const file = given(yield * settle(files.descriptor(yield * program.open('f', { base: RIGHTS_ALL, inheriting: RIGHTS_ALL }))), 'descriptor')
    equal(file.rightsBase & (Rights.PATH_OPEN | Rights.FD_READDIR), 0, 'a file has no entries')
    equal(file.rightsInheriting, 0, 'nothing is opened through a file')
    equal(file.rightsBase & READ_WRITE, READ_WRITE, 'what a file has')
  }),

  on('positions', 'move with reads, writes and seeks', function * (program, files) {
    const fd = yield * program.open('a', { flags: CREATE, base: READ_WRITE })
    equal(yield * settle(files.tell(fd)), 0, 'at first')
    yield * program.write(fd, 'hello world')
    equal(yield * settle(files.tell(fd)), 11, 'after a write')
    equal(yield * settle(files.seek(fd, -5, Whence.CURRENT)), 6, 'back')
    equal(yield * program.read(fd, 2), 'wo', 'read')
    equal(yield * settle(files.seek(fd, -1, Whence.END)), 10, 'from the end')
    equal(yield * program.read(fd, 9), 'd', 'read')
    equal(yield * program.read(fd, 9), '', 'the end')
    equal(yield * settle(files.seek(fd, 100, Whence.SET)), 100, 'beyond the end')
    equal(yield * program.read(fd, 9), '', 'there')
    fails(yield * settle(files.seek(fd, -101, Whence.CURRENT)), 'EINVAL', 'before the start')
    fails(yield * settle(files.seek(fd, -1, Whence.SET)), 'EINVAL', 'before the start')
    fails(yield * settle(files.seek(fd, 0, 3)), 'EINVAL', 'whence')
    equal(yield * settle(files.tell(fd)), 100, 'a seek that failed moves nothing')
    yield * program.write(fd, 'x')
    equal((yield * program.stat('a')).size, 101, 'size')
  }),

  on('positions', 'are left alone by pread and pwrite', function * (program, files) {
    const fd = yield * program.open('a', { flags: CREATE, base: READ_WRITE })
    yield * program.write(fd, 'abc')
    const into = program.hand.room(2)
    equal(yield * settle(files.pread(fd, 1, into)), 2, 'pread')
    equal(program.hand.read(into), 'bc', 'what it read')
    equal(yield * settle(files.pwrite(fd, 4, program.hand.text('xy'))), 2, 'pwrite')
    equal(yield * settle(files.tell(fd)), 3, 'position')
    equal(yield * program.content('a'), 'abc\0xy', 'content')
    fails(yield * settle(files.pread(fd, -1, into)), 'EINVAL', 'a negative offset')
    fails(yield * settle(files.pwrite(fd, -1, into)), 'EINVAL', 'a negative offset')
  }),

  on('positions', 'a directory has none', function * (program, files) {
    const fd = yield * program.openDirectory('.')
    const room = program.hand.room(8)
    fails(yield * settle(files.read(fd, room)), 'EISDIR', 'read')
    fails(yield * settle(files.pread(fd, 0, room)), 'EISDIR', 'pread')
    for (const [name, result] of [
      ['write', files.write(fd, room)], ['pwrite', files.pwrite(fd, 0, room)], ['seek', files.seek(fd, 0, Whence.CURRENT)],
      ['tell', files.tell(fd)], ['allocate', files.allocate(fd, 0, 1)]
    ] as const) fails(yield * settle(result), 'EBADF', name)
    fails(yield * settle(files.setSize(fd, 0)), 'EINVAL', 'setSize')
  }),

  on('flags', 'APPEND writes at the end, whatever the position', function * (program, files) {
    yield * program.file('a', 'one')
    const fd = yield * program.open('a', { base: READ_WRITE, descriptorFlags: DescriptorFlags.APPEND })
    yield * program.write(fd, ' two')
    equal(yield * settle(files.tell(fd)), 7, 'position after it')
    equal(yield * settle(files.seek(fd, 0, Whence.SET)), 0, 'seek')
    yield * program.write(fd, ' three')
    equal(yield * settle(files.seek(fd, -5, Whence.CURRENT)), 8, 'back from the end')
    equal(yield * program.read(fd, 9), 'three', 'read')
    equal(yield * settle(files.setDescriptorFlags(fd, 0)), 0, 'no longer')
    equal(yield * settle(files.seek(fd, 0, Whence.SET)), 0, 'seek')
    yield * program.write(fd, 'ONE')
    equal(yield * program.content('a'), 'ONE two three', 'content')
  }),

  on('flags', 'are kept and shown', function * (program, files) {
    yield * program.file('a')
    const fd = yield * program.open('a', { base: READ_WRITE, descriptorFlags: DescriptorFlags.SYNC | DescriptorFlags.NONBLOCK })
    equal(given(yield * settle(files.descriptor(fd)), 'descriptor').flags, DescriptorFlags.SYNC | DescriptorFlags.NONBLOCK, 'flags')
    yield * program.write(fd, 'synced')
    equal(yield * settle(files.setDescriptorFlags(fd, DescriptorFlags.SYNC)), 0, 'taking one away')
    fails(yield * settle(files.setDescriptorFlags(fd, 0)), 'EINVAL', 'SYNC stays as it was opened')
    fails(yield * settle(files.setDescriptorFlags(fd, 64)), 'EINVAL', 'a flag that there is not')
    equal(yield * settle(files.sync(fd, 0)), 0, 'sync')
    equal(yield * settle(files.sync(fd, 1)), 0, 'datasync')
    equal(yield * settle(files.advise(fd, 0, 100, 3)), 0, 'advise')
    fails(yield * settle(files.advise(fd, 0, 100, 6)), 'EINVAL', 'advice that there is not')
  }),

  on('attributes', 'are the same by path and by descriptor', function * (program, files) {
    yield * program.file('a', 'text')
    const fd = yield * program.open('a', { base: READ_WRITE })
    const open = given(yield * settle(files.attributes(fd)), 'attributes')
    const path = yield * program.stat('a')
    for (const field of Object.keys(path) as (keyof FileAttributes)[]) equal(open[field], path[field], field)
    equal(path.size, 4, 'size')
    equal(path.type, FileType.REGULAR, 'type')
    equal(path.links, 1, 'links')
    equal((yield * program.stat('.')).type, FileType.DIRECTORY, 'type of the start')
    equal((yield * program.stat('.')).device, path.device, 'device')
  }),

  on('attributes', 'sizes and times are set', function * (program, files) {
    yield * program.file('a', 'text')
    const fd = yield * program.open('a', { base: READ_WRITE })
    equal(yield * settle(files.setSize(fd, 2)), 0, 'setSize')
    equal(yield * program.content('a'), 'te', 'content')
    fails(yield * settle(files.setSize(fd, -1)), 'EINVAL', 'a negative size')
    equal(yield * settle(files.allocate(fd, 1, 4)), 0, 'allocate')
    equal((yield * program.stat('a')).size, 5, 'size')
    fails(yield * settle(files.allocate(fd, 0, 0)), 'EINVAL', 'allocate nothing')
    fails(yield * settle(files.allocate(fd, -1, 1)), 'EINVAL', 'allocate before the start')
    const { ACCESS_TIME, ACCESS_NOW, MODIFY_TIME, MODIFY_NOW } = SetAttributes
    equal(yield * settle(files.setTimes(fd, ACCESS_TIME | MODIFY_TIME, 10, 1000, 20, 2000)), 0, 'setTimes')
    const first = yield * program.stat('a')
    equalList([first.accessSec, first.accessNsec, first.modifySec, first.modifyNsec], [10, 1000, 20, 2000], 'times')
    equal(yield * settle(files.setTimesAt(program.root, 0, 'a', MODIFY_NOW, 0, 0, 0, 0)), 0, 'setTimesAt')
    const second = yield * program.stat('a')
    equal(second.accessSec, 10, 'the other one')
    holds(second.modifySec > 20, 'now')
    for (const which of [ACCESS_TIME | ACCESS_NOW, MODIFY_TIME | MODIFY_NOW, SetAttributes.SIZE, 64]) {
      fails(yield * settle(files.setTimes(fd, which, 0, 0, 0, 0)), 'EINVAL', `setTimes ${which}`)
      fails(yield * settle(files.setTimesAt(program.root, 0, 'a', which, 0, 0, 0, 0)), 'EINVAL', `setTimesAt ${which}`)
    }
    fails(yield * settle(files.setTimesAt(program.root, 0, 'none', MODIFY_NOW, 0, 0, 0, 0)), 'ENOENT', 'of nothing')
  }),

  on('sandbox', 'no path leads out', function * (program, files) {
    yield * program.directory('d')
    yield * program.directory('d/e')
    yield * program.file('d/e/f', 'inside')
    equal(yield * program.content('d/.//e/../../d/e/../e///./f'), 'inside', 'in and out again')
    for (const path of ['..', '../x', '/', '/d/e/f', 'd/../..', 'd/e/../../../d/e/f', './..', 'd/../../d']) {
      yield * program.refuses(path, 'ENOTCAPABLE')
      fails(yield * settle(files.attributesAt(program.root, 0, path)), 'ENOTCAPABLE', `attributesAt ${path}`)
      fails(yield * settle(files.createDirectory(program.root, path)), 'ENOTCAPABLE', `createDirectory ${path}`)
      fails(yield * settle(files.rename(program.root, 'd', program.root, path)), 'ENOTCAPABLE', `rename to ${path}`)
      fails(yield * settle(files.link(program.root, 0, path, program.root, 'x')), 'ENOTCAPABLE', `link of ${path}`)
    }
    yield * program.refuses('none/../d/e/f', 'ENOENT')
    const inner = yield * program.openDirectory('d/e')
    yield * program.refuses('../e/f', 'ENOTCAPABLE', { fd: inner })
    yield * program.close(yield * program.open('f', { fd: inner }))
  }),

  on('sandbox', 'no symbolic link leads out', function * (program, files) {
    yield * program.directory('d')
    yield * program.directory('d/e')
    yield * program.file('f', 'top')
    yield * program.symlink('../..', 'd/up')
    yield * program.symlink('../f', 'd/f')
    yield * program.refuses('d/up', 'ENOTCAPABLE')
    yield * program.refuses('d/up/f', 'ENOTCAPABLE')
    equal(yield * program.content('d/f'), 'top', 'a link within')
    const inner = yield * program.openDirectory('d')
    yield * program.refuses('f', 'ENOTCAPABLE', { fd: inner })
    yield * program.refuses('e/../f', 'ENOTCAPABLE', { fd: inner })
    fails(yield * settle(files.symlink('/f', program.root, 'absolute')), 'ENOTCAPABLE', 'a link to an absolute path')
  }),

  on('paths', 'are checked', function * (program, files) {
    yield * program.refuses('', 'ENOENT')
    yield * program.refuses('a\0', 'EINVAL', { flags: CREATE })
    yield * program.file('n'.repeat(NAME_BYTES_MAX))
    yield * program.refuses('n'.repeat(NAME_BYTES_MAX + 1), 'ENAMETOOLONG', { flags: CREATE })
    yield * program.refuses('ü'.repeat(NAME_BYTES_MAX / 2 + 1), 'ENAMETOOLONG', { flags: CREATE })
    yield * program.refuses(`x/${'n'.repeat(NAME_BYTES_MAX + 1)}`, 'ENAMETOOLONG')
    yield * program.refuses('./'.repeat(PATH_BYTES_MAX), 'ENAMETOOLONG')
    equal((yield * program.stat('./'.repeat(1000))).type, FileType.DIRECTORY, 'a long path')
    fails(yield * settle(files.symlink('', program.root, 's')), 'ENOENT', 'a link to nothing')
    fails(yield * settle(files.symlink('x'.repeat(PATH_BYTES_MAX + 1), program.root, 's')), 'ENAMETOOLONG', 'a target too long')
  }),

  on('trailing slashes', 'name directories only', function * (program, files) {
    yield * program.directory('d')
    yield * program.file('f')
    const root = program.root
    yield * program.close(yield * program.open('d/'))
    yield * program.close(yield * program.open('d///'))
    equal((yield * program.stat('d/', 0)).type, FileType.DIRECTORY, 'attributesAt')
    yield * program.refuses('f/', 'ENOTDIR')
    yield * program.refuses('none/', 'ENOENT')
    yield * program.refuses('f/', 'EISDIR', { flags: CREATE })
    yield * program.refuses('new/', 'EISDIR', { flags: CREATE })
    fails(yield * settle(files.attributesAt(root, 0, 'f/')), 'ENOTDIR', 'attributesAt')
    fails(yield * settle(files.unlink(root, 'f/')), 'ENOTDIR', 'unlink of a file')
    fails(yield * settle(files.unlink(root, 'd/')), 'EISDIR', 'unlink of a directory')
    fails(yield * settle(files.removeDirectory(root, 'f/')), 'ENOTDIR', 'removeDirectory of a file')
    fails(yield * settle(files.link(root, 0, 'f', root, 'l/')), 'ENOENT', 'link')
    fails(yield * settle(files.link(root, 0, 'f/', root, 'l')), 'ENOTDIR', 'link')
    fails(yield * settle(files.symlink('f', root, 'l/')), 'ENOENT', 'symlink')
    fails(yield * settle(files.symlink('f', root, 'd/')), 'EEXIST', 'symlink over a directory')
    fails(yield * settle(files.symlink('f', root, 'f/')), 'EEXIST', 'symlink over a file')
    equal(yield * settle(files.createDirectory(root, 'made/')), 0, 'createDirectory')
    equal(yield * settle(files.rename(root, 'made/', root, 'moved')), 0, 'rename of a directory')
    equal(yield * settle(files.rename(root, 'moved', root, 'again/')), 0, 'rename of a directory')
    fails(yield * settle(files.rename(root, 'f/', root, 'g')), 'ENOTDIR', 'rename of a file')
    fails(yield * settle(files.rename(root, 'f', root, 'g/')), 'ENOTDIR', 'rename of a file')
    equal(yield * settle(files.removeDirectory(root, 'again/')), 0, 'removeDirectory')
  }),

  on('trailing slashes', 'follow a link, but where its name is meant', function * (program, files) {
    yield * program.directory('d')
    yield * program.symlink('d', 'l')
    const root = program.root
    equal((yield * program.stat('l/', 0)).type, FileType.DIRECTORY, 'attributesAt')
    equal((yield * program.stat('l', 0)).type, FileType.SYMBOLIC_LINK, 'attributesAt without')
    yield * program.close(yield * program.open('l/', { lookup: 0 }))
    fails(yield * settle(files.unlink(root, 'l/')), 'ENOTDIR', 'unlink')
    fails(yield * settle(files.removeDirectory(root, 'l/')), 'ENOTDIR', 'removeDirectory')
    fails(yield * settle(files.rename(root, 'l/', root, 'm')), 'ENOTDIR', 'rename')
    fails(yield * settle(files.readLink(root, 'l/')), 'EINVAL', 'readLink')
    equal((yield * program.stat('d')).type, FileType.DIRECTORY, 'the directory is still there')
    yield * program.file('f')
    yield * program.symlink('f/', 'slashed')
    yield * program.refuses('slashed', 'ENOTDIR')
    fails(yield * settle(files.attributesAt(root, FOLLOW, 'slashed')), 'ENOTDIR', 'a slash in the target counts')
  }),

  on('symbolic links', 'are followed where that was asked', function * (program, files) {
    yield * program.directory('d')
    yield * program.file('d/f', 'text')
    yield * program.symlink('d/f', 'file')
    yield * program.symlink('d', 'directory')
    equal(yield * program.content('file'), 'text', 'content')
    equal(yield * program.content('directory/f'), 'text', 'content through a directory')
    equal(yield * program.content('directory/../file'), 'text', '.. of what the link leads to')
    yield * program.refuses('file', 'ELOOP', { lookup: 0 })
    yield * program.refuses('file', 'ENOTDIR', { lookup: 0, flags: DIRECTORY })
    yield * program.refuses('directory', 'ENOTDIR', { lookup: 0, flags: DIRECTORY })
    yield * program.refuses('file', 'ENOTDIR', { flags: DIRECTORY })
    yield * program.close(yield * program.open('directory', { flags: DIRECTORY }))
    yield * program.close(yield * program.open('directory/f', { lookup: 0 }))
    equal((yield * program.stat('file')).size, 4, 'attributes of the file')
    equal((yield * program.stat('file', 0)).type, FileType.SYMBOLIC_LINK, 'attributes of the link')
    equal(yield * settle(files.readLink(program.root, 'file')), 'd/f', 'target')
    fails(yield * settle(files.readLink(program.root, 'd')), 'EINVAL', 'target of a directory')
    fails(yield * settle(files.readLink(program.root, 'none')), 'ENOENT', 'target of nothing')
  }),

  on('symbolic links', 'that lead round or too far are ELOOP', function * (program) {
    yield * program.symlink('a', 'b')
    yield * program.symlink('b', 'a')
    yield * program.symlink('self/x', 'self')
    yield * program.refuses('a', 'ELOOP')
    yield * program.refuses('a', 'ELOOP', { flags: CREATE })
    yield * program.refuses('self', 'ELOOP')
    yield * program.file('end', 'reached')
    for (let i = 0; i <= SYMLINKS_MAX; i++) yield * program.symlink(i === 0 ? 'end' : `chain${i - 1}`, `chain${i}`)
    equal(yield * program.content(`chain${SYMLINKS_MAX - 1}`), 'reached', 'as many as may be')
    yield * program.refuses(`chain${SYMLINKS_MAX}`, 'ELOOP')
  }),

  on('dangling links', 'are there, and what they name is not', function * (program, files) {
    yield * program.symlink('target', 'l')
    const root = program.root
    yield * program.refuses('l', 'ENOENT')
    yield * program.refuses('l', 'ELOOP', { lookup: 0 })
    yield * program.refuses('l', 'ELOOP', { lookup: 0, flags: CREATE })
    yield * program.refuses('l', 'ENOTDIR', { lookup: 0, flags: DIRECTORY })
    yield * program.refuses('l', 'EEXIST', { flags: CREATE | EXCLUSIVE })
    fails(yield * settle(files.createDirectory(root, 'l')), 'EEXIST', 'createDirectory')
    fails(yield * settle(files.symlink('x', root, 'l')), 'EEXIST', 'symlink')
    fails(yield * settle(files.attributesAt(root, FOLLOW, 'l')), 'ENOENT', 'attributesAt')
    equal(yield * settle(files.link(root, 0, 'l', root, 'm')), 0, 'link of the link')
    equal(yield * settle(files.readLink(root, 'm')), 'target', 'target')
    fails(yield * settle(files.link(root, FOLLOW, 'l', root, 'n')), 'ENOENT', 'link of what it names')
    yield * program.close(yield * program.open('l', { flags: CREATE }))
    equal((yield * program.stat('target')).type, FileType.REGULAR, 'CREATE makes what the link names')
    fails(yield * settle(files.link(root, 0, 'target', root, 'l')), 'EEXIST', 'link over the link')
  }),

  on('changing names', 'directories are made and removed', function * (program, files) {
    const root = program.root
    yield * program.directory('d')
    yield * program.file('d/f')
    fails(yield * settle(files.createDirectory(root, 'd')), 'EEXIST', 'createDirectory')
    fails(yield * settle(files.createDirectory(root, 'd/f')), 'EEXIST', 'createDirectory')
    fails(yield * settle(files.createDirectory(root, '.')), 'EEXIST', 'createDirectory')
    fails(yield * settle(files.createDirectory(root, 'none/x')), 'ENOENT', 'createDirectory')
    fails(yield * settle(files.removeDirectory(root, 'd')), 'ENOTEMPTY', 'removeDirectory')
    fails(yield * settle(files.removeDirectory(root, 'd/f')), 'ENOTDIR', 'removeDirectory')
    fails(yield * settle(files.removeDirectory(root, 'd/.')), 'EINVAL', 'removeDirectory')
    fails(yield * settle(files.removeDirectory(root, '.')), 'EINVAL', 'removeDirectory')
    fails(yield * settle(files.unlink(root, 'd')), 'EISDIR', 'unlink')
    fails(yield * settle(files.unlink(root, 'none')), 'ENOENT', 'unlink')
    equal(yield * settle(files.unlink(root, 'd/f')), 0, 'unlink')
    equal(yield * settle(files.removeDirectory(root, 'd')), 0, 'removeDirectory')
    yield * program.gone('d')
  }),

  on('changing names', 'links and renames, within a directory and between', function * (program, files) {
    const root = program.root
    yield * program.directory('d')
    yield * program.directory('e')
    yield * program.file('d/f', 'text')
    const from = yield * program.openDirectory('d')
    const to = yield * program.openDirectory('e')
    equal(yield * settle(files.link(from, 0, 'f', to, 'g')), 0, 'link')
    equal((yield * program.stat('e/g')).inode, (yield * program.stat('d/f')).inode, 'inode')
    equal((yield * program.stat('e/g')).links, 2, 'links')
    fails(yield * settle(files.link(from, 0, 'f', to, 'g')), 'EEXIST', 'link')
    fails(yield * settle(files.link(root, 0, 'd', root, 'x')), 'EPERM', 'link of a directory')
    equal(yield * settle(files.rename(from, 'f', to, 'h')), 0, 'rename')
    yield * program.gone('d/f')
    equal(yield * program.content('e/h'), 'text', 'content')
    fails(yield * settle(files.rename(root, 'none', root, 'x')), 'ENOENT', 'rename of nothing')
    fails(yield * settle(files.rename(root, 'e', root, 'e/x')), 'EINVAL', 'rename into itself')
    fails(yield * settle(files.rename(root, 'd', root, 'e')), 'ENOTEMPTY', 'rename onto a full directory')
    fails(yield * settle(files.rename(root, '.', root, 'x')), 'EBUSY', 'rename of the start')
    equal(yield * settle(files.rename(root, 'e', root, 'd')), 0, 'rename onto an empty directory')
    equal(yield * program.content('d/h'), 'text', 'content')
    fails(yield * settle(files.createDirectory(from, 'x')), 'ENOENT', 'in a directory that was replaced')
  }),

  on('changing names', 'an open file outlives its name', function * (program, files) {
    yield * program.file('a', 'text')
    const fd = yield * program.open('a', { base: READ_WRITE })
    equal(yield * settle(files.unlink(program.root, 'a')), 0, 'unlink')
    equal(yield * program.read(fd, 9), 'text', 'read')
    equal(given(yield * settle(files.attributes(fd)), 'attributes').links, 0, 'links')
    yield * program.gone('a')
    yield * program.close(fd)
  }),

  on('listing', 'starts with . and .. and has every entry once', function * (program, files) {
    const fd = yield * program.openDirectory('.')
    const first = yield * program.list(fd)
    equalList(first.map(record => record.name), ['.', '..'], 'an empty directory')
    equal(first[0]!.inode, (yield * program.stat('.')).inode, 'inode of .')
    for (let i = 0; i < 50; i++) yield * program.file(`file.${i}`)
    yield * program.directory('d')
    yield * program.symlink('d', 'l')
    for (const room of [48, 100, 4000]) {
      const records = yield * program.list(fd, 0, room)
      equalList(records.slice(0, 2).map(record => record.name), ['.', '..'], 'first')
      equal(new Set(records.map(record => record.name)).size, 54, 'different names')
      equal(records.length, 54, 'entries')
      const type = (name: string): number | undefined => records.find(record => record.name === name)?.type
      equalList(['.', 'd', 'l', 'file.7'].map(type), [FileType.DIRECTORY, FileType.DIRECTORY, FileType.SYMBOLIC_LINK, FileType.REGULAR], 'types')
      equal(records.find(record => record.name === 'file.7')!.inode, (yield * program.stat('file.7')).inode, 'inode')
    }
    const all = yield * program.list(fd)
    for (const index of [0, 1, 2, 30, 53]) {
      const rest = yield * program.list(fd, all[index]!.cookie)
      equalList(rest.map(record => record.name), all.slice(index + 1).map(record => record.name), `after entry ${index}`)
    }
    holds(all[0]!.cookie < FIRST_COOKIE && all[2]!.cookie >= FIRST_COOKIE, 'whose cookies are whose')
    fails(yield * settle(files.readDirectory(fd, 0, program.hand.room(8))), 'EINVAL', 'a window for no record')
  }),

  on('polling', 'files are always ready, and say how many bytes they have', function * (program, files) {
    yield * program.file('a', '12345')
    const fd = yield * program.open('a', { base: READ_WRITE })
    yield * program.read(fd, 2)
    const results = given(yield * settle(files.poll([fd, Ready.READABLE, fd, Ready.WRITABLE], Infinity)), 'poll')
    equalList(results, [Ready.READABLE, 3, Ready.WRITABLE, 0], 'results')
    const unable = yield * program.open('a', { base: Rights.FD_READ })
    const failed = given(yield * settle(files.poll([unable, Ready.READABLE, 999, Ready.READABLE, fd, Ready.READABLE], Infinity)), 'poll')
    fails(failed[0], 'ENOTCAPABLE', 'without the right')
    fails(failed[2], 'EBADF', 'no descriptor')
    equal(failed[4], Ready.READABLE, 'the other')
  }),

  on('pipes', 'carry bytes from one end to the other', function * (program, files) {
    const { read, write } = given(yield * settle(files.pipe()), 'pipe')
    yield * program.write(write, 'through')
    equal(yield * program.read(read, 4), 'thro', 'read')
    fails(yield * settle(files.write(read, program.hand.text('x'))), 'ENOTCAPABLE', 'write to the reading end')
    fails(yield * settle(files.read(write, program.hand.room(1))), 'ENOTCAPABLE', 'read from the writing end')
    fails(yield * settle(files.seek(read, 0, Whence.CURRENT)), 'ESPIPE', 'seek')
    fails(yield * settle(files.tell(write)), 'ESPIPE', 'tell')
    fails(yield * settle(files.pread(read, 0, program.hand.room(1))), 'ESPIPE', 'pread')
    fails(yield * settle(files.pwrite(write, 0, program.hand.text('x'))), 'ESPIPE', 'pwrite')
    equal(given(yield * settle(files.attributes(read)), 'attributes').type, FileType.UNKNOWN, 'type')
    yield * program.close(write)
    equal(yield * program.read(read, 9), 'ugh', 'the rest')
    equal(yield * program.read(read, 9), '', 'the end')
    yield * program.close(read)
  }),

  on('pipes', 'a reader waits, or with NONBLOCK does not', function * (program, files) {
    const { read, write } = given(yield * settle(files.pipe()), 'pipe')
    const reading = program.driver.spawn(program.read(read, 9))
    yield * program.driver.settleDown()
    holds(!reading.done, 'the reader waits')
    yield * program.write(write, 'x')
    equal(yield * reading.join(), 'x', 'what it read')
    equal(yield * settle(files.setDescriptorFlags(read, DescriptorFlags.NONBLOCK)), 0, 'setDescriptorFlags')
    fails(yield * settle(files.read(read, program.hand.room(1))), 'EAGAIN', 'read')
    yield * program.close(read)
    fails(yield * settle(files.write(write, program.hand.text('x'))), 'EPIPE', 'write that nobody reads')
  }),

  on('pipes', 'are polled', function * (program, files) {
    const { read, write } = given(yield * settle(files.pipe()), 'pipe')
    equalList(given(yield * settle(files.poll([read, Ready.READABLE], 0)), 'poll'), [0, 0], 'empty')
    const polling = program.driver.spawn(settle(files.poll([read, Ready.READABLE], Infinity)))
    yield * program.driver.settleDown()
    holds(!polling.done, 'the poll waits')
    yield * program.write(write, 'abc')
    equalList(given(yield * polling.join(), 'poll'), [Ready.READABLE, 3], 'results')
    const both = given(yield * settle(files.poll([read, Ready.READABLE, write, Ready.WRITABLE], Infinity)), 'poll')
    equalList(both, [Ready.READABLE, 3, Ready.WRITABLE, 0], 'both ends')
    yield * program.close(read)
    equalList(given(yield * settle(files.poll([write, Ready.WRITABLE], Infinity)), 'poll'), [Ready.WRITABLE | Ready.HANGUP, 0], 'nobody reads')
  })
]
