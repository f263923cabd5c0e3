// Draws system calls from a seed: which call, and for each parameter a value that means something now, or a hostile one. What a
// parameter means is known by its name in the role of system calls; there is no second list of the calls.

import { importModules } from '../../../src/roles/index.ts'
import type { Operation } from '../../../src/roles/index.ts'
import { drawOf } from '../../system/property/calls.ts'
import type { Draw } from '../../system/property/calls.ts'

/** Bytes of the program's memory, and where in it what is drawn lies. */
export const MEMORY_BYTES = 2 * 65536
const OUTS = 512
const TEXTS = 1024
const VECTORS = 12_288
const SUBSCRIPTIONS = 13_312
const BUFFERS = 16_384
const BUFFERS_END = 65_536

/** The directory that the program begins with. */
const ROOT = 3
/** The socket on which connections wait. */
const LISTENER = 4

/** Bytes written to the program's memory before a call. */
export interface Poke { readonly at: number, readonly bytes: Uint8Array }

export interface Drawn {
  readonly name: string
  readonly args: readonly (number | bigint)[]
  readonly pokes: readonly Poke[]
}

export interface Signature { readonly module: string, readonly name: string, readonly types: readonly ('i32' | 'i64')[], readonly parameters: readonly string[] }

/** Every call of the role, as a program imports it. */
export const signatures: readonly Signature[] = Object.entries(importModules).flatMap(([module, operations]) =>
  Object.entries(operations).map(([name, operation]: [string, Operation]) => {
    const parameters = operation.parameters.map(parameter => parameter.name).filter(parameter => !parameter.endsWith('Hi'))
    return {
      module, name,
      types: parameters.map(parameter => parameter.endsWith('Lo') ? 'i64' as const : 'i32' as const),
      parameters: parameters.map(parameter => parameter.replace(/Lo$/, ''))
    }
  }))

/** What makes, ends, waits for or groups processes: a kernel of one program answers otherwise. */
export const ofProcesses: ReadonlySet<string> = new Set(signatures
  .filter(({ name, parameters }) => name === 'proc_spawn' || parameters.includes('process') || parameters.includes('group')).map(({ name }) => name))

/** Calls that end the caller or another, or make one: drawn seldom. */
const seldom = new Set(['proc_raise', 'proc_kill', 'proc_spawn', 'proc_wait', 'fd_close', 'fd_renumber', 'fd_fdstat_set_rights', 'pipe', 'dup', 'dup2'])

const hostile32 = [0, 1, -1, -2, 2, 3, 7, 0x7fffffff, -0x80000000, 0x7ffffffc, -4, -8, -48, 0xffff, 65532, MEMORY_BYTES - 1, MEMORY_BYTES - 4, MEMORY_BYTES - 8, MEMORY_BYTES, MEMORY_BYTES + 1, 4096, 1024, 1025, 0x40000000]
const hostile64 = [0n, 1n, -1n, -2n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 52n - 1n, 2n ** 52n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n), 0x3fffffffn, 4095n, 4096n, 65536n]

const names = ['a', 'b', 'c', 'd', 'e', 'ü', 'x'.repeat(255)]
const strangePaths: readonly Uint8Array[] = [
  ...['', '.', '..', '/', '/a', 'a//b', './', '../a', 'dev', 'dev/null', 'dev/zero', 'dev/random', 'dev/stdin', 'dev/..', 'x'.repeat(256), 'a/'.repeat(200), 'a/'.repeat(2100), 'bin/true', 'bin'].map(text => Buffer.from(text)),
  Uint8Array.of(0x61, 0, 0x62), Uint8Array.of(0xff, 0xfe), Uint8Array.of(0xed, 0xa0, 0x80), Uint8Array.of(0xc3)
]

/** What a program has open, as far as it was told: `opened` and `closed` keep it. */
export class Drawing {
  readonly #draw: Draw
  readonly #calls: readonly Signature[]
  readonly #open: number[] = [0, 1, 2, ROOT, LISTENER]
  #texts = 0
  #outs = 0

  /** `without`: calls that are not to be drawn. */
  constructor (seed: number, without: ReadonlySet<string>) {
    this.#draw = drawOf(seed)
    const wanted = signatures.filter(({ name }) => !without.has(name))
    // What opens and makes files is drawn more often, so that there is something to be hostile to.
    const often = wanted.filter(({ name }) => /^(path_|fd_write|fd_read|fd_seek)/.test(name))
    const opens = wanted.filter(({ name }) => name === 'path_open')
    this.#calls = [...wanted, ...wanted.filter(({ name }) => !seldom.has(name)), ...often, ...Array.from({ length: 12 }, () => opens).flat()]
  }

