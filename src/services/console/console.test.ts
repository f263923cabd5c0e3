import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, isFiber } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { TestScheduler } from '../../roles/conformance/index.ts'
import { READ, Ready, WRITE, Window } from '../../roles/index.ts'
import type { Console } from '../../roles/index.ts'
import { startService, testArena } from '../testing.ts'
import { console as service } from './index.ts'

/** A terminal of the test's: `type` and `end` are its user, `room` what its screen can take. */
function make () {
  const terminal = { input: '', ended: false, output: '', room: Infinity, broken: false, awaited: false, awaits: 0, writes: [] as number[] }
  const lines = new Map<string, () => void>()
  const raiseInput = (): void => {
    if (!terminal.awaited || (terminal.input === '' && !terminal.ended)) return
    terminal.awaited = false
    lines.get('console-in')!()
  }
  const devices = {
    interrupts: { connect (line: string, run: () => void) { lines.set(line, run) } },
    console: {
      read (bytes: Uint8Array, at: number, length: number) {
        if (terminal.input === '') return terminal.ended ? 0 : -Errno.EAGAIN
        const taken = terminal.input.slice(0, length)
        terminal.input = terminal.input.slice(length)
        for (let i = 0; i < taken.length; i++) bytes[at + i] = taken.charCodeAt(i)
        return taken.length
      },
      write (_unit: number, bytes: Uint8Array, at: number, length: number) {
        if (terminal.broken) return -Errno.EPIPE
        if (terminal.room === 0) return -Errno.EAGAIN
        const count = Math.min(length, terminal.room)
        terminal.room -= count
        terminal.output += String.fromCharCode(...bytes.subarray(at, at + count))
        terminal.writes.push(count)
        return count
      },
      readable: () => terminal.input === '' && terminal.ended ? -1 : terminal.input.length,
      writable: () => terminal.broken || terminal.room > 0,
      hungUp: (unit: number) => unit > 0 && terminal.broken,
      terminal: () => true,
      awaitInput (wanted: boolean) {
        terminal.awaited = wanted
        if (wanted) terminal.awaits++
      },
      flush: async () => {}
    }
  }
  const memory = testArena('client')
  const counter = { bytesCopied: 0 }
  const window = (text: string | number): Window => {
    const length = typeof text === 'number' ? text : text.length
    const at = memory.allocate(length)
    if (typeof text === 'string') memory.bytes.set(new TextEncoder().encode(text), at)
    return Window.of(memory, at, length, READ | WRITE, counter)!
  }
  const client = startService(service, { devices })['console'] as unknown as Console
  return {
    terminal, client, window, memory, counter, scheduler: new TestScheduler(),
    see (into: Window, count: number): string {
      const bytes = new Uint8Array(count)
      into.take(0, bytes, 0, count)
      return new TextDecoder().decode(bytes)
    },
    type (text: string) { terminal.input += text; raiseInput() },
    end () { terminal.ended = true; raiseInput() },
    drain (room: number) { terminal.room = room; lines.get('console-out')!() },
    raiseInput
  }
}

test('readers wait in turn, the machine is asked for input only while one does, and the end is for all', async () => {
  const { terminal, client, window, scheduler, see, type, end, raiseInput } = make()
  function * reader (length: number): Fiber<string> {
    const into = window(length)
    const count = client.read(0, into)
    return see(into, isFiber(count) ? yield * count : count)
  }
  function * all (): Fiber<void> {
    const first = scheduler.spawn(reader(2))
    const second = scheduler.spawn(reader(10))
    yield * scheduler.settleDown()
    assert.ok(terminal.awaited)
    type('abc')
    assert.equal(yield * first.join(), 'ab')
    assert.equal(yield * second.join(), 'c')
    assert.ok(!terminal.awaited, 'nobody waits')
    const third = scheduler.spawn(reader(1))
    const fourth = scheduler.spawn(reader(1))
    yield * scheduler.settleDown()
    type('x')
    // One found nothing, and the machine was told that it still waits.
    assert.equal(yield * third.join(), 'x')
    yield * scheduler.settleDown()
    assert.ok(terminal.awaited)
    const killed = scheduler.spawn(reader(1))
    yield * scheduler.settleDown()
    killed.end()
    assert.ok(terminal.awaited, 'another waits')
    end()
    assert.equal(yield * fourth.join(), '')
    assert.equal(yield * reader(5), '')
  }
  await scheduler.run(all(), async () => raiseInput())
  assert.ok(!terminal.awaited)
})

