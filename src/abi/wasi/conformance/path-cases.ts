/**
 * Paths: lookup, creating and removing, links, renames; trailing slashes and dangling links in each.
 * Source: the errnos that WASI's own test suite takes for right on a POSIX system, and POSIX where that is silent.
 */

import { FileType } from '../../../roles/index.ts'
import { cases } from './case.ts'
import { equal, holds } from './guest.ts'

const OUTSIDE = ['ENOTCAPABLE', 'EPERM'] as const

export const pathCases = [
  ...cases('paths', {
    * 'dots and slashes within the directory' (guest) {
      yield * guest.mkdir('dir')
      yield * guest.mkdir('dir/nested')
      yield * guest.file('dir/nested/file', 'x')
      const fd = yield * guest.open('dir/.//nested/../../dir/nested/../nested///./file')
      equal(yield * guest.read(fd, 10), 'x', 'read')
    },

    * 'nothing outside the directory' (guest) {
      yield * guest.mkdir('dir')
      for (const path of ['..', '../x', 'dir/../..', 'dir/../../dir', '/', '/dir', '//dir']) {
        yield * guest.open(path, {}, OUTSIDE)
        yield * guest.mkdir(path, OUTSIDE)
        yield * guest.unlink(path, OUTSIDE)
        yield * guest.rename(path, 'dir2', OUTSIDE)
        yield * guest.rename('dir', path, OUTSIDE)
      }
    },

    * 'names that are none' (guest) {
      yield * guest.open('', {}, 'ENOENT')
      yield * guest.mkdir('', 'ENOENT')
      yield * guest.open('a\0', { create: true }, ['EINVAL', 'EILSEQ'])
      yield * guest.open('\xff', { create: true }, 'EILSEQ')
      yield * guest.open('a\xe2\x82', { create: true }, 'EILSEQ')
      yield * guest.open('x'.repeat(256), { create: true }, 'ENAMETOOLONG')
      yield * guest.file('x'.repeat(255))
      yield * guest.open('x/'.repeat(2049), {}, 'ENAMETOOLONG')
    },

    * 'names in other alphabets' (guest) {
      // 'größe' and a crab, as UTF-8.
      const name = 'gr\xc3\xb6\xc3\x9fe \xf0\x9f\xa6\x80'
      yield * guest.file(name, 'y')
      equal((yield * guest.stat(name)).size, 1n, 'size')
      yield * guest.unlink(name)
    },

    * 'a file is no directory, whatever the slash' (guest) {
      yield * guest.file('file')
      for (const path of ['file/', 'file///', 'file/.', 'file/x', 'file/..']) {
        yield * guest.open(path, {}, 'ENOTDIR')
        yield * guest.stat(path, false, 'ENOTDIR')
      }
      yield * guest.open('file', { directory: true }, 'ENOTDIR')
      yield * guest.open('file', { create: true, exclusive: true }, 'EEXIST')
    },

    * 'what is not there' (guest) {
      yield * guest.open('none', {}, 'ENOENT')
      yield * guest.open('none/x', { create: true }, 'ENOENT')
      yield * guest.open('none/', { create: true }, ['EISDIR', 'ENOENT'])
      yield * guest.open('none', { directory: true }, 'ENOENT')
      yield * guest.stat('none', false, 'ENOENT')
      yield * guest.unlink('none', 'ENOENT')
      yield * guest.rmdir('none', 'ENOENT')
      yield * guest.rename('none', 'other', 'ENOENT')
      yield * guest.link('none', 'other', 'ENOENT')
    },

    * 'a directory with slashes behind it' (guest) {
      yield * guest.mkdir('a/')
      yield * guest.mkdir('a/b///')
      yield * guest.mkdir('a/', 'EEXIST')
      for (const path of ['a', 'a/', 'a///', 'a/.', 'a/b/..']) {
        const fd = yield * guest.open(path, { directory: true, rights: 0, inheriting: 0 })
        yield * guest.close(fd)
        equal((yield * guest.stat(path)).type, FileType.DIRECTORY, 'type')
      }
      yield * guest.rmdir('a', 'ENOTEMPTY')
      yield * guest.rmdir('a/b/')
      yield * guest.rmdir('a//')
    },

    * 'removing takes the right call' (guest) {
      yield * guest.mkdir('dir')
      yield * guest.file('file')
      yield * guest.unlink('dir', ['EISDIR', 'EPERM'])
      yield * guest.unlink('dir/', ['EISDIR', 'EPERM'])
      yield * guest.rmdir('file', 'ENOTDIR')
      yield * guest.rmdir('file/', 'ENOTDIR')
      yield * guest.unlink('file/', 'ENOTDIR')
      yield * guest.unlink('file')
      yield * guest.mkdir('dir', 'EEXIST')
      yield * guest.rmdir('dir/.', ['EINVAL', 'ENOTEMPTY'])
      yield * guest.rmdir('dir')
    },

    * 'a file that is no directory to start from' (guest) {
      yield * guest.file('file')
      const fd = yield * guest.open('file', { rights: 2, inheriting: 0 })
      yield * guest.open('x', { from: fd, create: true, rights: 2, inheriting: 0 }, ['ENOTDIR', 'ENOTCAPABLE'])
      yield * guest.unlink('x', ['ENOTDIR', 'ENOTCAPABLE'], fd)
      yield * guest.open('x', { from: fd + 100, rights: 0, inheriting: 0 }, 'EBADF')
    },

    * 'truncating, and opening a directory for writing' (guest) {
      yield * guest.file('file', 'contents')
      yield * guest.close(yield * guest.open('file', { truncate: true }))
      equal((yield * guest.stat('file')).size, 0n, 'size')
      yield * guest.mkdir('dir')
      yield * guest.open('dir', { truncate: true }, ['EISDIR', 'EINVAL'])
      yield * guest.open('dir', { create: true, directory: true }, 'EINVAL')
      yield * guest.open('dir', { directory: true, rights: 2 | 64, inheriting: 0 }, 'EISDIR')
    }
  }),

  ...cases('symbolic links', {
    * 'are followed only where it is asked for' (guest) {
      yield * guest.mkdir('target')
      yield * guest.file('target/file', 'here')
      yield * guest.symlink('target', 'symlink')
      yield * guest.open('symlink', { directory: true }, ['ELOOP', 'ENOTDIR'])
      yield * guest.open('symlink', {}, 'ELOOP')
      yield * guest.close(yield * guest.open('symlink', { directory: true, follow: true, rights: 0, inheriting: 0 }))
      equal(yield * guest.read(yield * guest.open('symlink/file'), 9), 'here', 'a link on the way')
      equal((yield * guest.stat('symlink')).type, FileType.SYMBOLIC_LINK, 'type of the link')
      equal((yield * guest.stat('symlink')).size, 6n, 'size of the link')
      equal((yield * guest.stat('symlink', true)).type, FileType.DIRECTORY, 'type of what it leads to')
      equal((yield * guest.stat('symlink/')).type, FileType.DIRECTORY, 'a slash follows')
      yield * guest.unlink('symlink')
      yield * guest.file('plain')
      yield * guest.symlink('plain', 'symlink')
      yield * guest.open('symlink', {}, 'ELOOP')
      yield * guest.open('symlink', { directory: true, follow: true }, 'ENOTDIR')
      yield * guest.rmdir('symlink', 'ENOTDIR')
    },

    * 'that dangle' (guest) {
      yield * guest.symlink('target', 'symlink')
      yield * guest.open('symlink', {}, 'ELOOP')
      yield * guest.open('symlink', { directory: true }, ['ENOTDIR', 'ELOOP'])
      yield * guest.open('symlink', { follow: true }, 'ENOENT')
      yield * guest.open('symlink', { follow: true, create: true, exclusive: true }, 'EEXIST')
      yield * guest.stat('symlink', true, 'ENOENT')
      yield * guest.mkdir('symlink', 'EEXIST')
      yield * guest.close(yield * guest.open('symlink', { follow: true, create: true }))
      equal((yield * guest.stat('target')).type, FileType.REGULAR, 'made through the link')
    },

    * 'that lead in a circle' (guest) {
      yield * guest.symlink('symlink', 'symlink')
      yield * guest.symlink('b', 'a')
      yield * guest.symlink('a', 'b')
      yield * guest.open('symlink', {}, 'ELOOP')
      yield * guest.open('symlink', { follow: true }, 'ELOOP')
      yield * guest.open('a', { follow: true }, 'ELOOP')
      yield * guest.open('a/x', {}, 'ELOOP')
      yield * guest.stat('b', true, 'ELOOP')
      yield * guest.unlink('a')
    },

    * 'that lead outside' (guest) {
      yield * guest.symlink('..', 'up')
      yield * guest.open('up', { follow: true, directory: true, rights: 0, inheriting: 0 }, OUTSIDE)
      yield * guest.open('up/x', {}, OUTSIDE)
      yield * guest.mkdir('dir')
      yield * guest.symlink('../dir', 'dir/inside')
      yield * guest.close(yield * guest.open('dir/inside', { follow: true, directory: true, rights: 0, inheriting: 0 }))
      yield * guest.symlink('/etc', 'absolute', ['SUCCESS', ...OUTSIDE])
      yield * guest.open('absolute', { follow: true, rights: 0, inheriting: 0 }, [...OUTSIDE, 'ENOENT'])
    },

    * 'are read as far as there is room' (guest) {
      yield * guest.symlink('target', 'symlink')
      equal(yield * guest.readlink('symlink'), 'target', 'whole')
      equal(yield * guest.readlink('symlink', 4), 'targ', 'cut')
      equal(yield * guest.readlink('symlink', 0), '', 'no room')
      yield * guest.file('file')
      const out = guest.room(4)
      yield * guest.expect('EINVAL', 'path_readlink', guest.directory, ...guest.bytes('file'), guest.room(8), 8, out)
      yield * guest.expect('ENOENT', 'path_readlink', guest.directory, ...guest.bytes('none'), guest.room(8), 8, out)
    },

    * 'are made where nothing is' (guest) {
      yield * guest.symlink('source', 'target/', 'ENOENT')
      yield * guest.mkdir('dir')
      yield * guest.file('file')
      yield * guest.symlink('source', 'dir', 'EEXIST')
      yield * guest.symlink('source', 'dir/', 'EEXIST')
      yield * guest.symlink('source', 'file', 'EEXIST')
      yield * guest.symlink('source', 'file/', ['ENOTDIR', 'EEXIST'])
      yield * guest.symlink('', 'empty', 'ENOENT')
    }
  }),

  ...cases('hard links', {
    * 'name the same file' (guest) {
      yield * guest.file('file', 'same')
      yield * guest.mkdir('dir')
      yield * guest.link('file', 'dir/link')
      const [a, b] = [yield * guest.stat('file'), yield * guest.stat('dir/link')]
      equal(a.inode, b.inode, 'inode')
      equal(b.links, 2n, 'links')
      yield * guest.unlink('file')
      equal((yield * guest.stat('dir/link')).links, 1n, 'links')
      equal(yield * guest.read(yield * guest.open('dir/link'), 9), 'same', 'contents')
    },

    * 'that cannot be' (guest) {
      yield * guest.file('file')
      yield * guest.mkdir('dir')
      yield * guest.link('file', 'file', 'EEXIST')
      yield * guest.link('file', 'dir', 'EEXIST')
      yield * guest.link('file', 'new/', 'ENOENT')
      yield * guest.link('file/', 'new', 'ENOTDIR')
      yield * guest.link('dir', 'new', ['EPERM', 'EACCES'])
      yield * guest.symlink('none', 'symlink')
      yield * guest.link('file', 'symlink', 'EEXIST')
      yield * guest.link('symlink', 'new', ['EINVAL', 'ENOENT'], true)
    },

    * 'to a symbolic link are links to the link' (guest) {
      yield * guest.symlink('none', 'symlink')
      yield * guest.link('symlink', 'link')
      equal((yield * guest.stat('link')).type, FileType.SYMBOLIC_LINK, 'type')
      equal(yield * guest.readlink('link'), 'none', 'target')
    }
  }),

  ...cases('rename', {
    * 'moves files, over files too' (guest) {
      yield * guest.file('source', 's')
      yield * guest.rename('source', 'target')
      yield * guest.open('source', {}, 'ENOENT')
      yield * guest.file('source', 'new')
      const old = yield * guest.open('target')
      yield * guest.rename('source', 'target')
      equal((yield * guest.stat('target')).size, 3n, 'size')
      equal(yield * guest.read(old, 9), 's', 'what was replaced is still open')
      yield * guest.rename('target', 'target')
      equal((yield * guest.stat('target')).size, 3n, 'onto itself')
      yield * guest.link('target', 'link')
      yield * guest.rename('link', 'target')
      equal((yield * guest.stat('link')).links, 2n, 'onto another name of the same file: nothing happens')
    },

    * 'moves directories, over empty ones too' (guest) {
      yield * guest.mkdir('source')
      yield * guest.file('source/file')
      yield * guest.mkdir('target')
      yield * guest.rename('source', 'target')
      yield * guest.stat('target/file')
      yield * guest.open('source', { directory: true, rights: 0, inheriting: 0 }, 'ENOENT')
      yield * guest.mkdir('source')
      yield * guest.rename('source', 'target', ['ENOTEMPTY', 'EEXIST'])
      yield * guest.rename('source', 'target/file', 'ENOTDIR')
      yield * guest.rename('target/file', 'source', 'EISDIR')
      yield * guest.rename('target', 'target/below', 'EINVAL')
      yield * guest.rename('target', 'target/below/further', ['EINVAL', 'ENOENT'])
      yield * guest.rename('source', 'target/source')
      yield * guest.stat('target/source')
    },

    * 'with slashes behind' (guest) {
      yield * guest.mkdir('source')
      yield * guest.rename('source/', 'target')
      yield * guest.rename('target', 'source/')
      yield * guest.rename('source/', 'target/')
      yield * guest.rmdir('target')
      yield * guest.file('source')
      yield * guest.rename('source/', 'target', 'ENOTDIR')
      yield * guest.rename('source', 'target/', 'ENOTDIR')
      yield * guest.rename('source/', 'target/', 'ENOTDIR')
    },

    * 'moves links, not what they lead to' (guest) {
      yield * guest.file('file')
      yield * guest.symlink('file', 'symlink')
      yield * guest.rename('symlink', 'moved')
      equal(yield * guest.readlink('moved'), 'file', 'target')
      yield * guest.rename('file', 'moved')
      equal((yield * guest.stat('moved')).type, FileType.REGULAR, 'the link was replaced')
      holds((yield * guest.call('path_filestat_get', guest.directory, 0, ...guest.bytes('file'), guest.room(64))) === 'ENOENT', 'file is gone')
    }
  })
]