  opened (fd: number): void {
    const at = this.#open.indexOf(fd)
    if (at >= 0) this.#open.splice(at, 1)
    if (fd < 1 << 16) this.#open.push(fd)
  }

  next (): Drawn {
    const draw = this.#draw
    let call = this.#calls[draw(this.#calls.length)]!
    // A second draw for what is seldom.
    if (seldom.has(call.name) && draw(call.name.startsWith('proc_') ? 20 : 3) !== 0) call = this.#calls[draw(this.#calls.length)]!
    const pokes: Poke[] = []
    this.#texts = TEXTS
    this.#outs = OUTS + 8 * draw(8)
    const args: (number | bigint)[] = []
    const wild = draw(8) === 0 ? call.types.length === 0 ? -1 : draw(call.types.length) : -1
    let length = 0
    call.parameters.forEach((parameter, index) => {
      const is64 = call.types[index] === 'i64'
      let value: number | bigint
      if (index === wild || draw(60) === 0) {
        value = is64 ? this.#pick(hostile64) : this.#pick(hostile32)
        // What follows is still the length of something.
        length = draw(300)
      } else if (is64) {
        value = call.name === 'fd_fdstat_set_rights' ? this.#pick([0n, 0n, 2n, 66n, 0x3fffffffn]) : this.#wide(parameter)
      } else {
        const drawn = this.#narrow(call.name, parameter, length, pokes)
        value = drawn.value
        length = drawn.length
      }
      args.push(value)
    })
    return { name: call.name, args, pokes }
  }

  #pick<T> (items: readonly T[]): T {
    return items[this.#draw(items.length)]!
  }

  #wide (parameter: string): bigint {
    switch (parameter) {
      case 'base': case 'inheriting': return this.#pick([0x3fffffffn, 0x3fffffffn, 0x3fffffffn, 0n, 2n, 64n, 102n, BigInt(this.#draw(2 ** 30))])
      case 'offset': case 'length': case 'size': return this.#pick([0n, 0n, BigInt(this.#draw(100)), BigInt(this.#draw(100_000)), 4096n, 8191n])
      case 'cookie': return BigInt(this.#pick([0, 0, 1, 2, 3, this.#draw(50)]))
      default: return this.#pick([0n, 1n, 1_000_000_000n, BigInt(this.#draw(2 ** 31)), 1_700_000_000_000_000_000n])
    }
  }