test('a reader that is ended while it waits alone lets the host go', () => {
  const { terminal, client, window } = make()
  const reading = client.read(0, window(1)) as Fiber<number>
  reading.next(undefined as never)
  assert.ok(terminal.awaited)
  reading.return(0)
  assert.ok(!terminal.awaited)
})

test('a writer waits for room, gets none that came too early, and EPIPE once nobody reads', async () => {
  const { terminal, client, window, scheduler, drain } = make()
  terminal.room = 3
  assert.equal(client.write(1, window('hello')), 3)
  const waiting = client.write(1, window('lo')) as Fiber<number>
  drain(1)
  // The room came between the answer and the wait.
  assert.equal(await scheduler.run(waiting), 1)
  assert.equal(terminal.output, 'hell')
  const broken = client.write(2, window('x')) as Fiber<number>
  assert.equal(await scheduler.run(broken, async () => {
    terminal.broken = true
    drain(0)
  }), -Errno.EPIPE)
})

test('a short write in pieces is one write; bytes are counted once', () => {
  const { terminal, client, memory, window, counter } = make()
  const text = 'one two three'
  const at = memory.allocate(100)
  memory.bytes.set(new TextEncoder().encode(text), at)
  const pieces = Window.ofPieces(memory, [at, 4, at + 4, 4, at + 8, 5], READ, counter)!
  assert.equal(client.write(1, pieces), text.length)
  assert.equal(terminal.output, text)
  assert.deepEqual(terminal.writes, [text.length])
  assert.equal(counter.bytesCopied, text.length)
  assert.equal(client.write(1, window('whole')), 5)
  assert.equal(counter.bytesCopied, text.length + 5)
  terminal.room = 0
  assert.ok(isFiber(client.write(1, pieces)))
  assert.equal(counter.bytesCopied, text.length + 5, 'nothing is copied in vain')
})

test('readiness: what holds now, and a wait for what will', async () => {
  const { terminal, client, scheduler, type, end, drain } = make()
  assert.equal(client.ready(0, Ready.READABLE), 0)
  const readable = client.awaitReady(0, Ready.READABLE) as Fiber<number>
  assert.equal(await scheduler.run(readable, async () => type('x')), Ready.READABLE)
  terminal.input = ''
  const writing = client.awaitReady(0, Ready.WRITABLE) as Fiber<number>
  writing.next(undefined as never)
  assert.ok(!terminal.awaited, 'who does not want to read takes no input')
  writing.return(0)
  end()
  assert.equal(client.ready(0, Ready.READABLE), Ready.READABLE)
  assert.equal(client.ready(1, Ready.WRITABLE | Ready.READABLE), Ready.WRITABLE)
  terminal.room = 0
  assert.equal(client.ready(1, Ready.WRITABLE), 0)
  const writable = client.awaitReady(1, Ready.WRITABLE) as Fiber<number>
  assert.equal(await scheduler.run(writable, async () => drain(1)), Ready.WRITABLE)
  terminal.broken = true
  assert.equal(client.ready(2, 0), Ready.HANGUP)
})

test('units that are not there, and the wrong direction, are EBADF', () => {
  const { client, window } = make()
  for (const unit of [1, 2, 3, -1]) assert.equal(client.read(unit, window(1)), -Errno.EBADF)
  for (const unit of [0, 3, -1]) assert.equal(client.write(unit, window(1)), -Errno.EBADF)
  for (const unit of [3, -1]) {
    assert.equal(client.ready(unit, 7), -Errno.EBADF)
    assert.equal(client.awaitReady(unit, 7), -Errno.EBADF)
    assert.equal(client.terminal(unit), -Errno.EBADF)
  }
  assert.equal(client.read(0, window(0)), 0)
})
