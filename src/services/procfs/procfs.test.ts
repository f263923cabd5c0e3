import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Errno, giveWay, settle } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { TestScheduler, fileSystemConformance } from '../../roles/conformance/index.ts'
import {
  Access, FileType, INIT, PROCFS_BYTES_MAX, ProcessState, READ, WRITE, Window, inodeOf, takeDirectoryRecord, typeOf
} from '../../roles/index.ts'
import type { FileInformation, FileSystem, ProcessInformation, SystemInformation } from '../../roles/index.ts'
import { startService, testArena, testCaller } from '../testing.ts'
import { procfs } from './index.ts'

const MILLISECOND = 1e6

interface Told {
  readonly args: readonly string[]
  readonly state?: number
}

/** A procfs that is told of these processes; `slow` lets each answer be waited for. */
function make (slow = false) {
  const processes = new Map<number, Told>([[INIT, { args: ['init'], state: ProcessState.WAITING }], [7, { args: ['/bin/cat', '-n', 'a b'] }]])
  const answer = <A extends unknown[], R>(act: (...args: A) => R) => (...args: A): Eventual<R> => slow ? later(() => act(...args)) : act(...args)
  const requires = {
    processes: {
      processes: answer((after: number) => [...processes.keys()].filter(process => process > after).sort((a, b) => a - b).slice(0, 3)),
      process: answer((process: number) => {
        const told = processes.get(process)
        return told === undefined
          ? -Errno.ESRCH
          : {
              process, parent: process === INIT ? 0 : INIT, group: process, directory: '/home', state: told.state ?? ProcessState.RUNNABLE, priority: 4, madeNs: 2500 * MILLISECOND,
              ranNs: 130 * MILLISECOND, childrenRanNs: 20 * MILLISECOND, memoryBytes: 3 * 65536, args: told.args
            }
      }),
      environment: answer((process: number) => processes.has(process) ? ['PATH=/bin', 'SECRET=x'] : -Errno.ESRCH)
    } satisfies ProcessInformation,
    files: {
      mounts: answer(() => ({ devices: [1, 2], paths: ['/', '/my files'], fileSystems: ['ramfs', 'hostfs-0'], readOnly: [0, 1] })),
      descriptors: answer((process: number, from: number) => process === 7 ? [0, 1, 3, 900].filter(fd => fd >= from).slice(0, 2) : -Errno.ESRCH),
      descriptorsMax: answer((process: number) => process === 7 ? 256 : -Errno.ESRCH),
      openFile: answer((process: number, fd: number) => process !== 7 || ![0, 1, 3, 900].includes(fd)
        ? -Errno.EBADF
        : {
            type: fd === 3 ? FileType.DIRECTORY : fd === 900 ? FileType.REGULAR : FileType.UNKNOWN, device: fd === 900 ? 1 : 0, inode: 40 + fd, flags: 0,
            position: 0, rightsBase: 0, rightsInheriting: 0, path: fd === 3 ? '/' : ''
          })
    } satisfies FileInformation,
    system: {
      kernel: () => ({ version: '1.2.3', name: 'monolithic', core: 'trap' }),
      plan: () => '{}',
      times: () => ({ uptimeNs: 12_345 * MILLISECOND, busyNs: 2_000 * MILLISECOND }),
      limits: process => process === 7 ? [64 * 2 ** 20, 2.5e9, 10, 1000, 2 ** 30, 65536] : Array.from({ length: 6 }, () => Infinity),
      counters: () => ({ names: ['calls', 'switches'], values: [5, 6] }),
      domains: from => from > 1
        ? { spaces: [], labels: [], modes: [], walls: [], services: [], states: [], arenaBytes: [], allocatedBytes: [], memoryBytes: [], calls: [], restarts: [] }
        : {
            spaces: [from], labels: [from === 0 ? 'kernel' : 'a\tb (7)'], modes: [from === 0 ? 'supervisor' : 'user'], walls: [from === 0 ? 'none' : 'wasm'],
            services: [from === 0 ? 'proc,vfs' : ''], states: ['alive'], arenaBytes: [from === 0 ? 65536 : 0], allocatedBytes: [from === 0 ? 1024 : 0],
            memoryBytes: [from === 0 ? 0 : 196608], calls: [from === 0 ? 3 : 0], restarts: [0]
          },
      gates: () => ({ kinds: ['trap', 'direct'], from: ['programs', 'wasi'], to: ['wasi', 'vfs'], roles: ['SystemCalls', 'Files'], calls: [3, -1] })
    } satisfies SystemInformation
  }
  const caller = testCaller(7)
  const arena = testArena('procfs')
  const files = startService(procfs, { requires, caller, arena })['files'] as unknown as FileSystem
  const memory = testArena('client')
  const run = <T> (value: Eventual<T>): T => new TestScheduler().runNow(value)
  const lookup = (path: string): number => {
    let inode = run(files.root())
    for (const name of path.split('/').slice(1)) {
      const entry = run(files.lookup(inode, name))
      if (entry < 0) return entry
      inode = inodeOf(entry)
    }
    return inode
  }
  const open = (path: string, access: number = Access.READ): number => {
    const inode = lookup(path)
    return inode < 0 ? inode : run(files.open(inode, access))
  }
  const bytes = (handle: number, offset: number, length: number): Uint8Array => {
    const size = Math.max(1, length)
    const at = memory.allocate(size)
    const count = run(files.read(handle, offset, Window.of(memory, at, length, READ | WRITE, { bytesCopied: 0 })!))
    assert.ok(count >= 0)
    const read = memory.bytes.slice(at, at + count)
    memory.free(at, size)
    return read
  }
  const read = (handle: number, offset: number, length: number): string => Buffer.from(bytes(handle, offset, length)).toString()
  const text = (path: string): string => {
    const handle = open(path)
    assert.ok(handle >= 0, `${path}: ${handle}`)
    const all = read(handle, 0, 65536)
    files.close(handle)
    return all
  }
  /** Names with their types, from records of at most `room` bytes at a time. */
  const list = (path: string, room = 4096, between: () => void = () => {}): string[] => {
    const handle = open(path)
    assert.ok(handle >= 0, `${path}: ${handle}`)
    const names: string[] = []
    for (let cookie = 0; ;) {
      const at = memory.allocate(room)
      const count = run(files.readDirectory(handle, cookie, Window.of(memory, at, room, READ | WRITE, { bytesCopied: 0 })!))
      assert.ok(count >= 0, `readDirectory ${count}`)
      if (count === 0) break
      for (let next = at; next < at + count;) {
        const record = takeDirectoryRecord(memory.bytes, next)
        names.push(record.name)
        assert.equal(typeOf(run(files.lookup(lookup(path), record.name))), record.type, record.name)
        cookie = record.cookie
        next = record.next
      }
      between()
    }
    files.close(handle)
    return names
  }
  return { files, arena, caller, processes, run, lookup, open, bytes, read, text, list }
}

