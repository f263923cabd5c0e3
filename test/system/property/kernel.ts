// The same calls on a system: through the host's gates at the level of the role Files, and by a program.

import { errnoName, settle } from '../../../src/fiber/index.ts'
import type { Eventual, Fiber } from '../../../src/fiber/index.ts'
import type { OperatingSystem } from '../../../src/index.ts'
import { systemOf } from '../../../src/os/index.ts'
import { DescriptorFlags, FileType, OpenFlags, READ, RIGHTS_ALL, Rights, WRITE, Window, takeDirectoryRecord } from '../../../src/roles/index.ts'
import type { FileAttributes, Files } from '../../../src/roles/index.ts'
import { latin1, program } from '../support.ts'
import { ACCESS, lineOf } from './calls.ts'
import type { Call } from './calls.ts'

const ROOM = 8192
const NONE = 9999
const COMMON = Rights.FD_SEEK | Rights.FD_TELL | Rights.FD_FILESTAT_GET

/** Makes calls below a directory of the tree by the role Files, as the host. */
export async function byRole (os: OperatingSystem, folder: string, calls: readonly Call[]): Promise<string[]> {
  const system = systemOf(os)
  return await system.run('property', function * () {
    const { arena, files, tables } = system.host
    const at = arena.allocate(ROOM)
    const base = yield * settle(tables!.preopen(1, folder, folder, RIGHTS_ALL, RIGHTS_ALL))
    const maker = new Maker(files!, base, length => Window.of(arena, at, length, READ | WRITE, system.state.counters)!, {
      put: (letter, length) => { arena.bytes.fill(letter.charCodeAt(0), at, at + length) },
      take: length => arena.bytes.slice(at, at + length)
    })
    const outcomes: string[] = []
    for (const call of calls) outcomes.push(yield * maker.make(call))
    yield * maker.closeAll()
    yield * settle(files!.close(base))
    arena.free(at, ROOM)
    return outcomes
  })
}

interface Bytes {
  put (letter: string, length: number): void
  take (length: number): Uint8Array
}

class Maker {
  readonly #files: Files
  readonly #base: number
  readonly #room: (length: number) => Window
  readonly #bytes: Bytes
  readonly #slots = new Map<number, number>()

  constructor (files: Files, base: number, room: (length: number) => Window, bytes: Bytes) {
    this.#files = files
    this.#base = base
    this.#room = room
    this.#bytes = bytes
  }

