/**
 * What every call refuses before it does anything: pointers outside the memory, and flags, kinds and numbers that are
 * none. Tables: a call with arguments that are right, then for each argument what is wrong with it.
 */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, errnoName } from '../../fiber/index.ts'
import { IOVECS_MAX, PATH_BYTES_MAX, SUBSCRIPTIONS_MAX, SystemCalls } from '../../roles/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import { fakes, finish } from './fakes.ts'
import type { Fakes } from './fakes.ts'

const SIZE = 65536
/** Where the table's structures lie: an iovec of one 8 byte buffer, a clock subscription, a path `a`, strings `x`. */
const IOV = 1024
const SUBSCRIPTION = 2048
const PATH = 3072
const OUT = 4096
const SPAWN = 5120
const BUFFER = 8192

type Call = (...args: number[]) => Eventual<number>

/** Arguments that are right, by the call; a pointer is written with the bytes that must be there. */
type Argument = number | { at: number, bytes: number }
const out = (bytes: number): Argument => ({ at: OUT, bytes })
const path: Argument[] = [{ at: PATH, bytes: 1 }, 1]
const vector: Argument[] = [{ at: IOV, bytes: 8 }, 1]

const right: Record<string, Argument[]> = {
  args_get: [out(8), { at: BUFFER, bytes: 6 }],
  args_sizes_get: [out(4), { at: OUT + 8, bytes: 4 }],
  environ_get: [out(4), { at: BUFFER, bytes: 4 }],
  environ_sizes_get: [out(4), { at: OUT + 8, bytes: 4 }],
  clock_res_get: [1, out(8)],
  clock_time_get: [1, 0, 0, out(8)],
  fd_advise: [3, 0, 0, 8, 0, 0],
  fd_allocate: [3, 0, 0, 8, 0],
  fd_close: [3],
  fd_datasync: [3],
  fd_fdstat_get: [3, out(24)],
  fd_fdstat_set_flags: [3, 4],
  fd_fdstat_set_rights: [3, 2, 0, 2, 0],
  fd_filestat_get: [3, out(64)],
  fd_filestat_set_size: [3, 8, 0],
  fd_filestat_set_times: [3, 0, 0, 0, 0, 5],
  fd_pread: [3, ...vector, 0, 0, out(4)],
  fd_prestat_get: [3, out(8)],
  fd_prestat_dir_name: [3, { at: BUFFER, bytes: 8 }, 8],
  fd_pwrite: [3, ...vector, 0, 0, out(4)],
  fd_read: [3, ...vector, out(4)],
  fd_readdir: [3, { at: BUFFER, bytes: 100 }, 100, 0, 0, out(4)],
  fd_renumber: [3, 4],
  fd_seek: [3, 0, 0, 0, out(8)],
  fd_sync: [3],
  fd_tell: [3, out(8)],
  fd_write: [3, ...vector, out(4)],
  path_create_directory: [3, ...path],
  path_filestat_get: [3, 1, ...path, out(64)],
  path_filestat_set_times: [3, 1, ...path, 0, 0, 0, 0, 5],
  path_link: [3, 1, ...path, 4, ...path],
  path_open: [3, 1, ...path, 1, 2, 0, 2, 0, 1, out(4)],
  path_readlink: [3, ...path, { at: BUFFER, bytes: 100 }, 100, out(4)],
  path_remove_directory: [3, ...path],
  path_rename: [3, ...path, 4, ...path],
  path_symlink: [...path, 3, ...path],
  path_unlink_file: [3, ...path],
  poll_oneoff: [{ at: SUBSCRIPTION, bytes: 48 }, { at: BUFFER, bytes: 32 }, 1, out(4)],
  proc_raise: [0],
  random_get: [{ at: BUFFER, bytes: 100 }, 100],
  sched_yield: [],
  sock_accept: [3, 4, out(4)],
  sock_recv: [3, ...vector, 0, out(4), { at: OUT + 8, bytes: 2 }],
  sock_send: [3, ...vector, 0, out(4)],
  sock_shutdown: [3, 3],
  proc_spawn: [{ at: SPAWN, bytes: 56 }, out(4)],
  proc_wait: [0, 1, out(4), { at: OUT + 8, bytes: 4 }],
  proc_kill: [2, 9],
  proc_id: [out(4)],
  proc_parent: [out(4)],
  proc_signal: [2, 1, out(4)],
  proc_group: [0, out(4)],
  proc_set_group: [0, 0],
  tty_group: [0, out(4)],
  tty_set_group: [0, 0],
  chdir: path,
  getcwd: [{ at: BUFFER, bytes: 100 }, 100, out(4)],
  pipe: [out(8)],
  dup: [3, 0, out(4)],
  dup2: [3, 4]
}

