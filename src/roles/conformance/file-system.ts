/**
 * What every FileSystem does: files, directories, links, renames, as POSIX has them.
 *
 * Pipes have cases of their own in pipes.ts, which this suite takes in. A subject gives an empty file system.
 */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { APPEND, Access, FILE_BYTES_MAX, FIRST_COOKIE, FileType, Ready, SetAttributes, inodeOf, takeDirectoryRecord, typeOf } from '../index.ts'
import type { Attributes, DirectoryRecord, FileSystem } from '../index.ts'
import { equal, equalList, fails, given, holds, works } from './expect.ts'
import { pipeCases } from './pipes.ts'
import type { PipeFeature } from './pipes.ts'
import { pattern, registerCases, sameBytes } from './suite.ts'
import type { Case, Client, Hand, Skips, Suite } from './suite.ts'

export interface FileSystemSubject extends Client {
  readonly files: FileSystem
}

export type FileSystemFeature = 'root' | 'files' | 'sparse files' | 'allocate' | 'directories' | 'listing' | 'hard links' |
  'symbolic links' | 'unlinked files' | 'rename' | 'times' | 'exact times' | 'readiness' | PipeFeature

/** A file system that is one to the full, and keeps no pipes. */
export const wholeFileSystem: Skips<FileSystemFeature> = {
  root: null, files: null, 'sparse files': null, allocate: null, directories: null, listing: null, 'hard links': null,
  'symbolic links': null, 'unlinked files': null, rename: null, times: null, 'exact times': null, readiness: null,
  pipes: 'a file system of files: pipes are another\'s'
}

const unnamed = 'it keeps pipes, which have no names'

/** A file system that keeps pipes alone. */
export const onlyPipes: Skips<FileSystemFeature> = {
  root: null, files: unnamed, 'sparse files': unnamed, allocate: unnamed, directories: unnamed, listing: unnamed, 'hard links': unnamed,
  'symbolic links': unnamed, 'unlinked files': unnamed, rename: unnamed, times: unnamed, 'exact times': unnamed,
  readiness: 'pipes have cases of their own', pipes: null
}

export function fileSystemConformance (suite: Suite<FileSystemSubject, FileSystemFeature>): void {
  registerCases('FileSystem', [...cases, ...pipeCases], suite)
}

type FileCase = Case<FileSystemSubject, FileSystemFeature>
const BOTH = Access.READ | Access.WRITE
const EVENTS = Ready.READABLE | Ready.WRITABLE

/** What the cases do again and again. */
class FileClient {
  readonly files: FileSystem
  readonly hand: Hand

  constructor (subject: FileSystemSubject, hand: Hand) {
    this.files = subject.files
    this.hand = hand
  }

  * root (): Fiber<number> {
    return works(yield * settle(this.files.root()), 'root')
  }

  * make (directory: number, name: string, type: number = FileType.REGULAR): Fiber<number> {
    return works(yield * settle(this.files.create(directory, name, type)), `create ${name}`)
  }

  * open (inode: number, access: number = BOTH): Fiber<number> {
    return works(yield * settle(this.files.open(inode, access)), 'open')
  }

  * close (handle: number): Fiber<void> {
    equal(yield * settle(this.files.close(handle)), 0, 'close')
  }

  /** The attributes of what an entry names; both tell the same inode and type. */
  * look (directory: number, name: string): Fiber<Attributes> {
    const entry = works(yield * settle(this.files.lookup(directory, name)), `lookup ${name}`)
    const found = yield * this.stat(inodeOf(entry))
    equal(found.inode, inodeOf(entry), 'inode of the entry')
    equal(found.type, typeOf(entry), 'type of the entry')
    return found
  }

  * stat (inode: number): Fiber<Attributes> {
    return given(yield * settle(this.files.attributes(inode)), 'attributes')
  }

  * write (handle: number, offset: number, text: string): Fiber<void> {
    equal(yield * settle(this.files.write(handle, offset, this.hand.text(text))), text.length, `write ${text}`)
  }

  * read (handle: number, offset: number, length: number): Fiber<string> {
    const into = this.hand.room(length, 0x55)
    const count = works(yield * settle(this.files.read(handle, offset, into)), 'read')
    return this.hand.read(into, count)
  }

