/** What calls hand to the neighbours, what they write, byte by byte, and the errno that they make of the answer. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, WaitQueue, errnoName } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { Signal, SystemCalls } from '../../roles/index.ts'
import type { Window } from '../../roles/index.ts'
import { fakes, finish } from './fakes.ts'
import type { Fakes } from './fakes.ts'
import { wasi } from './service.ts'
import { RANDOM_CHUNK_BYTES, TRANSFER_BYTES_MAX } from './limits.ts'

const PATH = 3072
const OUT = 4096

const waiting = new WaitQueue('device')

/** An answer that comes only after a wait. */
function later<T> (value: T | (() => T)): () => Fiber<T> {
  return function * () {
    yield waiting
    return typeof value === 'function' ? (value as () => T)() : value
  }
}

function text (made: Fakes, at: number, value: string): number {
  const bytes = new TextEncoder().encode(value)
  made.memory.bytes.set(bytes, at)
  return bytes.length
}

function hex (made: Fakes, at: number, length: number): string {
  return Buffer.from(made.memory.bytes.subarray(at, at + length)).toString('hex')
}

function iovecs (made: Fakes, at: number, pieces: readonly (readonly [number, number])[]): void {
  pieces.forEach(([address, length], i) => {
    made.memory.view.setUint32(at + 8 * i, address, true)
    made.memory.view.setUint32(at + 8 * i + 4, length, true)
  })
}

test('fd_fdstat_get writes 24 bytes and leaves the padding', () => {
  const made = fakes({ descriptor: { type: 4, flags: 0x15, rightsBase: 0x3fffffff, rightsInheriting: 0x20000002 } })
  made.memory.bytes.fill(0xee, OUT, OUT + 32)
  assert.equal(made.calls.fd_fdstat_get(3, OUT), 0)
  assert.equal(hex(made, OUT, 28), '04ee1500eeeeeeee' + 'ffffff3f00000000' + '0200002000000000' + 'eeeeeeee')
})

test('a filestat is 64 bytes, with times to the nanosecond', () => {
  const attributes = {
    device: 2 ** 32 + 5, inode: 2 ** 53 - 1, type: 7, links: 3, size: 2 ** 40, accessSec: 1, accessNsec: 2,
    modifySec: 1_700_000_000, modifyNsec: 123_456_789, changeSec: 4_294_967_296, changeNsec: 999_999_999
  }
  for (const answer of [attributes, later(attributes)]) {
    const made = fakes({ attributes: answer, attributesAt: answer })
    const length = text(made, PATH, 'dir/file')
    made.memory.bytes.fill(0xee, OUT, OUT + 72)
    assert.equal(finish(made.calls.fd_filestat_get(3, OUT)), 0)
    const view = made.memory.view
    const u64 = (at: number): bigint => view.getBigUint64(OUT + at, true)
    assert.deepEqual([u64(0), u64(8), view.getUint8(OUT + 16), u64(24), u64(32), u64(40), u64(48), u64(56), u64(64)], [
      2n ** 32n + 5n, 2n ** 53n - 1n, 7, 3n, 2n ** 40n, 1_000_000_002n, 1_700_000_000_123_456_789n,
      4_294_967_296_999_999_999n, 0xeeeeeeeeeeeeeeeen])
    assert.equal(hex(made, OUT + 17, 7), 'ee'.repeat(7))
    const first = hex(made, OUT, 64)
    made.memory.bytes.fill(0xee, OUT, OUT + 72)
    assert.equal(finish(made.calls.path_filestat_get(5, 1, PATH, length, OUT)), 0)
    assert.equal(hex(made, OUT, 64), first)
    assert.deepEqual(made.log, [['attributes', 3], ['attributesAt', 5, 1, 'dir/file']])
  }
})

test('64-bit results: clocks, positions', () => {
  const made = fakes({ now: (clock: number) => 1_800_000_000_000_000_000 + clock, resolution: 1000, seek: 2 ** 52, tell: 2 ** 32 })
  assert.equal(made.calls.clock_time_get(0, 1, 2, OUT), 0)
  assert.equal(made.calls.clock_res_get(3, OUT + 8), 0)
  assert.equal(made.calls.fd_seek(3, -5, -1, 1, OUT + 16), 0)
  assert.equal(made.calls.fd_tell(3, OUT + 24), 0)
  const words = [0, 8, 16, 24].map(at => made.memory.view.getBigUint64(OUT + at, true))
  assert.deepEqual(words, [1_800_000_000_000_000_000n, 1000n, 2n ** 52n, 2n ** 32n])
  assert.deepEqual(made.log, [['now', 0], ['resolution', 1], ['seek', 3, -5, 1], ['tell', 3]])
})

