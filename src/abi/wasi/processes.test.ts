import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, errnoName, giveWay } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { fakes, finish } from './fakes.ts'
import type { Fakes } from './fakes.ts'
import { locate } from './preopens.ts'

const OUT = 4096

/** Where the pieces of a spawn structure lie. */
const STRUCTURE = 8192

interface Wanted {
  path?: string
  program?: string
  argv?: string
  env?: string
  fds?: readonly number[]
  directory?: string
  group?: number
  flags?: number
}

/** Writes the structure, and calls. */
function spawn (made: Fakes, wanted: Wanted): number {
  const { view, bytes } = made.memory
  let at = 16384
  const text = (offset: number, value: string | undefined): void => {
    if (value === undefined) return
    const encoded = new TextEncoder().encode(value)
    bytes.set(encoded, at)
    view.setUint32(STRUCTURE + offset, at, true)
    view.setUint32(STRUCTURE + offset + 4, encoded.length, true)
    at += encoded.length + 1
  }
  bytes.fill(0, STRUCTURE, STRUCTURE + 56)
  text(0, wanted.path)
  text(8, wanted.program)
  text(16, wanted.argv)
  text(24, wanted.env)
  text(40, wanted.directory)
  const fds = wanted.fds ?? []
  fds.forEach((fd, i) => { view.setInt32(3000 + 4 * i, fd, true) })
  view.setUint32(STRUCTURE + 32, 3000, true)
  view.setUint32(STRUCTURE + 36, fds.length, true)
  view.setInt32(STRUCTURE + 48, wanted.group ?? -1, true)
  view.setUint32(STRUCTURE + 52, wanted.flags ?? 0, true)
  return finish(made.calls.proc_spawn(STRUCTURE, OUT))
}

const directories = (paths: readonly string[]) => (fd: number) => paths[fd - 3] ?? -Errno.EBADF

test('proc_spawn gives the child the named descriptors, and the preopened directories after them', () => {
  const made = fakes({ preopened: directories(['/', '/data']), spawnFile: 12, directory: '/data' })
  assert.equal(spawn(made, { path: '/data/bin/x.wasm', argv: 'x\0\0-é\0', fds: [0, 5, 2] }), 0)
  assert.equal(made.memory.view.getUint32(OUT, true), 12)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 4, 'bin/x.wasm', ['x', '', '-é'], [], [0, 5, 2, 3, 4], 4, 2, [], 0, '', -1])
  assert.equal(spawn(made, { path: '/x.wasm', argv: 'x', fds: [7] }), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 3, 'x.wasm', ['x'], [], [7, -1, -1, 3, 4], 4, 2, [], 0, '', -1])
  assert.equal(spawn(made, { path: 'x.wasm', fds: [0, 1, 2, 9] }), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 4, 'x.wasm', [], [], [0, 1, 2, 9, 3, 4], 4, 2, [], 0, '', -1])
  assert.equal(spawn(made, { path: '/x', fds: [5], flags: 1 }), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 3, 'x', [], [], [5], 4, 2, [], 0, '', -1], 'without the directories')
})

test('proc_spawn says the environment, the working directory and the group', () => {
  const made = fakes({ preopened: directories(['/']), spawnFile: 12, spawnBytes: 13, directory: '/data' })
  assert.equal(spawn(made, { path: '/x', env: 'A=1\0B=\0', directory: 'in', group: 0 }), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 3, 'x', [], ['A=1', 'B='], [-1, -1, -1, 3], 4, 0, [], 0, '/data/in', 0])
  assert.equal(spawn(made, { path: '/x', env: '', directory: '/there', group: 77 }), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 3, 'x', [], [], [-1, -1, -1, 3], 4, 0, [], 0, '/there', 77])
})

test('proc_spawn takes a program from memory', () => {
  const made = fakes({ preopened: directories(['/']), spawnBytes: 13 })
  assert.equal(spawn(made, { program: 'seven b', argv: 'x' }), 0)
  assert.equal(made.memory.view.getUint32(OUT, true), 13)
  assert.deepEqual(made.log.at(-1), ['spawnBytes', 7, ['x'], [], [-1, -1, -1, 3], 4, 2, [], 0, '', -1])
})

test('proc_spawn where there is no such directory, no such file, or no text', () => {
  assert.equal(errnoName(spawn(fakes({ preopened: directories(['/data']) }), { path: '/etc/x', argv: 'x' })), 'ENOENT')
  assert.equal(errnoName(spawn(fakes({ preopened: -Errno.EBADF }), { path: '/x', argv: 'x' })), 'ENOENT')
  assert.equal(errnoName(spawn(fakes({ preopened: directories(['/']) }), {})), 'ENOENT')
  assert.equal(errnoName(spawn(fakes({ preopened: directories(['/']), spawnFile: -Errno.ENOEXEC }), { path: '/x', argv: 'x' })), 'ENOEXEC')
})

