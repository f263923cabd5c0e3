/**
 * The same work called by hand: a program's imports are functions as one would write them for one kind of file, without a
 * personality, a VFS, a file system, a window, a trampoline or a core.
 *
 * What they check and do for the program is what the services do: memory bounds, descriptor, right, position, copy, count. The
 * program is rewritten as ours are, so that only the way of the call differs. Calls that are not measured go to node:wasi.
 */

import { performance } from 'node:perf_hooks'
import { Errno } from '../../src/fiber/index.ts'
import { Arena, IOVECS_MAX, Rights, RIGHTS_ALL, Whence } from '../../src/roles/index.ts'
import { FUEL_EXPORT, YIELD_EXPORT, rewrite } from '../../src/walls/wasm/rewriter/index.ts'
import { nullaryFunction } from '../../src/walls/wasm/rewriter/testing/start.ts'
import { scratchFolder, withStreams } from './node-wasi.ts'
import type { Peer } from './peer.ts'

type Call = (...args: never[]) => number
/** What imports are made of: the program's memory once it is there, the host's functions, what the program is told. */
interface Making {
  readonly memory: () => Arena
  readonly host: Readonly<Record<string, (...args: unknown[]) => number>>
  readonly args: readonly string[]
}

const iovecBytes = 8
/** Below this a loop is faster than making a view. */
const loopBytes = 24
const fuel = 1_000_000
const wordValues = 2 ** 32
const fileType = 4
const fdstatBytes = 24

interface Made {
  readonly calls: Record<string, Call>
  /** Told of the program's memory before it runs. */
  readonly begin?: (memory: WebAssembly.Memory) => void
}

/** A program that runs with node:wasi, but for the imports that `make` makes. */
export function ownImports (name: string, make: (making: Making) => Promise<Made> | Made): Peer {
  return {
    name, setUp: 'no kernel', folder: '/', keepsFiles: true,
    async open (bytes) {
      const { WASI } = await import('node:wasi')
      const rewritten = rewrite(bytes, { mode: 'live' })
      if ('kind' in rewritten) throw new Error(rewritten.message)
      const module = new WebAssembly.Module(rewritten.bytes)
      const [root, own] = [scratchFolder(), scratchFolder()]
      return async args => {
        let arena: Arena | null = null
        return await withStreams(own, async streams => {
          const wasi = new WASI({ version: 'preview1', args: [...args], preopens: { '/': root }, returnOnExit: true, ...streams })
          const host = wasi.wasiImport as Making['host']
          const { calls, begin } = await make({ memory: () => arena!, host, args })
          const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: { ...host, ...calls } as WebAssembly.ModuleImports })
          const memory = instance.exports['memory'] as WebAssembly.Memory
          arena = Arena.ofMemory(name, memory)
          begin?.(memory)
          fill(instance.exports)
          return wasi.start(instance)
        })
      }
    }
  }
}

/** Gives fuel, and gives it back when it is used up. */
function fill (exports: WebAssembly.Exports): void {
  const tank = exports[FUEL_EXPORT] as WebAssembly.Global
  tank.value = fuel
  const table = exports[YIELD_EXPORT] as WebAssembly.Table
  table.set(0, nullaryFunction(() => { tank.value = fuel }))
}

interface OpenFile {
  readonly rights: number
  position: number
  size: number
  pages: Uint8Array
}

class FusedCalls {
  readonly #memory: () => Arena
  readonly #files: (OpenFile | undefined)[] = []
  readonly #startMs = performance.now()
  bytesCopied = 0

  constructor (memory: () => Arena) {
    this.#memory = memory
  }

  /** Has an empty file at a descriptor. */
  open (fd: number): void {
    this.#files[fd] = { rights: RIGHTS_ALL, position: 0, size: 0, pages: new Uint8Array(2 ** 16) }
  }

  readonly fd_read = (fd: number, iovs: number, count: number, out: number): number => {
    const memory = this.#memory()
    const view = memory.view
    const vector = iovs >>> 0
    const countOut = out >>> 0
    if (countOut + 4 > view.byteLength) return Errno.EFAULT
    if (count >>> 0 > IOVECS_MAX) return Errno.EINVAL
    if (vector + iovecBytes * count > view.byteLength) return Errno.EFAULT
    const file = this.#files[fd]
    if (file === undefined) return Errno.EBADF
    if ((file.rights & Rights.FD_READ) === 0) return Errno.ENOTCAPABLE
    let total = 0
    for (let at = vector; at < vector + iovecBytes * count; at += iovecBytes) {
      const to = view.getUint32(at, true)
      const length = view.getUint32(at + 4, true)
      if (to + length > view.byteLength) return Errno.EFAULT
      const size = Math.min(length, file.size - file.position)
      if (size <= 0) break
      copy(memory.bytes, to, file.pages, file.position, size)
      file.position += size
      total += size
    }
    this.bytesCopied += total
    view.setUint32(countOut, total, true)
    return Errno.SUCCESS
  }