function * later<R> (act: () => R): Fiber<R> {
  yield giveWay
  return act()
}

const told = 'its names and files are what the system tells of itself'

for (const slow of [false, true]) {
  fileSystemConformance({
    name: slow ? 'procfs, of those who wait' : 'procfs', test,
    skip: {
      root: null, files: told, 'sparse files': told, allocate: told, directories: told, listing: told, 'hard links': told, 'symbolic links': told,
      'unlinked files': told, rename: told, times: told, 'exact times': told, readiness: told, pipes: told
    },
    make: () => ({ files: make(slow).files, arena: testArena('client'), counter: { bytesCopied: 0 } })
  })

  test(`the files of a process are Linux's${slow ? ', whoever has to be waited for' : ''}`, () => {
    const { text } = make(slow)
    assert.equal(text('/7/status'), 'Name:\tcat\nState:\tR (running)\nTgid:\t7\nPid:\t7\nPPid:\t1\nNSpgid:\t7\nVmSize:\t192 kB\nVmRSS:\t192 kB\nThreads:\t1\nPriority:\t4\nCpuTimeNs:\t130000000\n')
    assert.equal(text('/7/limits').split('\n').map(line => line.split(/ {2,}/).slice(0, 4).join('|').trimEnd()).join('\n'), [
      'Limit|Soft Limit|Hard Limit|Units', 'Max cpu time|2.5|2.5|seconds', 'Max processes|10|10|processes', 'Max open files|256|256|files',
      'Max address space|67108864|67108864|bytes', 'Max files|1000|1000|inodes', 'Max disk space|1073741824|1073741824|bytes', 'Max pipe buffers|65536|65536|bytes', ''
    ].join('\n'))
    assert.match(text('/1/limits'), /^Max cpu time +unlimited +unlimited +seconds *$/m)
    const stat = text('/7/stat').trimEnd().split(' ')
    assert.equal(stat.length, 52)
    // proc(5): pid, comm, state, ppid, pgrp; utime (14), cutime (16), priority (18), num_threads (20), starttime (22), vsize (23), rss (24).
    assert.deepEqual([...stat.slice(0, 5), ...[14, 16, 18, 20, 22, 23, 24].map(field => stat[field - 1])],
      ['7', '(cat)', 'R', '1', '7', '13', '2', '4', '1', '250', '196608', '48'])
    assert.equal(text('/7/comm'), 'cat\n')
    assert.equal(text('/7/cmdline'), '/bin/cat\0-n\0a b\0')
    assert.equal(text('/7/environ'), 'PATH=/bin\0SECRET=x\0')
    assert.equal(text('/1/stat').split(' ')[2], 'S')
  })
}

