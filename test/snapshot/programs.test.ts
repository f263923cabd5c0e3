// Systems whose programs wait in calls, saved and taken up under every kernel: what is taken up goes on as what was saved does, and both
// go on apart. Each scene says how to come to rest, and what then is done to either of the two; both must give the same.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SnapshotError, restore } from '../../src/index.ts'
import type { OperatingSystem, Process } from '../../src/index.ts'
import { PIPE_BYTES } from '../../src/roles/index.ts'
import { everyMultiprogram, everyName, holdings, install, program, sleep, start } from '../system/support.ts'
import { assemble } from '../hostile/assemble.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

interface Scene {
  /** Brings the system to where it is saved. */
  readonly begin: (os: OperatingSystem) => Promise<void>
  /** Goes on, in the system that was saved or in one that was taken up; what is seen. */
  readonly goOn: (os: OperatingSystem) => Promise<unknown>
}

function only (os: OperatingSystem): Process {
  const [process, ...more] = os.processes.values()
  assert.ok(process !== undefined && more.length === 0)
  return process
}

async function fed (process: Process, text: string): Promise<unknown> {
  const writer = process.stdin.getWriter()
  await writer.write(text)
  await writer.close()
  const { status, stdout, stderr } = await process.output()
  return { status, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) }
}

const scenes: Readonly<Record<string, Scene>> = {
  'a program that has read some of its input': {
    begin: async os => {
      const cat = os.spawn(program('cat'), { args: ['cat'] })
      const writer = cat.stdin.getWriter()
      await writer.write('first\n')
      writer.releaseLock()
      await cat.started
    },
    goOn: os => fed(only(os), 'second\n')
  },
  'a program that keeps what it read in memory that it has grown': {
    begin: async os => {
      const sort = os.spawn(program('sort'), { args: ['sort'] })
      const writer = sort.stdin.getWriter()
      for (let i = 0; i < 40; i++) await writer.write(`${'z'.repeat(i * 97)}${(i * 7919) % 1000}\n`.repeat(20))
      writer.releaseLock()
    },
    goOn: os => fed(only(os), 'm\na\n')
  },
  'a pipeline, each waiting for the one before': {
    begin: async os => {
      await install(os, 'cat', 'sort', 'wc')
      const line = os.spawn(program('pipeline'), { args: ['pipeline', '/bin/cat', '--', '/bin/sort', '--', '/bin/wc'] })
      const writer = line.stdin.getWriter()
      await writer.write('b\na\n')
      writer.releaseLock()
    },
    goOn: os => fed(only(os), 'c d\n')
  },
  'a program that waits for room in a pipe that nobody reads': {
    begin: async os => {
      await os.fs.writeFile('/large', Uint8Array.from({ length: PIPE_BYTES * 3 + 77 }, (_, i) => 97 + i % 23))
      const cat = os.spawn(program('cat'), { args: ['cat', '/large'], stdin: null })
      await cat.started
      await sleep(20)
    },
    goOn: async os => {
      const { status, stdout } = await only(os).output()
      return { status, length: stdout.length, bytes: decoder.decode(stdout) }
    }
  },
  'a server that waits for a connection': {
    begin: async os => { await os.spawn(program('serve'), { args: ['serve', '4', '1'], listen: ['shout'], stdin: null }).started },
    goOn: async os => {
      const server = only(os)
      const connection = await os.connect('shout')
      const writer = connection.writable.getWriter()
      await writer.write(encoder.encode('hello'))
      await writer.close()
      let text = ''
      for await (const piece of connection.readable) text += decoder.decode(piece)
      return [text, (await server.wait()).status]
    }
  },
  'a server in the middle of a connection of the host': {
    begin: async os => {
      const server = os.spawn(program('serve'), { args: ['serve', '4', '2'], listen: ['shout'], stdin: null })
      await server.started
      const connection = await os.connect('shout')
      const writer = connection.writable.getWriter()
      await writer.write(encoder.encode('hello '))
      writer.releaseLock()
      await sleep(5)
    },
    goOn: async os => {
      const [connection] = os.connections
      const writer = connection!.writable.getWriter()
      await writer.write(encoder.encode('again'))
      await writer.close()
      let text = ''
      for await (const piece of connection!.readable) text += decoder.decode(piece)
      const server = only(os)
      await server.kill('SIGKILL')
      return [text, (await server.wait()).signal]
    }
  },
  'two programs at two ends of a pipe, and a parent that waits for both': {
    begin: async os => {
      await install(os, 'pingpong')
      await install(os, 'cat')
      const line = os.spawn(program('pipeline'), { args: ['pipeline', '/bin/cat', '--', '/bin/pingpong', 'pong'] })
      await line.started
      await sleep(5)
    },
    goOn: os => fed(only(os), 'abc')
  },
  'a file that was removed while it is open, and a position in it': {
    begin: async os => {
      await os.fs.writeFile('/script', 'x')
      const cat = os.spawn(program('cat'), { args: ['cat', '/script', '-'] })
      await cat.started
      await sleep(5)
      await os.fs.unlink('/script')
    },
    goOn: os => fed(only(os), 'the rest')
  }
}

