// The reference: Node's `fs` on a folder of its own. What it has no call for (positions, renumbering) is kept here, in the
// way that POSIX says.

import * as fs from 'node:fs'
import { ACCESS } from './calls.ts'
import type { Call } from './calls.ts'

const FILE_TYPES = { directory: 3, file: 4, symlink: 7 } as const

interface Open {
  readonly fd: number
  readonly directory: boolean
  readonly append: boolean
  readonly access: number
  position: number
}

export class Host {
  readonly #folder: string
  readonly #slots = new Map<number, Open>()

  constructor (folder: string) {
    this.#folder = folder
  }

  /** What a call comes to: `ok VALUE`, or the name of an error. */
  make (call: Call): string {
    try {
      return `ok ${this.#make(call)}`
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === undefined) throw error
      return code
    }
  }

  close (): void {
    for (const { fd } of this.#slots.values()) fs.closeSync(fd)
    this.#slots.clear()
  }

  #make ({ name, args }: Call): string {
    const slot = args[0] as number
    const path = this.#at(args[0] as string)
    const other = this.#at(args[1] as string)
    const n = (i: number): number => args[i] as number
    switch (name) {
      case 'open': return this.#open(slot, other, n(2), n(3), n(4) === 1, n(5) === 1)
      case 'close': return this.#closed(slot)
      case 'renumber': return this.#renumber(slot, n(1))
      case 'read': return this.#read(this.#open_(slot), n(1), null)
      case 'pread': return this.#read(this.#open_(slot), n(2), n(1))
      case 'write': return this.#write(this.#open_(slot), args[1] as string, n(2), null)
      case 'pwrite': return this.#write(this.#open_(slot), args[2] as string, n(3), n(1))
      case 'seek': return this.#seek(this.#open_(slot), n(1), n(2))
      case 'size': return done(fs.ftruncateSync(this.#open_(slot).fd, n(1)))
      case 'fstat': return show(fs.fstatSync(this.#open_(slot).fd))
      case 'stat': return show(n(1) === 1 ? fs.statSync(path) : fs.lstatSync(path))
      case 'list': return fs.readdirSync(path, { withFileTypes: true }).map(entry => `${entry.name}:${FILE_TYPES[typeOf(entry)]}`).sort().join(' ')
      case 'mkdir': return done(fs.mkdirSync(path))
      case 'rmdir': return done(fs.rmdirSync(path))
      case 'unlink': return done(fs.unlinkSync(path))
      case 'readlink': return fs.readlinkSync(path)
      case 'times': return done(fs.utimesSync(path, n(1), n(1)))
      case 'rename': return done(fs.renameSync(path, other))
      case 'link': return done(fs.linkSync(path, other))
      case 'symlink': return done(fs.symlinkSync(args[0] as string, other))
    }
  }

  #at (path: string | number): string {
    // Node would make the folder itself of an empty path.
    return path === '' ? '' : `${this.#folder}/${path}`
  }

  #open_ (slot: number): Open {
    const open = this.#slots.get(slot)
    if (open === undefined) throw failure('EBADF')
    return open
  }

  #open (slot: number, path: string, flags: number, access: number, append: boolean, follow: boolean): string {
    const { constants } = fs
    let mode = access === ACCESS.READ ? constants.O_RDONLY : access === ACCESS.WRITE ? constants.O_WRONLY : constants.O_RDWR
    if (flags & 1) mode |= constants.O_CREAT
    if (flags & 2) mode |= constants.O_DIRECTORY
    if (flags & 4) mode |= constants.O_EXCL
    if (flags & 8) mode |= constants.O_TRUNC
    if (append) mode |= constants.O_APPEND
    if (!follow) mode |= constants.O_NOFOLLOW
    const fd = fs.openSync(path, mode)
    this.#slots.set(slot, { fd, directory: fs.fstatSync(fd).isDirectory(), append, access, position: 0 })
    return ''
  }

  #closed (slot: number): string {
    const { fd } = this.#open_(slot)
    this.#slots.delete(slot)
    fs.closeSync(fd)
    return ''
  }

  #renumber (slot: number, to: number): string {
    const moved = this.#open_(slot)
    const replaced = this.#open_(to)
    if (slot === to) return ''
    this.#slots.set(to, moved)
    this.#slots.delete(slot)
    fs.closeSync(replaced.fd)
    return ''
  }

  #read (open: Open, length: number, offset: number | null): string {
    if (length === 0) return refuseNothing(open, ACCESS.READ, open.directory ? 'EISDIR' : 'EBADF', '')
    const bytes = Buffer.alloc(length)
    const got = fs.readSync(open.fd, bytes, 0, length, offset ?? open.position)
    if (offset === null) open.position += got
    return bytes.toString('latin1', 0, got).replaceAll('\0', '0')
  }

  #write (open: Open, letter: string, length: number, offset: number | null): string {
    if (length === 0) return refuseNothing(open, ACCESS.WRITE, 'EBADF', '0')
    const bytes = Buffer.alloc(length, letter)
    if (offset === null) {
      const from = open.append ? fs.fstatSync(open.fd).size : open.position
      const put = fs.writeSync(open.fd, bytes, 0, length, open.append ? null : from)
      open.position = from + put
      return String(put)
    }
    if (!open.append || (open.access & ACCESS.WRITE) === 0 || open.directory) return String(fs.writeSync(open.fd, bytes, 0, length, offset))
    // Linux's pwrite appends all the same where the file was opened so; POSIX's does not.
    const plain = fs.openSync(`/proc/self/fd/${open.fd}`, fs.constants.O_WRONLY)
    try {
      return String(fs.writeSync(plain, bytes, 0, length, offset))
    } finally {
      fs.closeSync(plain)
    }
  }

  #seek (open: Open, offset: number, whence: number): string {
    // A directory of WASI has cookies and no position.
    if (open.directory) throw failure('EBADF')
    const from = whence === 0 ? 0 : whence === 1 ? open.position : fs.fstatSync(open.fd).size
    if (from + offset < 0) throw failure('EINVAL')
    open.position = from + offset
    return String(open.position)
  }
}

/** Node makes no call for no bytes; the system would still look at the descriptor. */
function refuseNothing (open: Open, access: number, code: string, otherwise: string): string {
  if (open.directory || (open.access & access) === 0) throw failure(code)
  return otherwise
}

function done (_nothing: void | undefined): string {
  return ''
}

function failure (code: string): Error {
  return Object.assign(new Error(code), { code })
}

function typeOf (entry: fs.Stats | fs.Dirent): keyof typeof FILE_TYPES {
  return entry.isDirectory() ? 'directory' : entry.isSymbolicLink() ? 'symlink' : 'file'
}

/** Times only where they were set: by `times`, to before the age of clocks. */
function show (found: fs.Stats): string {
  const type = typeOf(found)
  if (type === 'directory') return type
  if (type === 'symlink') return `${type} ${found.size}`
  const seconds = Math.floor(found.mtimeMs / 1000)
  return `${type} ${found.size} ${found.nlink} ${seconds < 1e6 ? seconds : -1}`
}

/** The whole tree below a folder: types, sizes, links, contents. */
export function treeOf (folder: string, below = ''): string[] {
  return fs.readdirSync(folder + below, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1).flatMap(entry => {
    const path = `${below}/${entry.name}`
    if (entry.isDirectory()) return [path, ...treeOf(folder, path)]
    if (entry.isSymbolicLink()) return [`${path} -> ${fs.readlinkSync(folder + path)}`]
    return [`${path} ${show(fs.statSync(folder + path))} ${fs.readFileSync(folder + path, 'latin1').replaceAll('\0', '0')}`]
  })
}
