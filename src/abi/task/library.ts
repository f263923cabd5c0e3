/**
 * The library of a task: what a C library is to a program. It makes the calls of the task API of system calls with
 * numbers, with buffers in the task's memory, and stands in the task's domain: it has no rights but those of the task.
 *
 * Paths are resolved as a C library does it, by the preopened directories that the process began with. Every promise
 * that it gives counts as handled: a task that is killed with calls under way, which then reject, is no unhandled
 * rejection of the host's.
 */

import { Errno, SystemError, errnoName } from '../../fiber/index.ts'
import {
  ClockId, DESCRIPTORS_MAX, DescriptorFlags, FileType, LookupFlags, OpenFlags, Rights, SignalAction, WAIT_NO_HANG, Whence, signalName, signalNumber
} from '../../roles/index.ts'
import type { SystemCalls } from '../../roles/index.ts'
import { TaskEnded, TaskImage } from '../../walls/language/index.ts'
import type { SystemCallDoor } from '../../walls/language/index.ts'
import { FIRST_PREOPEN, locate } from '../wasi/preopens.ts'
import { SPAWN_BYTES } from '../wasi/spawn-structure.ts'
import { DIRENT_BYTES, EVENT_BYTES, EventType, SUBSCRIPTION_BYTES } from '../wasi/structures.ts'
import { FILESTAT_BYTES, Room, bytesOf, takeFilestat, typeName, words } from './memory.ts'
import type {
  ChildExit, ChildOptions, Children, DirectoryEntry, FileStat, FileTimes, OpenOptions, PollRequest, PollResult, Task, TaskCalls
} from './task-calls.ts'

/** Bytes that one read or write moves, unless more are asked for. */
const PIECE_BYTES = 64 * 1024
const PATH_ROOM_BYTES = 4096
/** Rights that are not asked for when a file is opened without reading, and without writing. */
const READING = Rights.FD_READ | Rights.FD_READDIR
const WRITING = Rights.FD_WRITE | Rights.FD_ALLOCATE | Rights.FD_FILESTAT_SET_SIZE | Rights.FD_DATASYNC

/** The image of a task: what `spawn` starts. */
export function taskImage (task: Task, name: string): TaskImage {
  return new TaskImage(name, async door => {
    const library = new Library(door)
    await library.begin()
    return await task(library.calls)
  })
}

type CallName = keyof SystemCalls
interface Place { readonly fd: number, readonly path: string }

class Library {
  readonly #door: SystemCallDoor
  #args: readonly string[] = []
  #env: Readonly<Record<string, string>> = {}
  /** The paths of the preopened directories, once they were asked for. */
  #directories: Promise<string[]> | null = null
  /** The working directory, once it was asked for. */
  #cwd: Promise<string> | null = null

  constructor (door: SystemCallDoor) {
    this.#door = door
  }

