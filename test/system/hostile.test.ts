// Hostile programs: each comes to its end, with a status and a message that say what it did, while a neighbour that was
// there before goes on and gives its right output, and nothing of it is left behind: no process, no address space, no capability, no
// descriptor, no byte of an arena. No domain faults.

import assert from 'node:assert/strict'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { after, before, describe, test } from 'node:test'
import { ProgramError, liveMachine } from '../../src/index.ts'
import type { Exit, OperatingSystem, Process, Program, SpawnOptions } from '../../src/index.ts'
import type { Machine } from '../../src/machine/index.ts'
import { importModules } from '../../src/roles/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { assembler } from '../../src/walls/wasm/rewriter/testing/assemble.ts'
import { assertHolds, bytesOf, holdings, install, kernelNames, latin1, multiprogram, program, sleep, start } from './support.ts'
import type { KernelName } from './support.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

interface Attack {
  readonly what: string
  readonly program: () => Uint8Array | Program
  readonly options?: SpawnOptions
  /** What is done to it while it runs. */
  readonly provoke?: (process: Process, os: OperatingSystem) => Promise<void>
  readonly status: number
  readonly message?: RegExp
  readonly stdout?: RegExp
  /** Whether it starts others, so that a kernel of one program cannot run it. */
  readonly starts?: boolean
}

/** A text whose lines are a module, assembled. */
const wat = (text: string, tool: 'wabt' | 'binaryen' = 'wabt'): Uint8Array => assemble(tool, `(module (memory (export "memory") 1) ${text})`)
const hostile = (...args: string[]): Pick<Attack, 'program' | 'options'> =>
  ({ program: () => program('hostile'), options: { args: ['hostile', ...args] } })

const killed = async (process: Process): Promise<void> => {
  await process.started
  await sleep(30)
  await process.kill('SIGKILL')
}
const byKill = { provoke: killed, status: 137, message: /^SIGKILL$/ } as const

const yields = '(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))'
const polls = '(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))'
/** A subscription to the clock, an hour from now. */
const hour = '(data (i32.const 0) "\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\00\\a0\\b8\\30\\46\\03\\00\\00")'

