// Each limit, of a program with all that it starts and of a system: it is reached, nothing gets beyond it, who reached it is told
// by its errno, others go on, and what was used can be used again.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Errno } from '../../src/fiber/index.ts'
import { liveMachine } from '../../src/index.ts'
import type { Limits, OperatingSystem } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { PIPE_BYTES, Resource } from '../../src/roles/index.ts'
import { MESSAGE_BUFFERS, assertHolds, holdings, install, everyName, everyMultiprogram, program, run, start } from '../system/support.ts'
import type { EveryName } from '../system/support.ts'
import { assemble, wat } from './assemble.ts'

const MIB = 2 ** 20

/** Words as the bytes of a data segment. */
function words (values: readonly number[]): string {
  return [...new Uint8Array(Int32Array.from(values).buffer)].map(byte => `\\${byte.toString(16).padStart(2, '0')}`).join('')
}

/**
 * A program that grows by some pages, then starts others of a file until it may not, and lets each run to its end but
 * does not wait for it; its status is how many it started.
 */
function starter (path: string, pages: number): Uint8Array {
  return assemble('wabt', `(module
    (import "kaleidos" "proc_spawn" (func $spawn (param i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (memory (export "memory") 1)
    (data (i32.const 0) "${path}\\00") (data (i32.const 64) "${words([0, 1, 2])}")
    (data (i32.const 128) "${words([0, path.length, 0, 0, 0, path.length + 1, 0, 0, 64, 3, 0, 0, -1, 0])}")
    (func (export "_start") (local $started i32) (local $i i32)
      (drop (memory.grow (i32.const ${pages})))
      (loop $again
        (if (i32.eqz (call $spawn (i32.const 128) (i32.const 96))) (then
          (local.set $started (i32.add (local.get $started) (i32.const 1)))
          (local.set $i (i32.const 200))
          (loop $turn (drop (call $yield)) (br_if $turn (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
          (br $again))))
      (call $exit (local.get $started))))`)
}

/** Runs `hostile WHAT…` with limits; what it printed. */
async function hostile (os: OperatingSystem, limits: Limits, ...words: string[]): Promise<string> {
  const { stdout, stderr, status } = await run(os, program('hostile'), { args: ['hostile', ...words], limits })
  return stderr === '' ? stdout.trim() : `${stderr.trim()} (${status})`
}

/** A tree to work in, and what it holds then. */
async function prepare (kernel: EveryName, limits: Limits = {}): Promise<OperatingSystem> {
  const os = await start(kernel, { limits, program: program('hostile') })
  await install(os, 'hostile', 'grow', 'spin', 'true')
  await os.fs.mkdir('/work')
  if (everyMultiprogram.includes(kernel)) {
    // The first time, buffers are made that stay for the next.
    await os.fs.writeFile('/work/first', 'x')
    await os.fs.readdir('/work')
    await os.fs.unlink('/work/first')
    await run(os, program('spawns'), { args: ['spawns', '/bin/true', '2', '2'] })
  }
  return os
}

/** What a system holds; where one program is all there ever is, only what accounts say. */
async function held (kernel: EveryName, os: OperatingSystem): Promise<() => Promise<void>> {
  if (everyMultiprogram.includes(kernel)) {
    const before = await holdings(os)
    return () => assertHolds(os, before, MESSAGE_BUFFERS)
  }
  const counted = (): unknown => {
    const { accounts } = systemOf(os).state
    return [accounts.size, accounts.system.used.filter((_, resource) => resource !== Resource.CPU), os.stats().processes]
  }
  const before = counted()
  return async () => { assert.deepEqual(counted(), before) }
}

