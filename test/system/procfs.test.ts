// The system as files, under each kernel: read by C programs, by the host, and while processes come and go.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everyMultiprogram, everyName, planNamed, program, run, start } from './support.ts'
import type { EveryName } from './support.ts'

for (const kernel of everyName) {
  test(`${kernel}: a program finds itself in /proc`, async () => {
    await using os = await start(kernel)
    const args = ['cat', '/proc/self/status', '/proc/self/cmdline', '/proc/self/environ', '/proc/mounts']
    const { status, stdout, stderr } = await run(os, program('cat'), { args, env: { KEY: 'value' } })
    assert.equal(status, 0, stderr)
    assert.match(stdout, /^Name:\tcat\nState:\tR \(running\)\nTgid:\t2\nPid:\t2\nPPid:\t1\nNSpgid:\t\d+\n/)
    assert.ok(stdout.includes(`${args.join('\0')}\0KEY=value\0ramfs / ramfs rw 0 0\ndevfs /dev devfs rw 0 0\nprocfs /proc procfs ro 0 0\n`), JSON.stringify(stdout))
  })

  test(`${kernel}: what bounds a program stands in /proc`, async () => {
    await using os = await start(kernel)
    const limits = { memoryBytes: 64 * 2 ** 20, cpuTimeMs: 5000, processes: 9, descriptors: 99, files: 1000, diskBytes: 2 ** 30, pipeBytes: 2 ** 20 }
    const { status, stdout, stderr } = await run(os, program('cat'), { args: ['cat', '/proc/self/limits'], limits })
    assert.equal(status, 0, stderr)
    const [heads, ...rows] = stdout.trimEnd().split('\n').map(line => line.trimEnd().split(/ {2,}/))
    assert.deepEqual(heads, ['Limit', 'Soft Limit', 'Hard Limit', 'Units'])
    assert.deepEqual(Object.fromEntries(rows.map(([name, soft, hard]) => [name, soft === hard ? soft : NaN])), {
      'Max cpu time': '5', 'Max processes': '9', 'Max open files': '99', 'Max address space': String(64 * 2 ** 20),
      'Max files': '1000', 'Max disk space': String(2 ** 30), 'Max pipe buffers': String(2 ** 20)
    })
    assert.match(await os.fs.readText('/proc/1/limits'), /^Max processes +unlimited +unlimited +processes *$/m)
  })

  test(`${kernel}: the host reads the plan and the counts`, async () => {
    await using os = await start(kernel)
    assert.deepEqual(JSON.parse(await os.fs.readText('/proc/kaleidos/plan')), planNamed[kernel]())
    const before = os.stats().counters
    const shown = Object.fromEntries((await os.fs.readText('/proc/kaleidos/counters')).trimEnd().split('\n').map(line => line.split(' ')))
    const after = os.stats().counters
    assert.deepEqual(Object.keys(shown), Object.keys(before))
    for (const [name, count] of Object.entries(before)) {
      assert.ok(count <= Number(shown[name]) && Number(shown[name]) <= after[name as keyof typeof after], `${name}: ${count}, ${shown[name]}`)
    }
    const [heads, ...domains] = (await os.fs.readText('/proc/kaleidos/domains')).trimEnd().split('\n').map(line => line.split('\t'))
    assert.deepEqual(domains.filter(row => row[heads!.indexOf('SERVICES')] !== '-').map(row => row[1]).sort(),
      planNamed[kernel]().domains.filter(domain => domain.services.length > 0 && domain.programs !== 'each').map(domain => domain.name).sort())
  })

  test(`${kernel}: nothing is written in /proc`, async () => {
    await using os = await start(kernel)
    await assert.rejects(os.fs.writeFile('/proc/uptime', 'x'), { code: 'EROFS' })
    await assert.rejects(os.fs.mkdir('/proc/x'), { code: 'EROFS' })
    await assert.rejects(os.fs.unlink('/proc/uptime'), { code: 'EROFS' })
    await assert.rejects(os.fs.readFile('/proc/4711/status'), { code: 'ENOENT' })
  })
}

