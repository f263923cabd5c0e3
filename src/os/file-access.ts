/** `os.fs`: files of the kernel's tree for the host, through the gates of the plan like any caller's. */

import { Errno, settle } from '../fiber/index.ts'
import type { Eventual, Fiber } from '../fiber/index.ts'
import { DescriptorFlags, LookupFlags, OpenFlags, RIGHTS_ALL, Rights, SetAttributes, takeDirectoryRecord } from '../roles/index.ts'
import type { FileAttributes, Files } from '../roles/index.ts'
import type { System } from '../link/index.ts'
import type { DirectoryEntry, FileStat } from '../abi/index.ts'
import type { FileAccess, FileData } from './api.ts'
import { SystemError, must } from './errors.ts'
import { typeName } from '../abi/index.ts'
import { STAGING_BYTES, bytesOf, receiving, receivingInto, sending } from './staging.ts'

/** `root` opens the root directory once and gives its descriptor; `check` throws when nothing answers any more. */
export function fileAccess (system: System, root: () => Fiber<number>, check: (operation: string) => void): FileAccess {
  const call = async <T> (operation: string, what: string, body: (files: Files, root: number) => Fiber<T | number>): Promise<T> => {
    check(`${operation} ${what}`)
    const value = await system.run(`fs.${operation}`, function * () {
      const files = system.host.files
      if (files === null) throw new SystemError(-Errno.ENOSYS, operation, what, 'this system has no file services; its program needs none')
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
  const open = (operation: string, path: string, flags: number, rights: number, inheriting = 0): Promise<number> =>
    call<number>(operation, path, (files, directory) => settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), flags, rights, inheriting, 0)))
  /** Calls on a descriptor that is open already. */
  const on = <T> (operation: string, path: string, body: (files: Files) => Fiber<T | number>): Promise<T> => call<T>(operation, path, files => body(files))
  const close = (path: string, fd: number): Promise<number> => on<number>('close', path, files => settle(files.close(fd)))
  /** A stream that fails is neither closed nor cancelled by who has it. */
  const orClose = async <T> (path: string, fd: number, operation: Promise<T>): Promise<T> => {
    try {
      return await operation
    } catch (error) {
      await close(path, fd).catch(() => {})
      throw error
    }
  }
  const write = async (operation: string, path: string, data: FileData, openFlags: number, descriptorFlags: number): Promise<void> => {
    const bytes = bytesOf(data, operation)
    await call(operation, path, function * (files, directory) {
      return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), openFlags, FILE_WRITE, 0, descriptorFlags)),
        fd => sending(system, bytes, from => files.write(fd, from)))
    })
  }
  const entries = (operation: string, path: string): Promise<DirectoryEntry[]> => call<DirectoryEntry[]>(operation, path, function * (files, directory) {
    return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), OpenFlags.DIRECTORY, DIRECTORY_READ, RIGHTS_ALL, 0)),
      fd => listed(system, files, fd))
  })
  return {
    writeFile: (path, data) => write('writeFile', path, data, OpenFlags.CREATE | OpenFlags.TRUNCATE, 0),
    appendFile: (path, data) => write('appendFile', path, data, OpenFlags.CREATE, DescriptorFlags.APPEND),
    readFile: path => call<Uint8Array>('readFile', path, function * (files, directory) {
      return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), 0, FILE_READ, 0, 0)),
        fd => readAll(system, files, fd))
    }),
    async readText (path) {
      return new TextDecoder().decode(await this.readFile(path))
    },
    readable: path => {
      let fd = -1
      return new ReadableStream<Uint8Array>({
        start: async () => { fd = await open('readable', path, 0, FILE_READ) },
        async pull (controller) {
          const piece = await orClose(path, fd, on<Uint8Array>('read', path, files => receiving(system, STAGING_BYTES, into => files.read(fd, into))))
          if (piece.length > 0) {
            controller.enqueue(piece)
            return
          }
          await close(path, fd)
          controller.close()
        },
        cancel: async () => { await close(path, fd) }
      }, { highWaterMark: 0 })
    },
    writable: path => {
      let fd = -1
      return new WritableStream<FileData>({
        start: async () => { fd = await open('writable', path, OpenFlags.CREATE | OpenFlags.TRUNCATE, FILE_WRITE) },
        async write (data) {
          const bytes = bytesOf(data, 'writable')
          await orClose(path, fd, on('write', path, files => sending(system, bytes, from => files.write(fd, from))))
        },
        close: async () => { await close(path, fd) },
        abort: async () => { await close(path, fd) }
      })
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
    readdir: async path => (await entries('readdir', path)).map(entry => entry.name),
    entries: path => entries('entries', path),
    stat: path => stat('stat', path, LookupFlags.SYMLINK_FOLLOW),
    lstat: path => stat('lstat', path, 0),
    async exists (path) {
      try {
        await this.stat(path)
        return true
      } catch (error) {
        if (isAbsence(error)) return false
        throw error
      }
    },
    async copyFile (from, to) {
      await this.readable(from).pipeTo(this.writable(to))
    },
    async truncate (path, size = 0) {
      await call('truncate', path, function * (files, directory) {
        return yield * opened(files, yield * settle(files.open(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), 0, FILE_WRITE, 0, 0)),
          fd => settle(files.setSize(fd, size)))
      })
    },
    utimes: (path, { accessedMs, modifiedMs }) => plain('utimes', path, (files, directory) => {
      const which = (accessedMs === undefined ? 0 : accessedMs === 'now' ? SetAttributes.ACCESS_NOW : SetAttributes.ACCESS_TIME) |
        (modifiedMs === undefined ? 0 : modifiedMs === 'now' ? SetAttributes.MODIFY_NOW : SetAttributes.MODIFY_TIME)
      return files.setTimesAt(directory, LookupFlags.SYMLINK_FOLLOW, inside(path), which, ...instant(accessedMs), ...instant(modifiedMs))
    }),
    rename: (from, to) => plain('rename', from, (files, directory) => files.rename(directory, inside(from), directory, inside(to))),
    symlink: (target, path) => plain('symlink', path, (files, directory) => files.symlink(target, directory, inside(path))),
    readlink: path => call<string>('readlink', path, (files, directory) => settle(files.readLink(directory, inside(path)))),
    link: (from, to) => plain('link', from, (files, directory) => files.link(directory, 0, inside(from), directory, inside(to))),
    unlink: path => plain('unlink', path, (files, directory) => files.unlink(directory, inside(path))),
    rmdir: path => plain('rmdir', path, (files, directory) => files.removeDirectory(directory, inside(path))),
    async rm (path, { recursive = false, force = false } = {}) {
      try {
        if (!recursive || (await this.lstat(path)).type !== 'directory') {
          await plain('rm', path, (files, directory) => files.unlink(directory, inside(path)))
          return
        }
        // Others may remove the same meanwhile.
        for (const name of await this.readdir(path)) await this.rm(`${path.replace(/\/+$/, '')}/${name}`, { recursive: true, force: true })
        await this.rmdir(path)
      } catch (error) {
        if (!force || !isAbsence(error)) throw error
      }
    }
  }
}

