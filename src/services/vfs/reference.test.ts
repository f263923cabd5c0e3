/**
 * Random calls against the vfs and against the host's own file system, which must answer alike.
 *
 * Calls that would leave the sandbox, which only the vfs refuses, are not made on the host.
 */

import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { errnoName, runPlain } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import { DescriptorFlags, FileType, OpenFlags, READ, Rights, WRITE, Window, takeDirectoryRecord } from '../../roles/index.ts'
import type { FileAttributes, FileSystem } from '../../roles/index.ts'
import { NodeFolders } from '../../machine/live/folders-node.ts'
import { hostfs } from '../hostfs/index.ts'
import { startService } from '../testing.ts'
import { filesSubject, startVfs } from './testing.ts'
import type { TestVfs } from './testing.ts'

const SEEDS = Number(process.env['SEEDS'] ?? 40)
const CALLS = 150
const FIRST_SEED = Number(process.env['SEED'] ?? 1)

const READ_RIGHTS = Rights.FD_READ | Rights.FD_SEEK | Rights.FD_TELL
const WRITE_RIGHTS = Rights.FD_WRITE | Rights.FD_SEEK | Rights.FD_TELL | Rights.FD_FILESTAT_SET_SIZE

/** What a call comes to: the name of an error, or a value that both can be compared by. */
type Outcome = string

interface System {
  open (slot: number, path: string, flags: number, write: boolean, append: boolean, follow: boolean): Outcome
  close (slot: number): Outcome
  read (slot: number, length: number): Outcome
  write (slot: number, text: string): Outcome
  pread (slot: number, offset: number, length: number): Outcome
  setSize (slot: number, size: number): Outcome
  stat (path: string, follow: boolean): Outcome
  list (path: string): Outcome
  mkdir (path: string): Outcome
  rmdir (path: string): Outcome
  unlink (path: string): Outcome
  rename (from: string, to: string): Outcome
  link (from: string, to: string): Outcome
  symlink (target: string, path: string): Outcome
  readlink (path: string): Outcome
  utimes (path: string, sec: number): Outcome
}

/** A vfs as the system under test. */
function vfsSystem (made: TestVfs): System {
  const { files, root, arena, counter } = filesSubject(made)
  const slots = new Map<number, number>()
  const at = arena.allocate(4096)
  const room = (length: number): Window => Window.of(arena, at, length, READ | WRITE, counter)!
  const outcome = (value: Eventual<unknown>, show: (value: never) => string = String): Outcome => {
    const result = runPlain(value)
    return typeof result === 'number' && result < 0 ? errnoName(result) : show(result as never)
  }
  const done = (value: Eventual<number>): Outcome => outcome(value, () => 'done')
  const text = (length: number): string => Buffer.from(arena.bytes.subarray(at, at + length)).toString('latin1')
  const fd = (slot: number): number => slots.get(slot) ?? 9999
  return {
    open (slot, path, flags, write, append, follow) {
      return outcome(files.open(root, follow ? 1 : 0, path, flags, write ? READ_RIGHTS | WRITE_RIGHTS : READ_RIGHTS, 0,
        append ? DescriptorFlags.APPEND : 0), (opened: number) => {
        slots.set(slot, opened)
        return 'opened'
      })
    },
    close (slot) {
      const number = fd(slot)
      slots.delete(slot)
      return done(files.close(number))
    },
    read: (slot, length) => outcome(files.read(fd(slot), room(length)), (count: number) => text(count)),
    write (slot, data) {
      arena.bytes.set(Buffer.from(data, 'latin1'), at)
      return outcome(files.write(fd(slot), room(data.length)))
    },
    pread: (slot, offset, length) => outcome(files.pread(fd(slot), offset, room(length)), (count: number) => text(count)),
    setSize: (slot, size) => done(files.setSize(fd(slot), size)),
    stat: (path, follow) => outcome(files.attributesAt(root, follow ? 1 : 0, path), (found: FileAttributes) => show(found)),
    list (path) {
      const opened = runPlain(files.open(root, 1, path, OpenFlags.DIRECTORY, Rights.FD_READDIR, 0, 0))
      if (opened < 0) return errnoName(opened)
      const names: string[] = []
      for (let cookie = 0; ;) {
        const count = runPlain(files.readDirectory(opened, cookie, room(256)))
        if (count <= 0) break
        for (let from = at; from < at + count;) {
          const record = takeDirectoryRecord(arena.bytes, from)
          names.push(`${record.name}:${record.type}`)
          cookie = record.cookie
          from = record.next
        }
      }
      files.close(opened)
      return names.filter(name => !/^\.\.?:/.test(name)).sort().join(' ')
    },
    mkdir: path => done(files.createDirectory(root, path)),
    rmdir: path => done(files.removeDirectory(root, path)),
    unlink: path => done(files.unlink(root, path)),
    rename: (from, to) => done(files.rename(root, from, root, to)),
    link: (from, to) => done(files.link(root, 0, from, root, to)),
    symlink: (target, path) => done(files.symlink(target, root, path)),
    readlink: path => outcome(files.readLink(root, path)),
    utimes: (path, sec) => done(files.setTimesAt(root, 1, path, 2 | 8, sec, 0, sec + 1, 0))
  }
}