  * make ({ name, args }: Call): Fiber<string> {
    const files = this.#files
    const base = this.#base
    const n = (i: number): number => args[i] as number
    const s = (i: number): string => args[i] as string
    const fd = (i: number): number => this.#slots.get(n(i)) ?? NONE
    switch (name) {
      case 'open': return yield * this.#open(n(0), s(1), n(2), n(3), n(4), n(5))
      case 'close': {
        const closed = fd(0)
        this.#slots.delete(n(0))
        return yield * status(files.close(closed))
      }
      case 'renumber': {
        const [from, to] = [fd(0), fd(1)]
        const said = yield * status(files.renumber(from, to))
        if (said === 'ok ' && from !== to) this.#slots.delete(n(0))
        return said
      }
      case 'read': return yield * this.#text(files.read(fd(0), this.#room(n(1))))
      case 'pread': return yield * this.#text(files.pread(fd(0), n(1), this.#room(n(2))))
      case 'write':
        this.#bytes.put(s(1), n(2))
        return yield * said(files.write(fd(0), this.#room(n(2))))
      case 'pwrite':
        this.#bytes.put(s(2), n(3))
        return yield * said(files.pwrite(fd(0), n(1), this.#room(n(3))))
      case 'seek': return yield * said(files.seek(fd(0), n(1), n(2)))
      case 'size': return yield * status(files.setSize(fd(0), n(1)))
      case 'fstat': return yield * said(files.attributes(fd(0)), show)
      case 'stat': return yield * said(files.attributesAt(base, n(1), s(0)), show)
      case 'list': return yield * this.#list(s(0))
      case 'mkdir': return yield * status(files.createDirectory(base, s(0)))
      case 'rmdir': return yield * status(files.removeDirectory(base, s(0)))
      case 'unlink': return yield * status(files.unlink(base, s(0)))
      case 'readlink': return yield * said(files.readLink(base, s(0)))
      case 'times': return yield * status(files.setTimesAt(base, 1, s(0), 2 | 8, n(1), 0, n(1), 0))
      case 'rename': return yield * status(files.rename(base, s(0), base, s(1)))
      case 'link': return yield * status(files.link(base, 0, s(0), base, s(1)))
      case 'symlink': return yield * status(files.symlink(s(0), base, s(1)))
    }
  }

  * closeAll (): Fiber<void> {
    for (const fd of this.#slots.values()) yield * settle(this.#files.close(fd))
  }

  * #open (slot: number, path: string, flags: number, access: number, append: number, follow: number): Fiber<string> {
    const rights = COMMON | (access & ACCESS.READ ? Rights.FD_READ : 0) | (access & ACCESS.WRITE ? Rights.FD_WRITE | Rights.FD_FILESTAT_SET_SIZE : 0)
    const opened = yield * settle(this.#files.open(this.#base, follow, path, flags, rights, 0, append === 1 ? DescriptorFlags.APPEND : 0))
    if (opened < 0) return errnoName(opened)
    this.#slots.set(slot, opened)
    return 'ok '
  }

  * #text (reading: Eventual<number>): Fiber<string> {
    return yield * said(reading, count => latin1(this.#bytes.take(count)).replaceAll('\0', '0'))
  }

  * #list (path: string): Fiber<string> {
    const fd = yield * settle(this.#files.open(this.#base, 1, path, OpenFlags.DIRECTORY, Rights.FD_READDIR, 0, 0))
    if (fd < 0) return errnoName(fd)
    const names: string[] = []
    for (let cookie = 0; ;) {
      const count = yield * settle(this.#files.readDirectory(fd, cookie, this.#room(96)))
      if (count < 0) names.push(errnoName(count))
      if (count <= 0) break
      const records = this.#bytes.take(count)
      for (let at = 0; at < records.length;) {
        const record = takeDirectoryRecord(records, at)
        cookie = record.cookie
        at = record.next
        if (record.name !== '.' && record.name !== '..') names.push(`${record.name}:${record.type}`)
      }
    }
    yield * settle(this.#files.close(fd))
    return `ok ${names.sort().join(' ')}`
  }
}

function * said<T extends number | string | object> (value: Eventual<T | number>, text: (value: T) => string = String): Fiber<string> {
  const result = yield * settle(value)
  return typeof result === 'number' && result < 0 ? errnoName(result) : `ok ${text(result as T)}`
}

function * status (value: Eventual<number>): Fiber<string> {
  return yield * said(value, () => '')
}

function show (found: FileAttributes): string {
  if (found.type === FileType.DIRECTORY) return 'directory'
  if (found.type === FileType.SYMBOLIC_LINK) return `symlink ${found.size}`
  return `file ${found.size} ${found.links} ${found.modifySec < 1e6 ? found.modifySec : -1}`
}

/** Has the program `script` make several sequences, each below a directory of its own. */
export async function byProgram (os: OperatingSystem, sequences: readonly { folder: string, calls: readonly Call[] }[]): Promise<string[][]> {
  const lines = sequences.flatMap(({ folder, calls }) => [`base =${folder.slice(1)}`, ...calls.map(lineOf)])
  const process = os.spawn(program('script'), { args: ['script'], stdin: `${lines.join('\n')}\n` })
  const { text, status: ended, stderr, message } = await process.output()
  if (ended !== 0) throw new Error(`script ended with ${ended}: ${message} ${latin1(stderr)}`)
  const outcomes = text.split('\n').map(line => line.replace(/^errno (\d+)$/, (_, errno) => errnoName(Number(errno))))
  let at = 0
  return sequences.map(({ calls }) => {
    if (outcomes[at] !== 'ok ') throw new Error(`script has no base: ${outcomes[at]}`)
    at += 1 + calls.length
    return outcomes.slice(at - calls.length, at)
  })
}

/** The whole tree below a directory, as `treeOf` of the host shows it. */
export async function treeIn (os: OperatingSystem, folder: string, below = ''): Promise<string[]> {
  const lines: string[] = []
  for (const name of (await os.fs.readdir(folder + below)).sort()) {
    const path = `${below}/${name}`
    const found = await os.fs.lstat(folder + path)
    if (found.type === 'directory') lines.push(path, ...await treeIn(os, folder, path))
    else if (found.type === 'symlink') lines.push(`${path} -> ${await os.fs.readlink(folder + path)}`)
    else {
      const seconds = Math.floor(found.modifiedMs / 1000)
      lines.push(`${path} file ${found.size} ${found.links} ${seconds < 1e6 ? seconds : -1} ${latin1(await os.fs.readFile(folder + path)).replaceAll('\0', '0')}`)
    }
  }
  return lines
}