for (const kernel of everyMultiprogram) {
  describe(kernel, () => {
    for (const [name, { begin, goOn }] of Object.entries(scenes)) {
      test(name, async () => {
        await using os = await start(kernel, { snapshots: true })
        await begin(os)
        const snapshot = await os.snapshot()
        const held = await holdings(os)
        await using restored = await restore(snapshot.bytes)
        const { arenas: _, ...taken } = await holdings(restored)
        const { arenas: __, ...had } = held
        assert.deepEqual(taken, had)
        await using forked = await restored.fork()
        const expected = await goOn(os)
        assert.deepEqual(await goOn(restored), expected)
        assert.deepEqual(await goOn(forked), expected, 'a copy of the copy')
      })
    }
  })
}

/** Sleeps for so many ms, from where it was started, and says so. */
const sleeper = (ms: number): Uint8Array => assemble('wabt', `(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $now (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (drop (call $now (i32.const 1) (i64.const 1) (i32.const 200)))
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const ${ms * 1e6}))
    (drop (call $poll (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 160)))
    (drop (call $now (i32.const 1) (i64.const 1) (i32.const 208)))
    ;; How long it slept, in units of 100 ms.
    (call $exit (i32.wrap_i64 (i64.div_u (i64.sub (i64.load (i32.const 208)) (i64.load (i32.const 200))) (i64.const 100000000))))))`)

const SLEEP_MS = 900

for (const kernel of everyName) {
  test(`${kernel}: who sleeps has slept as long as it wanted to, however long nobody took the system up`, async () => {
    await using os = await start(kernel, { snapshots: true })
    const process = os.spawn(sleeper(SLEEP_MS), { stdin: null, stdout: null, stderr: null })
    await process.started
    await sleep(100)
    const { bytes } = await os.snapshot()
    const first = await process.wait()
    await sleep(300)
    const took = performance.now()
    await using restored = await restore(bytes)
    const { status } = await only(restored).wait()
    const tookMs = performance.now() - took
    assert.ok(first.status >= 9 && status >= 9, `${first.status}, ${status}`)
    assert.ok(tookMs < SLEEP_MS + 2000, `what was left of it: ${tookMs} ms`)
  })
}

test('who is busy is named, and what cannot be saved says why', async () => {
  const refused = (os: OperatingSystem, message: RegExp): Promise<void> => assert.rejects(os.snapshot({ withinMs: 500 }), (error: unknown) => error instanceof SnapshotError && message.test(error.message))
  await using os = await start('microkernel', { snapshots: true })
  const spin = os.spawn(program('spin'), { args: ['spin'], stdin: null })
  await refused(os, /not at rest: spin \(2\) runs/)
  await spin.kill('SIGKILL')
  await spin.wait()
  const cat = os.spawn(program('cat'), { args: ['cat'], stdin: 'x'.repeat(10 * PIPE_BYTES) })
  await refused(os, /waits for process 3 to read its input/)
  await cat.kill('SIGKILL')
  await using plain = await start('microkernel')
  await plain.spawn(program('cat'), { args: ['cat'] }).started
  await refused(plain, /boot it with \{ snapshots: true \}/)
  await os.close()
  await assert.rejects(os.snapshot(), /closed/)
})

test('a snapshot of a program that goes another way is refused, and nothing of it goes on', async () => {
  await using os = await start('monolithic', { snapshots: true })
  await os.spawn(program('cat'), { args: ['cat'] }).started
  await sleep(10)
  const snapshot = await os.snapshot() as unknown as { state: { system: { programs: { programs: { log: Uint8Array, call: unknown[] }[] } } } } & object
  const [saved] = snapshot.state.system.programs.programs
  saved!.log[1]! ^= 0xff
  await assert.rejects(restore(snapshot as never), /cat \(2\) could not be brought back: it did not make the same calls again/)
  saved!.log[1]! ^= 0xff
  saved!.call = [0, [1, 2], 1, 0]
  await assert.rejects(restore(snapshot as never), /did not make the call again in which it was/)
})