/** Sizes of directories and their links are each file system's own. */
function show (found: FileAttributes): string {
  return found.type === FileType.REGULAR ? `file ${found.size} ${found.links}` : `type ${found.type}`
}

/** The host's file system in a folder. */
function hostSystem (folder: string): System {
  const slots = new Map<number, number>()
  const attempt = (call: () => Outcome): Outcome => {
    try {
      return call()
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error)
    }
  }
  const on = (path: string): string => `${folder}/${path}`
  const fd = (slot: number): number => slots.get(slot) ?? 9999
  const typeOf = (entry: fs.Stats | fs.Dirent): number =>
    entry.isDirectory() ? FileType.DIRECTORY : entry.isSymbolicLink() ? FileType.SYMBOLIC_LINK : FileType.REGULAR
  return {
    open: (slot, path, flags, write, append, follow) => attempt(() => {
      const { constants } = fs
      let mode = write ? constants.O_RDWR : constants.O_RDONLY
      if (flags & OpenFlags.CREATE) mode |= constants.O_CREAT
      if (flags & OpenFlags.EXCLUSIVE) mode |= constants.O_EXCL
      if (flags & OpenFlags.TRUNCATE) mode |= constants.O_TRUNC
      if (flags & OpenFlags.DIRECTORY) mode |= constants.O_DIRECTORY
      if (append) mode |= constants.O_APPEND
      if (!follow) mode |= constants.O_NOFOLLOW
      slots.set(slot, fs.openSync(on(path), mode))
      return 'opened'
    }),
    close: slot => attempt(() => {
      const number = fd(slot)
      slots.delete(slot)
      fs.closeSync(number)
      return 'done'
    }),
    read: (slot, length) => attempt(() => {
      const bytes = Buffer.alloc(length)
      return bytes.toString('latin1', 0, fs.readSync(fd(slot), bytes, 0, length, null))
    }),
    write: (slot, data) => attempt(() => String(fs.writeSync(fd(slot), Buffer.from(data, 'latin1')))),
    pread: (slot, offset, length) => attempt(() => {
      const bytes = Buffer.alloc(length)
      return bytes.toString('latin1', 0, fs.readSync(fd(slot), bytes, 0, length, offset))
    }),
    setSize: (slot, size) => attempt(() => {
      fs.ftruncateSync(fd(slot), size)
      return 'done'
    }),
    stat: (path, follow) => attempt(() => {
      const found = follow ? fs.statSync(on(path)) : fs.lstatSync(on(path))
      return show({ type: typeOf(found), size: found.size, links: found.nlink } as FileAttributes)
    }),
    list: path => attempt(() => fs.readdirSync(on(path), { withFileTypes: true }).map(entry => `${entry.name}:${typeOf(entry)}`).sort().join(' ')),
    mkdir: path => attempt(() => {
      fs.mkdirSync(on(path))
      return 'done'
    }),
    rmdir: path => attempt(() => {
      fs.rmdirSync(on(path))
      return 'done'
    }),
    unlink: path => attempt(() => {
      fs.unlinkSync(on(path))
      return 'done'
    }),
    rename: (from, to) => attempt(() => {
      fs.renameSync(on(from), on(to))
      return 'done'
    }),
    link: (from, to) => attempt(() => {
      fs.linkSync(on(from), on(to))
      return 'done'
    }),
    symlink: (target, path) => attempt(() => {
      fs.symlinkSync(target, on(path))
      return 'done'
    }),
    readlink: path => attempt(() => fs.readlinkSync(on(path))),
    utimes: (path, sec) => attempt(() => {
      fs.utimesSync(on(path), sec, sec + 1)
      return 'done'
    })
  }
}