/** The gates that a call of a program goes through. */
const gatesOf: Readonly<Record<EveryName, readonly string[]>> = {
  monolithic: ['trap programs wasi SystemCalls'],
  microkernel: ['rpc wasi vfs Files'],
  unikernel: [],
  l4linux: ['rpc emulation wasi SystemCalls'],
  'l4linux-trampoline': ['reflect programs emulation SystemCalls', 'rpc emulation wasi SystemCalls'],
  'mklinux-user': ['reflect programs wasi SystemCalls'],
  'mklinux-kernel': ['reflect programs wasi SystemCalls']
}

for (const kernel of everyMultiprogram) {
  test(`${kernel}: a process sees the others, and not their environments`, async () => {
    await using os = await start(kernel)
    const other = os.spawn(program('cat'), { args: ['cat', '-'], env: { SECRET: 'x' } })
    const number = await other.started
    const seen = await run(os, program('cat'), { args: ['cat', `/proc/${number}/cmdline`, `/proc/${number}/environ`] })
    assert.equal(seen.stdout, 'cat\0-\0')
    assert.match(seen.stderr, /environ/)
    assert.equal(await os.fs.readText(`/proc/${number}/environ`), 'SECRET=x\0', 'init sees it')
    const stat = (await os.fs.readText(`/proc/${number}/stat`)).split(' ')
    assert.deepEqual(stat.slice(0, 4), [String(number), '(cat)', 'S', '1'])
    assert.equal(await os.fs.readlink(`/proc/${number}/cwd`), '/')
    assert.deepEqual(await os.fs.readdir(`/proc/${number}/fd`), ['0', '1', '2', '3'])
    assert.match(await os.fs.readlink(`/proc/${number}/fd/0`), /^pipe:\[\d+\]$/)
    assert.equal(await os.fs.readlink(`/proc/${number}/fd/3`), '/')
    await other.kill()
    await other.wait()
    await assert.rejects(os.fs.readFile(`/proc/${number}/stat`), { code: 'ENOENT' })
  })

  test(`${kernel}: whoever walks through /proc gets to its end while processes come and go`, async () => {
    await using os = await start(kernel)
    const stays = os.spawn(program('spin'), { args: ['spin'], stdin: null })
    const number = await stays.started
    let walking = true
    const comings = Array.from({ length: 4 }, async () => {
      while (walking) await run(os, program('true'), { args: ['true'] })
    })
    try {
      for (let walk = 0; walk < 10; walk++) {
        const { stdout } = await run(os, program('find'), { args: ['find', '/proc'] })
        const lines = stdout.split('\n')
        assert.equal(lines.filter(line => line === `/proc/${number}/status`).length, 1)
        assert.equal(lines.filter(line => line === '/proc/kaleidos/plan').length, 1)
        assert.equal(new Set(lines).size, lines.length, 'nothing is seen twice')
      }
    } finally {
      walking = false
      await Promise.all(comings)
    }
  })

  test(`${kernel}: the gates' calls are those of the counts`, async () => {
    await using os = await start(kernel)
    const calls = async (): Promise<Map<string, number>> => {
      const rows = (await os.fs.readText('/proc/kaleidos/gates')).trimEnd().split('\n').slice(1).map(line => line.split('\t'))
      return new Map(rows.map(([gate, from, to, role, count]) => [`${gate} ${from} ${to} ${role}`, count === '-' ? -1 : Number(count)]))
    }
    const before = await calls()
    const counted = 1000
    await run(os, program('bench'), { args: ['bench', 'null', String(counted), '1', '/'] })
    const after = await calls()
    // Once for each call: into the kernel, or from the program's own personality to the VFS, or by its emulation library to the server.
    for (const gate of gatesOf[kernel]) {
      const made = after.get(gate)! - (before.get(gate) ?? 0)
      assert.ok(made >= counted && made < counted + 200, `${made} calls through ${gate}`)
    }
  })
}
