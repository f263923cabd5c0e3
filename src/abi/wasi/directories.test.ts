import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { WaitQueue, errnoName } from '../../fiber/index.ts'
import type { Eventual } from '../../fiber/index.ts'
import type { Window } from '../../roles/index.ts'
import { fakes, finish } from './fakes.ts'
import type { Fakes } from './fakes.ts'

interface Entry { cookie: number, inode: number, type: number, name: string }

const BUFFER = 8192
const OUT = 4096

const waiting = new WaitQueue('disk')

/** A directory that gives records of the FileSystem role's form, at most `batch` at once. */
function directory (entries: readonly Entry[], batch: number, wait: boolean): (fd: number, cookie: number, window: Window) => Eventual<number> {
  const read = (cookie: number, window: Window): number => {
    const from = cookie === 0 ? 0 : entries.findIndex(entry => entry.cookie === cookie) + 1
    let at = 0
    for (const entry of entries.slice(from, from + batch)) {
      const name = new TextEncoder().encode(entry.name)
      const record = new Uint8Array(24 + Math.ceil(name.length / 8) * 8).fill(0xdd)
      const view = new DataView(record.buffer)
      view.setFloat64(0, entry.cookie, true)
      view.setFloat64(8, entry.inode, true)
      view.setUint32(16, entry.type, true)
      view.setUint32(20, name.length, true)
      record.set(name, 24)
      if (at + record.length > window.length) break
      window.put(at, record, 0, record.length)
      at += record.length
    }
    return at
  }
  return (_fd, cookie, window) => wait
    ? (function * () { yield waiting; return read(cookie, window) })()
    : read(cookie, window)
}

/** The dirents that a whole buffer would hold, by the letter of the witx. */
function dirents (entries: readonly Entry[]): Uint8Array {
  return Buffer.concat(entries.map(entry => {
    const name = Buffer.from(entry.name)
    const head = Buffer.alloc(24)
    head.writeBigUInt64LE(BigInt(entry.cookie), 0)
    head.writeBigUInt64LE(BigInt(entry.inode), 8)
    head.writeUInt32LE(name.length, 16)
    head.writeUInt8(entry.type, 20)
    return Buffer.concat([head, name])
  }))
}

function read (made: Fakes, length: number, cookie: number): { errno: string, bytes: Uint8Array } {
  made.memory.bytes.fill(0xee, BUFFER, BUFFER + length + 8)
  const errno = finish(made.calls.fd_readdir(3, BUFFER, length, cookie | 0, Math.floor(cookie / 2 ** 32), OUT))
  const used = errno === 0 ? made.memory.view.getUint32(OUT, true) : 0
  assert.deepEqual([...new Set(made.memory.bytes.subarray(BUFFER + used, BUFFER + length + 8))], [0xee], 'nothing beyond what is used')
  return { errno: errnoName(errno), bytes: made.memory.bytes.slice(BUFFER, BUFFER + used) }
}

const entry = fc.record({
  cookie: fc.integer({ min: 1, max: 2 ** 50 }), inode: fc.integer({ min: 1, max: 2 ** 53 - 1 }), type: fc.integer({ min: 0, max: 7 }),
  name: fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).filter(name => Buffer.byteLength(name) <= 255)
})
const listing = fc.uniqueArray(entry, { maxLength: 30, selector: one => one.cookie })

test('the buffer is filled to its last byte, the last entry cut; less means the end', () => {
  fc.assert(fc.property(listing, fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 8 }), fc.boolean(), (entries, length, batch, wait) => {
    const made = fakes({ readDirectory: directory(entries, batch, wait) })
    const whole = dirents(entries)
    const { errno, bytes } = read(made, length, 0)
    assert.equal(errno, 'SUCCESS')
    assert.deepEqual(Buffer.from(bytes), Buffer.from(whole.subarray(0, length)))
    assert.equal(made.counter.bytesCopied >= bytes.length, true)
    assert.equal(made.arena.allocatedBytes, 0)
  }))
})

test('reading goes on from the cookie of the last whole entry, and every entry comes once', () => {
  fc.assert(fc.property(listing, fc.integer({ min: 300, max: 700 }), fc.integer({ min: 1, max: 8 }), (entries, length, batch) => {
    const made = fakes({ readDirectory: directory(entries, batch, false) })
    const names: string[] = []
    let cookie = 0
    for (;;) {
      const { bytes } = read(made, length, cookie)
      const view = new DataView(bytes.buffer)
      for (let at = 0; at + 24 <= bytes.length;) {
        const size = view.getUint32(at + 16, true)
        if (at + 24 + size > bytes.length) break
        names.push(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(at + 24, at + 24 + size)))
        cookie = Number(view.getBigUint64(at, true))
        at += 24 + size
      }
      if (bytes.length < length) break
    }
    assert.deepEqual(names, entries.map(one => one.name))
  }))
})

test('a buffer of no bytes still says whether the descriptor is a directory', () => {
  const made = fakes({ readDirectory: -54 })
  assert.equal(read(made, 0, 0).errno, 'ENOTDIR')
})

test('records that make no sense are EIO', () => {
  const record = (cookie: number, nameLength: number, size: number) => (_fd: number, _cookie: number, window: Window): number => {
    const bytes = new Uint8Array(size)
    const view = new DataView(bytes.buffer)
    if (size >= 24) {
      view.setFloat64(0, cookie, true)
      view.setUint32(20, nameLength, true)
    }
    window.put(0, bytes, 0, size)
    return size
  }
  for (const [what, answer] of [
    ['a name that is longer than its record', record(5, 200, 32)],
    ['a name that is longer than a name can be', record(5, 256, 512)],
    ['a record without its head', record(5, 0, 16)],
    ['an entry that leads back to itself', record(0, 8, 32)],
    ['more bytes than there was room for', (fd: number, cookie: number, window: Window) => {
      // What lies behind the buffer is nobody's business, even where it looks like a record.
      const size = window.length - window.length % 32
      for (let at = 0; at < size; at += 32) record(at + 1, 8, 32)(fd, cookie, window.slice(at))
      return window.length + 32
    }]
  ] as const) {
    const made = fakes({ readDirectory: answer })
    assert.equal(read(made, 2000, 0).errno, 'EIO', what)
    assert.equal(made.arena.allocatedBytes, 0)
  }
})

test('a caller that is ended while it waits leaves nothing behind', () => {
  for (const resumed of [false, true]) {
    const made = fakes({ readDirectory: directory([], 1, true) })
    const fiber = made.calls.fd_readdir(3, BUFFER, 100, 0, 0, OUT)
    assert.ok(typeof fiber === 'object')
    if (resumed) fiber.next(undefined as never)
    assert.notEqual(made.arena.allocatedBytes, 0)
    fiber.return(0)
    assert.equal(made.arena.allocatedBytes, 0)
  }
})
