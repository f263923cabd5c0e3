// Tasks are processes: the same calls do the same under every kernel, cost what they cost a program there, and leave nothing
// behind, however they end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { TaskEnded, liveMachine } from '../../src/index.ts'
import type { OperatingSystem, SystemError, Task, TaskCalls } from '../../src/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { PRIORITY_DEFAULT, SystemCalls, TASK_CALLS_MAX } from '../../src/roles/index.ts'
import { TaskImage } from '../../src/walls/language/index.ts'
import type { SystemCallDoor } from '../../src/walls/language/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { assertHolds, bytesOf, holdings, everyName, everyMultiprogram, program, run, sleep, start } from './support.ts'

/** The code of a promise's error. */
async function codeOf (promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    return (error as SystemError).code
  }
}

const upper: Task = async calls => {
  for await (const line of calls.lines(0)) await calls.print(line.toUpperCase())
}

const upperProgram: Task = async calls => {
  await calls.print(`upper is ${calls.args.join(' ')}`)
  await upper(calls)
}

/** Every call that needs no second process, with what it gives. */
const alone: Task = async calls => {
  const { print } = calls
  await print(`${calls.args.join(',')} ${JSON.stringify(calls.env)} in ${await calls.cwd()}`)
  await calls.mkdir('/work')
  await calls.chdir('/work')
  await calls.writeFile('a', 'contents')
  const fd = await calls.open('a', { read: true, write: true })
  await print(`seek ${await calls.seek(fd, -3, 'end')}: ${text(await calls.read(fd, 2))}`)
  const other = await calls.dup(fd)
  await print(`dup ${other - fd}: ${text(await calls.read(other))}|${text(await calls.read(other))}`)
  await calls.pwrite(fd, 1, 'O')
  await print(`pread ${text(await calls.pread(fd, 0, 3))} at ${await calls.seek(fd, 0, 'current')}`)
  await calls.truncate(fd, 4)
  await calls.truncate('a', 3)
  await calls.dup2(fd, 20)
  await calls.close(fd)
  await calls.sync(20)
  const stat = await calls.fstat(20)
  await print(`fstat ${stat.type} ${stat.size} ${stat.links}`)
  await calls.close(20)
  await calls.close(other)
  const appending = await calls.open('a', { append: true })
  await calls.write(appending, '!')
  await calls.close(appending)
  await print(await calls.readText('/work/a'))
  await calls.utimes('a', { accessedMs: 1_500_000_000_123.456, modifiedMs: 1000 })
  const times = await calls.stat('a')
  await print(`times ${times.accessedMs} ${times.modifiedMs}`)
  await calls.utimes('a', { modifiedMs: 'now' })
  await print(`now ${Math.abs(await calls.now() - (await calls.stat('a')).modifiedMs) < 10_000}`)
  await calls.mkdir('d')
  await calls.rename('a', 'd/b')
  await calls.link('d/b', 'c')
  await calls.symlink('d/b', 'l')
  await print(`link to ${await calls.readlink('l')}: ${(await calls.lstat('l')).type}, ${(await calls.stat('l')).links}`)
  await print((await calls.readdir('.')).map(entry => `${entry.name} ${entry.type}`).join(', '))
  await print(`errors ${await codeOf(calls.open('nowhere'))} ${await codeOf(calls.rmdir('d'))} ${await codeOf(calls.open('c', { create: true, write: true, exclusive: true }))} ` +
    `${await codeOf(calls.readlink('c'))} ${await codeOf(calls.close(99))} ${await codeOf(calls.chdir('c'))} ${await codeOf(calls.open(''))} ${await codeOf(calls.wait())}`)
  await calls.unlink('c')
  await calls.unlink('d/b')
  await calls.rmdir('d')
  await calls.unlink('l')
  const pipe = await calls.pipe()
  await print(`poll ${JSON.stringify(await calls.poll([{ fd: pipe.read, for: 'read' }], 1))}`)
  await calls.write(pipe.write, 'x'.repeat(9))
  await print(`poll ${JSON.stringify(await calls.poll([{ fd: pipe.read, for: 'read' }, { fd: 77, for: 'read' }]))}`.replaceAll(String(pipe.read), 'R'))
  // A reader and a writer at once: the pipe holds less than is written.
  const large = new Uint8Array(200_000).map((_, i) => i * 7)
  const [, got] = await Promise.all([calls.write(pipe.write, large).then(() => calls.close(pipe.write)), collected(calls, pipe.read)])
  await print(`through a pipe ${got.length} ${got.subarray(9).every((byte, i) => byte === large[i])}`)
  await calls.close(pipe.read)
  const before = await calls.monotonicNs()
  await calls.sleep(5)
  await print(`slept ${await calls.monotonicNs() - before >= 5e6} ${await calls.cpuTimeNs() > 0}`)
  await print(`random ${(await calls.random(100)).length} ${new Set(await calls.random(100)).size > 20}`)
  await print(`terminal ${await calls.isTerminal(0)}`)
  await print(`pid ${await calls.pid() > 1}, parent ${await calls.ppid()}, leads ${await calls.group() === await calls.pid()}`)
  await calls.signal('SIGTERM', 'ignore')
  await calls.kill(await calls.pid(), 'SIGTERM')
  await calls.signal('SIGTERM', 'default')
  await print(`lines ${(await lines(calls)).join('|')}`)
  return 42
}

