// Programs that misbehave: what each is, what is done to it while it runs, and how it must end.

import assert from 'node:assert/strict'
import { Errno, settle } from '../../src/fiber/index.ts'
import type { Exit, OperatingSystem, Process, Program, SpawnOptions } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { latin1, program, sleep } from '../system/support.ts'
import { assemble, wat } from './assemble.ts'
import { hostileCalls } from './hostile-calls.ts'

export interface Attack {
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
  /** A file that it leaves. */
  readonly leaves?: string
  /** Whether it goes on until it is killed, which leaves others time to make progress in. */
  readonly goesOn?: boolean
}

const hostile = (...args: string[]): Pick<Attack, 'program' | 'options'> =>
  ({ program: () => program('hostile'), options: { args: ['hostile', ...args] } })

const killed = async (process: Process): Promise<void> => {
  await process.started
  await sleep(30)
  await process.kill('SIGKILL')
}
const byKill = { provoke: killed, status: 137, message: /^SIGKILL$/, goesOn: true } as const

const yields = '(import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))'
const polls = '(import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))'
/** A subscription to the clock, an hour from now. */
const hour = '(data (i32.const 0) "\\01\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\00\\01\\00\\00\\00\\00\\00\\00\\00\\00\\a0\\b8\\30\\46\\03\\00\\00")'

export const attacks: readonly Attack[] = [
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
  { what: 'takes memory until there is no more', program: () => program('grow'), options: { limits: { memoryBytes: 16 * 2 ** 20 } }, status: 1, stdout: /^refused after 1[45] MiB/ },
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
  {
    what: 'writes for ever to a pipe that nobody reads any more', options: { ignoreSigpipe: true }, ...byKill,
    program: () => assemble('wabt', `(module
      (import "kaleidos" "pipe" (func $pipe (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 16) "\\00\\01\\00\\00\\00\\10\\00\\00")
      (func (export "_start") (drop (call $pipe (i32.const 0))) (drop (call $close (i32.load (i32.const 0))))
        (loop (if (i32.ne (call $write (i32.load (i32.const 4)) (i32.const 16) (i32.const 1) (i32.const 32)) (i32.const ${Errno.EPIPE})) (then unreachable)) (br 0))))`)
  },
  {
    what: 'fills a pipe that it holds itself and never reads', ...byKill,
    program: () => assemble('wabt', `(module
      (import "kaleidos" "pipe" (func $pipe (param i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 16) "\\00\\01\\00\\00\\00\\10\\00\\00")
      (func (export "_start") (drop (call $pipe (i32.const 0)))
        (loop (drop (call $write (i32.load (i32.const 4)) (i32.const 16) (i32.const 1) (i32.const 32))) (br 0))))`)
  },
  {
    what: 'calls for ever, and each call does nothing', ...byKill,
    program: () => assemble('wabt', '(module (import "wasi_snapshot_preview1" "fd_close" (func $close (param i32) (result i32))) (memory (export "memory") 1) (func (export "_start") (loop (drop (call $close (i32.const -1))) (br 0))))')
  },
  {
    what: 'asks for sixteen MiB of zeros again and again', ...byKill,
    program: () => assemble('wabt', `(module
      (import "wasi_snapshot_preview1" "path_open" (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1000) (data (i32.const 0) "dev/zero") (data (i32.const 16) "\\00\\01\\00\\00\\00\\00\\00\\02")
      (func (export "_start") (drop (call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 32)))
        (loop (drop (call $read (i32.load (i32.const 32)) (i32.const 16) (i32.const 1) (i32.const 36))) (br 0))))`)
  },
  { what: 'fills the file system', ...hostile('fill', '/filled'), options: { args: ['hostile', 'fill', '/filled'], limits: { diskBytes: 8 * 2 ** 20 } }, status: 0, stdout: new RegExp(`^${8 * 2 ** 20} bytes, then errno ${Errno.EDQUOT}\n$`), leaves: '/filled' },
  { what: 'passes hostile values to every call', program: hostileCalls, status: 0 },
]

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

export async function attack (os: OperatingSystem, { program: bytes, options, provoke, leaves }: Attack): Promise<Exit & { stdout: string }> {
  const process = os.spawn(bytes(), { stdin: null, ...options })
  await provoke?.(process, os)
  const { stdout, ...exit } = process.stdout.locked ? { ...await process.wait(), stdout: new Uint8Array(0) } : await process.output()
  if (options?.stdin === 'pipe') await process.stdin.close()
  if (leaves !== undefined) await os.fs.unlink(leaves)
  return { ...exit, stdout: latin1(stdout) }
}

export function judge ({ status, message, stdout }: Attack, seen: Exit & { stdout: string }): void {
  assert.equal(seen.status, status, JSON.stringify(seen).slice(0, 500))
  assert.match(seen.message, message ?? /^/)
  assert.match(seen.stdout, stdout ?? /^/)
  // Whatever a signal ended has a reason that a person can read.
  if (seen.kind === 'signal') assert.ok(seen.message.length > 0)
}
