/** `os.fs`: files of the kernel's tree for the host, through the gates of the plan like any caller's. */

import { settle } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import { LookupFlags, OpenFlags, RIGHTS_ALL, Rights, takeDirectoryRecord } from '../roles/index.ts'
import type { FileAttributes, Files } from '../roles/index.ts'
import type { System } from '../link/index.ts'
import type { FileAccess, FileStat } from './api.ts'
import { must } from './errors.ts'
import { typeName } from '../abi/index.ts'
import { STAGING_BYTES, receiving, sending } from './staging.ts'

/** `root` opens the root directory once and gives its descriptor; `check` throws when nothing answers any more. */
export function fileAccess (system: System, root: () => Fiber<number>, check: (operation: string) => void): FileAccess {
  const call = async <T> (operation: string, what: string, body: (files: Files, root: number) => Fiber<T | number>): Promise<T> => {
    check(`${operation} ${what}`)
    const value = await system.run(`fs.${operation}`, function * () {
      const files = system.host.files
      if (files === null) throw new Error(`${operation} ${what}: this system has no file services; its program needs none`)
      return yield * body(files, must(yield * root(), 'open', '/'))
    })
    return must<T>(value, operation, what)
  }
  const plain = async (operation: string, path: string, act: (files: Files, root: number) => Eventual<number>): Promise<void> => {
    await call(operation, path, (files, directory) => settle(act(files, directory)))
  }
  const stat = async (operation: string, path: string, follow: number): Promise<FileStat> => {
    const attributes = await call<FileAttributes>(operation, path, (files, directory) => settle(files.attributesAt(directory, follow, inside(path))))
    return {
      type: typeName(attributes.type), size: attributes.size, links: attributes.links, device: attributes.device, inode: attributes.inode,
      accessedMs: attributes.accessSec * 1000 + attributes.accessNsec / 1e6,
      modifiedMs: attributes.modifySec * 1000 + attributes.modifyNsec / 1e6,
      changedMs: attributes.changeSec * 1000 + attributes.changeNsec / 1e6
    }
  }
  return {
    async writeFile (path, data) {
      const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : data
      await call('writeFile', path, function * (files, directory) {
        const flags = OpenFlags.CREATE | OpenFlags.TRUNCATE
        return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), flags, FILE_WRITE, 0, 0)),
          fd => sending(system, bytes, from => files.write(fd, from)))
      })
    },
    readFile: path => call<Uint8Array>('readFile', path, function * (files, directory) {
      return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), 0, FILE_READ, 0, 0)),
        fd => readAll(system, files, fd))
    }),
    async readText (path) {
      return new TextDecoder().decode(await this.readFile(path))
    },
    async mkdir (path, options) {
      if (options?.recursive !== true) return await plain('mkdir', path, (files, directory) => files.createDirectory(directory, inside(path)))
      const names = path.split('/').filter(name => name !== '')
      for (let depth = 1; depth <= names.length; depth++) {
        const part = '/' + names.slice(0, depth).join('/')
        try {
          await plain('mkdir', part, (files, directory) => files.createDirectory(directory, inside(part)))
        } catch (error) {
          if ((error as { code?: string }).code !== 'EEXIST' || (await this.stat(part)).type !== 'directory') throw error
        }
      }
    },
    readdir: path => call<string[]>('readdir', path, function * (files, directory) {
      return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), OpenFlags.DIRECTORY, DIRECTORY_READ, RIGHTS_ALL, 0)),
        fd => names(system, files, fd))
    }),
    stat: path => stat('stat', path, LookupFlags.SYMLINK_FOLLOW),
    lstat: path => stat('lstat', path, 0),
    rename: (from, to) => plain('rename', from, (files, directory) => files.rename(directory, inside(from), directory, inside(to))),
    symlink: (target, path) => plain('symlink', path, (files, directory) => files.symlink(target, directory, inside(path))),
    readlink: path => call<string>('readlink', path, (files, directory) => settle(files.readLink(directory, inside(path)))),
    link: (from, to) => plain('link', from, (files, directory) => files.link(directory, 0, inside(from), directory, inside(to))),
    unlink: path => plain('unlink', path, (files, directory) => files.unlink(directory, inside(path))),
    rmdir: path => plain('rmdir', path, (files, directory) => files.removeDirectory(directory, inside(path)))
  }
}

/** A path relative to the root: what descriptors take. */
function inside (path: string): string {
  const relative = path.replace(/^\/+/, '')
  return relative === '' ? '.' : relative
}

function * opened<T> (files: Files, fd: number, body: (fd: number) => Fiber<T | number>): Fiber<T | number> {
  if (fd < 0) return fd
  const value = yield * body(fd)
  yield * settle(files.close(fd))
  return value
}

function * readAll (system: System, files: Files, fd: number): Fiber<Uint8Array | number> {
  const pieces: Uint8Array[] = []
  for (;;) {
    const piece = yield * receiving(system, STAGING_BYTES, into => files.read(fd, into))
    if (typeof piece === 'number') return piece
    if (piece.length === 0) return joined(pieces)
    pieces.push(piece)
  }
}

export function joined (pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

function * names (system: System, files: Files, fd: number): Fiber<string[] | number> {
  const found: string[] = []
  for (let cookie = 0; ;) {
    const records = yield * receiving(system, STAGING_BYTES, into => files.readDirectory(fd, cookie, into))
    if (typeof records === 'number') return records
    if (records.length === 0) return found.filter(name => name !== '.' && name !== '..').sort()
    for (let at = 0; at < records.length;) {
      const record = takeDirectoryRecord(records, at)
      cookie = record.cookie
      found.push(record.name)
      at = record.next
    }
  }
}

const FILE_READ = Rights.FD_READ | Rights.FD_SEEK | Rights.FD_FILESTAT_GET
const FILE_WRITE = Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_FILESTAT_SET_SIZE
const DIRECTORY_READ = Rights.FD_READDIR | Rights.FD_FILESTAT_GET