async function lines (calls: TaskCalls): Promise<string[]> {
  const found: string[] = []
  for await (const line of calls.lines(0)) found.push(line)
  return found
}

async function collected (calls: TaskCalls, fd: number): Promise<Uint8Array> {
  const pieces: number[] = []
  for await (const piece of calls.chunks(fd)) pieces.push(...piece)
  return Uint8Array.from(pieces)
}

function text (bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

const said = `alone,x {"A":"1","B":""} in /
seek 5: nt
dup 1: s|
pread cOn at 8
fstat file 3 1
cOn!
times 1500000000123.456 1000
now true
link to d/b: symlink, 2
c file, d directory, l symlink
errors ENOENT ENOTEMPTY EEXIST EINVAL EBADF ENOTDIR ENOENT ECHILD
poll []
poll [{"fd":R,"for":"read","bytes":9,"hangup":false,"error":null},{"fd":77,"for":"read","bytes":0,"hangup":false,"error":"EBADF"}]
through a pipe 200009 true
slept true true
random 100 true
terminal false
pid true, parent 1, leads true
lines one|two|größe
`

for (const kernel of everyName) {
  test(`${kernel}: a task's calls do what they do everywhere`, async () => {
    await using os = await start(kernel)
    const done = await os.spawn(alone, { args: ['alone', 'x'], env: { A: '1', B: '' }, stdin: 'one\ntwo\ngröße' }).output()
    assert.equal(text(done.stderr), '')
    assert.equal(done.message, '')
    assert.equal(done.text, said)
    assert.equal(done.status, 42)
  })

  test(`${kernel}: an exit and a crash, each as what it is`, async () => {
    for (const [task, status, signal, message] of [
      [async () => {}, 0, null, ''],
      [() => 3, 3, null, ''],
      [(calls: TaskCalls) => calls.exit(7), 7, null, ''],
      [async (calls: TaskCalls) => {
        void calls.read(0)
        try { calls.exit(8) } catch { await calls.print('never seen') }
      }, 8, null, ''],
      [async () => { throw new RangeError('too far') }, 134, 'SIGABRT', 'uncaught RangeError: too far'],
      [async (calls: TaskCalls) => { await calls.open('/nowhere') }, 134, 'SIGABRT', 'uncaught SystemError: open /nowhere: ENOENT (no such file or directory)'],
      [async (calls: TaskCalls) => { await calls.kill(await calls.pid(), 'SIGUSR1') }, 138, 'SIGUSR1', 'SIGUSR1'],
    ] as const) {
      await using os = await start(kernel)
      const done = await os.spawn(task).output()
      assert.deepEqual([done.status, done.signal, done.message, done.text], [status, signal, message, ''], String(task))
    }
  })

  test(`${kernel}: what a task may not have is an error of its own`, async () => {
    await using os = await start(kernel)
    const task: Task = async calls => {
      await calls.print(await codeOf(calls.read(0, 2 ** 30)))
      const waiting = Array.from({ length: TASK_CALLS_MAX }, () => calls.read(0, 1))
      await calls.sleep(0).catch(error => error.code === 'EAGAIN' || Promise.reject(error))
      calls.exit(waiting.length === TASK_CALLS_MAX ? 5 : 6)
    }
    const process = os.spawn(task)
    assert.equal(await new Response(process.stdout).text(), 'ENOMEM\n')
    assert.equal((await process.wait()).status, 5)
  })
}

/** Where a task can be when it is killed. */
const places: Readonly<Record<string, Task>> = {
  'host code': async () => { await new Promise(() => {}) },
  'a read': async calls => { await calls.read(0) },
  'a sleep': async calls => { await calls.sleep(1e6) },
  'a wait': async calls => {
    await calls.spawn(async child => { await child.sleep(1e6) })
    await calls.wait()
  },
  'many calls': async calls => {
    const pipe = await calls.pipe()
    await Promise.all([calls.read(0), calls.sleep(1e6), calls.read(pipe.read), calls.write(pipe.write, new Uint8Array(1e6)), calls.poll([{ fd: 0, for: 'read' }])])
  },
  'a full pipe': async calls => { for (;;) await calls.write(1, new Uint8Array(100_000)) },
  'calls without end': async calls => { for (;;) await calls.pid() },
}

for (const kernel of everyMultiprogram) {
  test(`${kernel}: a task that is killed has ended at once, wherever it was, and leaves nothing`, async () => {
    await using os = await start(kernel)
    await leavesNothing(os, async () => {
      for (const [where, task] of Object.entries(places)) {
        let later: Promise<unknown> = Promise.resolve()
        let ended: unknown
        const begun = Promise.withResolvers<void>()
        const process = os.spawn(async calls => {
          begun.resolve()
          try {
            await task(calls)
          } catch (error) {
            ended = error
            later = calls.pid()
            throw error
          }
        }, { stdout: where === 'a full pipe' ? 'pipe' : null })
        await begun.promise
        await sleep(3)
        await process.kill('SIGKILL')
        assert.deepEqual({ ...await process.wait() }, { kind: 'signal', status: 137, signal: 'SIGKILL', message: 'SIGKILL' }, where)
        await sleep(1)
        for (const orphan of await orphans(os)) await killed(os, orphan)
        if (where === 'host code') continue
        assert.ok(ended instanceof TaskEnded, `${where}: ${String(ended)}`)
        await assert.rejects(later, TaskEnded, where)
      }
    })
  })

  test(`${kernel}: tasks and programs start each other, by path, as bytes and as they are`, async () => {
    await using os = await start(kernel, { executables: { '/bin/upper': upperProgram, '/bin/cat': bytesOf('cat') } })
    // A program starts a task by path.
    await os.fs.writeFile('/in', 'one\ntwo\n')
    const piped = await run(os, program('pipeline'), { args: ['pipeline', '/bin/cat', '/in', '--', '/bin/upper', 'arg'] })
    assert.equal(piped.stdout + piped.stderr, 'upper is /bin/upper arg\nONE\nTWO\n')
    // A task starts tasks and programs.
    const shell: Task = async calls => {
      const connect = async (first: Parameters<TaskCalls['spawn']>[0], args: string[], second: Parameters<TaskCalls['spawn']>[0], secondArgs: string[]): Promise<void> => {
        const pipe = await calls.pipe()
        const children = [await calls.spawn(first, { args, descriptors: [0, pipe.write, 2], group: 'new' })]
        children.push(await calls.spawn(second, { args: secondArgs, descriptors: [pipe.read, 1, 2], group: children[0]! }))
        await calls.close(pipe.read)
        await calls.close(pipe.write)
        const group = await calls.group(children[1])
        const ends = [await calls.wait({ group }), await calls.wait({ group })]
        await calls.print(`${ends.map(end => `${children.includes(end.process)} ${end.status}`).join()} ${await codeOf(calls.wait({ group }))}`)
      }
      await connect('/bin/cat', ['cat', '/in'], '/bin/upper', ['u'])
      await connect(await calls.readFile('/bin/cat'), ['cat', '/in'], upper, ['u'])
      await calls.chdir('/bin')
      const child = await calls.spawn('upper', { args: ['upper', '1'], env: { X: 'y' }, descriptors: [-1, 1, 2], cwd: '/' })
      await calls.print(JSON.stringify(await calls.wait(child)).replace(String(child), 'N'))
      await calls.print(`${await codeOf(calls.spawn('/bin/none'))} ${await codeOf(calls.spawn('/in'))} ${await codeOf(calls.spawn('/bin'))} ` +
        `${await codeOf(calls.spawn('/bin/cat', { descriptors: [99] }))} ${await codeOf(calls.spawn('/bin/cat', { group: 4711 }))}`)
      // A copy of a task's file is one too; a guess is not.
      await calls.writeFile('/tool', await calls.readFile('/bin/upper'))
      await calls.print(String((await calls.wait(await calls.spawn('/tool', { args: ['copy'], descriptors: [-1, 1, 2] }))).status))
      await calls.writeFile('/guess', `#task ${'0'.repeat(32)}\n`)
      await calls.print(await codeOf(calls.spawn('/guess')))
    }
    const done = await os.spawn(shell, { args: ['shell'] }).output()
    assert.equal(done.message, '')
    assert.equal(done.text, 'upper is u\nONE\nTWO\ntrue 0,true 0 ECHILD\nONE\nTWO\ntrue 0,true 0 ECHILD\nupper is upper 1\n' +
      '{"process":N,"status":134,"signal":"SIGABRT"}\nENOENT ENOEXEC EACCES EBADF EPERM\nupper is copy\n134\nENOEXEC\n')
  })

  test(`${kernel}: an interrupt goes to the job in the foreground, and to nobody else`, async () => {
    const machine = liveMachine()
    // One whose console is a terminal, as far as programs are told.
    const terminals = Object.create(machine, { console: { value: { ...machine.console, terminal: () => true } } }) as typeof machine
    await using os = await start(kernel, { machine: terminals })
    assert.equal(await os.interrupt(), false, 'no job')
    const process = os.spawn(async calls => {
      const job = await calls.spawn(async child => { await child.sleep(1e6) }, { group: 'new' })
      const second = await calls.spawn(async child => { await child.sleep(1e6) }, { group: job })
      const other = await calls.spawn(async child => { await child.sleep(1e6) }, { group: 'new' })
      const terminal = await calls.open('/dev/stdin')
      await calls.setForeground(job, terminal)
      await calls.print(String(await calls.foreground(terminal) === job))
      const ends = [await calls.wait(), await calls.wait()]
      await calls.print(ends.map(end => `${[job, second].includes(end.process)} ${end.signal}`).join())
      await calls.print(String(await calls.waitNow()))
      await calls.killGroup(other)
      await calls.print(`${(await calls.wait()).signal} ${await codeOf(calls.wait())}`)
    })
    const reader = process.stdout.getReader()
    assert.equal(text((await reader.read()).value!), 'true\n')
    reader.releaseLock()
    assert.equal(await os.interrupt(), true)
    assert.equal((await process.output()).text, 'true SIGINT,true SIGINT\nnull\nSIGTERM ECHILD\n')
    await os.close()
    machine.close()
  })

  test(`${kernel}: tasks that call without a pause hold up neither programs nor the host`, async () => {
    await using os = await start(kernel)
    const busy = [1, 2, 3].map(() => os.spawn(async calls => { for (;;) await calls.monotonicNs() }))
    const before = performance.now()
    await sleep(50)
    const cat = await os.spawn(program('cat'), { args: ['cat'], stdin: 'still here' }).output()
    assert.equal(cat.text, 'still here')
    assert.ok(performance.now() - before < 10_000, `${performance.now() - before} ms`)
    for (const task of busy) await task.kill()
  })

  test(`${kernel}: a task that calls deep in a recursion leaves the kernel whole`, async () => {
    await using os = await start(kernel)
    const deep: Task = calls => {
      const calling: Promise<unknown>[] = []
      const down = (): number => {
        if (calling.length < 500) calling.push(calls.stat('/dev'))
        return down() + 1
      }
      return Promise.resolve().then(async () => {
        try { down() } catch { /* the stack ended */ }
        await Promise.all(calling)
        return 9
      })
    }
    assert.equal((await os.spawn(deep).wait()).status, 9)
    assert.deepEqual([os.stats().counters.faults, (await os.spawn(program('true')).wait()).status], [0, 0])
  })

  test(`${kernel}: a limit of memory, of processes and of processor time holds for tasks`, async () => {
    await using os = await start(kernel)
    await leavesNothing(os, async () => {
      const small = os.spawn(async calls => {
        const codes = [await codeOf(calls.read(0, 100_000)), await codeOf(calls.read(0, 1000))]
        return codes.join() === 'ENOMEM,no error' ? 0 : 1
      }, { stdin: 'x', limits: { memoryBytes: 64 * 1024 } })
      assert.equal((await small.wait()).status, 0)
      const forks = os.spawn(async calls => {
        for (let count = 0; ; count++) {
          const code = await codeOf(calls.spawn(async child => { await child.sleep(1e6) }))
          if (code !== 'no error') return code === 'EAGAIN' ? count : 99
        }
      }, { limits: { processes: 5 } })
      assert.equal((await forks.wait()).status, 4)
      const endless = os.spawn(async calls => { for (;;) await calls.pid() }, { limits: { cpuTimeMs: 20 } })
      assert.equal((await endless.wait()).signal, 'SIGXCPU')
      for (const process of await orphans(os)) await killed(os, process)
    })
  })
}

/** Does something until the system holds what it held before: servers keep as many message buffers as there were calls at once. */
async function leavesNothing (os: OperatingSystem, act: () => Promise<void>): Promise<void> {
  let held = await holdings(os)
  for (let round = 0; round < 8; round++) {
    await act()
    const now = await holdings(os)
    if (isDeepStrictEqual(now, held)) return
    held = now
  }
  await assertHolds(os, held)
  await act()
  await assertHolds(os, held)
}

async function orphans (os: OperatingSystem): Promise<readonly number[]> {
  const { host } = systemOf(os)
  const list = await systemOf(os).run('list', () => settle(host.processes.list()))
  return typeof list === 'number' ? [] : list.processes.filter(process => process > 1)
}

async function killed (os: OperatingSystem, process: number): Promise<void> {
  await systemOf(os).run('kill', () => settle(systemOf(os).host.processes.kill(process, 9)))
}

/** A process that is driven from here through its door. */
async function door (os: OperatingSystem): Promise<{ door: SystemCallDoor, process: number }> {
  const system = systemOf(os)
  const opened = Promise.withResolvers<SystemCallDoor>()
  const image = new TaskImage('door', async door => {
    opened.resolve(door)
    await new Promise(() => {})
  })
  const process = await system.run('spawn', function * () {
    const slot = system.host.space.capabilities.mint(image, 0)
    const root = yield * settle(system.host.tables!.preopen(1, '/', '/', 2 ** 30 - 1, 2 ** 30 - 1))
    const started = yield * settle(system.host.processes.spawn(slot, ['door'], [], [-1, -1, -1, root], PRIORITY_DEFAULT, 1, [], 0, '/', 0))
    system.host.space.capabilities.delete(slot)
    yield * settle(system.host.files!.close(root))
    return started
  })
  assert.ok(process > 1, `spawn: ${process}`)
  return { door: await opened.promise, process }
}

for (const kernel of everyName) {
  test(`${kernel}: no argument of any call hurts the kernel, and calls in any number may be under way when the task is killed`, async () => {
    await using os = await start(kernel)
    const { door: { call, memory }, process } = await door(os)
    let seed = 20261124
    const draw = (below: number): number => {
      seed = Math.imul(seed ^ seed >>> 15, 0x2c1b3c6d) + 0x6d2b79f5 | 0
      return (seed >>> 0) % below
    }
    const values = [0, 1, 3, 4, 16, 100, 4096, 8192, 65535, -1, -100, 0x7fffffff, -0x80000000, memory.sizeBytes - 4, memory.sizeBytes]
    const names = Object.keys(SystemCalls.operations).filter(name => name !== 'proc_raise') as (keyof typeof SystemCalls.operations)[]
    const errnos: number[] = []
    let pending = 0
    for (let round = 0; round < 3000; round++) {
      const name = names[draw(names.length)]!
      const args = SystemCalls.operations[name].parameters.map(() => values[draw(values.length)]!)
      // Words in its memory are pointers and lengths of structures, too.
      memory.view.setInt32(8192 + 4 * draw(16), values[draw(values.length)]!, true)
      pending++
      void call(name, ...args).then(errno => {
        errnos.push(errno)
        pending--
      }, () => {})
      if (pending > 50 || round % 10 === 0) await sleep(0)
    }
    await sleep(20)
    assert.ok(errnos.length > 1000, `${errnos.length} calls came back`)
    assert.ok(errnos.every(errno => Number.isInteger(errno) && errno >= 0 && errno <= 76))
    await killed(os, process)
    await assert.rejects(call('sched_yield'), TaskEnded)
    assert.equal(os.stats().counters.faults, 0)
    assert.deepEqual(await os.fs.readdir('/dev').then(names => names.includes('null')), true)
  })
}

const OUT = 8192
const counts = {
  monolithic: [1, 0, 0], microkernel: [4, 4, 2], unikernel: [0, 0, 0],
  l4linux: [2, 2, 0], 'l4linux-trampoline': [3, 2, 0], 'mklinux-user': [2, 2, 0], 'mklinux-kernel': [2, 0, 0]
} as const

for (const kernel of everyName) {
  test(`${kernel}: a task's read costs what a program's costs there`, async () => {
    await using os = await start(kernel)
    await os.fs.writeFile('/file', 'x'.repeat(4096))
    const { door: { call, memory } } = await door(os)
    memory.allocate(16 * 1024)
    memory.bytes.set(new TextEncoder().encode('file'), 4096)
    assert.equal(await call('path_open', 3, 0, 4096, 4, 0, 6, 0, 6, 0, 0, OUT), 0)
    const fd = memory.view.getUint32(OUT, true)
    memory.view.setUint32(4096, OUT + 64, true)
    memory.view.setUint32(4100, 4096, true)
    const read = async (): Promise<number[]> => {
      const { counters } = os.stats()
      assert.equal(await call('fd_pread', fd, 4096, 1, 0, 0, OUT), 0)
      const now = os.stats().counters
      return [now.crossings - counters.crossings, now.switches - counters.switches, now.grants - counters.grants, now.calls - counters.calls]
    }
    await read()
    assert.deepEqual(await read(), [...counts[kernel], 1])
    assert.equal(memory.bytes[OUT + 64 + 4095], 'x'.charCodeAt(0))
  })
}
