/** A program and its surroundings: arguments, clocks, randomness, polling, listings, preopened directories, pipes, processes. */

import type { Fiber } from '../../../fiber/index.ts'
import { FileType } from '../../../roles/index.ts'
import { cases } from './case.ts'
import { equal, holds, words } from './guest.ts'
import type { Guest } from './guest.ts'

const MONOTONIC = 1
const MS = 1_000_000n

/** The strings that a pair of calls gives. */
function * strings (guest: Guest, get: 'args_get' | 'environ_get', sizes: 'args_sizes_get' | 'environ_sizes_get'): Fiber<string[]> {
  const out = guest.room(8)
  yield * guest.expect('SUCCESS', sizes, out, out + 4)
  const [count, size] = [guest.u32(out), guest.u32(out + 4)]
  const vector = guest.room(4 * count)
  const buffer = guest.room(size)
  yield * guest.expect('SUCCESS', get, vector, buffer)
  return Array.from({ length: count }, (_, i) => {
    const at = guest.u32(vector + 4 * i)
    const end = guest.memory.bytes.indexOf(0, at)
    holds(end < buffer + size, 'a string ends within the buffer')
    return new TextDecoder().decode(guest.memory.bytes.slice(at, end))
  })
}

function * now (guest: Guest, clock: number): Fiber<bigint> {
  const out = guest.room(8)
  yield * guest.expect('SUCCESS', 'clock_time_get', clock, 0, 0, out)
  return guest.u64(out)
}

type Wanted = { clock: number, timeout: bigint, absolute?: boolean } | { read: number } | { write: number }

/** The indices and errnos of the subscriptions that came. */
function * poll (guest: Guest, wanted: readonly Wanted[]): Fiber<{ index: number, errno: number, bytes: bigint, flags: number }[]> {
  const at = guest.room(48 * wanted.length)
  const events = guest.room(32 * wanted.length)
  const out = guest.room(4)
  const view = guest.memory.view
  wanted.forEach((one, i) => {
    const to = at + 48 * i
    view.setBigUint64(to, BigInt(i), true)
    view.setUint8(to + 8, 'clock' in one ? 0 : 'read' in one ? 1 : 2)
    view.setInt32(to + 16, 'clock' in one ? one.clock : 'read' in one ? one.read : one.write, true)
    if ('clock' in one) {
      view.setBigUint64(to + 24, one.timeout, true)
      view.setUint16(to + 40, one.absolute === true ? 1 : 0, true)
    }
  })
  yield * guest.expect('SUCCESS', 'poll_oneoff', at, events, wanted.length, out)
  return Array.from({ length: guest.u32(out) }, (_, i) => ({
    index: Number(guest.u64(events + 32 * i)), errno: guest.memory.view.getUint16(events + 32 * i + 8, true),
    bytes: guest.u64(events + 32 * i + 16), flags: guest.memory.view.getUint16(events + 32 * i + 24, true)
  }))
}

interface Entry { name: string, next: bigint, inode: bigint, type: number }

/** One call of fd_readdir: the whole entries, and whether the directory ended. */
function * readdir (guest: Guest, fd: number, buffer: number, room: number, cookie: bigint): Fiber<{ entries: Entry[], end: boolean }> {
  const out = guest.room(4)
  yield * guest.expect('SUCCESS', 'fd_readdir', fd, buffer, room, ...words(cookie), out)
  const used = guest.u32(out)
  holds(used <= room, 'no more is used than there is')
  const entries: Entry[] = []
  for (let at = buffer; at + 24 <= buffer + used;) {
    const length = guest.u32(at + 16)
    if (at + 24 + length > buffer + used) break
    entries.push({ name: guest.text(at + 24, length), next: guest.u64(at), inode: guest.u64(at + 8), type: guest.memory.bytes[at + 20]! })
    at += 24 + length
  }
  return { entries, end: used < room }
}