for (const kernel of everyName) {
  const many = everyMultiprogram.includes(kernel)

  describe(`limits under ${kernel}`, { concurrency: 1 }, () => {
    test('memory: growth beyond it fails, and who ends gives it back', async () => {
      await using os = await prepare(kernel, { memoryBytes: 32 * MIB })
      const asBefore = await held(kernel, os)
      assert.match((await run(os, program('grow'), { args: ['grow'], limits: { memoryBytes: 8 * MIB } })).stdout, /^refused after 7 MiB/)
      await asBefore()
      if (!many) return
      // The system's, and again all of it once the one before has ended.
      for (let i = 0; i < 3; i++) assert.match((await run(os, program('grow'), { args: ['grow'] })).stdout, /^refused after 31 MiB/)
      await asBefore()
    })

    test('memory: what begins with more is refused in a sentence, and what would begin with more than is left in an error', async () => {
      await using os = await start(kernel, { limits: { memoryBytes: 2 * MIB } })
      const large = wat('(func (export "_start"))').slice()
      assert.throws(() => os.spawn(large, { limits: { memoryBytes: 65535 } }), /begins with 65536 bytes of memory and tables, and may have 65535/)
      // A table lies on the host's heap, and is paid for as large as it can become.
      const table = wat('(table 1000000 funcref) (func (export "_start"))')
      assert.throws(() => os.spawn(table, { limits: { memoryBytes: 16 * MIB } }), { reason: 'limit' })
      if (!many) return
      await using small = await start(kernel, { limits: { memoryBytes: 65536 } })
      const first = small.spawn(program('spin'), { stdin: null })
      await assert.rejects(first.started, { code: 'ENOMEM' })
      assert.equal((await small.spawn(large, { stdin: null }).wait()).status, 0)
    })

    test('files: by their names, and links count', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      assert.equal(await hostile(os, { files: 10 }, 'names', '/work'), `10 files, then errno ${Errno.EDQUOT}`)
      assert.equal((await os.fs.readdir('/work')).length, 10)
      for (const name of await os.fs.readdir('/work')) await os.fs.unlink(`/work/${name}`)
      if (many) assert.equal(await hostile(os, { files: 10 }, 'names', '/work'), `10 files, then errno ${Errno.EDQUOT}`)
      for (const name of await os.fs.readdir('/work')) await os.fs.unlink(`/work/${name}`)
      await asBefore()
    })

    test('disk: whole pages, who made them pays, and what is removed can be used again', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      assert.equal(await hostile(os, { diskBytes: 100_000 }, 'fill', '/work/a'), `${24 * 4096} bytes, then errno ${Errno.EDQUOT}`)
      // The host is not in its account.
      await os.fs.writeFile('/work/b', new Uint8Array(200_000))
      await os.fs.unlink('/work/a')
      if (many) assert.equal(await hostile(os, { diskBytes: 100_000 }, 'fill', '/work/a'), `${24 * 4096} bytes, then errno ${Errno.EDQUOT}`)
      await os.fs.unlink('/work/b')
      if (many) await os.fs.unlink('/work/a')
      await asBefore()
    })

    test('files and disk of a system: a full file system is ENOSPC', async () => {
      await using os = await start(kernel, { limits: { files: 20, diskBytes: 50 * 4096 }, program: program('hostile') })
      await os.fs.mkdir('/work')
      assert.equal(await hostile(os, {}, 'names', '/work'), `18 files, then errno ${Errno.ENOSPC}`, 'the root and /work are two')
      for (const name of await os.fs.readdir('/work')) await os.fs.unlink(`/work/${name}`)
      if (!many) return
      assert.equal(await hostile(os, {}, 'fill', '/work/a'), `${50 * 4096} bytes, then errno ${Errno.ENOSPC}`)
      await assert.rejects(os.fs.writeFile('/work/b', 'x'), { code: 'ENOSPC' })
      await os.fs.unlink('/work/a')
      await os.fs.writeFile('/work/b', 'x')
    })

    test('descriptors: of a process EMFILE, of a system ENFILE', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      // Three streams and the root are open.
      assert.equal(await hostile(os, { descriptors: 10 }, 'descriptors', '/bin/hostile'), `6 opened, then errno ${Errno.EMFILE}`)
      await asBefore()
      await using small = await prepare(kernel, { descriptors: 60 })
      assert.match(await hostile(small, {}, 'descriptors', '/bin/hostile'), new RegExp(`^[45][0-9] opened, then errno ${Errno.ENFILE}`))
      if (many) assert.match(await hostile(small, {}, 'descriptors', '/bin/hostile'), new RegExp(`^[45][0-9] opened, then errno ${Errno.ENFILE}`))
    })

    test('pipes: what they can hold', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      assert.equal(await hostile(os, { pipeBytes: 5 * PIPE_BYTES + 1 }, 'pipes'), `5 pipes, then errno ${Errno.ENFILE}`)
      await asBefore()
      await using small = await prepare(kernel, { pipeBytes: 10 * PIPE_BYTES })
      // Two are its own: what it writes to the host.
      assert.equal(await hostile(small, {}, 'pipes'), `8 pipes, then errno ${Errno.ENFILE}`)
    })

    test('processor time: of a program that computes', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      const spin = os.spawn(program('spin'), { stdin: null, limits: { cpuTimeMs: 50 } })
      const { signal, status, message } = await spin.wait()
      assert.deepEqual([signal, status, message], ['SIGXCPU', 151, 'its processor time of 0.05 s is used up'])
      await asBefore()
    })

    test('processor time: of one that waits in between, and never uses up its slice', async () => {
      await using os = await prepare(kernel)
      const yields = assemble('wabt', `(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
        (memory (export "memory") 1) (func (export "_start") (local $i i32) (loop $outer
          (local.set $i (i32.const 1000)) (loop $l (br_if $l (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
          (drop (call $yield)) (br $outer))))`)
      const process = os.spawn(yields, { stdin: null, limits: { cpuTimeMs: 50 } })
      assert.equal((await process.wait()).signal, 'SIGXCPU')
    })

    if (!many) return

    test('processor time: of a tree together, those that wait end too, others do not', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      const other = os.spawn(program('hostile'), { args: ['hostile', 'read'] })
      // It waits for a child that computes for ever.
      const parent = os.spawn(program('spawns'), { stdin: null, args: ['spawns', '/bin/spin', '4', '4'], limits: { cpuTimeMs: 100 } })
      const { signal, message } = await parent.wait()
      assert.deepEqual([signal, message], ['SIGXCPU', 'its processor time of 0.1 s is used up'])
      assert.equal(os.stats().processes, 1)
      await other.stdin.getWriter().write(Buffer.from('x'))
      assert.equal((await other.wait()).status, 0)
      await asBefore()
    })

    test('processor time: of a system', async () => {
      await using os = await prepare(kernel, { cpuTimeMs: 100 })
      const ends = await Promise.all([1, 2].map(() => os.spawn(program('spin'), { stdin: null }).wait()))
      assert.deepEqual(ends.map(end => end.signal), ['SIGXCPU', 'SIGXCPU'])
    })

    test('processes: of a tree, zombies too, and a fork bomb leaves room for others', async () => {
      await using os = await start(kernel, { machine: { ...liveMachine(), addressSpacesMax: { value: 24, reason: 'a small machine' } } })
      await install(os, 'hostile', 'true')
      await run(os, program('true'))
      assert.match(await hostile(os, { processes: 5 }, 'chain', '/bin/hostile'), new RegExp(`^no more processes: errno ${Errno.EAGAIN}`))
      // Started and not waited for: zombies.
      assert.equal((await run(os, starter('/bin/true', 0), { limits: { processes: 6 } })).status, 5)
      const bomb = os.spawn(program('hostile'), { stdin: null, args: ['hostile', 'bomb', '/bin/hostile'] })
      const { accounts } = systemOf(os).state
      for (let tries = 0; accounts.system.used[Resource.PROCESSES]! < 21 && tries < 500; tries++) await new Promise(resolve => setTimeout(resolve, 2))
      assert.equal(accounts.system.used[Resource.PROCESSES], 21, 'seven eighths of 24')
      for (let i = 0; i < 5; i++) assert.equal((await run(os, program('true'))).status, 0)
      assert.equal(accounts.system.used[Resource.PROCESSES], 21)
      await os.close()
      assert.ok((await bomb.wait().then(end => end.signal, () => 'closed')) !== null)
    })

    test('memory of a tree together', async () => {
      await using os = await prepare(kernel)
      const asBefore = await held(kernel, os)
      // It takes 10 MiB itself, and starts one that takes what it can get, then another, which gets what is left.
      const shown = await run(os, starter('/bin/grow', 160), { limits: { memoryBytes: 16 * MIB, processes: 3 } })
      assert.deepEqual([shown.status, shown.stdout], [2, 'refused after 5 MiB\n'.repeat(2)])
      await asBefore()
    })

    test('a file that outlives its account is still its, until it is removed', async () => {
      await using os = await prepare(kernel)
      const { accounts } = systemOf(os).state
      const before = accounts.size
      for (let i = 0; i < 5; i++) await hostile(os, { diskBytes: 8192 }, 'fill', `/work/${i}`)
      assert.equal(accounts.size, before + 5)
      for (let i = 0; i < 5; i++) await os.fs.unlink(`/work/${i}`)
      assert.equal(accounts.size, before)
    })
  })
}

test('limits that are none are told in a sentence', async () => {
  await using os = await start('monolithic')
  const spawn = (limits: unknown) => () => os.spawn(program('true'), { limits: limits as Limits })
  assert.throws(spawn({ mem: 1 }), /there is no limit 'mem'; there are memoryBytes, cpuTimeMs, processes/)
  assert.throws(spawn({ memoryBytes: '64M' }), /limits\.memoryBytes is '64M'; give a whole number of bytes from 0 up, or Infinity/)
  assert.throws(spawn({ memoryBytes: -1 }), /limits\.memoryBytes is -1/)
  assert.throws(spawn({ cpuTimeMs: NaN }), /limits\.cpuTimeMs is NaN; give a number of milliseconds/)
  assert.throws(spawn(null), /limits is an object/)
  await assert.rejects(start('monolithic', { limits: { files: 1.5 } }), /boot: limits\.files is 1\.5/)
})
