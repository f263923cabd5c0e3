/**
 * What a FileSystem does that keeps pipes: an inode without a name, which `create` with type UNKNOWN in the root gives;
 * handles for reading are its reading ends, handles for writing its writing ends.
 * Source: POSIX.1-2024, `pipe`, `read`, `write` (Pipes and FIFOs), `poll`.
 */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { Access, FileType, NO_WAIT, PIPE_ATOMIC_BYTES, PIPE_BYTES, Ready } from '../index.ts'
import type { FileSystem } from '../index.ts'
import type { Driver } from './drive.ts'
import { equal, fails, given, holds, works } from './expect.ts'
import type { FileSystemSubject } from './file-system.ts'
import { pattern, sameBytes } from './suite.ts'
import type { Case, Hand } from './suite.ts'

export type PipeFeature = 'pipes'

const POLLED = Ready.READABLE | Ready.WRITABLE

/** A pipe with one end each. */
class Pipe {
  readonly files: FileSystem
  readonly hand: Hand
  readonly inode: number
  reader = 0
  writer = 0

  constructor (files: FileSystem, hand: Hand, inode: number) {
    this.files = files
    this.hand = hand
    this.inode = inode
  }

  static * make (subject: FileSystemSubject, hand: Hand): Fiber<Pipe> {
    const root = works(yield * settle(subject.files.root()), 'root')
    const inode = works(yield * settle(subject.files.create(root, '', FileType.UNKNOWN)), 'create')
    const pipe = new Pipe(subject.files, hand, inode)
    pipe.reader = yield * pipe.open(Access.READ)
    pipe.writer = yield * pipe.open(Access.WRITE)
    return pipe
  }

  * open (access: number): Fiber<number> {
    return works(yield * settle(this.files.open(this.inode, access)), 'open')
  }

  * close (handle: number): Fiber<void> {
    equal(yield * settle(this.files.close(handle)), 0, 'close')
  }

  * write (text: string, offset = 0): Fiber<number> {
    return yield * settle(this.files.write(this.writer, offset, this.hand.text(text)))
  }

  /** What one read gives, or its error. */
  * read (length: number, offset = 0): Fiber<string | number> {
    const into = this.hand.room(length)
    const count = yield * settle(this.files.read(this.reader, offset, into))
    return count < 0 ? count : this.hand.read(into, count)
  }

  /** Reads until `length` bytes are there or the end. */
  * readAll (length: number, piece: number): Fiber<Uint8Array> {
    const all = new Uint8Array(length)
    let done = 0
    const into = this.hand.room(piece)
    while (done < length) {
      const count: number = works(yield * settle(this.files.read(this.reader, 0, into)), 'read')
      if (count === 0) break
      all.set(this.hand.see(into, count), done)
      done += count
    }
    return all.subarray(0, done)
  }

  * ready (handle: number): Fiber<number> {
    return yield * settle(this.files.ready(handle, POLLED))
  }
}

function on (name: string, body: (pipe: Pipe, driver: Driver) => Fiber<void>): Case<FileSystemSubject, PipeFeature> {
  return {
    feature: 'pipes',
    name,
    * body (subject, hand, driver) {
      yield * body(yield * Pipe.make(subject, hand), driver)
    }
  }
}