  /** What a program's start-up code does: takes its arguments and environment. */
  async begin (): Promise<void> {
    this.#args = await this.#strings('args_sizes_get', 'args_get')
    const pairs = await this.#strings('environ_sizes_get', 'environ_get')
    this.#env = Object.freeze(Object.fromEntries(pairs.map(pair => {
      const at = pair.indexOf('=')
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
    })))
  }

  get calls (): TaskCalls {
    const { args, env } = { args: this.#args, env: this.#env }
    return {
      args,
      env,
      open: (path, options) => this.#handled(this.#open(path, options ?? {})),
      close: fd => this.#plain('close', String(fd), 'fd_close', fd),
      read: (fd, size) => this.#handled(this.#read('read', fd, size ?? PIECE_BYTES, 'fd_read', [])),
      write: (fd, data) => this.#handled(this.#write('write', fd, bytesOf(data), null)),
      pread: (fd, offset, size) => this.#handled(this.#read('pread', fd, size ?? PIECE_BYTES, 'fd_pread', words(offset))),
      pwrite: (fd, offset, data) => this.#handled(this.#write('pwrite', fd, bytesOf(data), offset)),
      seek: (fd, offset, from) => this.#handled(this.#number('seek', String(fd), 8, out => ['fd_seek', fd, ...words(offset), whences[from ?? 'start'], out])),
      fstat: fd => this.#handled(this.#filestat('fstat', String(fd), out => ['fd_filestat_get', fd, out])),
      sync: fd => this.#plain('sync', String(fd), 'fd_sync', fd),
      pipe: () => this.#handled(this.#pipe()),
      dup: (fd, from) => this.#handled(this.#number('dup', String(fd), 4, out => ['dup', fd, from ?? 0, out])),
      dup2: (fd, to) => this.#plain('dup2', `${fd} to ${to}`, 'dup2', fd, to),
      isTerminal: fd => this.#handled(this.#isTerminal(fd)),
      poll: (requests, timeoutMs) => this.#handled(this.#poll(requests, timeoutMs)),

      stat: path => this.#handled(this.#stat('stat', path, LookupFlags.SYMLINK_FOLLOW)),
      lstat: path => this.#handled(this.#stat('lstat', path, 0)),
      readdir: path => this.#handled(this.#readdir(path)),
      mkdir: path => this.#onPath('mkdir', path, 'path_create_directory'),
      rmdir: path => this.#onPath('rmdir', path, 'path_remove_directory'),
      unlink: path => this.#onPath('unlink', path, 'path_unlink_file'),
      rename: (from, to) => this.#handled(this.#onPaths('rename', from, to, (a, b) => ['path_rename', a.fd, ...a.text, b.fd, ...b.text])),
      link: (from, to) => this.#handled(this.#onPaths('link', from, to, (a, b) => ['path_link', a.fd, 0, ...a.text, b.fd, ...b.text])),
      symlink: (target, path) => this.#handled(this.#symlink(target, path)),
      readlink: path => this.#handled(this.#readlink(path)),
      utimes: (path, times) => this.#handled(this.#utimes(path, times)),
      truncate: (file, size) => this.#handled(this.#truncate(file, size)),
      chdir: path => this.#handled(this.#chdir(path)),
      cwd: () => this.#handled(this.#workingDirectory()),

      readFile: path => this.#handled(this.#readFile(path)),
      readText: path => this.#handled(this.#readFile(path).then(bytes => new TextDecoder().decode(bytes))),
      writeFile: (path, data) => this.#handled(this.#writeFile(path, bytesOf(data))),
      chunks: fd => this.#chunks(fd),
      lines: fd => this.#lines(fd),
      print: text => this.#handled(this.#write('write', 1, bytesOf(`${text}\n`), null).then(() => {})),

      spawn: (program, options) => this.#handled(this.#spawn(program, options ?? {})),
      wait: which => this.#handled(this.#wait(which ?? 'any', 0) as Promise<ChildExit>),
      waitNow: which => this.#handled(this.#wait(which ?? 'any', WAIT_NO_HANG)),
      kill: (process, signal) => this.#kill(process, signal),
      killGroup: (group, signal) => this.#kill(-group, signal),
      signal: (signal, action) => this.#handled(this.#signal(signal, action)),
      pid: () => this.#handled(this.#number('pid', '', 4, out => ['proc_id', out])),
      ppid: () => this.#handled(this.#number('ppid', '', 4, out => ['proc_parent', out])),
      group: process => this.#handled(this.#number('group', String(process ?? ''), 4, out => ['proc_group', process ?? 0, out])),
      setGroup: (process, group) => this.#plain('setGroup', `${process} to ${group}`, 'proc_set_group', process, group),
      foreground: fd => this.#handled(this.#number('foreground', String(fd ?? 0), 4, out => ['tty_group', fd ?? 0, out])),
      setForeground: (group, fd) => this.#plain('setForeground', String(group), 'tty_set_group', fd ?? 0, group),
      exit: status => {
        this.#door.exit(status ?? 0)
        throw new TaskEnded('the task')
      },

      now: () => this.#handled(this.#clock(ClockId.REALTIME).then(ns => ns / 1e6)),
      monotonicNs: () => this.#handled(this.#clock(ClockId.MONOTONIC)),
      cpuTimeNs: () => this.#handled(this.#clock(ClockId.PROCESS_CPU)),
      sleep: ms => this.#handled(this.#poll([], ms).then(() => {})),
      random: size => this.#handled(this.#random(size))
    }
  }

  // ---- making calls

  /** Whoever asks gets the error; nobody need ask. */
  #handled<T> (promise: Promise<T>): Promise<T> {
    promise.catch(() => {})
    return promise
  }

  /** Makes a call, throws its error. */
  async #make (operation: string, what: string, name: CallName, ...args: number[]): Promise<void> {
    const errno = await this.#door.call(name, ...args)
    if (errno !== Errno.SUCCESS) throw new SystemError(errno, operation, what)
  }

  #plain (operation: string, what: string, name: CallName, ...args: number[]): Promise<void> {
    return this.#handled(this.#make(operation, what, name, ...args))
  }

  /** Has room in the memory for the time of some calls. */
  async #room<T> (body: (room: Room) => Promise<T>): Promise<T> {
    const room = new Room(this.#door.memory)
    try {
      return await body(room)
    } finally {
      room.free()
    }
  }

  /** A call that gives one number of 4 or 8 bytes. */
  #number (operation: string, what: string, size: 4 | 8, make: (out: number) => [CallName, ...number[]]): Promise<number> {
    return this.#room(async room => {
      const out = room.take(size)
      await this.#make(operation, what, ...make(out))
      return size === 4 ? room.u32(out) : room.u64(out)
    })
  }

  #filestat (operation: string, what: string, make: (out: number) => [CallName, ...number[]]): Promise<FileStat> {
    return this.#room(async room => {
      const out = room.take(FILESTAT_BYTES)
      await this.#make(operation, what, ...make(out))
      return takeFilestat(room, out)
    })
  }

  #strings (sizes: CallName, get: CallName): Promise<string[]> {
    return this.#room(async room => {
      const out = room.take(8)
      await this.#make(get, '', sizes, out, out + 4)
      const [count, size] = [room.u32(out), room.u32(out + 4)]
      const vector = room.take(4 * count)
      const buffer = room.take(size)
      await this.#make(get, '', get, vector, buffer)
      const block = room.textAt(buffer, size)
      return count === 0 ? [] : block.split('\0').slice(0, count)
    })
  }

  // ---- descriptors

  async #open (path: string, options: OpenOptions): Promise<number> {
    const write = options.write === true || options.append === true
    const read = options.read ?? !write
    const flags = (options.create === true ? OpenFlags.CREATE : 0) | (options.directory === true ? OpenFlags.DIRECTORY : 0) |
      (options.exclusive === true ? OpenFlags.EXCLUSIVE : 0) | (options.truncate === true ? OpenFlags.TRUNCATE : 0)
    const descriptorFlags = (options.append === true ? DescriptorFlags.APPEND : 0) | (options.nonBlocking === true ? DescriptorFlags.NONBLOCK : 0)
    const place = await this.#locate('open', path)
    return await this.#room(async room => {
      const out = room.take(24)
      await this.#make('open', path, 'fd_fdstat_get', place.fd, out)
      const inheriting = room.u32(out + 16)
      const wanted = inheriting & ~(read ? 0 : READING) & ~(write ? 0 : WRITING)
      await this.#make('open', path, 'path_open', place.fd, options.follow === false ? 0 : LookupFlags.SYMLINK_FOLLOW,
        ...room.text(place.path), flags, wanted, 0, inheriting, 0, descriptorFlags, out)
      return room.u32(out)
    })
  }

  #read (operation: string, fd: number, size: number, name: CallName, offset: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
    return this.#room(async room => {
      const head = room.take(16)
      const buffer = room.take(size)
      room.view.setUint32(head, buffer, true)
      room.view.setUint32(head + 4, size, true)
      await this.#make(operation, String(fd), name, fd, head, 1, ...offset, head + 8)
      return room.see(buffer, room.u32(head + 8))
    })
  }

  /** Writes everything, piece by piece; at an offset, or at the position. */
  #write (operation: string, fd: number, data: Uint8Array, offset: number | null): Promise<number> {
    return this.#room(async room => {
      const head = room.take(16)
      const buffer = room.take(Math.min(data.length, PIECE_BYTES))
      let done = 0
      do {
        const piece = data.subarray(done, done + PIECE_BYTES)
        this.#door.memory.bytes.set(piece, buffer)
        for (let at = 0; ;) {
          room.view.setUint32(head, buffer + at, true)
          room.view.setUint32(head + 4, piece.length - at, true)
          const where = offset === null ? [] : words(offset + done + at)
          await this.#make(operation, String(fd), offset === null ? 'fd_write' : 'fd_pwrite', fd, head, 1, ...where, head + 8)
          at += room.u32(head + 8)
          if (at >= piece.length) break
        }
        done += piece.length
      } while (done < data.length)
      return done
    })
  }

  #pipe (): Promise<{ read: number, write: number }> {
    return this.#room(async room => {
      const out = room.take(8)
      await this.#make('pipe', '', 'pipe', out)
      return { read: room.u32(out), write: room.u32(out + 4) }
    })
  }

  /** As a C library decides it: a device in which nobody may seek. */
  #isTerminal (fd: number): Promise<boolean> {
    return this.#room(async room => {
      const out = room.take(24)
      await this.#make('isTerminal', String(fd), 'fd_fdstat_get', fd, out)
      const type = room.view.getUint8(out)
      return type === FileType.CHARACTER_DEVICE && (room.u32(out + 8) & (Rights.FD_SEEK | Rights.FD_TELL)) === 0
    })
  }

  #poll (requests: readonly PollRequest[], timeoutMs: number | undefined): Promise<PollResult[]> {
    const clock = timeoutMs !== undefined && timeoutMs !== Infinity
    const count = requests.length + (clock ? 1 : 0)
    return this.#room(async room => {
      const at = room.take(SUBSCRIPTION_BYTES * count)
      const events = room.take(EVENT_BYTES * count)
      const out = room.take(4)
      const { view } = room
      requests.forEach((request, index) => {
        const to = at + SUBSCRIPTION_BYTES * index
        view.setUint32(to, index, true)
        view.setUint8(to + 8, request.for === 'read' ? EventType.FD_READ : EventType.FD_WRITE)
        view.setInt32(to + 16, request.fd, true)
      })
      if (clock) {
        const to = at + SUBSCRIPTION_BYTES * requests.length
        const [low, high] = words(Math.max(0, Math.ceil(timeoutMs * 1e6)))
        view.setUint32(to, requests.length, true)
        view.setUint8(to + 8, EventType.CLOCK)
        view.setUint32(to + 16, ClockId.MONOTONIC, true)
        view.setUint32(to + 24, low, true)
        view.setUint32(to + 28, high, true)
      }
      await this.#make('poll', '', 'poll_oneoff', at, events, count, out)
      const results: PollResult[] = []
      for (let i = 0; i < room.u32(out); i++) {
        const event = events + EVENT_BYTES * i
        const request = requests[room.u32(event)]
        if (request === undefined) continue
        const errno = room.view.getUint16(event + 8, true)
        results.push({
          ...request, bytes: room.u64(event + 16), hangup: (room.view.getUint16(event + 24, true) & 1) !== 0,
          error: errno === Errno.SUCCESS ? null : errnoName(errno)
        })
      }
      return results
    })
  }

  // ---- paths

  async #locate (operation: string, path: string): Promise<Place> {
    const whole = path.startsWith('/') || path === '' ? path : joinPath(await this.#workingDirectory(), path)
    this.#directories ??= this.#preopened()
    const place = locate(await this.#directories, whole)
    if (place === null) throw new SystemError(Errno.ENOENT, operation, path)
    return place
  }

  async #preopened (): Promise<string[]> {
    const paths: string[] = []
    for (let fd = FIRST_PREOPEN; fd < DESCRIPTORS_MAX; fd++) {
      const path = await this.#room(async room => {
        const out = room.take(8)
        if (await this.#door.call('fd_prestat_get', fd, out) !== Errno.SUCCESS) return null
        const length = room.u32(out + 4)
        const name = room.take(length)
        await this.#make('open', String(fd), 'fd_prestat_dir_name', fd, name, length)
        return room.textAt(name, length)
      })
      if (path === null) break
      paths.push(path)
    }
    return paths
  }

  #workingDirectory (): Promise<string> {
    this.#cwd ??= this.#room(async room => {
      const buffer = room.take(PATH_ROOM_BYTES)
      const out = room.take(4)
      await this.#make('cwd', '', 'getcwd', buffer, PATH_ROOM_BYTES, out)
      return room.textAt(buffer, room.u32(out))
    })
    return this.#cwd
  }

  async #chdir (path: string): Promise<void> {
    await this.#room(room => this.#make('chdir', path, 'chdir', ...room.text(path)))
    this.#cwd = null
  }

  async #stat (operation: string, path: string, flags: number): Promise<FileStat> {
    const place = await this.#locate(operation, path)
    return await this.#room(async room => {
      const text = room.text(place.path)
      return await this.#filestat(operation, path, out => ['path_filestat_get', place.fd, flags, ...text, out])
    })
  }

  #onPath (operation: string, path: string, name: CallName): Promise<void> {
    return this.#handled(this.#locate(operation, path).then(place =>
      this.#room(room => this.#make(operation, path, name, place.fd, ...room.text(place.path)))))
  }

  async #onPaths (
    operation: string, from: string, to: string,
    make: (a: { fd: number, text: [number, number] }, b: { fd: number, text: [number, number] }) => [CallName, ...number[]]
  ): Promise<void> {
    const [a, b] = [await this.#locate(operation, from), await this.#locate(operation, to)]
    await this.#room(room => this.#make(operation, `${from} to ${to}`,
      ...make({ fd: a.fd, text: room.text(a.path) }, { fd: b.fd, text: room.text(b.path) })))
  }

  async #symlink (target: string, path: string): Promise<void> {
    const place = await this.#locate('symlink', path)
    await this.#room(room => this.#make('symlink', path, 'path_symlink', ...room.text(target), place.fd, ...room.text(place.path)))
  }

  async #readlink (path: string): Promise<string> {
    const place = await this.#locate('readlink', path)
    return await this.#room(async room => {
      const buffer = room.take(PATH_ROOM_BYTES)
      const out = room.take(4)
      await this.#make('readlink', path, 'path_readlink', place.fd, ...room.text(place.path), buffer, PATH_ROOM_BYTES, out)
      return room.textAt(buffer, room.u32(out))
    })
  }

  async #utimes (path: string, times: FileTimes): Promise<void> {
    const place = await this.#locate('utimes', path)
    // `fstflags`: a time that is given, then one that is now; access first.
    const flag = (time: number | 'now' | undefined, bit: number): number => time === undefined ? 0 : time === 'now' ? bit << 1 : bit
    const ns = (time: number | 'now' | undefined): [number, number] => typeof time === 'number' ? bigWords(time) : [0, 0]
    const flags = flag(times.accessedMs, 1) | flag(times.modifiedMs, 4)
    await this.#room(room => this.#make('utimes', path, 'path_filestat_set_times', place.fd, LookupFlags.SYMLINK_FOLLOW,
      ...room.text(place.path), ...ns(times.accessedMs), ...ns(times.modifiedMs), flags))
  }

  async #truncate (file: string | number, size: number): Promise<void> {
    if (typeof file === 'number') return await this.#make('truncate', String(file), 'fd_filestat_set_size', file, ...words(size))
    const fd = await this.#open(file, { write: true })
    try {
      await this.#make('truncate', file, 'fd_filestat_set_size', fd, ...words(size))
    } finally {
      await this.#make('close', file, 'fd_close', fd)
    }
  }

  async #readdir (path: string): Promise<DirectoryEntry[]> {
    const fd = await this.#open(path, { directory: true })
    try {
      return await this.#room(room => this.#entries(room, path, fd))
    } finally {
      await this.#make('close', path, 'fd_close', fd)
    }
  }

  async #entries (room: Room, path: string, fd: number): Promise<DirectoryEntry[]> {
    const buffer = room.take(PIECE_BYTES)
    const out = room.take(4)
    const found: DirectoryEntry[] = []
    let cookie: [number, number] = [0, 0]
    for (;;) {
      await this.#make('readdir', path, 'fd_readdir', fd, buffer, PIECE_BYTES, ...cookie, out)
      const used = room.u32(out)
      for (let at = buffer; at + DIRENT_BYTES <= buffer + used;) {
        const length = room.u32(at + 16)
        if (at + DIRENT_BYTES + length > buffer + used) break
        cookie = [room.u32(at), room.u32(at + 4)]
        const name = room.textAt(at + DIRENT_BYTES, length)
        if (name !== '.' && name !== '..') found.push({ name, type: typeName(room.view.getUint8(at + 20)), inode: room.u64(at + 8) })
        at += DIRENT_BYTES + length
      }
      if (used < PIECE_BYTES) return found.sort((a, b) => a.name < b.name ? -1 : 1)
    }
  }

  // ---- whole files and streams

  async #readFile (path: string): Promise<Uint8Array<ArrayBuffer>> {
    const fd = await this.#open(path, {})
    try {
      const pieces: Uint8Array[] = []
      for await (const piece of this.#chunks(fd)) pieces.push(piece)
      const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
      let at = 0
      for (const piece of pieces) {
        whole.set(piece, at)
        at += piece.length
      }
      return whole
    } finally {
      await this.#make('close', path, 'fd_close', fd)
    }
  }

  async #writeFile (path: string, data: Uint8Array): Promise<void> {
    const fd = await this.#open(path, { write: true, create: true, truncate: true })
    try {
      await this.#write('write', fd, data, null)
    } finally {
      await this.#make('close', path, 'fd_close', fd)
    }
  }

  async * #chunks (fd: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (;;) {
      const piece = await this.#read('read', fd, PIECE_BYTES, 'fd_read', [])
      if (piece.length === 0) return
      yield piece
    }
  }

  async * #lines (fd: number): AsyncGenerator<string> {
    const decoder = new TextDecoder()
    let rest = ''
    for await (const piece of this.#chunks(fd)) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n')
      rest = lines.pop()!
      yield * lines
    }
    rest += decoder.decode()
    if (rest !== '') yield rest
  }

  // ---- processes

  #spawn (program: string | Uint8Array | Task, options: ChildOptions): Promise<number> {
    const name = options.args?.[0] ?? (typeof program === 'string' ? program : typeof program === 'function' ? program.name || 'task' : 'program')
    const descriptors = options.descriptors ?? [0, 1, 2]
    return this.#room(async room => {
      const at = room.take(SPAWN_BYTES)
      const out = room.take(4)
      const fds = room.take(4 * descriptors.length)
      descriptors.forEach((fd, index) => { room.view.setInt32(fds + 4 * index, fd, true) })
      const offered = typeof program === 'function' ? this.#door.offer(taskImage(program, name)) : null
      try {
        const pair = (offset: number, [address, length]: [number, number]): void => {
          room.view.setUint32(at + offset, address, true)
          room.view.setUint32(at + offset + 4, length, true)
        }
        if (typeof program === 'string') pair(0, room.text(program))
        else pair(8, room.bytes(bytesOf(offered ?? program as Uint8Array)))
        pair(16, room.block(options.args ?? [name]))
        if (options.env !== undefined) pair(24, room.block(Object.entries(options.env).map(([key, value]) => `${key}=${value}`)))
        pair(32, [fds, descriptors.length])
        if (options.cwd !== undefined) pair(40, room.text(options.cwd))
        room.view.setInt32(at + 48, groupNumber(options.group), true)
        room.view.setUint32(at + 52, options.directories === false ? 1 : 0, true)
        await this.#make('spawn', name, 'proc_spawn', at, out)
        return room.u32(out)
      } finally {
        if (offered !== null) this.#door.withdraw(offered)
      }
    })
  }

  #wait (which: Children, flags: number): Promise<ChildExit | null> {
    const process = which === 'any' ? 0 : typeof which === 'number' ? which : -which.group
    return this.#room(async room => {
      const out = room.take(8)
      await this.#make('wait', String(process), 'proc_wait', process, flags, out, out + 4)
      const ended = room.u32(out)
      if (ended === 0) return null
      const status = room.u32(out + 4)
      const signal = status & 0x7f
      return signal === 0
        ? { process: ended, status: status >> 8 & 0xff, signal: null }
        : { process: ended, status: 128 + signal, signal: signalName(signal) }
    })
  }

  #kill (process: number, signal: string | number = 'SIGTERM'): Promise<void> {
    return this.#plain('kill', String(process), 'proc_kill', process, signalNumber(signal))
  }

  async #signal (signal: string | number, action: 'default' | 'ignore'): Promise<void> {
    await this.#number('signal', String(signal), 4, out =>
      ['proc_signal', signalNumber(signal), action === 'ignore' ? SignalAction.IGNORE : SignalAction.DEFAULT, out])
  }

  // ---- time and chance

  #clock (clock: number): Promise<number> {
    return this.#number('clock', String(clock), 8, out => ['clock_time_get', clock, 0, 0, out])
  }

  #random (size: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#room(async room => {
      const at = room.take(size)
      await this.#make('random', `${size} bytes`, 'random_get', at, size)
      return room.see(at, size)
    })
  }
}

const whences = { start: Whence.SET, current: Whence.CURRENT, end: Whence.END } as const

function groupNumber (group: ChildOptions['group']): number {
  return group === undefined || group === 'same' ? -1 : group === 'new' ? 0 : group
}

function joinPath (directory: string, path: string): string {
  return directory === '/' ? `/${path}` : `${directory}/${path}`
}

/** The words of an instant in ms as one in ns, to the microsecond: too large a number to be exact. */
function bigWords (ms: number): [low: number, high: number] {
  const us = Math.round(ms * 1000)
  // us * 1000, by halves.
  const low = (us % 2 ** 32) * 1000
  const high = Math.floor(us / 2 ** 32) * 1000 + Math.floor(low / 2 ** 32)
  return [low % 2 ** 32 | 0, high | 0]
}