test('clocks of processor time are asked of the process server', () => {
  const made = fakes({ cpuTime: 5_000_000_000 })
  assert.equal(made.calls.clock_time_get(2, 0, 0, OUT), 0)
  assert.equal(made.calls.clock_time_get(3, 0, 0, OUT + 8), 0)
  assert.deepEqual([0, 8].map(at => made.memory.view.getBigUint64(OUT + at, true)), [5_000_000_000n, 5_000_000_000n])
  assert.deepEqual(made.log, [['cpuTime'], ['cpuTime']])
})

test('fd_seek and sizes take 64 bits with their sign', () => {
  const made = fakes()
  made.calls.fd_seek(3, 0, -0x80000000, 0, OUT)
  made.calls.fd_seek(3, -1, 0x7fffffff, 2, OUT)
  made.calls.fd_seek(3, -1, 0, 0, OUT)
  made.calls.fd_filestat_set_size(3, 0, 0x7fffffff)
  made.calls.fd_allocate(3, 1, 1, 2, 2)
  made.calls.fd_advise(3, 1, 0, 0, 0, 5)
  assert.deepEqual(made.log, [
    ['seek', 3, Number.MIN_SAFE_INTEGER, 0], ['seek', 3, Number.MAX_SAFE_INTEGER, 2], ['seek', 3, 0xffffffff, 0],
    ['setSize', 3, Number.MAX_SAFE_INTEGER], ['allocate', 3, 2 ** 32 + 1, 2 ** 33 + 2], ['advise', 3, 1, 0, 5]
  ])
})

test('times are set as asked, to the nanosecond', () => {
  const made = fakes()
  const length = text(made, PATH, 'f')
  const [low, high] = [Number(BigInt.asIntN(32, 1_700_000_000_123_456_789n)), Number(1_700_000_000_123_456_789n >> 32n)]
  assert.equal(made.calls.fd_filestat_set_times(3, low, high, -1, -1, 1 | 8), 0)
  assert.equal(made.calls.path_filestat_set_times(3, 0, PATH, length, 0, 0, low, high, 2 | 4), 0)
  assert.deepEqual(made.log, [
    ['setTimes', 3, 2 | 16, 1_700_000_000, 123_456_789, 18_446_744_073, 709_551_615],
    ['setTimesAt', 3, 0, 'f', 4 | 8, 0, 0, 1_700_000_000, 123_456_789]
  ])
})