  readonly fd_seek = (fd: number, offset: bigint, whence: number, out: number): number => {
    const view = this.#memory().view
    const positionOut = out >>> 0
    if (positionOut + 8 > view.byteLength) return Errno.EFAULT
    const file = this.#files[fd]
    if (file === undefined) return Errno.EBADF
    if ((file.rights & Rights.FD_SEEK) === 0) return Errno.ENOTCAPABLE
    const base = whence === Whence.SET ? 0 : whence === Whence.CURRENT ? file.position : file.size
    const position = base + Number(offset)
    if (position < 0) return Errno.EINVAL
    file.position = position
    setLong(view, positionOut, position)
    return Errno.SUCCESS
  }

  readonly fd_fdstat_get = (fd: number, out: number): number => {
    const view = this.#memory().view
    const at = out >>> 0
    if (at + fdstatBytes > view.byteLength) return Errno.EFAULT
    const file = this.#files[fd]
    if (file === undefined) return Errno.EBADF
    view.setUint32(at, fileType, true)
    view.setUint32(at + 4, 0, true)
    view.setUint32(at + 8, file.rights, true)
    view.setUint32(at + 12, 0, true)
    view.setUint32(at + 16, file.rights, true)
    view.setUint32(at + 20, 0, true)
    return Errno.SUCCESS
  }

  readonly clock_time_get = (clock: number, _precision: bigint, out: number): number => {
    const view = this.#memory().view
    const at = out >>> 0
    if (clock !== 1) return Errno.EINVAL
    if (at + 8 > view.byteLength) return Errno.EFAULT
    setLong(view, at, Math.floor((performance.now() - this.#startMs) * 1e6))
    return Errno.SUCCESS
  }

  /** Its files hold what the program writes; its own output is node:wasi's. */
  append (fd: number, iovs: number, count: number, out: number): number {
    const { view, bytes } = this.#memory()
    const file = this.#files[fd]!
    let total = 0
    for (let at = iovs >>> 0; at < (iovs >>> 0) + iovecBytes * count; at += iovecBytes) {
      const from = view.getUint32(at, true)
      const length = view.getUint32(at + 4, true)
      if (file.pages.length < file.position + length) {
        const larger = new Uint8Array(2 * (file.position + length))
        larger.set(file.pages)
        file.pages = larger
      }
      file.pages.set(bytes.subarray(from, from + length), file.position)
      file.position += length
      file.size = Math.max(file.size, file.position)
      total += length
    }
    view.setUint32(out >>> 0, total, true)
    return Errno.SUCCESS
  }
}

function setLong (view: DataView, at: number, value: number): void {
  const high = Math.floor(value / wordValues)
  view.setUint32(at, value - high * wordValues, true)
  view.setUint32(at + 4, high, true)
}

function copy (target: Uint8Array, to: number, source: Uint8Array, from: number, length: number): void {
  if (length <= loopBytes) for (let n = 0; n < length; n++) target[to + n] = source[from + n]!
  else target.set(source.subarray(from, from + length), to)
}

/** Descriptors below are streams and the directory that the program was given: the host's. */
const firstOwn = 4
const ownCount = 12

export const byHand = ownImports('by hand', ({ memory, host }) => {
  const calls = new FusedCalls(memory)
  for (let fd = firstOwn; fd < firstOwn + ownCount; fd++) calls.open(fd)
  return { calls: {
    fd_read: calls.fd_read,
    clock_time_get: calls.clock_time_get,
    fd_seek: (fd: number, offset: bigint, whence: number, out: number) => fd < firstOwn ? host['fd_seek']!(fd, offset, whence, out) : calls.fd_seek(fd, offset, whence, out),
    fd_fdstat_get: (fd: number, out: number) => fd < firstOwn ? host['fd_fdstat_get']!(fd, out) : calls.fd_fdstat_get(fd, out),
    fd_write: (fd: number, iovs: number, count: number, out: number) => fd < firstOwn ? host['fd_write']!(fd, iovs, count, out) : calls.append(fd, iovs, count, out)
  } }
})