test('the files of the system', () => {
  const { text } = make()
  assert.equal(text('/mounts'), 'ramfs / ramfs rw 0 0\nhostfs-0 /my\\040files hostfs-0 ro 0 0\n')
  assert.equal(text('/uptime'), '12.35 10.35\n')
  assert.equal(text('/version'), 'KaleidOS version 1.2.3 (monolithic) core trap\n')
  assert.equal(text('/meminfo'), 'MemTotal:\t256 kB\nMemFree:\t63 kB\nMemAvailable:\t63 kB\nArenas:\t64 kB\nPrograms:\t192 kB\n')
  assert.equal(text('/kaleidos/plan'), '{}\n')
  assert.equal(text('/kaleidos/counters'), 'calls 5\nswitches 6\n')
  assert.equal(text('/kaleidos/gates'), 'GATE\tFROM\tTO\tROLE\tCALLS\ntrap\tprograms\twasi\tSystemCalls\t3\ndirect\twasi\tvfs\tFiles\t-\n')
  assert.equal(text('/kaleidos/domains'),
    'SPACE\tDOMAIN\tMODE\tWALL\tSTATE\tSERVICES\tARENA\tALLOCATED\tMEMORY\tCALLS\tRESTARTS\n' +
    '0\tkernel\tsupervisor\tnone\talive\tproc,vfs\t65536\t1024\t0\t3\t0\n' +
    '1\ta\\011b (7)\tuser\twasm\talive\t-\t0\t0\t196608\t0\t0\n')
})

test('names that would break a line or a column do not', () => {
  const { processes, text } = make()
  processes.set(9, { args: ['x/a\nState:\tZ (zombie)'], state: ProcessState.ZOMBIE })
  assert.equal(text('/9/status').split('\n')[0], 'Name:\ta\\012State:\\011Z (zom')
  assert.equal(text('/9/status').split('\n')[1], 'State:\tZ (zombie)')
  assert.equal(text('/9/cmdline'), '', 'a zombie has no arguments any more')
})

test('directories show what there is, and no names but those are found', () => {
  const { list, lookup } = make()
  for (const room of [48, 4096]) {
    assert.deepEqual(list('', room), ['kaleidos', 'self', 'meminfo', 'mounts', 'uptime', 'version', '1', '7'])
    assert.deepEqual(list('/kaleidos', room), ['counters', 'domains', 'gates', 'plan'])
    assert.deepEqual(list('/7', room), ['cmdline', 'comm', 'cwd', 'environ', 'fd', 'limits', 'stat', 'status'])
    assert.deepEqual(list('/7/fd', room), ['0', '1', '3', '900'])
  }
  for (const path of ['/07', '/8', '/-7', '/7.0', '/1e9', '/99999999999999999999', '/7/fd/2', '/7/fd/03', '/7/fd/1048576', '/7/nothing', '/']) {
    assert.equal(lookup(path), -Errno.ENOENT, path)
  }
  assert.equal(lookup('/uptime/x'), -Errno.ENOTDIR)
})

test('links: oneself, and what descriptors stand for', () => {
  const { files, lookup, run, caller } = make()
  assert.equal(run(files.readLink(lookup('/self'))), '7')
  caller.principal = 12
  assert.equal(run(files.readLink(lookup('/self'))), '12')
  assert.deepEqual([0, 3, 900].map(fd => run(files.readLink(lookup(`/7/fd/${fd}`)))), ['pipe:[40]', '/', 'file:[1:940]'])
  assert.equal(run(files.readLink(lookup('/7/cwd'))), '/home')
  assert.equal(run(files.readLink(lookup('/uptime'))), -Errno.EINVAL)
})

test('an environment is shown to its process and to init alone', () => {
  const { open, caller } = make()
  for (const [principal, allowed] of [[7, true], [INIT, true], [8, false], [0, false]] as const) {
    caller.principal = principal
    assert.equal(open('/7/environ') >= 0, allowed, `to ${principal}`)
    if (!allowed) assert.equal(open('/7/environ'), -Errno.EACCES)
  }
})

