// Each table, queue and size that roles/limits names is reached by a test, and says so by its errno; others go on. Most are
// reached beside what has them: the list says where, by what the test there names. A limit that is forgotten here is a type error.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { Errno, settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { ProgramError, boot, kernels } from '../../src/index.ts'
import type { OperatingSystem } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { TaskFiles } from '../../src/core/program/task-files.ts'
import * as limits from '../../src/roles/limits.ts'
import { FileSystem, FileType, INIT } from '../../src/roles/index.ts'
import { ProcessTable } from '../../src/services/proc/table.ts'
import { pipefs } from '../../src/services/pipefs/index.ts'
import { ramfs } from '../../src/services/ramfs/index.ts'
import { TestClock, startService } from '../../src/services/testing.ts'
import { program, run } from '../system/support.ts'
import { wat } from './assemble.ts'

type Limit = keyof typeof limits

const HERE = 'test/hostile/tables.test.ts'
const THREADS = 'test/walls/programs.test.ts'
const FILES = 'src/roles/conformance/files.ts'

/** The file whose test reaches a limit, and what it names there: the limit, or what sets a smaller one. */
const reached: Readonly<Record<Limit, readonly [file: string, names: string]>> = {
  PATH_BYTES_MAX: [FILES, 'PATH_BYTES_MAX'],
  NAME_BYTES_MAX: [FILES, 'NAME_BYTES_MAX'],
  SYMLINKS_MAX: [FILES, 'SYMLINKS_MAX'],
  DESCRIPTORS_MAX: ['src/services/vfs/vfs.test.ts', '-Errno.EMFILE'],
  IOVECS_MAX: ['src/abi/wasi/arguments-checked.test.ts', 'IOVECS_MAX'],
  SUBSCRIPTIONS_MAX: ['src/abi/wasi/arguments-checked.test.ts', 'SUBSCRIPTIONS_MAX'],
  PIPE_BYTES: ['src/services/pipe.test.ts', 'PIPE_BYTES'],
  PIPE_ATOMIC_BYTES: ['src/services/pipe.test.ts', 'PIPE_ATOMIC_BYTES'],
  PIPES_MAX: [HERE, 'PIPES_MAX'],
  ARGUMENT_BYTES_MAX: ['src/roles/conformance/processes.ts', 'ARGUMENT_BYTES_MAX'],
  RAMFS_BYTES_MAX: [HERE, 'RAMFS_BYTES_MAX'],
  RAMFS_INODES_MAX: ['src/services/ramfs/ramfs.test.ts', 'inodesMax'],
  HANDLES_MAX: ['src/services/pipefs/pipefs.test.ts', 'HANDLES_MAX'],
  FILE_BYTES_MAX: ['src/roles/conformance/file-system.ts', 'FILE_BYTES_MAX'],
  LINKS_MAX: [HERE, 'LINKS_MAX'],
  MESSAGE_BYTES_MAX: [HERE, 'MESSAGE_BYTES_MAX'],
  CALL_REPEATS_MAX: ['test/system/supervision.test.ts', 'CALL_REPEATS_MAX'],
  CAPABILITIES_MAX: ['test/gates/faults.test.ts', 'CAPABILITIES_MAX'],
  ENDPOINT_QUEUE_MAX: ['src/core/l4/call.test.ts', 'ENDPOINT_QUEUE_MAX'],
  PORT_MESSAGES_MAX: ['src/core/mach/mach.test.ts', 'PORT_MESSAGES_MAX'],
  SERVER_THREADS_MAX: ['src/core/mach/mach.test.ts', 'SERVER_THREADS_MAX'],
  FAULTS_KEPT_MAX: ['src/core/state.test.ts', 'FAULTS_KEPT_MAX'],
  PROGRAM_MEMORY_BYTES: [HERE, 'PROGRAM_MEMORY_BYTES'],
  PROCFS_BYTES_MAX: ['src/services/procfs/procfs.test.ts', 'PROCFS_BYTES_MAX'],
  PROGRAM_TABLE_ELEMENTS: [HERE, 'PROGRAM_TABLE_ELEMENTS'],
  PROCESSES_MAX: [HERE, 'PROCESSES_MAX'],
  HOST_HANDLES_MAX: ['src/machine/live/folders-node.test.ts', 'HOST_HANDLES_MAX'],
  HOST_INODES_MAX: ['src/services/hostfs/hostfs.test.ts', 'inodesMax'],
  HOST_DIRECTORIES_HELD_MAX: ['src/services/hostfs/hostfs.test.ts', 'HOST_DIRECTORIES_HELD_MAX'],
  CALL_LOG_BYTES_MAX: ['src/core/program/call-log.test.ts', 'CALL_LOG_BYTES_MAX'],
  SLEEPERS_MAX: ['src/services/clock/clock.test.ts', 'SLEEPERS_MAX'],
  SYNCHRONOUS_SLICE_NS: ['test/gates/faults.test.ts', 'sliceMs'],
  PROGRAM_THREADS_MAX: [THREADS, 'PROGRAM_THREADS_MAX'],
  THREAD_HEAP_BYTES: [THREADS, 'THREAD_HEAP_BYTES'],
  SPARE_THREADS: [THREADS, 'SPARE_THREADS'],
  SPARE_THREAD_BYTES: [THREADS, 'SPARE_THREAD_BYTES'],
  COMPILED_BYTES_MAX: ['src/walls/wasm/compiled.test.ts', 'keeps no more than its bound'],
  SPARE_MEMORY_PAGES: ['src/walls/wasm/rewriter/rewrite.test.ts', 'importsMemoryUpTo'],
  SPARE_MEMORIES_PAGES: ['src/walls/wasm/spare-memories.test.ts', 'SPARE_MEMORIES_PAGES'],
  SPARE_MEMORY_USES: ['src/walls/wasm/spare-memories.test.ts', 'SPARE_MEMORY_USES'],
  TASK_MEMORY_BYTES: [HERE, 'TASK_MEMORY_BYTES'],
  TASK_CALLS_MAX: [HERE, 'TASK_CALLS_MAX'],
  TASK_FILES_MAX: [HERE, 'TASK_FILES_MAX'],
  TRACE_EVENTS_MAX: ['test/trace/trace.test.ts', 'eventsMax']
}

