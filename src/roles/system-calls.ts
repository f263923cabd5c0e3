/**
 * SystemCalls: what an unmodified program may call, as a role. The calls of WASI preview 1 (`wasi_snapshot_preview1`)
 * and a few of our own for processes (`kaleidos`), which WASI has none of.
 *
 * Its operations take and give WebAssembly numbers: pointers are addresses in the caller's arena, 64-bit arguments come
 * as two parameters, low word first (`Lo`, `Hi`). The result is an error number from 0 up (WASI's `errno`). The
 * trampoline of the wasm wall is made from this descriptor.
 * Source: `wasi_snapshot_preview1.witx`.
 */

import { errno, number, operation, parameter, role } from './role.ts'
import type { Operation, Parameter, RoleOf } from './role.ts'

type SystemCall = Operation & { readonly result: typeof errno, readonly blocks: true }

/** A call from its parameters' names; one that ends in `64` is a 64-bit argument. */
function call<const N extends readonly string[]> (summary: string, names: N): Omit<SystemCall, 'parameters'> & { parameters: Split<N> } {
  const parameters: Parameter[] = []
  for (const name of names) {
    if (name.endsWith('64')) parameters.push(parameter(`${name.slice(0, -2)}Lo`, number), parameter(`${name.slice(0, -2)}Hi`, number))
    else parameters.push(parameter(name, number))
  }
  return operation(summary, parameters as unknown as Split<N>, errno, { blocks: true, idempotent: false })
}

/** Two number parameters for each name that ends in `64`, one for any other. */
type Split<N extends readonly string[]> = N extends readonly [infer Head extends string, ...infer Tail extends readonly string[]]
  ? Head extends `${string}64` ? [NumberParameter, NumberParameter, ...Split<Tail>] : [NumberParameter, ...Split<Tail>]
  : []
type NumberParameter = Parameter<string, typeof number>

export const wasiCalls = {
  args_get: call('writes the arguments', ['argv', 'buffer']),
  args_sizes_get: call('how many arguments and bytes', ['countOut', 'sizeOut']),
  environ_get: call('writes the environment', ['environ', 'buffer']),
  environ_sizes_get: call('how many variables and bytes', ['countOut', 'sizeOut']),
  clock_res_get: call('resolution of a clock', ['clock', 'out']),
  clock_time_get: call('time of a clock', ['clock', 'precision64', 'out']),
  fd_advise: call('advice on a range', ['fd', 'offset64', 'length64', 'advice']),
  fd_allocate: call('space for a range', ['fd', 'offset64', 'length64']),
  fd_close: call('closes', ['fd']),
  fd_datasync: call('data to stable storage', ['fd']),
  fd_fdstat_get: call('type, flags and rights', ['fd', 'out']),
  fd_fdstat_set_flags: call('sets flags', ['fd', 'flags']),
  fd_fdstat_set_rights: call('gives up rights', ['fd', 'base64', 'inheriting64']),
  fd_filestat_get: call('attributes', ['fd', 'out']),
  fd_filestat_set_size: call('truncates or extends', ['fd', 'size64']),
  fd_filestat_set_times: call('sets times', ['fd', 'access64', 'modify64', 'flags']),
  fd_pread: call('reads at an offset', ['fd', 'iovs', 'count', 'offset64', 'out']),
  fd_prestat_get: call('kind of a preopened descriptor', ['fd', 'out']),
  fd_prestat_dir_name: call('path of a preopened descriptor', ['fd', 'path', 'length']),
  fd_pwrite: call('writes at an offset', ['fd', 'iovs', 'count', 'offset64', 'out']),
  fd_read: call('reads', ['fd', 'iovs', 'count', 'out']),
  fd_readdir: call('directory entries', ['fd', 'buffer', 'length', 'cookie64', 'out']),
  fd_renumber: call('moves a descriptor', ['fd', 'to']),
  fd_seek: call('moves the position', ['fd', 'offset64', 'whence', 'out']),
  fd_sync: call('file to stable storage', ['fd']),
  fd_tell: call('the position', ['fd', 'out']),
  fd_write: call('writes', ['fd', 'iovs', 'count', 'out']),
  path_create_directory: call('makes a directory', ['fd', 'path', 'length']),
  path_filestat_get: call('attributes of a path', ['fd', 'lookupFlags', 'path', 'length', 'out']),
  path_filestat_set_times: call('sets times of a path', ['fd', 'lookupFlags', 'path', 'length', 'access64', 'modify64', 'flags']),
  path_link: call('makes a hard link', ['fd', 'lookupFlags', 'path', 'length', 'toFd', 'toPath', 'toLength']),
  path_open: call('opens', ['fd', 'lookupFlags', 'path', 'length', 'openFlags', 'base64', 'inheriting64', 'flags', 'out']),
  path_readlink: call('target of a symbolic link', ['fd', 'path', 'length', 'buffer', 'bufferLength', 'out']),
  path_remove_directory: call('removes a directory', ['fd', 'path', 'length']),
  path_rename: call('moves a name', ['fd', 'path', 'length', 'toFd', 'toPath', 'toLength']),
  path_symlink: call('makes a symbolic link', ['target', 'targetLength', 'fd', 'path', 'length']),
  path_unlink_file: call('removes a name', ['fd', 'path', 'length']),
  poll_oneoff: call('waits for events', ['subscriptions', 'events', 'count', 'out']),
  proc_raise: call('sends a signal to the caller', ['signal']),
  random_get: call('random bytes', ['buffer', 'length']),
  sched_yield: call('lets others run', []),
  sock_accept: call('takes a connection', ['fd', 'flags', 'out']),
  sock_recv: call('receives', ['fd', 'iovs', 'count', 'flags', 'sizeOut', 'flagsOut']),
  sock_send: call('sends', ['fd', 'iovs', 'count', 'flags', 'sizeOut']),
  sock_shutdown: call('ends a direction', ['fd', 'how'])
} as const