export const pipeCases: readonly Case<FileSystemSubject, PipeFeature>[] = [
  on('first in, first out, without borders', function * (pipe) {
    equal(yield * pipe.write('one'), 3, 'write')
    equal(yield * pipe.write('two'), 3, 'write')
    equal(yield * pipe.read(4), 'onet', 'read')
    equal(yield * pipe.write('three'), 5, 'write')
    equal(yield * pipe.read(100), 'wothree', 'read of all there is')
    equal(yield * pipe.read(0), '', 'read of nothing')
    const found = given(yield * settle(pipe.files.attributes(pipe.inode)), 'attributes')
    equal(found.type, FileType.UNKNOWN, 'type')
    fails(yield * settle(pipe.files.write(pipe.reader, 0, pipe.hand.text('x'))), 'EBADF', 'write to a reading end')
    fails(yield * settle(pipe.files.read(pipe.writer, 0, pipe.hand.room(1))), 'EBADF', 'read from a writing end')
  }),

  on('a reader waits for bytes', function * (pipe, driver) {
    const reading = driver.spawn(pipe.read(10))
    yield * driver.settleDown()
    holds(!reading.done, 'the reader waits')
    equal(yield * pipe.write('x'), 1, 'write')
    equal(yield * reading.join(), 'x', 'what it read')
  }),

  on('the end: 0 bytes once nobody can write and all was read', function * (pipe, driver) {
    const second = yield * pipe.open(Access.WRITE)
    equal(yield * pipe.write('last'), 4, 'write')
    yield * pipe.close(pipe.writer)
    equal(yield * pipe.read(10), 'last', 'read')
    const reading = driver.spawn(pipe.read(10))
    yield * driver.settleDown()
    holds(!reading.done, 'there is another writer: the reader waits')
    yield * pipe.close(second)
    equal(yield * reading.join(), '', 'the end')
    equal(yield * pipe.read(10), '', 'the end again')
  }),

  on('EPIPE once nobody can read', function * (pipe) {
    yield * pipe.close(pipe.reader)
    fails(yield * pipe.write('x'), 'EPIPE', 'write')
    fails(yield * pipe.write('x', NO_WAIT), 'EPIPE', 'write that does not wait')
  }),

  on('a writer that waits is let go when nobody can read', function * (pipe, driver) {
    equal(yield * pipe.write('x'.repeat(PIPE_BYTES)), PIPE_BYTES, 'filling it')
    const small = driver.spawn(pipe.write('y'))
    const large = driver.spawn(pipe.write('z'.repeat(PIPE_ATOMIC_BYTES + 1)))
    yield * driver.settleDown()
    holds(!small.done && !large.done, 'both wait')
    yield * pipe.close(pipe.reader)
    fails(yield * small.join(), 'EPIPE', 'the small one')
    fails(yield * large.join(), 'EPIPE', 'the large one')
  }),

  on('a writer that writes on and on keeps no other out', function * (pipe, driver) {
    const whole = 'x'.repeat(PIPE_BYTES)
    const greedy = driver.spawn((function * () {
      for (let i = 0; i < 4; i++) yield * pipe.write(whole)
    })())
    yield * driver.settleDown()
    const modest = driver.spawn(pipe.write('y'))
    yield * driver.settleDown()
    for (let i = 0; i < 2; i++) {
      yield * pipe.read(PIPE_BYTES)
      yield * driver.settleDown()
    }
    holds(modest.done, 'the other has had its turn')
    holds(!greedy.done, 'the first still waits')
    while (!greedy.done) {
      yield * pipe.read(PIPE_BYTES)
      yield * driver.settleDown()
    }
  }),

  on('a reader that reads on and on keeps no other out', function * (pipe, driver) {
    let taken = 0
    const greedy = driver.spawn((function * () {
      while (taken < 2) taken += ((yield * pipe.read(10)) as string).length
    })())
    yield * driver.settleDown()
    const modest = driver.spawn(pipe.read(10))
    yield * driver.settleDown()
    for (let i = 0; i < 2; i++) {
      yield * pipe.write('x')
      yield * driver.settleDown()
    }
    holds(modest.done && taken === 1, 'each has had one')
    yield * pipe.write('x')
    yield * greedy.join()
  }),

  on('holds writers back, and loses and reorders nothing', function * (pipe, driver) {
    const bytes = pattern(PIPE_BYTES * 3 + 777)
    const from = pipe.hand.bytes(bytes)
    const writing = driver.spawn(settle(pipe.files.write(pipe.writer, 0, from)))
    yield * driver.settleDown()
    holds(!writing.done, 'the writer waits')
    equal(yield * settle(pipe.files.available(pipe.reader)), PIPE_BYTES, 'bytes in the pipe')
    const read = yield * pipe.readAll(bytes.length, 5000)
    equal(yield * writing.join(), bytes.length, 'bytes written')
    holds(sameBytes(read, bytes), 'the bytes that were written')
  }),

  on('writes of up to PIPE_ATOMIC_BYTES are never torn', function * (pipe, driver) {
    const sizes = [1, 100, 1000, PIPE_ATOMIC_BYTES - 1, PIPE_ATOMIC_BYTES]
    const rounds = 20
    function * writer (index: number): Fiber<void> {
      const size = sizes[index]!
      for (let round = 0; round < rounds; round++) {
        equal(yield * pipe.write(String.fromCharCode(65 + index).repeat(size)), size, 'write')
      }
    }
    const writers = sizes.map((_, index) => driver.spawn(writer(index)))
    const total = sizes.reduce((sum, size) => sum + size * rounds, 0)
    const read = yield * pipe.readAll(total, 3000)
    for (const each of writers) yield * each.join()
    equal(read.length, total, 'bytes')
    // Every run of a letter is whole writes.
    for (let at = 0; at < total;) {
      const index = read[at]! - 65
      let end = at
      while (end < total && read[end] === read[at]) end++
      equal((end - at) % sizes[index]!, 0, `rest of a run of ${end - at} bytes in writes of ${sizes[index]}`)
      at = end
    }
  }),

  on('NO_WAIT answers EAGAIN instead', function * (pipe) {
    fails(yield * pipe.read(1, NO_WAIT), 'EAGAIN', 'read of an empty pipe')
    const almost = PIPE_BYTES - 100
    equal(yield * pipe.write('x'.repeat(almost), NO_WAIT), almost, 'write')
    fails(yield * pipe.write('y'.repeat(101), NO_WAIT), 'EAGAIN', 'an atomic write that does not fit')
    equal(yield * pipe.write('z'.repeat(PIPE_ATOMIC_BYTES + 1), NO_WAIT), 100, 'a larger one is cut')
    fails(yield * pipe.write('z'.repeat(PIPE_ATOMIC_BYTES + 1), NO_WAIT), 'EAGAIN', 'a larger one into a full pipe')
    equal(yield * pipe.read(2, NO_WAIT), 'xx', 'read')
    yield * pipe.close(pipe.writer)
    yield * pipe.readAll(PIPE_BYTES, PIPE_BYTES)
    equal(yield * pipe.read(1, NO_WAIT), '', 'read at the end')
  }),

  on('ready says what would not wait', function * (pipe) {
    equal(yield * pipe.ready(pipe.reader), 0, 'empty: reader')
    equal(yield * pipe.ready(pipe.writer), Ready.WRITABLE, 'empty: writer')
    equal(yield * pipe.write('x'.repeat(PIPE_BYTES - PIPE_ATOMIC_BYTES + 1)), PIPE_BYTES - PIPE_ATOMIC_BYTES + 1, 'write')
    equal(yield * pipe.ready(pipe.reader), Ready.READABLE, 'bytes: reader')
    equal(yield * pipe.ready(pipe.writer), 0, 'no room for an atomic write: writer')
    yield * pipe.close(pipe.writer)
    equal(yield * pipe.ready(pipe.reader), Ready.READABLE | Ready.HANGUP, 'no writer: reader')
  }),

  on('ready says that nobody reads', function * (pipe) {
    yield * pipe.close(pipe.reader)
    equal(yield * pipe.ready(pipe.writer), Ready.WRITABLE | Ready.HANGUP, 'writer')
  }),

  on('awaitReady waits for it', function * (pipe, driver) {
    const readable = driver.spawn(settle(pipe.files.awaitReady(pipe.reader, Ready.READABLE)))
    yield * driver.settleDown()
    holds(!readable.done, 'waits for bytes')
    yield * pipe.write('x'.repeat(PIPE_BYTES))
    equal(yield * readable.join(), Ready.READABLE, 'what came')
    const writable = driver.spawn(settle(pipe.files.awaitReady(pipe.writer, Ready.WRITABLE)))
    yield * driver.settleDown()
    holds(!writable.done, 'waits for room')
    yield * pipe.readAll(PIPE_BYTES, PIPE_BYTES)
    equal(yield * writable.join(), Ready.WRITABLE, 'what came')
    const hangup = driver.spawn(settle(pipe.files.awaitReady(pipe.reader, Ready.READABLE)))
    yield * driver.settleDown()
    yield * pipe.close(pipe.writer)
    equal(yield * hangup.join(), Ready.READABLE | Ready.HANGUP, 'the end')
  }),

  on('one that waits can be ended, and others go on', function * (pipe, driver) {
    const first = driver.spawn(pipe.read(10))
    const second = driver.spawn(pipe.read(10))
    yield * driver.settleDown()
    first.end()
    equal(yield * pipe.write('x'), 1, 'write')
    equal(yield * second.join(), 'x', 'what the other read')
  })
]