test('statuses and negative results become errnos, at once or after a wait', () => {
  for (const errno of [Errno.EBADF, Errno.ENOTCAPABLE, Errno.EISDIR, Errno.ESPIPE]) {
    for (const answer of [-errno, later(-errno)]) {
      const made = fakes(Object.fromEntries([
        'close', 'sync', 'renumber', 'advise', 'allocate', 'setSize', 'setDescriptorFlags', 'setRights', 'descriptor', 'attributes',
        'attributesAt', 'read', 'write', 'pread', 'pwrite', 'seek', 'tell', 'open', 'createDirectory', 'unlink', 'link', 'rename',
        'symlink', 'readLink', 'readDirectory', 'preopened', 'receive', 'send', 'accept', 'shutdown', 'pipe', 'identity', 'wait',
        'kill', 'raise', 'args', 'env', 'now', 'fill', 'poll'
      ].map(name => [name, answer])))
      const { calls } = made
      iovecs(made, 1024, [[8192, 8]])
      made.memory.view.setUint8(2048 + 8, 1)
      made.memory.bytes.fill(0xee, OUT, OUT + 64)
      const results = [
        calls.fd_close(3), calls.fd_sync(3), calls.fd_renumber(3, 4), calls.fd_advise(3, 0, 0, 0, 0, 0), calls.fd_allocate(3, 0, 0, 1, 0),
        calls.fd_filestat_set_size(3, 0, 0), calls.fd_fdstat_set_flags(3, 0), calls.fd_fdstat_set_rights(3, 0, 0, 0, 0),
        calls.fd_fdstat_get(3, OUT), calls.fd_filestat_get(3, OUT), calls.path_filestat_get(3, 0, PATH, 1, OUT),
        calls.fd_read(3, 1024, 1, OUT), calls.fd_write(3, 1024, 1, OUT), calls.fd_pread(3, 1024, 1, 0, 0, OUT),
        calls.fd_pwrite(3, 1024, 1, 0, 0, OUT), calls.fd_seek(3, 0, 0, 0, OUT), calls.fd_tell(3, OUT),
        calls.path_open(3, 0, PATH, 1, 0, 0, 0, 0, 0, 0, OUT), calls.path_create_directory(3, PATH, 1), calls.path_unlink_file(3, PATH, 1),
        calls.path_link(3, 0, PATH, 1, 3, PATH, 1), calls.path_rename(3, PATH, 1, 3, PATH, 1), calls.path_symlink(PATH, 1, 3, PATH, 1),
        calls.path_readlink(3, PATH, 1, 8192, 8, OUT), calls.fd_readdir(3, 8192, 100, 0, 0, OUT), calls.fd_prestat_get(3, OUT),
        calls.fd_prestat_dir_name(3, OUT, 8), calls.sock_recv(3, 1024, 1, 0, OUT, OUT), calls.sock_send(3, 1024, 1, 0, OUT),
        calls.sock_accept(3, 0, OUT), calls.sock_shutdown(3, 1), calls.pipe(OUT), calls.proc_id(OUT), calls.proc_parent(OUT),
        calls.proc_wait(0, 0, OUT, OUT), calls.proc_kill(2, 9), calls.proc_raise(9), calls.args_get(OUT, OUT), calls.environ_sizes_get(OUT, OUT),
        calls.clock_time_get(0, 0, 0, OUT), calls.random_get(OUT, 8), calls.poll_oneoff(2048, 8192, 1, OUT)
      ]
      assert.deepEqual(results.map(result => errnoName(finish(result))), results.map(() => errnoName(errno)))
      assert.equal(hex(made, OUT, 64), 'ee'.repeat(64), 'nothing is written where an error is returned')
    }
  }
})

test('a vector becomes one window, without its empty buffers', () => {
  const seen: number[][] = []
  const made = fakes({
    read: (_fd: number, window: Window) => {
      seen.push([window.length])
      return window.put(0, Uint8Array.from({ length: window.length }, (_, i) => i + 1), 0, window.length)
    }
  })
  iovecs(made, 1024, [[8192, 0], [8300, 3], [9000, 0], [9100, 2]])
  assert.equal(made.calls.fd_read(5, 1024, 4, OUT), 0)
  assert.equal(made.memory.view.getUint32(OUT, true), 5)
  assert.equal(hex(made, 8300, 4), '01020300')
  assert.equal(hex(made, 9100, 3), '040500')
  assert.equal(made.counter.bytesCopied, 5)
  assert.equal(made.calls.fd_read(5, 1024, 3, OUT), 0)
  assert.equal(made.calls.fd_read(5, 1024, 0, OUT), 0)
  assert.equal(made.calls.fd_read(5, 1024, 1, OUT), 0)
  assert.deepEqual(seen, [[5], [3], [0], [0]])
})

test('a window for reading cannot be written, nor one for writing be read', () => {
  const made = fakes({
    read: (_fd: number, window: Window) => window.take(0, new Uint8Array(8), 0, 8),
    write: (_fd: number, window: Window) => window.put(0, new Uint8Array(8), 0, 8)
  })
  iovecs(made, 1024, [[8192, 8]])
  assert.equal(errnoName(finish(made.calls.fd_read(1, 1024, 1, OUT))), 'EFAULT')
  assert.equal(errnoName(finish(made.calls.fd_write(1, 1024, 1, OUT))), 'EFAULT')
})

test('overlapping buffers that add up to more than a count holds are cut short', () => {
  const size = 2 ** 20
  const made = fakes({ write: (_fd: number, window: Window) => window.length }, size)
  const pieces = Array.from({ length: 15 }, () => [8192, size - 8192] as const)
  iovecs(made, 100_000, pieces)
  assert.equal(made.calls.fd_write(1, 100_000, 15, OUT), 0)
  assert.equal(made.memory.view.getUint32(OUT, true), 15 * (size - 8192))
  const huge = fakes({ write: (_fd: number, window: Window) => window.length }, 2 ** 22)
  iovecs(huge, 100_000, Array.from({ length: 1024 }, () => [8192, 2 ** 22 - 8192] as const))
  assert.equal(huge.calls.fd_write(1, 100_000, 1024, OUT), 0)
  assert.equal(huge.memory.view.getUint32(OUT, true), TRANSFER_BYTES_MAX)
})