/**
 * Our own calls, imported from the module `kaleidos`: what WASI has none of. programs/include/kaleidos.h is the header,
 * docs/kaleidos-module.md says what each does.
 */
export const processCalls = {
  proc_spawn: call('starts a program as a child, as a structure says', ['options', 'out']),
  proc_wait: call('waits for a child (0: any; -g: one of group g; flags 1: does not wait)', ['process', 'flags', 'processOut', 'statusOut']),
  proc_kill: call('sends a signal to a process (-g: to group g)', ['process', 'signal']),
  proc_signal: call('what a signal does to the caller (0: its default, 1: nothing); gives what it did', ['signal', 'action', 'out']),
  proc_id: call('the caller\'s process number', ['out']),
  proc_parent: call('the parent\'s process number', ['out']),
  proc_group: call('the process group of a process (0: the caller)', ['process', 'out']),
  proc_set_group: call('moves the caller (0) or a child into a process group (0: a new one)', ['process', 'group']),
  tty_group: call('the foreground process group of the terminal', ['fd', 'out']),
  tty_set_group: call('makes a process group the foreground one (0: none)', ['fd', 'group']),
  chdir: call('changes the working directory', ['path', 'length']),
  getcwd: call('the working directory', ['buffer', 'length', 'out']),
  pipe: call('a pipe: two descriptors, reading end first', ['out']),
  dup: call('another descriptor of the same open file, the lowest from a number on', ['fd', 'from', 'out']),
  dup2: call('makes a number another descriptor of the same open file', ['fd', 'to'])
} as const

export const SystemCalls = role('SystemCalls', 'what programs may call', { ...wasiCalls, ...processCalls })
export type SystemCalls = RoleOf<typeof SystemCalls>

/** The import modules that programs name, and the calls in each. `proc_exit` is the trampoline's own. */
export const importModules: Readonly<Record<string, Readonly<Record<string, Operation>>>> = {
  wasi_snapshot_preview1: wasiCalls,
  kaleidos: processCalls
}