test('what is wrong with the structure of proc_spawn is found before anything happens', () => {
  const word = (made: Fakes, offset: number, value: number): void => { made.memory.view.setUint32(STRUCTURE + offset, value, true) }
  const cases: [string, (made: Fakes) => void][] = [
    ['EFAULT', made => { word(made, 0, 65536); word(made, 4, 1) }],
    ['ENAMETOOLONG', made => { word(made, 4, 4097) }],
    ['EFAULT', made => { word(made, 4, 0); word(made, 8, 65000); word(made, 12, 1000) }],
    ['EFAULT', made => { word(made, 16, 65535); word(made, 20, 2) }],
    ['EILSEQ', made => { made.memory.bytes[2000] = 0xff; word(made, 16, 2000); word(made, 20, 1) }],
    ['EFAULT', made => { word(made, 24, 0xffffffff); word(made, 28, 0xffffffff) }],
    ['EILSEQ', made => { made.memory.bytes[2000] = 0xff; word(made, 24, 2000); word(made, 28, 1) }],
    ['EFAULT', made => { word(made, 32, 65533); word(made, 36, 1) }],
    ['EFAULT', made => { word(made, 36, 0xffffffff) }],
    ['EINVAL', made => { word(made, 36, 1025) }],
    ['EFAULT', made => { word(made, 40, 65536); word(made, 44, 1) }],
    ['EINVAL', made => { word(made, 52, 2) }],
    ['EINVAL', made => { word(made, 52, 0x80000001) }]
  ]
  for (const [errno, spoil] of cases) {
    const made = fakes({ preopened: directories(['/']) })
    assert.equal(spawn(made, { path: '/x', argv: 'x' }), 0)
    made.log.length = 0
    spoil(made)
    assert.equal(errnoName(finish(made.calls.proc_spawn(STRUCTURE, OUT))), errno, String(spoil))
    assert.deepEqual(made.log, [], String(spoil))
  }
  const large = fakes({ preopened: directories(['/']) }, 2 ** 22)
  large.memory.view.setUint32(STRUCTURE + 20, 2 ** 20 + 1, true)
  assert.equal(errnoName(finish(large.calls.proc_spawn(STRUCTURE, OUT))), 'E2BIG')
})

test('the working directory is what the path comes to, without links', () => {
  const links: Record<string, string> = { a: 'b/c', 'b/c/up': '../..', loop: 'loop', 'b/root': '/b' }
  const attributesAt = { type: 3 }
  const readLink = (_fd: number, path: string): unknown => links[path] ?? -Errno.EINVAL
  for (const [path, from, to] of [
    ['/x/y', '/', '/x/y'], ['y', '/x', '/x/y'], ['..', '/x/y', '/x'], ['../../..', '/x', '/'], ['/a', '/', '/b/c'], ['/a/up/x', '/', '/x'],
    ['/a/..', '/', '/b'], ['/b/root/./z//', '/q', '/b/z'], ['.', '/x', '/x']
  ] as const) {
    const made = fakes({ preopened: directories(['/']), attributesAt, readLink, directory: from })
    const length = new TextEncoder().encodeInto(path, made.memory.bytes.subarray(1000)).written
    assert.equal(errnoName(finish(made.calls.chdir(1000, length))), 'SUCCESS', path)
    assert.deepEqual(made.log.at(-1), ['setDirectory', to], path)
  }
  const made = (answers: Record<string, unknown>, path: string): string => {
    const fake = fakes({ preopened: directories(['/']), attributesAt, readLink, directory: '/', ...answers })
    const length = new TextEncoder().encodeInto(path, fake.memory.bytes.subarray(1000)).written
    const errno = finish(fake.calls.chdir(1000, length))
    assert.ok(errno === 0 || !fake.log.some(([name]) => name === 'setDirectory'))
    return errnoName(errno)
  }
  assert.equal(made({}, ''), 'ENOENT')
  assert.equal(made({ attributesAt: { type: 4 } }, 'f'), 'ENOTDIR')
  assert.equal(made({ attributesAt: -Errno.ENOENT }, 'f'), 'ENOENT')
  assert.equal(made({ preopened: directories(['/data']) }, '/etc'), 'ENOENT')
  assert.equal(made({}, 'loop'), 'ELOOP')
})