  /** A file with that content. */
  * file (directory: number, name: string, text: string): Fiber<number> {
    const inode = yield * this.make(directory, name)
    const handle = yield * this.open(inode)
    if (text !== '') yield * this.write(handle, 0, text)
    yield * this.close(handle)
    return inode
  }

  /** What a file holds. */
  * content (inode: number): Fiber<string> {
    const handle = yield * this.open(inode, Access.READ)
    const text = yield * this.read(handle, 0, 4096)
    yield * this.close(handle)
    return text
  }

  * setSize (inode: number, size: number): Fiber<number> {
    return yield * settle(this.files.setAttributes(inode, SetAttributes.SIZE, size, 0, 0, 0, 0))
  }

  /** The records of one call. */
  * listSome (handle: number, cookie: number, room: number): Fiber<DirectoryRecord[]> {
    const into = this.hand.room(room)
    const count = works(yield * settle(this.files.readDirectory(handle, cookie, into)), 'readDirectory')
    const bytes = this.hand.see(into, count)
    const records: DirectoryRecord[] = []
    for (let at = 0; at < count;) {
      const record = takeDirectoryRecord(bytes, at)
      records.push(record)
      at = record.next
    }
    return records
  }

  /** All records from a cookie on. */
  * list (handle: number, cookie = 0, room = 512): Fiber<DirectoryRecord[]> {
    const records: DirectoryRecord[] = []
    for (let from = cookie; ;) {
      const some = yield * this.listSome(handle, from, room)
      if (some.length === 0) return records
      records.push(...some)
      from = some[some.length - 1]!.cookie
    }
  }

  /** The names in a directory, sorted. */
  * names (directory: number): Fiber<string[]> {
    const handle = yield * this.open(directory, Access.READ)
    const records = yield * this.list(handle)
    yield * this.close(handle)
    return records.map(record => record.name).sort()
  }
}

function on (feature: FileSystemFeature, name: string, body: (client: FileClient, root: number) => Fiber<void>): FileCase {
  return {
    feature,
    name,
    * body (subject, hand) {
      const client = new FileClient(subject, hand)
      yield * body(client, yield * client.root())
    }
  }
}

