import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, errnoName } from '../../fiber/index.ts'
import { fakes, finish } from './fakes.ts'
import type { Fakes } from './fakes.ts'
import { locate } from './preopens.ts'

const OUT = 4096

function put (made: Fakes, at: number, text: string): number {
  const bytes = new TextEncoder().encode(text)
  made.memory.bytes.set(bytes, at)
  return bytes.length
}

function spawn (made: Fakes, path: string, argv: string, fds: readonly number[]): number {
  const length = put(made, 1000, path)
  const argvLength = put(made, 2000, argv)
  fds.forEach((fd, i) => made.memory.view.setInt32(3000 + 4 * i, fd, true))
  return finish(made.calls.proc_spawn(1000, length, 2000, argvLength, 3000, fds.length, OUT))
}

const directories = (paths: readonly string[]) => (fd: number) => paths[fd - 3] ?? -Errno.EBADF

test('proc_spawn gives the child the named descriptors, and the preopened directories after them', () => {
  const made = fakes({ preopened: directories(['/', '/data']), spawnFile: 12 })
  assert.equal(spawn(made, '/data/bin/x.wasm', 'x\0\0-é\0', [0, 5, 2]), 0)
  assert.equal(made.memory.view.getUint32(OUT, true), 12)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 4, 'bin/x.wasm', ['x', '', '-é'], [0, 5, 2, 3, 4]])
  assert.equal(spawn(made, 'x.wasm', 'x', [7]), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 3, 'x.wasm', ['x'], [7, -1, -1, 3, 4]])
  assert.equal(spawn(made, 'x.wasm', '', [0, 1, 2, 9]), 0)
  assert.deepEqual(made.log.at(-1), ['spawnFile', 3, 'x.wasm', [], [0, 1, 2, 9, 3, 4]])
})

test('proc_spawn where there is no such directory, no such file, or no text', () => {
  assert.equal(errnoName(spawn(fakes({ preopened: directories(['/data']) }), '/etc/x', 'x', [])), 'ENOENT')
  assert.equal(errnoName(spawn(fakes({ preopened: -Errno.EBADF }), '/x', 'x', [])), 'ENOENT')
  assert.equal(errnoName(spawn(fakes({ preopened: directories(['/']), spawnFile: -Errno.ENOEXEC }), '/x', 'x', [])), 'ENOEXEC')
  const made = fakes({ preopened: directories(['/']) })
  made.memory.bytes[2000] = 0xff
  assert.equal(errnoName(finish(made.calls.proc_spawn(1000, 1, 2000, 1, 3000, 0, OUT))), 'EILSEQ')
  const large = fakes({ preopened: directories(['/']) }, 2 ** 22)
  assert.equal(errnoName(finish(large.calls.proc_spawn(1000, 1, 2000, 2 ** 20 + 1, 3000, 0, OUT))), 'E2BIG')
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
