import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { fileSystemConformance, onlyPipes } from '../../roles/conformance/index.ts'
import { Access, FileType, HANDLES_MAX, PIPE_BYTES, READ, Window } from '../../roles/index.ts'
import type { FileSystem } from '../../roles/index.ts'
import { startService, testArena } from '../testing.ts'
import { pipefs } from './index.ts'

fileSystemConformance({
  name: 'pipefs',
  test,
  skip: onlyPipes,
  make: () => ({
    files: startService(pipefs)['files'] as unknown as FileSystem,
    arena: testArena('client'),
    counter: { bytesCopied: 0 }
  })
})

test('a pipe gives its memory back with its last handle, and their number is bounded', () => {
  const arena = testArena('pipefs')
  const memory = testArena('client')
  const files = startService(pipefs, { arena, options: { pipesMax: 1 } })['files'] as unknown as FileSystem
  const inode = files.create(1, '', FileType.UNKNOWN) as number
  assert.equal(files.create(1, '', FileType.UNKNOWN), -Errno.ENFILE)
  const reader = files.open(inode, Access.READ) as number
  const writer = files.open(inode, Access.WRITE) as number
  assert.equal(arena.allocatedBytes, 0, 'nobody has written')
  assert.equal(files.write(writer, 0, Window.of(memory, memory.allocate(PIPE_BYTES), PIPE_BYTES, READ, { bytesCopied: 0 })!), PIPE_BYTES)
  assert.equal(arena.allocatedBytes, PIPE_BYTES)
  files.close(reader)
  files.close(writer)
  assert.equal(arena.allocatedBytes, 0)
  assert.ok(files.create(1, '', FileType.UNKNOWN) as number > 0)
})

test('a pipe that cannot be opened for want of handles is gone', () => {
  const arena = testArena('pipefs')
  const files = startService(pipefs, { arena })['files'] as unknown as FileSystem
  const first = files.create(1, '', FileType.UNKNOWN) as number
  for (let i = 0; i < HANDLES_MAX; i++) assert.ok((files.open(first, Access.READ) as number) > 0)
  const before = arena.allocatedBytes
  const second = files.create(1, '', FileType.UNKNOWN) as number
  assert.equal(files.open(second, Access.READ), -Errno.ENFILE)
  assert.equal(files.open(second, Access.WRITE), -Errno.ENOENT)
  assert.equal(arena.allocatedBytes, before)
})