const cases: readonly FileCase[] = [
  on('root', 'is a directory with an inode that stays', function * (client, root) {
    holds(root > 0, 'the inode of the root is a number above 0')
    equal(yield * client.root(), root, 'root again')
    equal((yield * client.stat(root)).type, FileType.DIRECTORY, 'type of the root')
    fails(yield * settle(client.files.lookup(root, 'no such name')), 'ENOENT', 'lookup of a name that is not there')
  }),

  on('files', 'a file that was made is found and is empty', function * (client, root) {
    const inode = yield * client.make(root, 'a')
    const found = yield * client.look(root, 'a')
    equal(found.inode, inode, 'inode')
    equal(found.type, FileType.REGULAR, 'type')
    equal(found.size, 0, 'size')
    equal(found.links, 1, 'links')
    fails(yield * settle(client.files.create(root, 'a', FileType.REGULAR)), 'EEXIST', 'making it again')
    fails(yield * settle(client.files.create(root, 'a', FileType.DIRECTORY)), 'EEXIST', 'making a directory of that name')
    fails(yield * settle(client.files.lookup(inode, 'x')), 'ENOTDIR', 'lookup in a file')
  }),

  on('files', 'what was written is read, in pieces and across the end', function * (client, root) {
    const handle = yield * client.open(yield * client.make(root, 'a'))
    equal(yield * client.read(handle, 0, 10), '', 'read of an empty file')
    yield * client.write(handle, 0, 'hello world')
    yield * client.write(handle, 6, 'there')
    equal(yield * client.read(handle, 0, 100), 'hello there', 'all')
    equal(yield * client.read(handle, 6, 3), 'the', 'a part')
    equal(yield * client.read(handle, 11, 5), '', 'at the end')
    equal(yield * client.read(handle, 1e9, 5), '', 'far beyond the end')
    equal(yield * client.read(handle, 0, 0), '', 'nothing')
    equal(yield * settle(client.files.write(handle, 3, client.hand.room(0))), 0, 'write of nothing')
    equal((yield * client.look(root, 'a')).size, 11, 'size')
    yield * client.close(handle)
  }),

  on('files', 'many blocks, at offsets that are none of theirs', function * (client, root) {
    const handle = yield * client.open(yield * client.make(root, 'big'))
    const bytes = pattern(50_001)
    const from = client.hand.bytes(bytes)
    for (let at = 0; at < bytes.length;) {
      const count: number = works(yield * settle(client.files.write(handle, at, from.slice(at, 7001))), 'write')
      holds(count > 0, 'a write of something writes something')
      at += count
    }
    const into = client.hand.room(bytes.length)
    for (let at = 0; at < bytes.length;) {
      const count: number = works(yield * settle(client.files.read(handle, at, into.slice(at, 4999))), 'read')
      holds(count > 0, 'a read within the file reads something')
      at += count
    }
    holds(sameBytes(client.hand.see(into), bytes), 'the bytes that were written')
    yield * client.close(handle)
  }),

  on('files', 'APPEND writes at the end, whatever it is', function * (client, root) {
    const inode = yield * client.file(root, 'log', 'one')
    const first = yield * client.open(inode)
    const second = yield * client.open(inode)
    yield * client.write(first, APPEND, ' two')
    yield * client.write(second, APPEND, ' three')
    equal(yield * client.read(first, 0, 100), 'one two three', 'content')
    yield * client.close(first)
    yield * client.close(second)
  }),

  on('files', 'a size that is set cuts off and fills with zeros', function * (client, root) {
    const inode = yield * client.file(root, 'a', 'abcdefgh')
    equal(yield * client.setSize(inode, 3), 0, 'setting the size')
    equal(yield * client.content(inode), 'abc', 'cut')
    equal(yield * client.setSize(inode, 6), 0, 'setting the size')
    equal(yield * client.content(inode), 'abc\0\0\0', 'grown: what was cut off does not come back')
    equal((yield * client.stat(inode)).size, 6, 'size')
    fails(yield * client.setSize(root, 0), 'EISDIR', 'size of a directory')
  }),

  on('files', 'a handle allows what it was opened for, until it is closed', function * (client, root) {
    const inode = yield * client.file(root, 'a', 'text')
    const reader = yield * client.open(inode, Access.READ)
    const writer = yield * client.open(inode, Access.WRITE)
    fails(yield * settle(client.files.write(reader, 0, client.hand.text('x'))), 'EBADF', 'write through a reader')
    fails(yield * settle(client.files.read(writer, 0, client.hand.room(1))), 'EBADF', 'read through a writer')
    yield * client.write(writer, 0, 'T')
    equal(yield * client.read(reader, 0, 9), 'Text', 'read of what another handle wrote')
    yield * client.close(reader)
    yield * client.close(writer)
    fails(yield * settle(client.files.read(reader, 0, client.hand.room(1))), 'EBADF', 'read after close')
    fails(yield * settle(client.files.close(reader)), 'EBADF', 'closing again')
    fails(yield * settle(client.files.readDirectory(yield * client.open(inode), 0, client.hand.room(64))), 'ENOTDIR', 'listing a file')
  }),

  on('files', 'a directory is not read or written', function * (client, root) {
    const handle = yield * client.open(root, Access.READ)
    fails(yield * settle(client.files.read(handle, 0, client.hand.room(8))), 'EISDIR', 'read of a directory')
    yield * client.close(handle)
    fails(yield * settle(client.files.open(root, Access.WRITE)), 'EISDIR', 'opening a directory for writing')
    fails(yield * settle(client.files.open(2 ** 40, Access.READ)), 'ENOENT', 'opening an inode that is not there')
  }),

  on('files', 'no file is larger than FILE_BYTES_MAX', function * (client, root) {
    const handle = yield * client.open(yield * client.make(root, 'a'))
    fails(yield * settle(client.files.write(handle, FILE_BYTES_MAX, client.hand.text('x'))), 'EFBIG', 'write at the limit')
    yield * client.close(handle)
  }),

  on('files', 'names are bytes: cases, spaces, other scripts, length', function * (client, root) {
    const names = ['A', 'a', ' ', 'new\nline', 'größe', 'данные', '日本語', '🙂', 'x'.repeat(255)]
    for (const name of names) yield * client.make(root, name)
    equalList(yield * client.names(root), [...names].sort(), 'names')
    for (const name of names) equal(yield * settle(client.files.unlink(root, name)), 0, `unlink ${name}`)
    equalList(yield * client.names(root), [], 'names after all were removed')
  }),

  on('sparse files', 'a hole reads as zeros and leaves what is beside it', function * (client, root) {
    const inode = yield * client.make(root, 'a')
    const handle = yield * client.open(inode)
    yield * client.write(handle, 0, 'start')
    yield * client.write(handle, 1_000_000, 'end')
    equal((yield * client.stat(inode)).size, 1_000_003, 'size')
    equal(yield * client.read(handle, 0, 8), 'start\0\0\0', 'start')
    equal(yield * client.read(handle, 999_998, 10), '\0\0end', 'end')
    equal(yield * client.read(handle, 500_000, 3), '\0\0\0', 'hole')
    equal(yield * client.setSize(inode, 500_000), 0, 'cut in the hole')
    equal(yield * client.setSize(inode, 1_000_003), 0, 'and grown')
    equal(yield * client.read(handle, 1_000_000, 3), '\0\0\0', 'where the end was')
    yield * client.close(handle)
  }),

  on('sparse files', 'offsets of more than 32 bits', function * (client, root) {
    const inode = yield * client.make(root, 'a')
    const handle = yield * client.open(inode)
    const far = 2 ** 35 + 5
    yield * client.write(handle, far, 'far')
    yield * client.write(handle, 5, 'near')
    equal((yield * client.stat(inode)).size, far + 3, 'size')
    equal(yield * client.read(handle, far - 1, 10), '\0far', 'far')
    equal(yield * client.read(handle, 4, 6), '\0near\0', 'near')
    equal(yield * client.setSize(inode, 100), 0, 'cut')
    equal(yield * client.setSize(inode, far + 3), 0, 'and grown')
    equal(yield * client.read(handle, far - 1, 10), '\0\0\0\0', 'where the end was')
    yield * client.close(handle)
    equal(yield * settle(client.files.unlink(root, 'a')), 0, 'unlink')
  }),

  on('allocate', 'grows a file to cover a range and changes no byte', function * (client, root) {
    const inode = yield * client.file(root, 'a', 'abc')
    const handle = yield * client.open(inode)
    equal(yield * settle(client.files.allocate(handle, 1, 9)), 0, 'allocate')
    equal((yield * client.stat(inode)).size, 10, 'size')
    equal(yield * settle(client.files.allocate(handle, 0, 4)), 0, 'allocate within')
    equal(yield * client.read(handle, 0, 20), 'abc\0\0\0\0\0\0\0', 'content')
    yield * client.close(handle)
  }),

  on('directories', 'are made, entered and removed when empty', function * (client, root) {
    const directory = yield * client.make(root, 'd', FileType.DIRECTORY)
    equal((yield * client.look(root, 'd')).type, FileType.DIRECTORY, 'type')
    const inner = yield * client.make(directory, 'inner', FileType.DIRECTORY)
    yield * client.file(inner, 'f', 'x')
    equal((yield * client.look(inner, 'f')).size, 1, 'size of the file within')
    fails(yield * settle(client.files.removeDirectory(root, 'd')), 'ENOTEMPTY', 'removing a directory with an entry')
    fails(yield * settle(client.files.unlink(root, 'd')), 'EISDIR', 'unlink of a directory')
    fails(yield * settle(client.files.removeDirectory(inner, 'f')), 'ENOTDIR', 'removing a file as a directory')
    fails(yield * settle(client.files.removeDirectory(root, 'none')), 'ENOENT', 'removing what is not there')
    fails(yield * settle(client.files.unlink(root, 'none')), 'ENOENT', 'unlink of what is not there')
    equal(yield * settle(client.files.unlink(inner, 'f')), 0, 'unlink')
    equal(yield * settle(client.files.removeDirectory(directory, 'inner')), 0, 'remove inner')
    equal(yield * settle(client.files.removeDirectory(root, 'd')), 0, 'remove')
    fails(yield * settle(client.files.lookup(root, 'd')), 'ENOENT', 'lookup after it was removed')
  }),

  on('directories', 'in one that was removed nothing is made', function * (client, root) {
    const directory = yield * client.make(root, 'd', FileType.DIRECTORY)
    const handle = yield * client.open(directory, Access.READ)
    equal(yield * settle(client.files.removeDirectory(root, 'd')), 0, 'remove')
    fails(yield * settle(client.files.create(directory, 'x', FileType.REGULAR)), 'ENOENT', 'create')
    equalList(yield * client.list(handle), [], 'its entries')
    yield * client.close(handle)
  }),

  on('listing', 'has every entry once, with type and inode', function * (client, root) {
    const made = new Map<string, number>()
    for (let i = 0; i < 200; i++) made.set(`file ${i}`, yield * client.make(root, `file ${i}`))
    made.set('d', yield * client.make(root, 'd', FileType.DIRECTORY))
    const handle = yield * client.open(root, Access.READ)
    for (const room of [64, 300, 8192]) {
      const records = yield * client.list(handle, 0, room)
      equalList(records.map(record => record.name).sort(), [...made.keys()].sort(), `names, ${room} bytes at a time`)
      for (const { name, inode, type, cookie } of records) {
        equal(inode, made.get(name), `inode of ${name}`)
        equal(type, name === 'd' ? FileType.DIRECTORY : FileType.REGULAR, `type of ${name}`)
        holds(Number.isInteger(cookie) && cookie >= FIRST_COOKIE, `cookie of ${name} is from FIRST_COOKIE up`)
      }
    }
    fails(yield * settle(client.files.readDirectory(handle, 0, client.hand.room(8))), 'EINVAL', 'a window for no record')
    yield * client.close(handle)
  }),

  on('listing', 'goes on from any cookie', function * (client, root) {
    for (let i = 0; i < 20; i++) yield * client.make(root, `n${i}`)
    const handle = yield * client.open(root, Access.READ)
    const all = yield * client.list(handle)
    for (let i = 0; i < all.length; i++) {
      const rest = yield * client.list(handle, all[i]!.cookie)
      equalList(rest.map(record => record.name), all.slice(i + 1).map(record => record.name), `after entry ${i}`)
    }
    yield * client.close(handle)
  }),

  on('listing', 'shows what stays exactly once while others come and go', function * (client, root) {
    const stay: string[] = []
    for (let i = 0; i < 60; i++) yield * client.make(root, `n${i}`)
    const handle = yield * client.open(root, Access.READ)
    const seen: string[] = []
    let cookie = 0
    for (let round = 0; ; round++) {
      const some = yield * client.listSome(handle, cookie, 128)
      if (some.length === 0) break
      seen.push(...some.map(record => record.name))
      cookie = some[some.length - 1]!.cookie
      // Some that were seen go, and some that were not; others come.
      if (round < 20) {
        equal(yield * settle(client.files.unlink(root, `n${round * 3}`)), 0, 'unlink')
        yield * client.make(root, `new${round}`)
      }
    }
    for (let i = 0; i < 60; i++) if (i % 3 !== 0) stay.push(`n${i}`)
    equalList(seen.filter(name => stay.includes(name)).sort(), stay.sort(), 'those that stayed')
    yield * client.close(handle)
  }),

  on('hard links', 'are names of one file', function * (client, root) {
    const inode = yield * client.file(root, 'a', 'text')
    const directory = yield * client.make(root, 'd', FileType.DIRECTORY)
    equal(yield * settle(client.files.link(inode, directory, 'b')), 0, 'link')
    equal((yield * client.look(directory, 'b')).inode, inode, 'inode of the other name')
    equal((yield * client.stat(inode)).links, 2, 'links')
    fails(yield * settle(client.files.link(inode, root, 'a')), 'EEXIST', 'link over a name')
    fails(yield * settle(client.files.link(directory, root, 'e')), 'EPERM', 'link to a directory')
    equal(yield * settle(client.files.unlink(root, 'a')), 0, 'unlink')
    equal((yield * client.stat(inode)).links, 1, 'links that are left')
    equal(yield * client.content(inode), 'text', 'content')
    equal(yield * settle(client.files.unlink(directory, 'b')), 0, 'unlink of the last')
    fails(yield * settle(client.files.attributes(inode)), 'ENOENT', 'the inode is gone')
  }),

  on('symbolic links', 'keep their target as it is', function * (client, root) {
    for (const [name, target] of [['l', 'a/b'], ['dangling', '../nowhere'], ['unicode', 'größe/日本']] as const) {
      const inode = works(yield * settle(client.files.symlink(root, name, target)), `symlink ${name}`)
      const found = yield * client.look(root, name)
      equal(found.inode, inode, 'inode')
      equal(found.type, FileType.SYMBOLIC_LINK, 'type')
      equal(yield * settle(client.files.readLink(inode)), target, 'target')
      fails(yield * settle(client.files.open(inode, Access.READ)), 'ELOOP', 'opening a link')
    }
    fails(yield * settle(client.files.symlink(root, 'l', 'x')), 'EEXIST', 'symlink over a name')
    fails(yield * settle(client.files.readLink(root)), 'EINVAL', 'target of a directory')
    equal(yield * settle(client.files.unlink(root, 'l')), 0, 'unlink')
  }),

  on('unlinked files', 'live on while they are open', function * (client, root) {
    const inode = yield * client.file(root, 'a', 'still')
    const handle = yield * client.open(inode)
    equal(yield * settle(client.files.unlink(root, 'a')), 0, 'unlink')
    equal(yield * client.read(handle, 0, 10), 'still', 'read')
    yield * client.write(handle, 5, ' here')
    equal(yield * client.read(handle, 0, 20), 'still here', 'read of what was written since')
    equal((yield * client.stat(inode)).links, 0, 'links')
    equal((yield * client.stat(inode)).size, 10, 'size')
    const other = yield * client.make(root, 'a')
    holds(other !== inode, 'a new file of that name is another')
    yield * client.close(handle)
  }),

  ...renameCases()
]