const attacks: readonly Attack[] = [
  { what: 'traps', program: () => program('trap'), options: { args: ['trap', 'unreachable'] }, status: 134, message: /unreachable/ },
  { what: 'reads outside its memory', program: () => program('trap'), options: { args: ['trap', 'memory'] }, status: 139, message: /out of bounds/ },
  { what: 'divides by zero', program: () => program('trap'), options: { args: ['trap', 'divide'] }, status: 136, message: /divide by zero/ },
  { what: 'recurses for ever', program: () => program('recurse'), status: 139, message: /stack overflow/ },
  { what: 'recurses for ever with a call at every depth', ...hostile('deep'), status: 139, message: /stack overflow/ },
  { what: 'throws what nothing catches', program: () => wat('(tag $t) (func (export "_start") throw $t)'), status: 134, message: /exception/ },
  { what: 'loops for ever and is killed', program: () => program('spin'), ...byKill },
  { what: 'loops for ever in its start function and is killed', program: () => wat('(func $s (loop br 0)) (start $s) (func (export "_start"))'), ...byKill },
  { what: 'traps in its start function', program: () => wat('(func $s unreachable) (start $s) (func (export "_start"))'), status: 134, message: /unreachable/ },
  { what: 'recurses for ever in its start function', program: () => wat('(func $s call $s) (start $s) (func (export "_start"))'), status: 139, message: /stack overflow/ },
  {
    what: 'catches all for ever (legacy exceptions) and is killed',
    program: () => wat('(func (export "_start") (loop $again (try (do (loop br 0)) (catch_all (br $again)))))'), ...byKill
  },
  {
    what: 'catches all for ever (exception references) and is killed',
    program: () => wat(`(func (export "_start") (loop $again (block $caught (try_table (catch_all $caught) (loop $l (br $l)))) (br $again)))`, 'binaryen'), ...byKill
  },
  {
    what: 'catches all around a call that waits and is killed',
    program: () => assemble('wabt', `(module ${polls} (memory (export "memory") 1) ${hour} (func (export "_start") (loop $again (try (do (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))) (catch_all)) (br $again))))`), ...byKill
  },
  {
    what: 'catches all around yields and is killed',
    program: () => assemble('wabt', `(module ${yields} (memory (export "memory") 1) (func (export "_start") (loop $again (try (do (loop (drop (call $yield)) (br 0))) (catch_all)) (br $again))))`), ...byKill
  },
  {
    what: 'catches all around its endless recursion', status: 139, message: /stack overflow/,
    program: () => wat('(func $deep (export "_start") (loop $again (try (do (call $deep)) (catch_all)) (br $again)))')
  },
  { what: 'takes memory until there is no more', program: () => program('grow'), options: { memoryBytesMax: 16 * 2 ** 20 }, status: 1, stdout: /^refused after 1[45] MiB/ },
  {
    what: 'grows its memory for ever and is killed',
    program: () => wat('(func (export "_start") (loop (drop (memory.grow (i32.const 1))) (drop (memory.grow (i32.const 65535))) (br 0)))'), ...byKill
  },
  {
    what: 'copies all its memory onto itself for ever and is killed',
    program: () => wat('(func (export "_start") (drop (memory.grow (i32.const 15000))) (loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 983000000)) (br 0)))'), ...byKill
  },
  { what: 'starts itself until there are no more processes', ...hostile('chain', '/bin/hostile'), status: 6, stdout: /^no more processes: errno 6\n$/, starts: true },
  {
    what: 'starts itself twice, each time', ...hostile('bomb', '/bin/hostile'), starts: true, status: 137,
    async provoke (_process, os) {
      await sleep(300)
      await killAll(os, 'hostile')
    }
  },
  { what: 'opens until it may not', ...hostile('descriptors', '/bin/hostile'), status: 0, stdout: /^1020 opened, then errno 33\n$/ },
  { what: 'makes pipes until it may not', ...hostile('pipes'), status: 0, stdout: /^51[0-9] pipes, then errno 33\n$/ },
  { what: 'writes to a pipe that nobody reads', ...hostile('pipe'), status: 141, message: /SIGPIPE/ },
  { what: 'writes to a pipe that nobody reads, without the signal', program: () => program('hostile'), options: { args: ['hostile', 'pipe'], ignoreSigpipe: true }, status: 0, stdout: /^written -1, errno 64\n$/ },
  { what: 'closes its standard streams', ...hostile('closed'), status: 5 * 8 },
  {
    what: 'floods a host that does not read', ...hostile('flood'), status: 137, message: /SIGKILL/,
    provoke: killed
  },
  {
    what: 'floods a host that stops reading', ...hostile('flood'), status: 141, message: /SIGPIPE/,
    async provoke (process) {
      const reader = process.stdout.getReader()
      assert.equal((await reader.read()).done, false)
      await reader.cancel()
    }
  },
  { what: 'is killed while it reads', program: () => program('hostile'), options: { args: ['hostile', 'read'], stdin: 'pipe' }, ...byKill },
  { what: 'is killed while it polls', program: () => program('hostile'), options: { args: ['hostile', 'poll'], stdin: 'pipe' }, ...byKill },
  { what: 'is killed while it sleeps', ...hostile('sleep', '100000'), ...byKill },
  {
    what: 'is killed while it waits for a child', ...hostile('wait', '/bin/hostile'), starts: true, status: 137,
    async provoke (process, os) {
      await killed(process)
      assert.equal((await process.wait()).status, 137)
      await killAll(os, 'hostile')
    }
  },
  {
    what: 'is killed again when it has ended', program: () => program('true'), status: 0,
    async provoke (process) {
      assert.equal((await process.wait()).status, 0)
      await process.kill('SIGKILL')
    }
  },
  {
    what: 'is sent signals that mean nothing, then one that does', program: () => program('spin'), status: 143, message: /SIGTERM/,
    async provoke (process) {
      await process.started
      for (const signal of ['SIGCHLD', 'SIGWINCH', 'SIGCONT', 'SIGURG', 0]) await process.kill(signal)
      await assert.rejects(process.kill('SIGSTOP'), { code: 'ENOTSUP' })
      await sleep(20)
      await process.kill()
    }
  },
  { what: 'passes hostile values to every call', program: hostileCalls, status: 0 },
]

