// Programs on threads of their own: what the wall holds, tried. Their calls, kills and accounts are those of any program; what is
// looked at here is that they compute beside each other, that whatever one does ends with its thread, and that threads do not pile up.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProgramError, boot, liveMachine } from '../../src/index.ts'
import type { Process } from '../../src/index.ts'
import type { Machine, MachinePlaces } from '../../src/machine/index.ts'
import { PROGRAM_THREADS_MAX, SPARE_THREADS, SPARE_THREAD_BYTES, THREAD_HEAP_BYTES } from '../../src/roles/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { assemble, wat } from '../hostile/assemble.ts'
import { assertHolds, holdings, install, planNamed, program, run, sleep } from '../system/support.ts'
import { placesOf, programsBehind, startBehind, until } from './support.ts'

const kernels = ['monolithic', 'microkernel'] as const


for (const kernel of kernels) {
  describe(`programs on threads under ${kernel}`, () => {
    test('endless loops hold up neither the kernel nor each other nor host code, and end by a kill', async () => {
      await using os = await startBehind('thread', kernel)
      const spinning = [os.spawn(program('spin'), { stdin: null }), os.spawn(program('spin'), { stdin: null })]
      await Promise.all(spinning.map(process => process.started))
      assert.equal((await os.spawn(program('cat'), { stdin: 'somebody else' }).output()).text, 'somebody else')
      let turns = 0
      const timer = setInterval(() => { turns++ }, 2)
      await sleep(200)
      clearInterval(timer)
      assert.ok(turns >= 5, `${turns} turns of the host`)
      assert.equal(os.stats().counters.preemptions, 0, 'nobody was preempted by the kernel')
      for (const process of spinning) {
        await process.kill('SIGKILL')
        assert.equal((await process.wait()).status, 137)
      }
    })

    test('two hundred programs, ended and killed, leave no thread, no memory, no capability', async () => {
      await using os = await startBehind('thread', kernel)
      assert.equal((await run(os, program('hello'))).stdout, 'Hello from KaleidOS\n')
      const held = await holdings(os)
      for (let i = 0; i < 200; i++) {
        if (i % 20 !== 0) {
          assert.equal((await run(os, program('true'))).status, 0)
          continue
        }
        const process = os.spawn(program('spin'), { stdin: null })
        await process.started
        await process.kill('SIGKILL')
        assert.equal((await process.wait()).status, 137)
      }
      await assertHolds(os, held)
      await until('threads that were ended are gone', () => placesOf(os) <= SPARE_THREADS)
    })

    test('what fills its memory for ever is killed, and its thread goes with it', async () => {
      await using os = await startBehind('thread', kernel)
      const fills = os.spawn(wat('(func (export "_start") (drop (memory.grow (i32.const 1000))) (loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65000000)) (br 0)))'), { stdin: null })
      await fills.started
      await sleep(200)
      await fills.kill('SIGKILL')
      assert.equal((await fills.wait()).status, 137)
      // The one that is left is made ready for the next program.
      await until('its thread is gone', () => placesOf(os) <= 1)
    })

    test('a program may wait on its memory, and what is killed there is gone', async () => {
      await using os = await startBehind('thread', kernel)
      const waits = os.spawn(assemble('wabt', '(module (memory (export "memory") 1 1 shared) (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))'), { stdin: null })
      await waits.started
      await sleep(20)
      await waits.kill('SIGKILL')
      assert.equal((await waits.wait()).status, 137)
      // The one that is left is made ready for the next program.
      await until('its thread is gone', () => placesOf(os) <= 1)
    })

    test('what cannot be made an instance of ends when it begins, and says why', async () => {
      await using os = await startBehind('thread', kernel)
      const exit = await os.spawn(wat('(data (i32.const 65530) "0123456789") (func (export "_start"))'), { stdin: null }).wait()
      assert.equal(exit.signal, 'SIGSEGV')
      assert.match(exit.message, /out of bounds/)
    })

    test('memories that cannot be shared are refused by name', async () => {
      await using os = await startBehind('thread', kernel)
      const refused: [Uint8Array, RegExp][] = [
        [assemble('binaryen', '(module (memory $a (export "memory") 1) (memory $b 1) (func (export "_start")))'), /it has 2 memories/],
        [assemble('binaryen', '(module (memory (export "memory") i64 1) (func (export "_start")))'), /64-bit addresses/],
      ]
      for (const [bytes, message] of refused) {
        assert.throws(() => os.spawn(bytes), (error: unknown) => error instanceof ProgramError && error.reason === 'limit' && message.test(error.message))
      }
    })

    test('one that fills its heap with objects is ended, and nobody else', async () => {
      const heapBytesMax = 32 * 2 ** 20
      assert.ok(heapBytesMax < THREAD_HEAP_BYTES, 'what it has where the plan says nothing')
      await using os = await boot({ kernel: programsBehind(planNamed[kernel](), 'thread', { heapBytesMax }) })
      // A list that is kept whole, of arrays of the engine's.
      const bomb = assemble('binaryen', `(module (memory (export "memory") 1)
        (type $cell (struct (field (ref null $cell)) (field i64) (field i64)))
        (global $all (mut (ref null $cell)) (ref.null $cell))
        (func (export "_start") (loop $again (global.set $all (struct.new $cell (global.get $all) (i64.const 1) (i64.const 2))) (br $again))))`)
      const neighbour = os.spawn(program('cat'), { stdin: 'pipe' })
      const exit = await os.spawn(bomb, { stdin: null }).wait()
      assert.equal(exit.signal, 'SIGKILL')
      assert.match(exit.message, /heap|memory/i)
      await neighbour.stdin.close()
      assert.equal((await neighbour.wait()).status, 0)
    })

    test('a limit of processor time ends one that computes without a call', async () => {
      await using os = await startBehind('thread', kernel)
      const exit = await os.spawn(program('spin'), { stdin: null, limits: { cpuTimeMs: 50 } }).wait()
      assert.equal(exit.signal, 'SIGXCPU')
      assert.match(exit.message, /its processor time of 0.05 s is used up/)
    })
  })
}