test('a working directory of thousands of names lets others have their turn, and is too long where links make it so', () => {
  const down = (to: string): string => `${'d/'.repeat(2000)}${to}`
  const readLink = (_fd: number, path: string): unknown => path === 's' ? down('t') : path === down('t') ? down('x') : -Errno.EINVAL
  const begun = (path: string): { fake: Fakes, fiber: Fiber<number> } => {
    const fake = fakes({ preopened: directories(['/']), attributesAt: { type: 3 }, readLink, directory: '/' })
    const length = new TextEncoder().encodeInto(path, fake.memory.bytes.subarray(1000)).written
    return { fake, fiber: fake.calls.chdir(1000, length) as Fiber<number> }
  }
  const { fake, fiber } = begun(down('x'))
  let turns = 0
  let step = fiber.next(giveWay)
  for (; !step.done; step = fiber.next(giveWay)) {
    assert.equal(step.value, giveWay)
    turns++
  }
  assert.equal(step.value, 0)
  assert.ok(turns >= 100, `${turns} turns`)
  assert.deepEqual(fake.log.at(-1), ['setDirectory', `/${down('x')}`])
  const long = begun('s')
  for (step = long.fiber.next(giveWay); !step.done;) step = long.fiber.next(giveWay)
  assert.equal(errnoName(step.value), 'ENAMETOOLONG')
  assert.ok(long.fake.log.length < 2200, `${long.fake.log.length} calls`)
})

test('getcwd where there is room, and where there is not', () => {
  const made = fakes({ directory: '/größe' })
  assert.equal(errnoName(finish(made.calls.getcwd(1000, 8, OUT))), 'SUCCESS')
  assert.equal(made.memory.view.getUint32(OUT, true), 8)
  assert.equal(new TextDecoder().decode(made.memory.bytes.slice(1000, 1008)), '/größe')
  assert.equal(errnoName(finish(made.calls.getcwd(1000, 7, OUT))), 'ERANGE')
})

test('the terminal is a device', () => {
  const made = fakes({ descriptor: (fd: number) => fd === 0 ? { type: 2 } : fd === 1 ? { type: 4 } : -Errno.EBADF, foreground: 5 })
  assert.equal(errnoName(finish(made.calls.tty_group(0, OUT))), 'SUCCESS')
  assert.equal(made.memory.view.getUint32(OUT, true), 5)
  assert.equal(errnoName(finish(made.calls.tty_group(1, OUT))), 'ENOTTY')
  assert.equal(errnoName(finish(made.calls.tty_set_group(1, 5))), 'ENOTTY')
  assert.equal(errnoName(finish(made.calls.tty_set_group(9, 5))), 'EBADF')
  assert.equal(errnoName(finish(made.calls.tty_set_group(0, 6))), 'SUCCESS')
  assert.deepEqual(made.log.at(-1), ['setForeground', 6])
})

test('a path belongs to the directory with the longest name, by whole names', () => {
  const paths = ['/', '/a', '/a/b/', 'rel', '.']
  for (const [path, fd, rest] of [
    ['/a/x', 4, 'x'], ['/ab', 3, 'ab'], ['/a/b', 5, '.'], ['/a/b//x', 5, 'x'], ['a/b/c', 5, 'c'], ['./rel/y', 6, 'y'], ['rely', 3, 'rely'],
    ['/', 3, '.'], ['.', 3, '.'], ['//x', 3, 'x'], ['..', 3, '..'], ['.hidden', 3, '.hidden'], ['/a/', 4, '.']
  ] as const) {
    assert.deepEqual(locate(paths, path), { fd, path: rest }, path)
  }
  assert.equal(locate(['/a'], '/b'), null)
  assert.equal(locate([], '/b'), null)
  assert.equal(locate(['/'], ''), null)
})

test('a status has the exit code in the second byte, the signal in the first', () => {
  for (const [kind, code, status] of [[0, 0, 0], [0, 3, 0x300], [0, 255, 0xff00], [0, 256, 0], [1, 9, 9], [1, 13, 13]] as const) {
    const made = fakes({ wait: { process: 5, kind, code, message: '' } })
    assert.equal(finish(made.calls.proc_wait(0, 0, OUT, OUT + 4)), 0)
    assert.deepEqual([made.memory.view.getUint32(OUT, true), made.memory.view.getUint32(OUT + 4, true)], [5, status])
  }
})

test('process numbers and pipes', () => {
  const made = fakes({ identity: { process: 7, parent: 1 }, pipe: { read: 4, write: 5 } })
  const view = made.memory.view
  assert.deepEqual([finish(made.calls.proc_id(OUT)), view.getUint32(OUT, true)], [0, 7])
  assert.deepEqual([finish(made.calls.proc_parent(OUT)), view.getUint32(OUT, true)], [0, 1])
  assert.deepEqual([finish(made.calls.pipe(OUT)), view.getUint32(OUT, true), view.getUint32(OUT + 4, true)], [0, 4, 5])
  assert.equal(finish(made.calls.proc_kill(9, 0)), 0)
  assert.equal(finish(made.calls.proc_raise(6)), 0)
  assert.deepEqual(made.log.slice(-2), [['kill', 9, 0], ['raise', 6]])
})