test('nothing is written, made or removed', () => {
  const { files, lookup, open } = make()
  assert.equal(open('/uptime', Access.WRITE), -Errno.EACCES)
  assert.equal(open('/7', Access.WRITE), -Errno.EISDIR)
  assert.equal(files.create(lookup(''), 'x', FileType.REGULAR), -Errno.EPERM)
  assert.equal(files.unlink(lookup('/7'), 'status'), -Errno.EPERM)
})

test('a handle keeps what was so when it was opened; what is gone later is not found', () => {
  const { processes, open, read, text, files, lookup, run } = make()
  const inode = lookup('/7')
  const handle = open('/7/cmdline')
  processes.set(7, { args: ['other'] })
  assert.equal(text('/7/cmdline'), 'other\0')
  processes.delete(7)
  assert.equal(read(handle, 0, 100), '/bin/cat\0-n\0a b\0')
  assert.equal(open('/7/cmdline'), -Errno.ENOENT)
  assert.equal(run(files.attributes(inode)), -Errno.ENOENT)
})

test('reading in pieces is reading at once, while processes come and go', () => {
  const pieces = fc.array(fc.nat(40), { minLength: 1, maxLength: 30 })
  fc.assert(fc.property(pieces, fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 5 }), fc.boolean(), (lengths, args, slow) => {
    for (const path of ['/7/cmdline', '/7/status', '/kaleidos/domains']) {
      const { processes, open, bytes } = make(slow)
      processes.set(7, { args: ['program', ...args] })
      const [atOnce, inPieces] = [open(path), open(path)]
      const whole = bytes(atOnce, 0, 65536)
      const got: Uint8Array[] = []
      let at = 0
      for (const [turn, length] of [...lengths, 65536].entries()) {
        if (turn % 2 === 0) processes.set(100 + turn, { args: ['comes'] })
        else processes.delete(7)
        const piece = bytes(inPieces, at, length)
        assert.equal(piece.length, Math.min(length, whole.length - at))
        got.push(piece)
        at += piece.length
      }
      assert.deepEqual(Buffer.concat(got), Buffer.from(whole))
      assert.equal(bytes(inPieces, at, 100).length, 0, 'the end')
    }
  }))
})

test('what stays is listed exactly once while others come and go', () => {
  fc.assert(fc.property(fc.array(fc.record({ comes: fc.boolean(), process: fc.integer({ min: 2, max: 60 }) }), { maxLength: 60 }), changes => {
    const { processes, list } = make()
    const stay = [1, 7, 20, 21, 22, 45]
    for (const process of stay) processes.set(process, { args: ['stays'] })
    const pending = [...changes]
    const names = list('', 80, () => {
      const change = pending.shift()
      if (change === undefined || stay.includes(change.process)) return
      if (change.comes) processes.set(change.process, { args: ['comes'] })
      else processes.delete(change.process)
    })
    for (const process of stay) assert.equal(names.filter(name => name === String(process)).length, 1, `${process} in ${names.join(' ')}`)
    assert.equal(new Set(names).size, names.length)
  }))
})

test('handles give their memory back, and keep only so much of it', () => {
  const { processes, arena, open, files } = make()
  processes.set(7, { args: ['x'.repeat(1024 * 1024)] })
  const handles: number[] = []
  let last = 0
  while ((last = open('/7/cmdline')) >= 0) handles.push(last)
  assert.equal(last, -Errno.ENOMEM)
  assert.equal(handles.length, Math.floor(PROCFS_BYTES_MAX / (1024 * 1024 + 1)))
  for (const handle of handles) assert.equal(files.close(handle), 0)
  assert.equal(files.close(handles[0]!), -Errno.EBADF)
  assert.equal(arena.allocatedBytes, 0)
  assert.ok(open('/7/cmdline') >= 0)
})

test('an open that is ended while it waits keeps nothing', () => {
  const { files, lookup, arena } = make(true)
  const inode = lookup('/7/cmdline')
  for (let waits = 1, done = false; !done; waits++) {
    const opening = settle(files.open(inode, Access.READ)) as Fiber<number>
    for (let wait = 0; wait < waits && !done; wait++) done = opening.next(giveWay).done === true
    opening.return(0)
    if (!done) assert.equal(arena.allocatedBytes, 0, `ended at wait ${waits}`)
  }
})