/** Mulberry32: all that a run does follows from its seed. */
function randomOf (seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

type Call = (system: System) => Outcome

interface Said {
  readonly text: string
  readonly call: Call
  /** The slot that is closed first, or -1. */
  readonly closes: number
}

function randomCall (random: (below: number) => number): Said {
  const pick = <T> (...choices: readonly T[]): T => choices[random(choices.length)]!
  const name = (): string => pick('a', 'b', 'c')
  function path (): string {
    let text = name()
    for (let depth = pick(0, 0, 0, 1, 1, 2); depth > 0; depth--) text += `/${pick(name(), name(), name(), '..', '.')}`
    return text + pick('', '', '', '', '', '/', '/.', '/..')
  }
  const slot = random(4)
  const said = <A extends readonly unknown[]> (operation: string, args: A, call: Call): Said =>
    ({ text: `${operation}(${args.map(arg => JSON.stringify(arg)).join(', ')})`, call, closes: operation === 'open' ? slot : -1 })
  switch (random(24)) {
    case 0: case 1: case 2: case 3: case 4: case 5: {
      const flags = pick(0, 0, OpenFlags.CREATE, OpenFlags.CREATE, OpenFlags.CREATE | OpenFlags.EXCLUSIVE, OpenFlags.TRUNCATE,
        OpenFlags.CREATE | OpenFlags.TRUNCATE, OpenFlags.DIRECTORY)
      // Truncating what is opened for reading only is left open by POSIX.
      const write = (flags & OpenFlags.TRUNCATE) !== 0 || random(2) === 0
      const args = [slot, path(), flags, write, random(4) === 0, random(4) !== 0] as const
      return said('open', args, system => system.open(...args))
    }
    case 6: case 7: { const args = [slot, 1 + random(20)] as const; return said('read', args, system => system.read(...args)) }
    case 8: case 9: case 10: {
      const args = [slot, String.fromCharCode(97 + random(26)).repeat(1 + random(30))] as const
      return said('write', args, system => system.write(...args))
    }
    case 11: { const args = [slot, random(40), 1 + random(20)] as const; return said('pread', args, system => system.pread(...args)) }
    case 12: { const args = [slot, random(50)] as const; return said('setSize', args, system => system.setSize(...args)) }
    case 13: { const args = [path(), random(2) === 0] as const; return said('stat', args, system => system.stat(...args)) }
    case 14: { const args = [path()] as const; return said('list', args, system => system.list(...args)) }
    case 15: case 16: { const args = [path()] as const; return said('mkdir', args, system => system.mkdir(...args)) }
    case 17: { const args = [path()] as const; return said('rmdir', args, system => system.rmdir(...args)) }
    case 18: { const args = [path()] as const; return said('unlink', args, system => system.unlink(...args)) }
    case 19: case 20: { const args = [path(), path()] as const; return said('rename', args, system => system.rename(...args)) }
    case 21: { const args = [path(), path()] as const; return said('link', args, system => system.link(...args)) }
    case 22: {
      const args = [pick('', '../', './') + path(), path()] as const
      return said('symlink', args, system => system.symlink(...args))
    }
    default: {
      const args = [path()] as const
      return random(2) === 0
        ? said('readlink', args, system => system.readlink(...args))
        : said('utimes', args, system => system.utimes(...args, 1000))
    }
  }
}

function allBelow (system: System, path: string, depth: number): string {
  const listing = system.list(path)
  if (depth === 0) return listing
  const below = listing.split(' ').filter(entry => entry.endsWith(`:${FileType.DIRECTORY}`)).map(entry => entry.slice(0, -2))
  return `${listing}\n${below.map(name => `${path}/${name}: ${allBelow(system, `${path}/${name}`, depth - 1)}`).join('\n')}`
}

const skip = process.platform === 'linux' ? false : 'the errors are those of Linux'

test('random calls come to the same on a ramfs as on the host', { skip }, () => {
  compareRuns(SEEDS, () => ({ made: startVfs(), close: () => {} }))
})

test('random calls come to the same where walks are remembered', { skip }, () => {
  compareRuns(SEEDS, () => ({ made: startVfs({}, { mounts: [{ path: '/', fileSystem: 'ramfs', namesAreOurs: true }] }), close: () => {} }))
})

test('random calls come to the same through a host folder as on the host', { skip }, () => {
  compareRuns(Math.ceil(SEEDS / 4), folder => {
    const hostPath = `${folder}-shared`
    fs.mkdirSync(hostPath)
    const folders = new NodeFolders([{ hostPath, writable: true }])
    const files = startService(hostfs, { devices: { folders } })['files'] as unknown as FileSystem
    return {
      made: startVfs({ hostfs: files }, { mounts: [{ path: '/', fileSystem: 'hostfs' }] }),
      close: () => { folders.closeAll() }
    }
  })
})

function compareRuns (seeds: number, make: (folder: string) => { made: TestVfs, close: () => void }): void {
  const parent = fs.mkdtempSync(join(tmpdir(), 'vfs-'))
  try {
    let compared = 0
    for (let seed = FIRST_SEED; seed < FIRST_SEED + seeds; seed++) {
      const folder = join(parent, String(seed))
      fs.mkdirSync(folder)
      const { made, close } = make(folder)
      compared += compareRun(seed, vfsSystem(made), folder)
      close()
    }
    assert.ok(compared > seeds * CALLS * 0.5, `${compared} calls were compared`)
  } finally {
    fs.rmSync(parent, { recursive: true, force: true })
  }
}

function compareRun (seed: number, ours: System, folder: string): number {
  const random = randomOf(seed)
  const host = hostSystem(folder)
  const history: string[] = []
  let compared = 0
  for (let i = 0; i < CALLS; i++) {
    const { text, call, closes } = randomCall(random)
    if (closes >= 0) {
      ours.close(closes)
      host.close(closes)
    }
    const outcome = call(ours)
    history.push(`${text} -> ${outcome}`)
    if (outcome === 'ENOTCAPABLE') continue
    const expected = call(host)
    compared++
    if (outcome !== expected) {
      assert.fail(`SEED=${seed} SEEDS=1: the host says ${expected}\n${history.slice(-25).join('\n')}`)
    }
  }
  assert.equal(allBelow(ours, '.', 3), allBelow(host, '.', 3), `SEED=${seed} SEEDS=1: the trees differ`)
  for (let slot = 0; slot < 4; slot++) host.close(slot)
  return compared
}