const attributes = {
  device: 1, inode: 2, type: 4, links: 1, size: 3, accessSec: 1, accessNsec: 2, modifySec: 3, modifyNsec: 4, changeSec: 5, changeNsec: 6
}

function machine (): Fakes {
  const made = fakes({
    args: ['x', 'yyy'], env: ['k=v'], preopened: (fd: number) => fd === 3 ? '/' : -Errno.EBADF,
    readLink: (_fd: number, name: string) => name === 'a' ? 'target' : -Errno.EINVAL,
    descriptor: (fd: number) => ({ type: fd === 0 ? 2 : 4, flags: 0, rightsBase: 2, rightsInheriting: 0 }), attributes,
    attributesAt: { ...attributes, type: 3 },
    identity: { process: 7, parent: 1 }, pipe: { read: 5, write: 6 }, wait: { process: 9, kind: 0, code: 1, message: '' },
    fill: (window: { length: number }) => window.length, now: 1000, directory: '/'
  }, SIZE)
  const view = made.memory.view
  view.setUint32(IOV, BUFFER, true)
  view.setUint32(IOV + 4, 8, true)
  view.setUint32(SUBSCRIPTION + 16, 1, true)
  view.setUint8(PATH, 0x61)
  view.setUint32(SPAWN, PATH, true)
  view.setUint32(SPAWN + 4, 1, true)
  return made
}

function call (made: Fakes, name: string, args: readonly number[]): number {
  const calls = made.calls as unknown as Record<string, Call>
  return finish(calls[name]!(...args))
}

const plain = (args: readonly Argument[]): number[] => args.map(arg => typeof arg === 'number' ? arg : arg.at)

test('the table has every call', () => {
  assert.deepEqual(Object.keys(right).sort(), Object.keys(SystemCalls.operations).sort())
  assert.deepEqual(Object.keys(machine().calls).sort(), Object.keys(SystemCalls.operations).sort())
  for (const [name, args] of Object.entries(right)) {
    assert.equal(args.length, SystemCalls.operations[name as 'fd_read'].parameters.length, name)
  }
})

for (const [name, args] of Object.entries(right)) {
  test(`${name} with right arguments succeeds`, () => {
    assert.equal(errnoName(call(machine(), name, plain(args))), 'SUCCESS')
  })

  args.forEach((arg, index) => {
    if (typeof arg === 'number') return
    test(`${name}: argument ${index} must point into the memory`, () => {
      const last = SIZE - arg.bytes
      for (const at of [last + 1, SIZE, SIZE + 1, 0x7fffffff, -0x80000000, -1, -arg.bytes, -arg.bytes - 1]) {
        const made = machine()
        const wrong = plain(args).with(index, at | 0)
        assert.equal(errnoName(call(made, name, wrong)), 'EFAULT', `at ${at}`)
        // How much room strings need is known only once they are asked for; that changes nothing.
        assert.deepEqual(made.log.filter(([operation]) => operation !== 'args' && operation !== 'env'), [], `at ${at}`)
      }
      // The last place where it fits is right: a check that is off by one refuses it.
      const made = machine()
      if (name !== 'poll_oneoff') made.memory.bytes.copyWithin(last, arg.at, arg.at + arg.bytes)
      made.memory.view.setUint32(SUBSCRIPTION + 16, 1, true)
      const errno = call(made, name, plain(args).with(index, last))
      assert.equal(errnoName(errno), 'SUCCESS', 'at the end')
    })
  })

  test(`${name} without a memory that can be addressed`, () => {
    const made = machine()
    made.caller.memory = null
    const errno = call(made, name, plain(args))
    assert.equal(errnoName(errno), args.some(arg => typeof arg !== 'number') ? 'EFAULT' : 'SUCCESS')
  })
}

