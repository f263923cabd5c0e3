// A process that is ended while its own call waits for a file system leaves nothing open there, wherever it was ended. Each
// operation waits before it begins, as one does that queues for a server; one that has begun is done.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { giveWay, runPlain } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { TestScheduler } from '../../roles/conformance/index.ts'
import { DESCRIPTORS_MAX, FileSystem, FileType, OpenFlags, RIGHTS_ALL, entryOf, inodeOf, typeOf } from '../../roles/index.ts'
import type { Files } from '../../roles/index.ts'
import { pipefs } from '../pipefs/index.ts'
import { startService, testArena } from '../testing.ts'
import { newRamfs, startVfs } from './testing.ts'

const INIT = 1
const PROCESS = 7

/** Each operation queues; `open` counts the handles that there are. */
function queued (fs: FileSystem, handles: { open: number }): FileSystem {
  const slow: Record<string, unknown> = {}
  for (const name of Object.keys(FileSystem.operations)) {
    const plain = (fs as unknown as Record<string, (...args: unknown[]) => number>)[name]!
    slow[name] = function * (...args: unknown[]): Fiber<number> {
      yield giveWay
      const result = plain.apply(fs, args)
      if (name === 'open' && result >= 0) handles.open++
      if (name === 'close' && result >= 0) handles.open--
      return result
    }
  }
  return slow as unknown as FileSystem
}

/** A ramfs whose files say that they are devices, so that opening one asks whether it is a terminal. */
function devices (fs: FileSystem): FileSystem {
  const asDevice = (entry: number): number => entry < 0 || typeOf(entry) !== FileType.REGULAR ? entry : entryOf(inodeOf(entry), FileType.CHARACTER_DEVICE)
  return {
    ...Object.fromEntries(Object.keys(FileSystem.operations).map(name => [name, (fs as unknown as Record<string, (...args: unknown[]) => unknown>)[name]!.bind(fs)])) as unknown as FileSystem,
    lookup: (directory, name) => asDevice(fs.lookup(directory, name) as number)
  }
}

const calls: Readonly<Record<string, { ready?: (files: Files) => Eventual<unknown>, call: (files: Files) => Eventual<unknown> }>> = {
  open: { call: files => files.open(0, 0, 'f', OpenFlags.CREATE, RIGHTS_ALL, 0, 0) },
  'open of a device': { call: files => files.open(0, 0, 'there', 0, RIGHTS_ALL, 0, 0) },
  close: { ready: files => files.open(0, 0, 'f', OpenFlags.CREATE, RIGHTS_ALL, 0, 0), call: files => files.close(1) },
  renumber: {
    ready: function * (files): Fiber<void> {
      for (const name of ['f', 'g']) yield * files.open(0, 0, name, OpenFlags.CREATE, RIGHTS_ALL, 0, 0) as Fiber<number>
    },
    call: files => files.renumber(1, 2)
  },
  pipe: { call: files => files.pipe() },
  'a pipe with no number left': {
    ready: function * (files): Fiber<void> {
      while ((yield * files.open(0, 0, 'f', OpenFlags.CREATE, RIGHTS_ALL, 0, 0) as Fiber<number>) < DESCRIPTORS_MAX - 2) { /* one more */ }
    },
    call: files => files.pipe()
  }
}

for (const [name, { ready, call }] of Object.entries(calls)) {
  test(`${name}: ended at each of its waits, and its process released`, () => {
    for (let waits = 1; ; waits++) {
      const scheduler = new TestScheduler()
      const run = <T> (value: Eventual<T>): T => scheduler.runNow(value)
      const handles = { open: 0 }
      const arena = testArena('pipes')
      const ramfs = newRamfs()
      runPlain(ramfs.create(ramfs.root() as number, 'there', FileType.REGULAR))
      const pipes = startService(pipefs, { arena })['files'] as unknown as FileSystem
      const { files, tables, caller } = startVfs({ ramfs: queued(name.includes('device') ? devices(ramfs) : ramfs, handles), pipefs: queued(pipes, handles) })
      run(tables.preopen(INIT, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
      const before = { handles: handles.open, bytes: arena.allocatedBytes }
      run(tables.inherit(PROCESS, INIT, [0], 0))
      caller.principal = PROCESS
      if (ready !== undefined) run(ready(files) as Eventual<unknown>)
      const fiber = call(files) as Fiber<unknown>
      let ended = false
      for (let wait = 1; wait <= waits && !ended; wait++) ended = fiber.next(giveWay).done === true
      fiber.return(undefined)
      caller.principal = INIT
      run(tables.release(PROCESS))
      assert.deepEqual({ handles: handles.open, bytes: arena.allocatedBytes }, before, `ended at wait ${waits}`)
      if (ended) return
    }
  })
}