function * pipe (guest: Guest): Fiber<[read: number, write: number]> {
  const out = guest.room(8)
  yield * guest.expect('SUCCESS', 'pipe', out)
  return [guest.u32(out), guest.u32(out + 4)]
}

export const programCases = [
  ...cases('arguments', {
    * 'and environment are as they were given' (guest, { args, env }) {
      equal(JSON.stringify(yield * strings(guest, 'args_get', 'args_sizes_get')), JSON.stringify(args), 'arguments')
      equal(JSON.stringify(yield * strings(guest, 'environ_get', 'environ_sizes_get')), JSON.stringify(env), 'environment')
    }
  }),

  ...cases('clocks', {
    * 'go on and have a resolution' (guest) {
      const out = guest.room(8)
      for (const clock of [0, 1]) {
        yield * guest.expect('SUCCESS', 'clock_res_get', clock, out)
        holds(guest.u64(out) > 0n, 'resolution')
        const first = yield * now(guest, clock)
        holds((yield * now(guest, clock)) >= first, 'time')
      }
      holds((yield * now(guest, 0)) > 1_600_000_000_000_000_000n, 'it is later than 2020')
      yield * guest.expect('EINVAL', 'clock_time_get', 4, 0, 0, out)
      yield * guest.expect('EINVAL', 'clock_res_get', -1, out)
    }
  }),

  ...cases('random', {
    * 'bytes differ' (guest) {
      const [a, b] = [guest.room(64), guest.room(64)]
      yield * guest.expect('SUCCESS', 'random_get', a, 64)
      yield * guest.expect('SUCCESS', 'random_get', b, 64)
      holds(guest.text(a, 64) !== guest.text(b, 64), 'two draws')
      yield * guest.expect('SUCCESS', 'random_get', a, 0)
    }
  }),

  ...cases('polling', {
    * 'a sleep takes its time' (guest) {
      for (const clock of [0, MONOTONIC]) {
        const before = yield * now(guest, MONOTONIC)
        const came = yield * poll(guest, [{ clock, timeout: 2n * MS }])
        holds(came.length === 1 && came[0]!.errno === 0, 'one event')
        holds((yield * now(guest, MONOTONIC)) - before >= 2n * MS, 'time has passed')
      }
      const until = (yield * now(guest, MONOTONIC)) + 2n * MS
      yield * poll(guest, [{ clock: MONOTONIC, timeout: until, absolute: true }])
      holds((yield * now(guest, MONOTONIC)) >= until, 'an instant has come')
      const wall = (yield * now(guest, 0)) + 2n * MS
      yield * poll(guest, [{ clock: 0, timeout: wall, absolute: true }])
      holds((yield * now(guest, 0)) >= wall, 'an instant of the wall clock has come')
    },

    * 'the first of several' (guest) {
      const came = yield * poll(guest, [{ clock: MONOTONIC, timeout: 3_600_000n * MS }, { clock: 0, timeout: MS }])
      equal(came.map(event => event.index).join(), '1', 'events')
    },

    * 'files are always ready' (guest) {
      yield * guest.file('file', 'abc')
      const fd = yield * guest.open('file')
      const came = yield * poll(guest, [{ read: fd }, { write: fd }, { clock: MONOTONIC, timeout: 3_600_000n * MS }])
      equal(came.map(event => `${event.index}:${event.errno}`).join(), '0:0,1:0', 'events')
      equal(came[0]!.bytes, 3n, 'bytes to read')
    },

    * 'a bad descriptor is an event' (guest) {
      const came = yield * poll(guest, [{ read: -1 }, { write: 9999 }])
      equal(came.map(event => `${event.index}:${event.errno}`).join(), '0:8,1:8', 'events')
    },

    * 'no subscriptions' (guest) {
      yield * guest.expect('EINVAL', 'poll_oneoff', guest.room(48), guest.room(32), 0, guest.room(4))
    },

    * 'giving way comes back' (guest) {
      yield * guest.expect('SUCCESS', 'sched_yield')
    }
  }),

  ...cases('listing', {
    * 'an empty directory, and one with a file' (guest) {
      const buffer = guest.room(512)
      let { entries, end } = yield * readdir(guest, guest.directory, buffer, 256, 0n)
      holds(end, 'the end')
      equal(entries.map(entry => entry.name).sort().join(' '), '. ..', 'names')
      holds(entries.every(entry => entry.type === FileType.DIRECTORY), 'types')
      equal(entries.find(entry => entry.name === '.')!.inode, (yield * guest.fstat(guest.directory)).inode, 'inode')
      yield * guest.file('file')
      ;({ entries, end } = yield * readdir(guest, guest.directory, buffer, 256, 0n))
      equal(entries.length, 3, 'entries')
      const file = entries.find(entry => entry.name === 'file')!
      equal(file.type, FileType.REGULAR, 'type')
      equal(file.inode, (yield * guest.stat('file')).inode, 'inode')
      const rest = yield * readdir(guest, guest.directory, buffer, 256, entries[1]!.next)
      equal(rest.entries.map(entry => entry.name).join(' '), entries[2]!.name, 'from the second cookie on')
      const none = yield * readdir(guest, guest.directory, buffer, 256, entries[2]!.next)
      holds(none.entries.length === 0 && none.end, 'nothing behind the last')
    },

    * 'a full buffer holds the start of the next entry' (guest) {
      yield * guest.file('file')
      const buffer = guest.room(128)
      const out = guest.room(4)
      for (const room of [0, 1, 23, 24, 25, 40, 50, 53]) {
        yield * guest.expect('SUCCESS', 'fd_readdir', guest.directory, buffer, room, 0, 0, out)
        equal(guest.u32(out), room, `used of ${room}`)
        equal(guest.memory.bytes[buffer + room], 0xee, 'what is behind the buffer')
      }
    },

    * 'many entries, each once, while others go' (guest) {
      const count = 300
      for (let i = 0; i < count; i++) yield * guest.symlink('x', `entry-${i}`)
      const buffer = guest.room(1024)
      const names: string[] = []
      let cookie = 0n
      for (let round = 0; ; round++) {
        const { entries, end } = yield * readdir(guest, guest.directory, buffer, 1024, cookie)
        names.push(...entries.map(entry => entry.name))
        if (end) break
        cookie = entries.at(-1)!.next
        // What has been seen may go without the rest being lost or seen twice.
        if (round < 3) yield * guest.unlink(names.filter(name => name.startsWith('entry'))[round]!)
      }
      equal(new Set(names).size, names.length, 'entries that came twice')
      equal(names.length, count + 2, 'entries')
    },

    * 'of what is no directory' (guest) {
      const fd = yield * guest.open('file', { create: true })
      yield * guest.expect(['ENOTDIR', 'EBADF', 'ENOTCAPABLE'], 'fd_readdir', fd, guest.room(64), 64, 0, 0, guest.room(4))
      yield * guest.expect(['EINVAL', 'SUCCESS', 'ENOENT'], 'fd_readdir', guest.directory, guest.room(64), 64, ...words(2n ** 60n), guest.room(4))
    }
  }),

  ...cases('preopened', {
    * 'directories say their names' (guest, { directory, directoryPath }) {
      const out = guest.room(8)
      yield * guest.expect('SUCCESS', 'fd_prestat_get', directory, out)
      equal(guest.memory.bytes[out], 0, 'kind')
      const length = guest.u32(out + 4)
      const name = guest.room(length + 8)
      yield * guest.expect(['ENAMETOOLONG', 'EINVAL'], 'fd_prestat_dir_name', directory, name, length - 1)
      yield * guest.expect('SUCCESS', 'fd_prestat_dir_name', directory, name, length + 1)
      equal(guest.text(name, length), directoryPath, 'name')
      equal(guest.memory.bytes[name + length], 0xee, 'what is behind the name')
      yield * guest.expect('EBADF', 'fd_prestat_get', guest.directory, out)
      const { type, base, inheriting } = yield * guest.rights(directory)
      equal(type, FileType.DIRECTORY, 'type')
      yield * guest.close(yield * guest.open('.', { from: directory, rights: base, inheriting }))
    }
  }),

  ...cases('pipes', {
    * 'carry bytes and end' (guest) {
      const [reading, writing] = yield * pipe(guest)
      equal(yield * guest.write(writing, 'through'), 7, 'write')
      const came = yield * poll(guest, [{ read: reading }, { clock: MONOTONIC, timeout: 3_600_000n * MS }])
      equal(came.map(event => `${event.index}:${event.bytes}`).join(), '0:7', 'events')
      equal(yield * guest.read(reading, 4), 'thro', 'read')
      equal(yield * guest.read(reading, 9), 'ugh', 'read')
      yield * guest.expect('ESPIPE', 'fd_pread', reading, ...guest.vector([[guest.room(8), 8]]), 0, 0, guest.room(4))
      yield * guest.expect(['ESPIPE', 'ENOTCAPABLE'], 'fd_seek', reading, 0, 0, 0, guest.room(8))
      yield * guest.close(writing)
      equal(yield * guest.read(reading, 9), '', 'the end')
      const ended = yield * poll(guest, [{ read: reading }])
      equal(ended.map(event => `${event.errno}:${event.flags}`).join(), '0:1', 'hang-up')
      yield * guest.close(reading)
    },

    * 'an empty one makes a poll wait, and a reader that will not wait' (guest) {
      const [reading] = yield * pipe(guest)
      const came = yield * poll(guest, [{ read: reading }, { clock: MONOTONIC, timeout: MS }])
      equal(came.map(event => event.index).join(), '1', 'events')
      yield * guest.expect('SUCCESS', 'fd_fdstat_set_flags', reading, 4)
      equal(yield * guest.read(reading, 4), 'errno:EAGAIN', 'read')
    }
  }),

  ...cases('processes', {
    * 'know themselves' (guest) {
      const out = guest.room(4)
      yield * guest.expect('SUCCESS', 'proc_id', out)
      const process = guest.u32(out)
      yield * guest.expect('SUCCESS', 'proc_parent', out)
      holds(guest.u32(out) !== process, 'a parent is another')
      yield * guest.expect('SUCCESS', 'proc_kill', process, 0)
      yield * guest.expect('SUCCESS', 'proc_raise', 0)
      yield * guest.expect('EINVAL', 'proc_raise', 31)
      yield * guest.expect('ESRCH', 'proc_kill', 0x7fffffff, 0)
      yield * guest.expect('ECHILD', 'proc_wait', 0, 0, out, guest.room(4))
    },

    * 'are in groups' (guest) {
      const out = guest.room(4)
      yield * guest.expect('SUCCESS', 'proc_id', out)
      const process = guest.u32(out)
      yield * guest.expect('SUCCESS', 'proc_set_group', 0, 0)
      yield * guest.expect('SUCCESS', 'proc_group', 0, out)
      equal(guest.u32(out), process, 'its own group')
      yield * guest.expect('SUCCESS', 'proc_group', process, out)
      yield * guest.expect('SUCCESS', 'proc_set_group', process, process)
      yield * guest.expect('SUCCESS', 'proc_kill', -process, 0)
      yield * guest.expect('ESRCH', 'proc_group', 0x7fffffff, out)
      yield * guest.expect('EPERM', 'proc_set_group', 0, 0x7fffffff)
      yield * guest.expect('ESRCH', 'proc_set_group', 0x7fffffff, 0)
      yield * guest.expect('EINVAL', 'proc_set_group', 0, -1)
      yield * guest.expect('ESRCH', 'proc_kill', -0x7fffffff, 0)
      yield * guest.expect('ECHILD', 'proc_wait', -process, 0, out, guest.room(4))
      yield * guest.expect(['ENOTTY', 'SUCCESS'], 'tty_group', 0, out)
      yield * guest.expect('ENOTTY', 'tty_group', guest.directory, out)
      yield * guest.expect('ENOTTY', 'tty_set_group', guest.directory, process)
      yield * guest.expect('EBADF', 'tty_set_group', 9999, process)
    },

    * 'ignore signals' (guest) {
      const out = guest.room(4)
      yield * guest.expect('SUCCESS', 'proc_signal', 15, 1, out)
      equal(guest.u32(out), 0, 'before')
      yield * guest.expect('SUCCESS', 'proc_raise', 15)
      yield * guest.expect('SUCCESS', 'proc_signal', 15, 0, out)
      equal(guest.u32(out), 1, 'then')
      for (const signal of [9, 18, 0, 31, -1]) yield * guest.expect('EINVAL', 'proc_signal', signal, 1, out)
      yield * guest.expect('EINVAL', 'proc_signal', 15, 2, out)
    },

    * 'have a working directory' (guest, { directoryPath }) {
      const whole = `${directoryPath === '/' ? '' : directoryPath}/case`
      const [buffer, out] = [guest.room(256), guest.room(4)]
      const is = function * (path: string): Fiber<void> {
        yield * guest.expect('SUCCESS', 'getcwd', buffer, 256, out)
        equal(guest.text(buffer, guest.u32(out)), path, 'the working directory')
      }
      const go = function * (path: string, expected: Parameters<typeof guest.expect>[0] = 'SUCCESS'): Fiber<void> {
        yield * guest.expect(expected, 'chdir', ...guest.bytes(path))
      }
      yield * is('/')
      yield * guest.mkdir('in')
      yield * guest.file('file')
      yield * guest.expect('SUCCESS', 'path_symlink', ...guest.bytes('in'), guest.directory, ...guest.bytes('link'))
      yield * go(whole)
      yield * is(whole)
      yield * go('in')
      yield * is(`${whole}/in`)
      yield * go('./..//./link/')
      yield * is(`${whole}/in`)
      yield * go('..')
      yield * is(whole)
      yield * go('nowhere', 'ENOENT')
      yield * go('', 'ENOENT')
      yield * go('file', 'ENOTDIR')
      yield * is(whole)
      yield * guest.expect('ERANGE', 'getcwd', buffer, whole.length - 1, out)
      yield * go('/')
    },

    * 'are not made of what is no program' (guest) {
      const structure = guest.room(56)
      guest.memory.bytes.fill(0, structure, structure + 56)
      const [at, length] = guest.bytes('/no/such/program')
      guest.memory.view.setUint32(structure, at, true)
      guest.memory.view.setUint32(structure + 4, length, true)
      yield * guest.expect('ENOENT', 'proc_spawn', structure, guest.room(4))
    }
  }),

  ...cases('sockets', {
    * 'a file is none' (guest) {
      const fd = yield * guest.open('file', { create: true })
      const vector = guest.vector([[guest.room(8), 8]])
      yield * guest.expect(['ENOTSOCK', 'ENOTCAPABLE'], 'sock_accept', fd, 0, guest.room(4))
      yield * guest.expect(['ENOTSOCK', 'ENOTCAPABLE'], 'sock_recv', fd, ...vector, 0, guest.room(4), guest.room(4))
      yield * guest.expect(['ENOTSOCK', 'ENOTCAPABLE'], 'sock_send', fd, ...vector, 0, guest.room(4))
      yield * guest.expect(['ENOTSOCK', 'ENOTCAPABLE'], 'sock_shutdown', fd, 3)
    },

    * 'nor is a descriptor that is none' (guest) {
      const vector = guest.vector([[guest.room(8), 8]])
      for (const bad of [9999, -1]) {
        yield * guest.expect('EBADF', 'sock_accept', bad, 0, guest.room(4))
        yield * guest.expect('EBADF', 'sock_recv', bad, ...vector, 0, guest.room(4), guest.room(4))
        yield * guest.expect('EBADF', 'sock_send', bad, ...vector, 0, guest.room(4))
        yield * guest.expect('EBADF', 'sock_shutdown', bad, 3)
      }
    }
  })
]
