import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, WaitQueue, isFiber } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { TestScheduler, fileSystemConformance } from '../../roles/conformance/index.ts'
import { Access, FileType, NO_WAIT, READ, Ready, WRITE, Window, inodeOf, typeOf } from '../../roles/index.ts'
import type { Console, Entropy, FileSystem } from '../../roles/index.ts'
import { startService, testArena } from '../testing.ts'
import { devfs } from './index.ts'

/** A terminal with a line of input and room for four bytes of output at a time. */
class FakeConsole implements Console {
  input = ''
  output = ''
  room = 4
  readonly changed = new WaitQueue('fake console')

  write (unit: number, from: Window): number | Fiber<number> {
    if (this.room === 0) return this.#writeLater(unit, from)
    const bytes = new Uint8Array(Math.min(this.room, from.length))
    from.take(0, bytes, 0, bytes.length)
    this.output += `${unit}:${String.fromCharCode(...bytes)} `
    this.room -= bytes.length
    return bytes.length
  }

  * read (unit: number, into: Window): Fiber<number> {
    assert.equal(unit, 0)
    while (this.input === '') yield this.changed
    const count = Math.min(into.length, this.input.length)
    into.put(0, Uint8Array.from(this.input, each => each.charCodeAt(0)), 0, count)
    this.input = this.input.slice(count)
    return count
  }

  * #writeLater (unit: number, from: Window): Fiber<number> {
    while (this.room === 0) yield this.changed
    return this.write(unit, from) as number
  }

  ready (unit: number, events: number): number {
    return events & (unit === 0 ? (this.input === '' ? 0 : Ready.READABLE) : this.room > 0 ? Ready.WRITABLE : 0)
  }

  * awaitReady (unit: number, events: number): Fiber<number> {
    while (this.ready(unit, events) === 0) yield this.changed
    return this.ready(unit, events)
  }

  terminal (unit: number): number {
    return unit === 2 ? 0 : 1
  }
}

const entropy: Entropy = { fill: into => into.fill(0, into.length, 0xaa) }

function make () {
  const console = new FakeConsole()
  const files = startService(devfs, { requires: { entropy, console: new Map([['console', console]]) } })['files'] as unknown as FileSystem
  const memory = testArena('client')
  const room = (length: number, text = ''): Window => {
    const at = memory.allocate(Math.max(1, length))
    for (let i = 0; i < text.length; i++) memory.bytes[at + i] = text.charCodeAt(i)
    return Window.of(memory, at, length, READ | WRITE, { bytesCopied: 0 })!
  }
  const bytesOf = (window: Window): number[] => {
    const bytes = new Uint8Array(window.length)
    window.take(0, bytes, 0, bytes.length)
    return [...bytes]
  }
  const open = (name: string): number =>
    files.open(inodeOf(files.lookup(1, name) as number), Access.READ | Access.WRITE) as number
  return { console, files, room, open, bytesOf }
}

const fixed = 'its names are fixed'
const devices = 'its files are devices'

fileSystemConformance({
  name: 'devfs',
  test,
  skip: {
    root: null, files: devices, 'sparse files': devices, allocate: devices, directories: fixed, listing: fixed,
    'hard links': fixed, 'symbolic links': fixed, 'unlinked files': fixed, rename: fixed, times: devices, 'exact times': devices, readiness: fixed,
    pipes: devices
  },
  make: () => ({ files: make().files, arena: testArena('client'), counter: { bytesCopied: 0 } })
})

test('null, zero, full and random read and write as they should', () => {
  const { files, open, room, bytesOf } = make()
  const window = room(3, 'abc')
  assert.equal(files.read(open('null'), 0, window), 0)
  assert.equal(files.write(open('null'), 0, window), 3)
  assert.deepEqual(bytesOf(window), [97, 98, 99])
  assert.equal(files.write(open('full'), 0, window), -Errno.ENOSPC)
  assert.equal(files.read(open('urandom'), 0, window), 3)
  assert.deepEqual(bytesOf(window), [0xaa, 0xaa, 0xaa])
  assert.equal(files.read(open('zero'), 0, window), 3)
  assert.deepEqual(bytesOf(window), [0, 0, 0])
  assert.equal(files.read(open('full'), 0, window), 3)
})

test('a terminal is a character device, what is redirected a stream', () => {
  const { files, open } = make()
  const type = (name: string): number => typeOf(files.lookup(1, name) as number)
  assert.equal(type('stdin'), FileType.CHARACTER_DEVICE)
  assert.equal(type('stderr'), FileType.UNKNOWN)
  assert.equal(type('null'), FileType.CHARACTER_DEVICE)
  assert.deepEqual(['stdin', 'stderr', 'null'].map(name => files.terminal(open(name))), [1, 0, 0])
})

test('a read of the console waits for input', () => {
  const { console, files, open, room, bytesOf } = make()
  const window = room(10)
  const scheduler = new TestScheduler()
  const stdin = open('stdin')
  assert.equal(files.read(stdin, NO_WAIT, window), -Errno.EAGAIN)
  const reading = files.read(stdin, 0, window)
  assert.ok(isFiber(reading))
  const task = scheduler.spawn(reading)
  scheduler.runNow(scheduler.settleDown())
  assert.equal(task.done, false)
  console.input = 'hi'
  console.changed.wakeAll()
  assert.equal(scheduler.runNow(task.join()), 2)
  assert.deepEqual(bytesOf(window).slice(0, 2), [104, 105])
  assert.equal(files.write(stdin, 0, window), -Errno.EBADF)
})

test('a write to the console goes on until all bytes are taken, and one that may not wait is short', () => {
  const { console, files, open, room } = make()
  const scheduler = new TestScheduler()
  const window = room(6, 'abcdef')
  const stderr = open('stderr')
  const writing = scheduler.spawn(files.write(stderr, 0, window) as Fiber<number>)
  scheduler.runNow(scheduler.settleDown())
  assert.equal(console.output, '2:abcd ')
  assert.equal(files.write(stderr, NO_WAIT, window), -Errno.EAGAIN)
  console.room = 4
  console.changed.wakeAll()
  assert.equal(scheduler.runNow(writing.join()), 6)
  assert.equal(console.output, '2:abcd 2:ef ')
  assert.equal(files.write(stderr, NO_WAIT, window), 2)
})

test('readiness of the console is of the unit that is meant', () => {
  const { console, files, open } = make()
  const scheduler = new TestScheduler()
  assert.equal(files.ready(open('console'), Ready.READABLE | Ready.WRITABLE), Ready.WRITABLE)
  console.room = 0
  const waiting = scheduler.spawn(files.awaitReady(open('console'), Ready.READABLE | Ready.WRITABLE) as Fiber<number>)
  scheduler.runNow(scheduler.settleDown())
  assert.equal(waiting.done, false)
  console.input = 'x'
  console.changed.wakeAll()
  assert.equal(scheduler.runNow(waiting.join()), Ready.READABLE)
})

test('without a terminal there are no names for it', () => {
  const files = startService(devfs, { requires: { entropy, console: new Map() } })['files'] as unknown as FileSystem
  assert.equal(files.lookup(1, 'console'), -Errno.ENOENT)
})