function isAbsence (error: unknown): boolean {
  return error instanceof SystemError && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** Seconds and nanoseconds; of a time that is not set, any. */
function instant (ms: number | 'now' | undefined): [number, number] {
  if (typeof ms !== 'number') return [0, 0]
  const seconds = Math.floor(ms / 1000)
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)]
}

/** What a file says of its size is believed up to here: a sparse one may say anything. */
const WHOLE_BYTES_MAX = 1024 * 1024 * 1024

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
  const attributes = yield * settle(files.attributes(fd))
  if (typeof attributes === 'number') return attributes
  // As large as it says that it is, and then whatever more there is: of a device, or of what grows meanwhile.
  const whole = new Uint8Array(Math.min(attributes.size, WHOLE_BYTES_MAX))
  let length = 0
  while (length < whole.length) {
    const count = yield * receivingInto(system, whole, length, into => files.read(fd, into))
    if (count < 0) return count
    if (count === 0) return whole.slice(0, length)
    length += count
  }
  const pieces: Uint8Array[] = [whole]
  for (;;) {
    const piece = yield * receiving(system, STAGING_BYTES, into => files.read(fd, into))
    if (typeof piece === 'number') return piece
    if (piece.length === 0) return pieces.length === 1 ? whole : joined(pieces)
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

function * listed (system: System, files: Files, fd: number): Fiber<DirectoryEntry[] | number> {
  const found: DirectoryEntry[] = []
  for (let cookie = 0; ;) {
    const records = yield * receiving(system, STAGING_BYTES, into => files.readDirectory(fd, cookie, into))
    if (typeof records === 'number') return records
    if (records.length === 0) return found.sort((a, b) => a.name < b.name ? -1 : 1)
    for (let at = 0; at < records.length;) {
      const record = takeDirectoryRecord(records, at)
      cookie = record.cookie
      at = record.next
      if (record.name !== '.' && record.name !== '..') found.push({ name: record.name, type: typeName(record.type), inode: record.inode })
    }
  }
}

const FILE_READ = Rights.FD_READ | Rights.FD_SEEK | Rights.FD_FILESTAT_GET
const FILE_WRITE = Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_FILESTAT_SET_SIZE
const DIRECTORY_READ = Rights.FD_READDIR | Rights.FD_FILESTAT_GET
