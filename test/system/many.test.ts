// As many programs as the host can hold, each waiting in a pipe: each still answers, one more is refused, and the host goes on,
// also when programs come and go where there is no room for more.

import assert from 'node:assert/strict'
import process from 'node:process'
import { test } from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { Errno, settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { INIT, PRIORITY_DEFAULT, READ, Signal, SpawnGroup, WRITE, Window } from '../../src/roles/index.ts'
import { loadProgram } from '../../src/index.ts'
import type { LoadedProgram } from '../../src/os/program.ts'
import { assembler } from '../../src/walls/wasm/rewriter/testing/assemble.ts'
import { start } from './support.ts'

const WANTED = 10_000
/** Bytes of a process beyond its memory, of which it touches one page of the host's. */
const BYTES_EACH_MAX = 100 * 1024
const TOUCHED_BYTES = 4096
/** More than the host lets lie unused: some must be found while no room is left. */
const COME_AND_GO = 600

/** Sends back what it reads, until there is no more; a trap when a call fails. */
const ECHO = `(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 64))
    (loop $next
      (i32.store (i32.const 4) (i32.const 64))
      (if (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 16)) (then unreachable))
      (if (i32.eqz (i32.load (i32.const 16))) (then return))
      (i32.store (i32.const 4) (i32.load (i32.const 16)))
      (if (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)) (then unreachable))
      (br $next))))`

interface Echo {
  readonly process: number
  /** The host's ends of its pipes. */
  readonly to: number
  readonly from: number
}

test('10,000 programs wait at once and each answers; one more than the host holds gets EAGAIN', { timeout: 280_000 }, async context => {
  await using os = await start('monolithic')
  const system = systemOf(os)
  const { host, state, machine } = system
  const { value, reason } = machine.addressSpacesMax
  if (value < WANTED) {
    context.skip(`this host holds ${value} programs: ${reason}`)
    return
  }
  const files = host.files!
  const { image } = loadProgram(assembler({ wabt: await loadWabt(), binaryen })('wabt', ECHO), { name: 'echo' }) as LoadedProgram
  const slot = host.space.capabilities.mint(image, 0)
  const at = host.arena.allocate(16)
  const byte = (access: number): Window => Window.of(host.arena, at, 1, access, state.counters)!

  /** One more; an error number when it is refused. */
  const spawn = function * (): Fiber<Echo | number> {
    const there = yield * settle(files.pipe())
    const back = yield * settle(files.pipe())
    assert.ok(typeof there !== 'number' && typeof back !== 'number', 'pipes are not what is scarce')
    const process = yield * settle(host.processes.spawn(slot, ['echo'], [], [there.read, back.write], PRIORITY_DEFAULT, 0, [], 0, '/', SpawnGroup.SAME))
    yield * settle(files.close(there.read))
    yield * settle(files.close(back.write))
    if (process > 0) return { process, to: there.write, from: back.read }
    yield * settle(files.close(there.write))
    yield * settle(files.close(back.read))
    return process
  }
  const answers = function * (one: Echo): Fiber<boolean> {
    const sent = one.process & 255
    host.arena.bytes[at] = sent
    assert.equal(yield * settle(files.write(one.to, byte(READ))), 1)
    host.arena.bytes[at] = ~sent
    assert.equal(yield * settle(files.read(one.from, byte(WRITE))), 1)
    return host.arena.bytes[at] === sent
  }
  const end = function * (one: Echo): Fiber<void> {
    assert.equal(yield * settle(host.processes.kill(one.process, Signal.KILL)), 0)
    yield * settle(host.processes.wait(one.process, 0))
    yield * settle(files.close(one.to))
    yield * settle(files.close(one.from))
  }

  const before = process.memoryUsage.rss()
  const all: Echo[] = []
  const refused = await system.run('as many as there can be', function * () {
    for (;;) {
      const made = yield * spawn()
      if (typeof made === 'number') return made
      all.push(made)
    }
  })
  assert.equal(refused, -Errno.EAGAIN)
  assert.ok(all.length >= WANTED, `${all.length} programs`)
  assert.equal(os.stats().processes, all.length)

  const answered = await system.run('each answers', function * () {
    let count = 0
    for (const one of all) if (yield * answers(one)) count++
    return count
  })
  assert.equal(answered, all.length)
  const bytesEach = (process.memoryUsage.rss() - before) / all.length - TOUCHED_BYTES
  context.diagnostic(`${all.length} programs, ${Math.round(bytesEach / 1024)} KiB each beyond their memory`)
  assert.ok(bytesEach <= BYTES_EACH_MAX, `${Math.round(bytesEach / 1024)} KiB each`)

  await system.run('they come and go', function * () {
    for (let i = 0; i < COME_AND_GO; i++) {
      yield * end(all[i]!)
      const made = yield * spawn()
      assert.ok(typeof made !== 'number', `one has ended, so there is room for one: ${made}`)
      all[i] = made
      if (i % 100 === 0) assert.ok(yield * answers(made))
    }
    assert.equal(yield * spawn(), -Errno.EAGAIN)
    assert.ok(yield * answers(all.at(-1)!))
  })
  assert.equal((await system.run('who is there', function * () { return yield * settle(host.processes.identity()) }) as { process: number }).process, INIT)
})