/** What is no program that can run: refused at once, with a reason. */
const refused: readonly { what: string, bytes: () => Uint8Array, reason: string, message: RegExp }[] = [
  { what: 'nothing', bytes: () => new Uint8Array(0), reason: 'malformed', message: /not a WebAssembly module/ },
  { what: 'text', bytes: () => Buffer.from('#!/bin/sh\necho hello\n'), reason: 'malformed', message: /not a WebAssembly module/ },
  { what: 'the magic word alone', bytes: () => bytesOf('hello').slice(0, 4), reason: 'malformed', message: /not a WebAssembly module/ },
  { what: 'half a program', bytes: () => bytesOf('hello').slice(0, 1500), reason: 'malformed', message: /beyond|past|truncated|end|declared/i },
  { what: 'noise behind the magic word', bytes: noise, reason: 'malformed', message: /./ },
  { what: 'a component', bytes: () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), reason: 'malformed', message: /component/ },
  { what: 'a version that is not there', bytes: () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), reason: 'malformed', message: /version/ },
  { what: 'code that is not valid', bytes: invalid, reason: 'malformed', message: /not a valid WebAssembly module: .*fallthru/ },
  { what: 'an import from nowhere', bytes: () => wat2('(import "env" "magic" (func))'), reason: 'import', message: /env\.magic \(function\)/ },
  { what: 'a call that WASI does not have', bytes: () => wat2('(import "wasi_snapshot_preview1" "fd_teleport" (func))'), reason: 'import', message: /fd_teleport/ },
  {
    what: 'a call with another signature', bytes: () => wat2('(import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))'), reason: 'import',
    message: /imports wasi_snapshot_preview1\.fd_close as \(i64\) -> \(i32\); it is \(i32\) -> \(i32\)/
  },
  { what: 'no _start', bytes: () => wat('(func (export "begin"))'), reason: 'export', message: /no function _start/ },
  { what: 'a _start that is no function', bytes: () => wat('(global (export "_start") i32 (i32.const 0))'), reason: 'export', message: /no function _start/ },
  { what: 'more memory than it may have', bytes: () => assemble('wabt', '(module (memory (export "memory") 65536) (func (export "_start")))'), reason: 'limit', message: /memor/ },
  { what: 'a larger table than it may have', bytes: () => wat('(table 10000000 funcref) (func (export "_start"))'), reason: 'limit', message: /table/ },
  {
    what: 'a wait that would stop the thread', reason: 'limit', message: /memory\.atomic\.wait/,
    bytes: () => assemble('wabt', '(module (memory (export "memory") 1 1 shared) (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))')
  },
]

function wat2 (imports: string): Uint8Array {
  return assemble('wabt', `(module ${imports} (memory (export "memory") 1) (func (export "_start")))`)
}

function noise (): Uint8Array {
  const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 2654435761 >>> 13) & 255)
  bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  return bytes
}

/** A body that leaves nothing where its type says i32. */
function invalid (): Uint8Array {
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 10, 1, 6, ...Buffer.from('_start'), 0, 0, 10, 4, 1, 2, 0, 0x0b)
}

/**
 * A program that makes every call of the SystemCalls role with each of a few hostile values for all arguments, and with one
 * hostile argument among harmless ones. It ends well if it lives.
 */