  /** A value for a parameter of 32 bits; `length`: of what the one before points to, which the next may say. */
  #narrow (call: string, parameter: string, length: number, pokes: Poke[]): { value: number, length: number } {
    const draw = this.#draw
    const plain = (value: number): { value: number, length: number } => ({ value, length })
    switch (parameter) {
      case 'fd': case 'toFd': case 'to': return plain(draw(12) === 0 ? draw(40) : call.startsWith('path_') && draw(6) !== 0 ? ROOT : call.startsWith('sock_') && draw(3) === 0 ? LISTENER : this.#descriptor())
      case 'path': case 'toPath': case 'target': return this.#text(call === 'chdir' && draw(2) === 0 ? Buffer.from(this.#pick(['/', '/a', 'a', '..'])) : this.#path(), pokes)
      case 'argv': return plain(BUFFERS)
      case 'options': return plain(this.#spawn(pokes))
      case 'group': return plain(this.#pick([0, 1, 2, 2, 3, 4, -1]))
      case 'action': return plain(draw(3))
      case 'from': return plain(this.#pick([0, 3, 10, 59, draw(100)]))
      case 'length': case 'toLength': case 'targetLength': case 'bufferLength':
        return plain(call === 'random_get' || call === 'fd_readdir' || call === 'getcwd' || parameter === 'bufferLength' ? this.#pick([0, 1, 23, 24, 48, 300, 4096]) : length)
      case 'iovs': return { value: this.#vectors(pokes), length: 1 + draw(3) }
      case 'count': return plain(call === 'poll_oneoff' ? draw(4) : length > 4 ? draw(4) : length)
      case 'subscriptions': return plain(this.#subscriptions(pokes))
      case 'events': case 'buffer': case 'environ': return plain(BUFFERS + 8 * draw(1000))
      case 'out': case 'sizeOut': case 'flagsOut': case 'countOut': case 'processOut': case 'statusOut': return plain(this.#outs += 64)
      case 'lookupFlags': return plain(draw(2))
      case 'openFlags': return plain(this.#pick([0, 0, 1, 1, 1, 1, 1, 1, 2, 4, 5, 8, 9, draw(16)]))
      case 'flags': return plain(this.#pick([0, 0, 0, 0, 0, 1, 2, 4, 5, 8, draw(32)]))
      case 'whence': return plain(draw(3))
      case 'clock': return plain(draw(5))
      case 'advice': return plain(draw(6))
      case 'how': return plain(draw(4))
      case 'signal': return plain(this.#pick([0, 16, 18, 23, 27, draw(31)]))
      case 'process': return plain(this.#pick([0, 0, 1, 2, 3, 4, 5]))
      default: return plain(draw(65536))
    }
  }

  /** One that is open, mostly one of the last that were opened. */
  #descriptor (): number {
    return this.#draw(3) === 0 ? this.#pick(this.#open) : this.#open[Math.max(0, this.#open.length - 1 - this.#draw(6))]!
  }

  #path (): Uint8Array {
    const draw = this.#draw
    if (draw(12) === 0) return this.#pick(strangePaths)
    let text = this.#pick(names)
    for (let depth = this.#pick([0, 0, 0, 1, 1, 2]); depth > 0; depth--) text += `/${draw(10) === 0 ? this.#pick(['..', '.']) : this.#pick(names)}`
    return Buffer.from(draw(15) === 0 ? `${text}/` : text)
  }

  #text (bytes: Uint8Array, pokes: Poke[]): { value: number, length: number } {
    const at = this.#texts
    if (bytes.length > 0) pokes.push({ at, bytes })
    this.#texts += bytes.length + 16
    return { value: at, length: bytes.length }
  }

  #vectors (pokes: Poke[]): number {
    const view = new DataView(new ArrayBuffer(32))
    for (let i = 0; i < 4; i++) {
      const wild = this.#draw(40) === 0
      view.setUint32(8 * i, wild ? this.#pick(hostile32) : BUFFERS + this.#draw(BUFFERS_END - BUFFERS - 8192), true)
      view.setUint32(8 * i + 4, this.#draw(40) === 0 ? this.#pick(hostile32) : this.#pick([0, 1, 10, 100, 4096, 5000, this.#draw(8192)]), true)
    }
    pokes.push({ at: VECTORS, bytes: new Uint8Array(view.buffer) })
    return VECTORS
  }

  #subscriptions (pokes: Poke[]): number {
    const view = new DataView(new ArrayBuffer(4 * 48))
    for (let i = 0; i < 4; i++) {
      const at = 48 * i
      view.setUint32(at, this.#draw(1000), true)
      view.setUint8(at + 8, this.#draw(20) === 0 ? this.#draw(256) : this.#draw(3))
      view.setUint32(at + 16, this.#draw(2) === 0 ? this.#draw(3) : this.#pick(this.#open), true)
      view.setBigUint64(at + 24, BigInt.asUintN(64, this.#draw(10) === 0 ? this.#pick(hostile64) : BigInt(this.#draw(3))), true)
      view.setUint16(at + 40, this.#draw(3), true)
    }
    pokes.push({ at: SUBSCRIPTIONS, bytes: new Uint8Array(view.buffer) })
    return SUBSCRIPTIONS
  }

  /** The structure of proc_spawn: fourteen words (kaleidos.h). */
  #spawn (pokes: Poke[]): number {
    const draw = this.#draw
    const path = this.#text(draw(4) !== 0 ? Buffer.from('/bin/true') : this.#path(), pokes)
    const argv = this.#text(Buffer.from(this.#pick(['true\0', 'a\0b\0', '', 'a'])), pokes)
    const bytes = draw(6) === 0
    const words = [
      path.value, bytes ? 0 : path.length, bytes ? BUFFERS : 0, bytes ? draw(8192) : 0, argv.value, argv.length, 0, 0,
      this.#descriptors(pokes), this.#pick([0, 1, 3, 4, 5]), 0, 0, this.#pick([-1, -1, 0, 2]), draw(4)
    ]
    if (draw(4) === 0) words[draw(words.length)] = this.#pick(hostile32)
    const view = new DataView(new ArrayBuffer(4 * words.length))
    words.forEach((word, i) => { view.setUint32(4 * i, word, true) })
    pokes.push({ at: VECTORS + 128, bytes: new Uint8Array(view.buffer) })
    return VECTORS + 128
  }

  #descriptors (pokes: Poke[]): number {
    const view = new DataView(new ArrayBuffer(20))
    for (let i = 0; i < 5; i++) view.setInt32(4 * i, this.#draw(20) === 0 ? this.#pick(hostile32) : this.#pick([i, ...this.#open]), true)
    pokes.push({ at: VECTORS + 64, bytes: new Uint8Array(view.buffer) })
    return VECTORS + 64
  }
}