/** A machine whose host has only so many threads. */
function machineOf (threads: number): Machine {
  const machine = liveMachine()
  const places = machine.places as MachinePlaces
  let there = 0
  return {
    ...machine,
    places: {
      bell: places.bell,
      expect: (count, kind) => { places.expect(count, kind) },
      start: wish => {
        if (there >= threads) throw new Error('the host has no more threads')
        there++
        return places.start({
          ...wish,
          ended: why => {
            there--
            wish.ended(why)
          }
        })
      }
    }
  }
}

test('where the host has no more threads a program is not started (EAGAIN), and is when there is one again', async () => {
  assert.ok(PROGRAM_THREADS_MAX >= 128)
  const machine = machineOf(5)
  const os = await startBehind('thread', 'microkernel', { machine })
  const waiting: Process[] = []
  for (let i = 0; i < 5; i++) {
    const process = os.spawn(program('cat'), { stdin: 'pipe' })
    await process.started
    waiting.push(process)
  }
  await assert.rejects(os.spawn(program('cat'), { stdin: null }).wait(), { code: 'EAGAIN' })
  await waiting[0]!.kill('SIGKILL')
  await until('a thread is gone', () => placesOf(os) < 5)
  assert.equal((await run(os, program('hello'))).stdout, 'Hello from KaleidOS\n')
  await os.close()
  machine.close()
})

test('a thread whose program has grown beyond what is kept goes with it', async () => {
  await using os = await startBehind('thread', 'monolithic')
  await run(os, program('hello'))
  const grown = 2 * SPARE_THREAD_BYTES / 2 ** 20
  assert.match((await run(os, program('grow'), { args: ['grow', String(grown)] })).stdout, new RegExp(`^done after ${grown} MiB`))
  // The one that is left is made ready for the next program.
      await until('its thread is gone', () => placesOf(os) <= 1)
})

test('the system closes with programs that compute, and leaves no thread', async () => {
  const os = await startBehind('thread', 'microkernel')
  await install(os, 'spin')
  const { programs } = systemOf(os)
  for (let i = 0; i < 3; i++) await os.spawn(program('spin'), { stdin: null }).started
  await os.close()
  assert.equal(programs.count, 0)
})