function hostileCalls (): Uint8Array {
  const values = [-1, 0, 1, 0x7fffffff, -0x80000000, 65535, 65532, 4096]
  const skipped = new Set(['proc_raise', 'proc_kill'])
  const imports: string[] = []
  const calls: string[] = []
  for (const [module, operations] of Object.entries(importModules)) {
    for (const [name, operation] of Object.entries(operations)) {
      if (skipped.has(name)) continue
      const types = operation.parameters.filter(parameter => !parameter.name.endsWith('Hi')).map(parameter => parameter.name.endsWith('Lo') ? 'i64' : 'i32')
      imports.push(`(import "${module}" "${name}" (func $${name} ${types.map(type => `(param ${type})`).join(' ')} (result i32)))`)
      const call = (args: readonly number[]): void => {
        // An error number, always.
        calls.push(`(call $expect (call $${name} ${types.map((type, i) => `(${type}.const ${args[i]})`).join(' ')}))`)
      }
      for (const value of values) {
        call(types.map(() => value))
        types.forEach((_, odd) => { call(types.map((_, i) => i === odd ? value : 3)) })
      }
    }
  }
  return assemble('wabt', `(module ${imports.join('\n')} (memory (export "memory") 1)
    (func $expect (param i32) (if (i32.gt_u (local.get 0) (i32.const 76)) (then unreachable)))
    (func (export "_start") ${calls.join('\n')}))`)
}

/** Kills every process of a name, as often as it takes. */
async function killAll (os: OperatingSystem, name: string): Promise<void> {
  const { host } = systemOf(os)
  for (let left = 1, rounds = 0; left > 0; rounds++) {
    assert.ok(rounds < 100, `${left} processes are still there`)
    left = await systemOf(os).run('kill all', function * () {
      const list = yield * settle(host.processes.list())
      assert.ok(typeof list !== 'number')
      let found = 0
      for (let i = 0; i < list.processes.length; i++) {
        const called = yield * settle(host.processes.name(list.processes[i]!))
        if (list.states[i] !== 0 || typeof called !== 'string' || !called.endsWith(name)) continue
        found++
        yield * settle(host.processes.kill(list.processes[i]!, 9))
      }
      return found
    })
    await sleep(1)
  }
}

/** Enough for the tests, and soon full. */
function smallMachine (): Machine {
  return { ...liveMachine(), addressSpacesMax: { value: 24, reason: 'a small machine' } }
}

async function attack (os: OperatingSystem, { program: bytes, options, provoke }: Attack): Promise<Exit & { stdout: string }> {
  const process = os.spawn(bytes(), { stdin: null, ...options })
  await provoke?.(process, os)
  const { stdout, ...exit } = process.stdout.locked ? { ...await process.wait(), stdout: new Uint8Array(0) } : await process.output()
  if (options?.stdin === 'pipe') await process.stdin.close()
  return { ...exit, stdout: latin1(stdout) }
}

function judge ({ status, message, stdout }: Attack, seen: Exit & { stdout: string }): void {
  assert.equal(seen.status, status, JSON.stringify(seen).slice(0, 500))
  assert.match(seen.message, message ?? /^/)
  assert.match(seen.stdout, stdout ?? /^/)
  // Whatever a signal ended has a reason that a person can read.
  if (seen.kind === 'signal') assert.ok(seen.message.length > 0)
}