test('memory that grew while a call waited takes its result', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 4 })
  const made = fakes({ read: later(() => { memory.grow(1); return 5 }), tell: later(() => { memory.grow(1); return 6 }) })
  made.caller.memory = (made.memory.constructor as typeof import('../../roles/index.ts').Arena).ofMemory('program', memory)
  const waits: string[] = []
  new Uint32Array(memory.buffer, 1024, 2).set([8192, 8])
  const reading = made.calls.fd_read(3, 1024, 1, OUT)
  // The register changes hands while the fiber waits.
  made.caller.memory = null
  assert.equal(finish(reading, waits), 0)
  assert.equal(new DataView(memory.buffer).getUint32(OUT, true), 5)
  assert.deepEqual(waits, ['device'])
})

test('EPIPE raises SIGPIPE in the writer, and is returned where it lives on', () => {
  for (const answer of [-Errno.EPIPE, later(-Errno.EPIPE)]) {
    for (const raise of [0, later(0)]) {
      const made = fakes({ write: answer, pwrite: answer, send: answer, raise })
      iovecs(made, 1024, [[8192, 8]])
      assert.equal(errnoName(finish(made.calls.fd_write(1, 1024, 1, OUT))), 'EPIPE')
      assert.equal(errnoName(finish(made.calls.fd_pwrite(1, 1024, 1, 0, 0, OUT))), 'EPIPE')
      assert.equal(errnoName(finish(made.calls.sock_send(1, 1024, 1, 0, OUT))), 'EPIPE')
      assert.deepEqual(made.log.filter(([name]) => name === 'raise'), [1, 2, 3].map(() => ['raise', Signal.PIPE]))
    }
  }
  const made = fakes({ read: -Errno.EPIPE })
  iovecs(made, 1024, [[8192, 8]])
  assert.equal(errnoName(finish(made.calls.fd_read(1, 1024, 1, OUT))), 'EPIPE')
  assert.deepEqual(made.log.map(([name]) => name), ['read'])
})

test('paths, flags and rights reach the files as they are', () => {
  const made = fakes({ open: 9 })
  const a = text(made, PATH, 'a/é')
  const b = text(made, PATH + 100, 'b/')
  const { calls } = made
  assert.equal(calls.path_open(3, 1, PATH, a, 15, 0x3fffffff, 0, 2, 0, 31, OUT), 0)
  assert.equal(made.memory.view.getUint32(OUT, true), 9)
  calls.path_link(3, 1, PATH, a, 4, PATH + 100, b)
  calls.path_rename(3, PATH, a, 4, PATH + 100, b)
  calls.path_symlink(PATH, a, 4, PATH + 100, b)
  calls.path_create_directory(3, PATH, a)
  calls.path_remove_directory(3, PATH, a)
  calls.path_unlink_file(-1, PATH, a)
  assert.deepEqual(made.log, [
    ['open', 3, 1, 'a/é', 15, 0x3fffffff, 2, 31], ['link', 3, 1, 'a/é', 4, 'b/'], ['rename', 3, 'a/é', 4, 'b/'],
    ['symlink', 'a/é', 4, 'b/'], ['createDirectory', 3, 'a/é'], ['removeDirectory', 3, 'a/é'], ['unlink', -1, 'a/é']
  ])
  made.memory.bytes[PATH + 2] = 0xff
  assert.equal(errnoName(finish(calls.path_unlink_file(3, PATH, a))), 'EILSEQ')
})

test('path_readlink cuts, and says how much it wrote', () => {
  const made = fakes({ readLink: 'tärget' })
  made.memory.bytes.fill(0xee, 8192, 8192 + 16)
  for (const [room, bytes] of [[16, '74c3a472676574ee'], [7, '74c3a472676574ee'], [2, '74c3eeeeeeeeeeee'], [0, 'eeeeeeeeeeeeeeee']] as const) {
    made.memory.bytes.fill(0xee, 8192, 8192 + 16)
    assert.equal(made.calls.path_readlink(3, PATH, 1, 8192, room, OUT), 0)
    assert.equal(hex(made, 8192, 8), bytes)
    assert.equal(made.memory.view.getUint32(OUT, true), Math.min(room, 7))
  }
})