const ALL_RIGHTS = 2 ** 30
/** [call, index of the argument, wrong values, errno]. */
const wrong: readonly [string, number, readonly number[], keyof typeof Errno][] = [
  ['clock_res_get', 0, [4, -1, 0x7fffffff], 'EINVAL'],
  ['clock_time_get', 0, [4, -1], 'EINVAL'],
  ['fd_advise', 2, [-1, -0x80000000], 'EINVAL'],
  ['fd_advise', 4, [-1], 'EINVAL'],
  ['fd_advise', 5, [6, -1, 256], 'EINVAL'],
  ['fd_allocate', 2, [-1], 'EINVAL'],
  ['fd_allocate', 4, [-1], 'EINVAL'],
  ['fd_fdstat_set_flags', 1, [32, 63, -1, 0x10000], 'EINVAL'],
  ['fd_fdstat_set_rights', 1, [ALL_RIGHTS, -1], 'EINVAL'],
  ['fd_fdstat_set_rights', 2, [1, -1], 'EINVAL'],
  ['fd_fdstat_set_rights', 3, [ALL_RIGHTS], 'EINVAL'],
  ['fd_fdstat_set_rights', 4, [1], 'EINVAL'],
  ['fd_filestat_set_size', 2, [-1, -0x80000000], 'EINVAL'],
  ['fd_filestat_set_times', 5, [3, 12, 15, 7, 13, 16, -1, 0x10000], 'EINVAL'],
  ['fd_pread', 2, [IOVECS_MAX + 1, -1, -0x80000000], 'EINVAL'],
  ['fd_pread', 4, [-1], 'EINVAL'],
  ['fd_pwrite', 2, [IOVECS_MAX + 1], 'EINVAL'],
  ['fd_pwrite', 4, [-1], 'EINVAL'],
  ['fd_prestat_dir_name', 2, [0], 'ENAMETOOLONG'],
  ['fd_read', 2, [IOVECS_MAX + 1, -1], 'EINVAL'],
  ['fd_write', 2, [IOVECS_MAX + 1, -1], 'EINVAL'],
  ['fd_readdir', 4, [-1, 0x200000], 'EINVAL'],
  ['fd_seek', 3, [3, -1, 256], 'EINVAL'],
  ['path_create_directory', 2, [PATH_BYTES_MAX + 1], 'ENAMETOOLONG'],
  ['path_filestat_get', 1, [2, -1], 'EINVAL'],
  ['path_filestat_get', 3, [-1, SIZE], 'EFAULT'],
  ['path_filestat_set_times', 1, [2], 'EINVAL'],
  ['path_filestat_set_times', 8, [3, 12, 16, -1], 'EINVAL'],
  ['path_link', 1, [2, 3], 'EINVAL'],
  ['path_link', 6, [PATH_BYTES_MAX + 1], 'ENAMETOOLONG'],
  ['path_open', 1, [2], 'EINVAL'],
  ['path_open', 4, [16, -1, 0x10000], 'EINVAL'],
  ['path_open', 5, [ALL_RIGHTS], 'EINVAL'],
  ['path_open', 6, [1], 'EINVAL'],
  ['path_open', 7, [-1], 'EINVAL'],
  ['path_open', 8, [-1], 'EINVAL'],
  ['path_open', 9, [32, -1], 'EINVAL'],
  ['path_rename', 5, [PATH_BYTES_MAX + 1], 'ENAMETOOLONG'],
  ['path_symlink', 1, [PATH_BYTES_MAX + 1], 'ENAMETOOLONG'],
  ['poll_oneoff', 2, [0, SUBSCRIPTIONS_MAX + 1, -1], 'EINVAL'],
  ['proc_raise', 0, [31, -1, 256], 'EINVAL'],
  ['proc_kill', 1, [31, -1], 'EINVAL'],
  ['proc_wait', 1, [2, -1], 'EINVAL'],
  ['chdir', 1, [PATH_BYTES_MAX + 1], 'ENAMETOOLONG'],
  ['chdir', 1, [0], 'ENOENT'],
  ['sock_accept', 1, [32], 'EINVAL'],
  ['sock_recv', 3, [4, -1], 'EINVAL'],
  ['sock_recv', 2, [IOVECS_MAX + 1], 'EINVAL'],
  ['sock_send', 3, [1, -1], 'EINVAL'],
  ['sock_shutdown', 1, [0, 4, -1], 'EINVAL']
]

for (const [name, index, values, errno] of wrong) {
  test(`${name}: argument ${index} as ${values.join(', ')} is ${errno}`, () => {
    for (const value of values) {
      const made = machine()
      assert.equal(errnoName(call(made, name, plain(right[name]!).with(index, value))), errno, String(value))
      assert.deepEqual(made.log.filter(([operation]) => operation !== 'preopened'), [], String(value))
    }
  })
}

test('the buffers of a vector must lie in the memory, each of them', () => {
  for (const name of ['fd_read', 'fd_write', 'fd_pread', 'fd_pwrite', 'sock_recv', 'sock_send']) {
    for (const [at, length] of [[SIZE - 7, 8], [SIZE + 1, 0], [0xffffffff, 1], [1, 0xffffffff], [0xfffffff8, 8]] as const) {
      for (const position of [0, 1, 2]) {
        const made = machine()
        for (let i = 0; i < 3; i++) {
          made.memory.view.setUint32(IOV + 8 * i, i === position ? at : BUFFER, true)
          made.memory.view.setUint32(IOV + 8 * i + 4, i === position ? length : 8, true)
        }
        const args = plain(right[name]!)
        assert.equal(errnoName(call(made, name, args.with(2, 3))), 'EFAULT', `${name} ${at} ${length}`)
        assert.deepEqual(made.log, [])
      }
    }
  }
})
