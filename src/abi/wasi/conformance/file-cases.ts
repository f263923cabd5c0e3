/** Open files: reading and writing, positions, rights, flags, times, renumbering. */

import { FileType, Rights } from '../../../roles/index.ts'
import { cases } from './case.ts'
import { equal, holds, words } from './guest.ts'
import type { Guest } from './guest.ts'

const SET = 0
const CURRENT = 1
const END = 2
const READ_WRITE = Rights.FD_READ | Rights.FD_WRITE
const SEEKABLE = READ_WRITE | Rights.FD_SEEK | Rights.FD_TELL
/** What a system says that takes a descriptor for no file at all, or for one without the right. */
const NO_FILE = ['EISDIR', 'EBADF', 'ENOTCAPABLE'] as const

/** A count that a transfer gave, or its errno. */
function * transfer (guest: Guest, name: 'fd_pread' | 'fd_pwrite', fd: number, pieces: [number, number][], offset: bigint) {
  const out = guest.room(4)
  const errno = yield * guest.call(name, fd, ...guest.vector(pieces), ...words(offset), out)
  return errno === 'SUCCESS' ? guest.u32(out) : errno
}

export const fileCases = [
  ...cases('files', {
    * 'what is written is read, through vectors too' (guest) {
      const fd = yield * guest.open('file', { create: true })
      const out = guest.room(4)
      const pieces = [guest.bytes('one '), guest.bytes(''), guest.bytes('two'), guest.bytes(' three')]
      yield * guest.expect('SUCCESS', 'fd_write', fd, ...guest.vector(pieces), out)
      equal(guest.u32(out), 13, 'written')
      equal(yield * guest.seek(fd, 0n, SET), 0n, 'seek')
      const [a, b] = [guest.room(16), guest.room(16)]
      yield * guest.expect('SUCCESS', 'fd_read', fd, ...guest.vector([[a, 5], [0, 0], [b, 16]]), out)
      equal(guest.u32(out), 13, 'read')
      equal(guest.text(a, 6), 'one t\xee', 'the first buffer, and nothing behind it')
      equal(guest.text(b, 9), 'wo three\xee', 'the last buffer, and nothing behind what was read')
      equal(yield * guest.read(fd, 5), '', 'the end')
      yield * guest.expect('SUCCESS', 'fd_read', fd, 0, 0, out)
      equal(guest.u32(out), 0, 'read of no buffers')
      yield * guest.expect('EINVAL', 'fd_read', fd, a, 1025, out)
    },

    * 'pread and pwrite leave the position' (guest) {
      const fd = yield * guest.open('file', { create: true })
      equal(yield * transfer(guest, 'fd_pwrite', fd, [guest.bytes('0123')], 0n), 4, 'pwrite')
      equal(yield * transfer(guest, 'fd_pwrite', fd, [guest.bytes('xy'), guest.bytes('z')], 2n), 3, 'pwrite')
      const buffer = guest.room(8)
      equal(yield * transfer(guest, 'fd_pread', fd, [[buffer, 2], [buffer + 2, 4]], 1n), 4, 'pread')
      equal(guest.text(buffer, 5), '1xyz\xee', 'read')
      equal(yield * transfer(guest, 'fd_pread', fd, [[buffer, 8]], 5n), 0, 'pread at the end')
      equal(yield * transfer(guest, 'fd_pread', fd, [[buffer, 8]], 2n ** 62n), 0, 'pread far behind the end')
      equal(yield * transfer(guest, 'fd_pread', fd, [[buffer, 8]], -1n), 'EINVAL', 'pread at -1')
      equal(yield * transfer(guest, 'fd_pwrite', fd, [[buffer, 1]], -1n), 'EINVAL', 'pwrite at -1')
      equal(yield * transfer(guest, 'fd_pwrite', fd, [[buffer, 1]], 2n ** 62n), 'EFBIG', 'pwrite far behind the end')
      equal(yield * guest.seek(fd, 0n, CURRENT), 0n, 'position')
    },

    * 'a hole reads as zeros' (guest) {
      const fd = yield * guest.open('file', { create: true })
      equal(yield * transfer(guest, 'fd_pwrite', fd, [guest.bytes('x')], 5n), 1, 'pwrite')
      equal(yield * guest.read(fd, 10), '\0\0\0\0\0x', 'read')
      equal((yield * guest.fstat(fd)).size, 6n, 'size')
    },

    * 'sizes are set and space is made' (guest) {
      const fd = yield * guest.open('file', { create: true })
      yield * guest.expect('SUCCESS', 'fd_filestat_set_size', fd, 100, 0)
      equal((yield * guest.fstat(fd)).size, 100n, 'size')
      yield * guest.expect('SUCCESS', 'fd_advise', fd, 10, 0, 50, 0, 0)
      yield * guest.expect('EINVAL', 'fd_advise', fd, 10, 0, 50, 0, 6)
      yield * guest.expect('SUCCESS', 'fd_allocate', fd, 10, 0, 20, 0)
      equal((yield * guest.fstat(fd)).size, 100n, 'no change where the range is there')
      yield * guest.expect('SUCCESS', 'fd_allocate', fd, 100, 0, 100, 0)
      equal((yield * guest.fstat(fd)).size, 200n, 'grown')
      yield * guest.expect('SUCCESS', 'fd_filestat_set_size', fd, 10, 0)
      equal((yield * guest.fstat(fd)).size, 10n, 'cut')
      yield * guest.expect('EFBIG', 'fd_filestat_set_size', fd, ...words(2n ** 62n))
      yield * guest.expect('EINVAL', 'fd_filestat_set_size', fd, ...words(-1n))
      yield * guest.expect(['EFBIG', 'ENOSPC'], 'fd_allocate', fd, 0, 0, ...words(2n ** 62n))
      yield * guest.expect('SUCCESS', 'fd_sync', fd)
      yield * guest.expect('SUCCESS', 'fd_datasync', fd)
    },

    * 'a directory is not read or written as a file' (guest) {
      yield * guest.mkdir('dir')
      const fd = yield * guest.open('dir', { directory: true, rights: 0, inheriting: 0 })
      const buffer = guest.room(8)
      const out = guest.room(8)
      for (const at of [fd, guest.directory]) {
        yield * guest.expect(NO_FILE, 'fd_read', at, ...guest.vector([[buffer, 8]]), out)
        yield * guest.expect(NO_FILE, 'fd_write', at, ...guest.vector([[buffer, 8]]), out)
        yield * guest.expect(NO_FILE, 'fd_pread', at, ...guest.vector([[buffer, 8]]), 0, 0, out)
        yield * guest.expect(NO_FILE, 'fd_pwrite', at, ...guest.vector([[buffer, 8]]), 0, 0, out)
        for (const whence of [SET, CURRENT, END]) yield * guest.expect(NO_FILE, 'fd_seek', at, 0, 0, whence, out)
        yield * guest.expect(NO_FILE, 'fd_tell', at, out)
        yield * guest.expect(NO_FILE, 'fd_allocate', at, 0, 0, 1, 0)
        yield * guest.expect([...NO_FILE, 'EINVAL'], 'fd_filestat_set_size', at, 0, 0)
      }
    },

    * 'a descriptor that is none' (guest) {
      const out = guest.room(64)
      const vector = guest.vector([[guest.room(8), 8]])
      const path = guest.bytes('x')
      const fd = yield * guest.open('file', { create: true })
      yield * guest.close(fd)
      for (const bad of [fd, 10_000, -1, 0x7fffffff, -0x80000000]) {
        yield * guest.expect('EBADF', 'fd_close', bad)
        yield * guest.expect('EBADF', 'fd_read', bad, ...vector, out)
        yield * guest.expect('EBADF', 'fd_write', bad, ...vector, out)
        yield * guest.expect('EBADF', 'fd_pread', bad, ...vector, 0, 0, out)
        yield * guest.expect('EBADF', 'fd_pwrite', bad, ...vector, 0, 0, out)
        yield * guest.expect('EBADF', 'fd_seek', bad, 0, 0, SET, out)
        yield * guest.expect('EBADF', 'fd_tell', bad, out)
        yield * guest.expect('EBADF', 'fd_fdstat_get', bad, out)
        yield * guest.expect('EBADF', 'fd_fdstat_set_flags', bad, 0)
        yield * guest.expect('EBADF', 'fd_fdstat_set_rights', bad, 0, 0, 0, 0)
        yield * guest.expect('EBADF', 'fd_filestat_get', bad, out)
        yield * guest.expect('EBADF', 'fd_filestat_set_size', bad, 0, 0)
        yield * guest.expect('EBADF', 'fd_filestat_set_times', bad, 0, 0, 0, 0, 0)
        yield * guest.expect('EBADF', 'fd_sync', bad)
        yield * guest.expect('EBADF', 'fd_datasync', bad)
        yield * guest.expect('EBADF', 'fd_advise', bad, 0, 0, 0, 0, 0)
        yield * guest.expect('EBADF', 'fd_allocate', bad, 0, 0, 1, 0)
        yield * guest.expect('EBADF', 'fd_prestat_get', bad, out)
        yield * guest.expect(['EBADF', 'ENOTDIR'], 'fd_prestat_dir_name', bad, out, 64)
        yield * guest.expect('EBADF', 'fd_readdir', bad, out, 64, 0, 0, out)
        yield * guest.expect('EBADF', 'fd_renumber', bad, guest.directory)
        yield * guest.expect('EBADF', 'path_create_directory', bad, ...path)
        yield * guest.expect('EBADF', 'path_filestat_get', bad, 0, ...path, out)
        yield * guest.expect('EBADF', 'path_open', bad, 0, ...path, 0, 0, 0, 0, 0, 0, out)
        yield * guest.expect('EBADF', 'path_link', guest.directory, 0, ...path, bad, ...path)
        yield * guest.expect('EBADF', 'path_rename', guest.directory, ...path, bad, ...path)
        yield * guest.expect('EBADF', 'path_symlink', ...path, bad, ...path)
      }
    },

    * 'an open file lives on without a name' (guest) {
      const fd = yield * guest.open('file', { create: true })
      yield * guest.unlink('file')
      equal(yield * guest.write(fd, 'still'), 5, 'write')
      equal((yield * guest.fstat(fd)).links, 0n, 'links')
      equal(yield * guest.seek(fd, 0n, SET), 0n, 'seek')
      equal(yield * guest.read(fd, 9), 'still', 'read')
    }
  }),

  ...cases('positions', {
    * 'seek and tell' (guest) {
      const fd = yield * guest.open('file', { create: true, rights: SEEKABLE, inheriting: 0 })
      const out = guest.room(8)
      equal(yield * guest.write(fd, 'x'.repeat(100)), 100, 'write')
      yield * guest.expect('SUCCESS', 'fd_tell', fd, out)
      equal(guest.u64(out), 100n, 'tell')
      equal(yield * guest.seek(fd, -50n, CURRENT), 50n, 'back')
      equal(yield * guest.seek(fd, 1000n, CURRENT), 1050n, 'beyond the end')
      equal(yield * guest.seek(fd, -2000n, CURRENT), 'EINVAL', 'before the start')
      equal(yield * guest.seek(fd, -1n, SET), 'EINVAL', 'before the start')
      equal(yield * guest.seek(fd, -(2n ** 63n), END), 'EINVAL', 'far before the start')
      holds(['EINVAL', 'EOVERFLOW'].includes(String(yield * guest.seek(fd, 2n ** 63n - 1n, CURRENT))), 'a position that is no offset')
      yield * guest.expect('SUCCESS', 'fd_tell', fd, out)
      equal(guest.u64(out), 1050n, 'a seek that failed moves nothing')
      equal(yield * guest.seek(fd, 2n ** 40n, SET), 2n ** 40n, 'far')
      equal(yield * guest.read(fd, 8), '', 'read there')
      equal(yield * guest.seek(fd, -1n, END), 99n, 'from the end')
      equal(yield * guest.read(fd, 8), 'x', 'read')
      yield * guest.expect('EINVAL', 'fd_seek', fd, 0, 0, 3, out)
    }
  }),

  ...cases('rights', {
    * 'are those that apply to the file' (guest) {
      const fd = yield * guest.open('file', { create: true, rights: SEEKABLE | Rights.PATH_OPEN, inheriting: READ_WRITE })
      const { type, base, inheriting } = yield * guest.rights(fd)
      equal(type, FileType.REGULAR, 'type')
      equal(base, SEEKABLE, 'base')
      equal(inheriting, 0, 'nothing is opened through a file')
    },

    * 'are needed, and given up for good' (guest) {
      const fd = yield * guest.open('file', { create: true, rights: SEEKABLE, inheriting: 0 })
      equal(yield * guest.write(fd, 'abc'), 3, 'write')
      yield * guest.expect('SUCCESS', 'fd_fdstat_set_rights', fd, Rights.FD_TELL | Rights.FD_SEEK, 0, 0, 0)
      equal((yield * guest.rights(fd)).base, Rights.FD_TELL | Rights.FD_SEEK, 'rights')
      equal(yield * guest.write(fd, 'x'), 'ENOTCAPABLE', 'write')
      equal(yield * guest.read(fd, 1), 'errno:ENOTCAPABLE', 'read')
      yield * guest.expect('ENOTCAPABLE', 'fd_fdstat_set_rights', fd, SEEKABLE, 0, 0, 0)
      yield * guest.expect('ENOTCAPABLE', 'fd_fdstat_set_rights', fd, 0, 0, READ_WRITE, 0)
      yield * guest.expect('EINVAL', 'fd_fdstat_set_rights', fd, 0, 1, 0, 0)
      yield * guest.expect('ENOTCAPABLE', 'fd_filestat_get', fd, guest.room(64))
      yield * guest.expect('ENOTCAPABLE', 'fd_filestat_set_size', fd, 0, 0)
      yield * guest.expect('ENOTCAPABLE', 'fd_sync', fd)
      yield * guest.expect('SUCCESS', 'fd_fdstat_set_rights', fd, Rights.FD_TELL, 0, 0, 0)
      equal(yield * guest.seek(fd, 0n, CURRENT), 3n, 'a seek that asks needs only the right to tell')
      equal(yield * guest.seek(fd, 0n, SET), 'ENOTCAPABLE', 'one that moves needs more')
    },

    * 'of a directory decide what may be done in it' (guest) {
      yield * guest.mkdir('dir')
      const rights = Rights.PATH_OPEN | Rights.PATH_CREATE_FILE | Rights.FD_READDIR
      const fd = yield * guest.open('dir', { directory: true, rights, inheriting: READ_WRITE })
      const inside = { from: fd, create: true, inheriting: 0 }
      yield * guest.close(yield * guest.open('a', { ...inside, rights: READ_WRITE }))
      yield * guest.open('b', { ...inside, rights: READ_WRITE | Rights.FD_SEEK }, 'ENOTCAPABLE')
      yield * guest.open('b', { ...inside, rights: 0, truncate: true }, 'ENOTCAPABLE')
      yield * guest.unlink('a', 'ENOTCAPABLE', fd)
      yield * guest.expect('ENOTCAPABLE', 'path_create_directory', fd, ...guest.bytes('x'))
      yield * guest.expect('ENOTCAPABLE', 'path_filestat_get', fd, 0, ...guest.bytes('a'), guest.room(64))
      yield * guest.expect('ENOTCAPABLE', 'path_rename', fd, ...guest.bytes('a'), guest.directory, ...guest.bytes('x'))
      yield * guest.expect('ENOTCAPABLE', 'path_rename', guest.directory, ...guest.bytes('dir'), fd, ...guest.bytes('x'))
      yield * guest.expect('ENOTCAPABLE', 'path_link', fd, 0, ...guest.bytes('a'), guest.directory, ...guest.bytes('x'))
      yield * guest.expect('ENOTCAPABLE', 'path_symlink', ...guest.bytes('a'), fd, ...guest.bytes('x'))
      yield * guest.expect('ENOTCAPABLE', 'path_readlink', fd, ...guest.bytes('a'), guest.room(8), 8, guest.room(4))
    }
  }),

  ...cases('flags', {
    * 'append' (guest) {
      yield * guest.file('file', 'abc')
      const fd = yield * guest.open('file', { flags: 1 })
      equal((yield * guest.rights(fd)).flags, 1, 'flags')
      equal(yield * guest.seek(fd, 0n, SET), 0n, 'seek')
      equal(yield * guest.write(fd, 'd'), 1, 'write')
      equal((yield * guest.fstat(fd)).size, 4n, 'size')
      yield * guest.expect('SUCCESS', 'fd_fdstat_set_flags', fd, 0)
      equal((yield * guest.rights(fd)).flags, 0, 'flags')
      equal(yield * guest.seek(fd, 0n, SET), 0n, 'seek')
      equal(yield * guest.write(fd, 'X'), 1, 'write')
      equal(yield * guest.seek(fd, 0n, SET), 0n, 'seek')
      equal(yield * guest.read(fd, 9), 'Xbcd', 'contents')
      yield * guest.expect('EINVAL', 'fd_fdstat_set_flags', fd, 32)
      yield * guest.expect('SUCCESS', 'fd_fdstat_set_flags', fd, 4)
      equal((yield * guest.rights(fd)).flags, 4, 'flags')
    }
  }),

  ...cases('times', {
    * 'are set, each by itself' (guest) {
      const fd = yield * guest.open('file', { create: true })
      const [access, modify] = [1_234_567_890_123_456_789n, 1_600_000_000_000_000_001n]
      yield * guest.expect('SUCCESS', 'fd_filestat_set_times', fd, ...words(access), ...words(modify), 1 | 4)
      let stat = yield * guest.fstat(fd)
      equal(stat.access / 1000n, access / 1000n, 'access time')
      equal(stat.modify / 1000n, modify / 1000n, 'modification time')
      yield * guest.expect('SUCCESS', 'path_filestat_set_times', guest.directory, 0, ...guest.bytes('file'), 0, 0, ...words(100_000n), 4)
      stat = yield * guest.fstat(fd)
      equal(stat.access / 1000n, access / 1000n, 'access time is as it was')
      equal(stat.modify, 100_000n, 'modification time')
      yield * guest.expect('SUCCESS', 'fd_filestat_set_times', fd, 0, 0, 0, 0, 8)
      stat = yield * guest.fstat(fd)
      holds(stat.modify > modify, 'now is later')
      equal(stat.access / 1000n, access / 1000n, 'access time is as it was')
      for (const flags of [3, 12, 16]) {
        yield * guest.expect('EINVAL', 'fd_filestat_set_times', fd, 0, 0, 0, 0, flags)
        yield * guest.expect('EINVAL', 'path_filestat_set_times', guest.directory, 0, ...guest.bytes('file'), 0, 0, 0, 0, flags)
      }
    },

    * 'of links, and of what they lead to' (guest) {
      yield * guest.file('file')
      yield * guest.symlink('file', 'symlink')
      yield * guest.expect('SUCCESS', 'path_filestat_set_times', guest.directory, 1, ...guest.bytes('symlink'), 0, 0, ...words(5000n), 4)
      equal((yield * guest.stat('file')).modify, 5000n, 'file')
      holds((yield * guest.stat('symlink')).modify > 5000n, 'link')
      yield * guest.expect('ENOENT', 'path_filestat_set_times', guest.directory, 0, ...guest.bytes('none'), 0, 0, 0, 0, 4)
    }
  }),

  ...cases('renumber', {
    * 'moves a descriptor onto another' (guest) {
      yield * guest.file('file', 'one')
      const from = yield * guest.open('file')
      const to = yield * guest.open('other', { create: true })
      const before = yield * guest.rights(from)
      yield * guest.expect('SUCCESS', 'fd_renumber', from, to)
      yield * guest.close(from, 'EBADF')
      equal(JSON.stringify(yield * guest.rights(to)), JSON.stringify(before), 'what it is')
      equal(yield * guest.read(to, 9), 'one', 'contents')
      yield * guest.expect('EBADF', 'fd_renumber', to, from)
      yield * guest.expect('SUCCESS', 'fd_renumber', to, to)
      yield * guest.close(to)
    },

    * 'dup shares the open file, dup2 closes what was there' (guest) {
      yield * guest.file('file', 'contents')
      const out = guest.room(4)
      const fd = yield * guest.open('file')
      yield * guest.expect('SUCCESS', 'dup', fd, 0, out)
      const other = guest.u32(out)
      holds(other !== fd, 'another number')
      equal(JSON.stringify(yield * guest.rights(other)), JSON.stringify(yield * guest.rights(fd)), 'what it is')
      equal(yield * guest.read(fd, 3), 'con', 'read')
      equal(yield * guest.read(other, 9), 'tents', 'one position')
      yield * guest.expect('SUCCESS', 'dup', fd, other + 3, out)
      equal(guest.u32(out), other + 3, 'from a number on')
      yield * guest.close(fd)
      yield * guest.expect('SUCCESS', 'dup2', other, other + 3)
      yield * guest.expect('SUCCESS', 'dup2', other, other)
      yield * guest.expect('SUCCESS', 'dup2', other, fd)
      for (const open of [fd, other, other + 3]) yield * guest.close(open)
      for (const bad of [fd, -1, 9999]) {
        yield * guest.expect('EBADF', 'dup', bad, 0, out)
        yield * guest.expect('EBADF', 'dup2', bad, 0)
      }
      yield * guest.expect('EINVAL', 'dup', guest.directory, -1, out)
      yield * guest.expect('EBADF', 'dup2', guest.directory, -1)
      yield * guest.expect('EBADF', 'dup2', guest.directory, 99999)
    },

    * 'the lowest number that is free is given next' (guest) {
      const fds: number[] = []
      for (const name of ['a', 'b', 'c']) fds.push(yield * guest.open(name, { create: true }))
      yield * guest.close(fds[1]!)
      equal(yield * guest.open('d', { create: true }), fds[1], 'number')
    }
  })
]