test('every limit is reached by a test', () => {
  for (const [limit, [file, names]] of Object.entries(reached)) {
    assert.ok(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8').includes(names), `${limit}: ${file} says nothing of ${names}`)
  }
})

test('PIPES_MAX: one pipe too many is ENFILE, and one that goes makes room', () => {
  const files = startService(pipefs, {})['files'] as unknown as FileSystem
  const root = files.root() as number
  let last = 0
  for (let i = 0; i < limits.PIPES_MAX; i++) assert.ok((last = files.create(root, '', FileType.UNKNOWN) as number) > 0)
  assert.equal(files.create(root, '', FileType.UNKNOWN), -Errno.ENFILE)
  assert.equal(files.close(files.open(last, 1) as number), 0)
  assert.ok(files.create(root, '', FileType.UNKNOWN) as number > 0)
})

test('LINKS_MAX and RAMFS_BYTES_MAX', () => {
  const files = startService(ramfs, { requires: { clock: new TestClock() } })['files'] as unknown as FileSystem
  const root = files.root() as number
  const file = files.create(root, 'a', FileType.REGULAR) as number
  for (let i = 1; i < limits.LINKS_MAX; i++) assert.equal(files.link(file, root, `l${i}`), 0)
  assert.equal(files.link(file, root, 'more'), -Errno.EMLINK)
  assert.equal(files.unlink(root, 'l1'), 0)
  assert.equal(files.link(file, root, 'more'), 0)
  const handle = files.open(file, 3) as number
  assert.equal(files.allocate(handle, 0, limits.RAMFS_BYTES_MAX + 1), -Errno.ENOSPC)
  assert.equal(files.allocate(handle, 0, 4096), 0)
})

test('PROCESSES_MAX: the table is full, and has room when one was waited for', () => {
  const table = new ProcessTable(() => {})
  const init = table.get(INIT)!
  const add = table.add.bind(table) as (parent: typeof init, ...rest: unknown[]) => typeof init | null
  let last = init
  for (let i = 1; i < limits.PROCESSES_MAX; i++) last = add(init, [], [], 0, init.group)!
  assert.ok(last !== null)
  assert.equal(add(init, [], [], 0, init.group), null)
  table.remove(last)
  assert.ok(add(init, [], [], 0, init.group) !== null)
})

test('MESSAGE_BYTES_MAX: what is too long for a message is refused by the gate', async () => {
  await using os = await boot({ kernel: kernels.microkernel() })
  const name = 'x'.repeat(limits.MESSAGE_BYTES_MAX + 1)
  const create = (path: string): Promise<number> => systemOf(os).run('create', () => settle(systemOf(os).host.files!.createDirectory(0, path)) as Fiber<number>)
  assert.equal(await create(name), -Errno.EMSGSIZE)
  assert.equal(await create('short'), 0)
})

async function withSystem (body: (os: OperatingSystem) => Promise<void>): Promise<void> {
  await using os = await boot({ kernel: kernels.monolithic() })
  await body(os)
}

test('PROGRAM_MEMORY_BYTES: what a program has that is given no limit', () => withSystem(async os => {
  const pages = limits.PROGRAM_MEMORY_BYTES / 65536
  const grows = wat(`(func (export "_start") (if (i32.eq (memory.grow (i32.const ${pages - 1})) (i32.const -1)) (then unreachable))
    (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then unreachable)))`)
  assert.equal((await run(os, grows)).status, 0)
}))

test('PROGRAM_TABLE_ELEMENTS: a larger table is refused, and growth beyond fails', () => withSystem(async os => {
  const most = limits.PROGRAM_TABLE_ELEMENTS
  assert.throws(() => os.spawn(wat(`(table ${most + 1} funcref) (func (export "_start"))`)), (error: unknown) => error instanceof ProgramError && error.reason === 'limit')
  const grows = wat(`(table ${most - 1} funcref) (func (export "_start")
    (if (i32.eq (table.grow (ref.null func) (i32.const 1)) (i32.const -1)) (then unreachable))
    (if (i32.ne (table.grow (ref.null func) (i32.const 1)) (i32.const -1)) (then unreachable)))`)
  assert.equal((await run(os, grows)).status, 0)
  assert.equal((await run(os, program('true'))).status, 0)
}))

test('TASK_CALLS_MAX and TASK_MEMORY_BYTES: a task has no more calls under way, nor bytes for them', () => withSystem(async os => {
  const told: string[] = []
  const code = (error: unknown): string => (error as { code: string }).code
  const process = os.spawn(async ({ pipe, read, close }) => {
    await read(0, limits.TASK_MEMORY_BYTES).catch(error => { told.push(code(error)) })
    const { read: from, write: to } = await pipe()
    const waiting = Array.from({ length: limits.TASK_CALLS_MAX }, () => read(from, 1))
    await read(from, 1).catch(error => { told.push(code(error)) })
    await close(to).catch(error => { told.push(code(error)) })
    await Promise.race(waiting)
    return 0
  }, { stdin: null, stdout: null })
  for (let tries = 0; told.length < 3 && tries < 500; tries++) await new Promise(resolve => setTimeout(resolve, 2))
  await process.kill('SIGKILL')
  await process.wait()
  assert.deepEqual(told, ['ENOMEM', 'EAGAIN', 'EAGAIN'])
  assert.equal((await run(os, program('true'))).status, 0)
}))

test('TASK_FILES_MAX: one file too many that starts a task is refused, and one that goes makes room', () => {
  const files = new TaskFiles({ fill: bytes => { bytes.set(Uint8Array.from(bytes, () => Math.floor(Math.random() * 256))) } })
  const image = null as unknown as Parameters<TaskFiles['register']>[0]
  let last: string | number = 0
  for (let i = 0; i < limits.TASK_FILES_MAX; i++) last = files.register(image)
  assert.equal(files.register(image), -Errno.ENFILE)
  files.remove(last as string)
  assert.equal(typeof files.register(image), 'string')
})