// The kernels side by side: much of it is waiting.
describe('hostile programs', { concurrency: true }, () => {
  for (const kernel of multiprogram) {
    describe(`under ${kernel}`, { concurrency: 1 }, () => {
      let os: OperatingSystem
      let neighbour: Process
      let ask: (text: string) => Promise<string>

      before(async () => {
        os = await start(kernel, { machine: smallMachine() })
        await install(os, 'hostile')
        neighbour = os.spawn(program('pingpong'), { args: ['pingpong', 'pong'] })
        const writer = neighbour.stdin.getWriter()
        const reader = neighbour.stdout.getReader()
        ask = async text => {
          let answer = ''
          await writer.write(Buffer.from(text))
          while (answer.length < text.length) {
            const { value, done } = await reader.read()
            assert.equal(done, false)
            answer += latin1(value!)
          }
          return answer
        }
      })
      after(async () => {
        await neighbour.kill()
        await os.close()
      })

      for (const one of attacks) {
        test(`what ${one.what}`, async () => {
          // The first time, buffers are made that stay for the next.
          judge(one, await attack(os, one))
          const held = await holdings(os)
          const running = attack(os, one)
          const asked = ask('are you there?')
          judge(one, await running)
          assert.equal(await asked, 'are you there?')
          await assertHolds(os, held)
          assert.equal((await os.spawn(program('hello'), { stdin: null }).output()).text, 'Hello from KaleidOS\n')
          assert.equal(os.stats().counters.faults, 0)
        })
      }

      for (const { what, bytes, reason, message } of refused) {
        test(`${what} is refused`, async () => {
          const held = await holdings(os)
          assert.throws(() => os.spawn(bytes()), (error: unknown) => {
            assert.ok(error instanceof ProgramError)
            assert.equal(error.reason, reason, error.message)
            assert.match(error.message, message)
            return true
          })
          // A program that starts it is told by an error number.
          await os.fs.writeFile('/bin/refused', bytes())
          const started = await os.spawn(program('spawns'), { stdin: null, args: ['spawns', '/bin/refused', '1', '1'] }).output()
          assert.match(latin1(started.stderr), reason === 'limit' ? /: (Out of memory|Exec format error)/ : /: Exec format error/)
          await os.fs.unlink('/bin/refused')
          assert.equal(await ask('and now?'), 'and now?')
          await assertHolds(os, held)
        })
      }

      test('what initialises outside its memory is refused', async () => {
        const held = await holdings(os)
        const process = os.spawn(wat('(data (i32.const 65530) "0123456789") (func (export "_start"))'))
        await assert.rejects(process.wait(), { code: 'ENOEXEC' })
        await assert.rejects(process.output(), { code: 'ENOEXEC' })
        await assertHolds(os, held)
      })

      test('what is killed before its first instruction never begins', async () => {
        const held = await holdings(os)
        // One that is served before it keeps it from beginning.
        const first = os.spawn(program('spin'), { stdin: null, priority: 3 })
        await first.started
        const never = os.spawn(program('hello'), { stdin: null, priority: 7 })
        await never.started
        await never.kill('SIGKILL')
        await first.kill()
        assert.equal((await first.wait()).status, 143)
        const { status, message, text } = await never.output()
        assert.deepEqual({ status, message, text }, { status: 137, message: 'SIGKILL', text: '' })
        await assertHolds(os, held)
      })

      test('ten thousand files', async () => {
        await os.fs.mkdir('/many')
        const { text, status, stderr } = await os.spawn(program('hostile'), { stdin: null, args: ['hostile', 'files', '/many', '10000'] }).output()
        assert.equal(status, 0, latin1(stderr))
        assert.equal(text, '10002 entries\n')
        assert.equal(await ask('still?'), 'still?')
        assert.equal((await os.fs.readdir('/many')).length, 10000)
        assert.equal(await os.fs.readText('/many/9999'), '/many/9999')
      })
    })
  }

  describe('alone, in a kernel of one program', { concurrency: 1 }, () => {
    for (const kernel of kernelNames.filter(name => !multiprogram.includes(name)) as KernelName[]) {
      for (const one of attacks.filter(({ starts }) => starts !== true)) {
        test(`${kernel}: what ${one.what}`, async () => {
          const needed = one.program()
          await using os = await start(kernel, { program: needed })
          if ([...(one.options?.args ?? [])].includes('/bin/hostile')) await install(os, 'hostile')
          judge(one, await attack(os, one))
          const { counters, processes, tainted } = os.stats()
          assert.deepEqual([counters.faults, processes, tainted], [0, 0, false])
        })
      }
    }
  })
})