function renameCases (): FileCase[] {
  return [
    on('rename', 'moves a file, within a directory and to another', function * (client, root) {
      const inode = yield * client.file(root, 'a', 'x')
      const directory = yield * client.make(root, 'd', FileType.DIRECTORY)
      equal(yield * settle(client.files.rename(root, 'a', root, 'b')), 0, 'rename')
      fails(yield * settle(client.files.lookup(root, 'a')), 'ENOENT', 'the old name')
      equal((yield * client.look(root, 'b')).inode, inode, 'the new name')
      equal(yield * settle(client.files.rename(root, 'b', directory, 'c')), 0, 'rename to another directory')
      equal((yield * client.look(directory, 'c')).inode, inode, 'the name there')
      equal(yield * client.content(inode), 'x', 'content')
      fails(yield * settle(client.files.rename(root, 'none', root, 'y')), 'ENOENT', 'rename of what is not there')
    }),

    on('rename', 'replaces a file', function * (client, root) {
      const inode = yield * client.file(root, 'a', 'new')
      const old = yield * client.file(root, 'b', 'old')
      const handle = yield * client.open(old)
      equal(yield * settle(client.files.rename(root, 'a', root, 'b')), 0, 'rename')
      equal((yield * client.look(root, 'b')).inode, inode, 'inode')
      equal(yield * client.read(handle, 0, 10), 'old', 'what it replaced, still open')
      yield * client.close(handle)
      equalList(yield * client.names(root), ['b'], 'names')
    }),

    on('rename', 'of one name of a file onto another of the same does nothing', function * (client, root) {
      const inode = yield * client.file(root, 'a', 'x')
      equal(yield * settle(client.files.link(inode, root, 'b')), 0, 'link')
      equal(yield * settle(client.files.rename(root, 'a', root, 'b')), 0, 'rename')
      equal(yield * settle(client.files.rename(root, 'a', root, 'a')), 0, 'rename onto itself')
      equalList(yield * client.names(root), ['a', 'b'], 'names')
    }),

    on('rename', 'of directories: onto an empty one, never onto a full one or a file', function * (client, root) {
      const directory = yield * client.make(root, 'd', FileType.DIRECTORY)
      yield * client.file(directory, 'f', '')
      yield * client.make(root, 'empty', FileType.DIRECTORY)
      const full = yield * client.make(root, 'full', FileType.DIRECTORY)
      yield * client.file(full, 'g', '')
      yield * client.file(root, 'file', '')
      fails(yield * settle(client.files.rename(root, 'd', root, 'full')), 'ENOTEMPTY', 'onto a full directory')
      fails(yield * settle(client.files.rename(root, 'd', root, 'file')), 'ENOTDIR', 'onto a file')
      fails(yield * settle(client.files.rename(root, 'file', root, 'empty')), 'EISDIR', 'a file onto a directory')
      equal(yield * settle(client.files.rename(root, 'd', root, 'empty')), 0, 'onto an empty directory')
      equal((yield * client.look(root, 'empty')).inode, directory, 'inode')
      equalList(yield * client.names(directory), ['f'], 'its entries')
    }),

    on('rename', 'never puts a directory within itself', function * (client, root) {
      const outer = yield * client.make(root, 'outer', FileType.DIRECTORY)
      const inner = yield * client.make(outer, 'inner', FileType.DIRECTORY)
      fails(yield * settle(client.files.rename(root, 'outer', outer, 'x')), 'EINVAL', 'into itself')
      fails(yield * settle(client.files.rename(root, 'outer', inner, 'x')), 'EINVAL', 'into what it holds')
      fails(yield * settle(client.files.rename(outer, 'inner', root, 'outer')), 'ENOTEMPTY', 'onto what holds it')
      equal(yield * settle(client.files.rename(outer, 'inner', root, 'inner')), 0, 'out of it')
      equal(yield * settle(client.files.rename(root, 'outer', inner, 'x')), 0, 'and the other way round')
    }),

    on('exact times', 'are those that were set, each alone', function * (client, root) {
      const inode = yield * client.file(root, 'a', 'x')
      const both = SetAttributes.ACCESS_TIME | SetAttributes.MODIFY_TIME
      equal(yield * settle(client.files.setAttributes(inode, both, 0, 1_000_000_000, 123_456_000, 2_000_000_000, 987_654_000)), 0, 'set')
      const first = yield * client.stat(inode)
      equalList([first.accessSec, first.accessNsec], [1_000_000_000, 123_456_000], 'access time')
      equalList([first.modifySec, first.modifyNsec], [2_000_000_000, 987_654_000], 'modification time')
      equal(first.size, 1, 'size')
      equal(yield * settle(client.files.setAttributes(inode, SetAttributes.MODIFY_TIME, 0, 0, 0, 5, 0)), 0, 'set one')
      const second = yield * client.stat(inode)
      equal(second.accessSec, 1_000_000_000, 'access time stays')
      equal(second.modifySec, 5, 'modification time')
      equal(yield * settle(client.files.setAttributes(inode, SetAttributes.MODIFY_NOW, 0, 0, 0, 0, 0)), 0, 'set to now')
      holds((yield * client.stat(inode)).modifySec > 5, 'the modification time is now')
    }),

    on('times', 'of a file change when it is written, of a directory when a name is', function * (client, root) {
      const directory = yield * client.make(root, 'd', FileType.DIRECTORY)
      const inode = yield * client.file(directory, 'a', 'x')
      const old = SetAttributes.ACCESS_TIME | SetAttributes.MODIFY_TIME
      for (const each of [directory, inode]) {
        equal(yield * settle(client.files.setAttributes(each, old, 0, 1000, 0, 1000, 0)), 0, 'set times')
      }
      yield * client.content(inode)
      equal((yield * client.stat(inode)).modifySec, 1000, 'reading does not modify')
      const handle = yield * client.open(inode)
      yield * client.write(handle, 0, 'y')
      holds((yield * client.stat(inode)).modifySec > 1000, 'writing modifies the file')
      equal((yield * client.stat(directory)).modifySec, 1000, 'and not its directory')
      yield * client.close(handle)
      yield * client.file(directory, 'b', '')
      holds((yield * client.stat(directory)).modifySec > 1000, 'a new name modifies the directory')
    }),

    on('readiness', 'a file is always ready', function * (client, root) {
      const handle = yield * client.open(yield * client.file(root, 'a', 'text'))
      equal(yield * settle(client.files.ready(handle, EVENTS)), EVENTS, 'ready')
      equal(yield * settle(client.files.awaitReady(handle, Ready.READABLE)), Ready.READABLE, 'awaitReady')
      equal(yield * settle(client.files.available(handle)), 4, 'available: its size')
      equal(yield * settle(client.files.terminal(handle)), 0, 'terminal')
      equal(yield * settle(client.files.sync(handle, 0)), 0, 'sync')
      yield * client.close(handle)
    })
  ]
}