test('arguments and environment are NUL-terminated, their pointers in order', () => {
  for (const wrap of [<T>(value: T) => value, later]) {
    const made = fakes({ args: wrap(['prog', '', 'é']), env: wrap(['A=1']) })
    made.memory.bytes.fill(0xee, OUT, OUT + 64)
    assert.equal(finish(made.calls.args_sizes_get(OUT, OUT + 4)), 0)
    assert.deepEqual([made.memory.view.getUint32(OUT, true), made.memory.view.getUint32(OUT + 4, true)], [3, 9])
    assert.equal(finish(made.calls.args_get(OUT, OUT + 16)), 0)
    assert.equal(hex(made, OUT, 12), '101000001510000016100000')
    assert.equal(hex(made, OUT + 16, 10), '70726f670000c3a900ee')
    assert.equal(finish(made.calls.environ_sizes_get(OUT, OUT + 4)), 0)
    assert.equal(finish(made.calls.environ_get(OUT, OUT + 16)), 0)
    assert.equal(hex(made, OUT + 16, 5), '413d310000')
  }
})

test('preopened directories', () => {
  const made = fakes({ preopened: '/dät' })
  made.memory.bytes.fill(0xee, OUT, OUT + 16)
  assert.equal(made.calls.fd_prestat_get(3, OUT), 0)
  assert.equal(hex(made, OUT, 9), '00eeeeee05000000ee')
  assert.equal(made.calls.fd_prestat_dir_name(3, OUT, 4), Errno.ENAMETOOLONG)
  assert.equal(made.calls.fd_prestat_dir_name(3, OUT, 8), 0)
  assert.equal(hex(made, OUT, 6), '2f64c3a47400')
})

test('random bytes come in chunks, and others run between them', () => {
  const made = fakes({ fill: (window: Window) => window.fill(0, Math.min(window.length, 40_000), 0x55) }, 2 ** 20)
  const waits: string[] = []
  const length = RANDOM_CHUNK_BYTES + 1000
  assert.equal(finish(made.calls.random_get(OUT, length), waits), 0)
  assert.deepEqual(made.log, [['fill', RANDOM_CHUNK_BYTES], ['fill', length - 40_000]])
  assert.deepEqual(waits, ['give way'])
  assert.deepEqual([...new Set(made.memory.bytes.subarray(OUT, OUT + length))], [0x55])
  assert.deepEqual([made.memory.bytes[OUT - 1], made.memory.bytes[OUT + length]], [0, 0])
  assert.equal(made.calls.random_get(OUT, 0), 0)
  assert.equal(errnoName(finish(fakes({ fill: 0 }).calls.random_get(OUT, 8))), 'EIO')
})

test('sched_yield gives way', () => {
  const waits: string[] = []
  assert.equal(finish(fakes().calls.sched_yield(), waits), 0)
  assert.deepEqual(waits, ['give way'])
})

test('sockets', () => {
  const made = fakes({ receive: 3, send: 4, accept: 8 })
  iovecs(made, 1024, [[8192, 8]])
  made.memory.bytes.fill(0xee, OUT, OUT + 16)
  assert.equal(made.calls.sock_recv(3, 1024, 1, 3, OUT, OUT + 4), 0)
  assert.equal(hex(made, OUT, 8), '030000000000eeee')
  assert.equal(made.calls.sock_send(3, 1024, 1, 0, OUT), 0)
  assert.equal(made.calls.sock_accept(3, 4, OUT + 8), 0)
  assert.equal(made.calls.sock_shutdown(3, 2), 0)
  assert.deepEqual(made.log, [['receive', 3, 3, 8], ['send', 3, 0, 8], ['accept', 3, 4], ['shutdown', 3, 2]])
})

test('what a call says it uses is what it uses', () => {
  assert.deepEqual(['fd_read', 'fd_write', 'poll_oneoff', 'sched_yield', 'random_get', 'proc_spawn', 'pipe', 'args_get'].map(call => wasi.uses?.(call)), [
    ['files'], ['files', 'processes'], ['files', 'clock'], [], ['entropy'], ['files', 'processes'], ['files'], ['processes']])
  for (const call of Object.keys(SystemCalls.operations)) assert.ok(Array.isArray(wasi.uses?.(call)), call)
})
