/** For tests: a vfs over the file systems that are given, or over a ramfs and a pipefs. */

import { RIGHTS_ALL } from '../../roles/index.ts'
import type { Caller, DescriptorTables, FileSystem, Files } from '../../roles/index.ts'
import { runPlain } from '../../fiber/index.ts'
import { pipefs } from '../pipefs/index.ts'
import { ramfs } from '../ramfs/index.ts'
import { TestClock, startService, testArena, testCaller } from '../testing.ts'
import { vfs } from './index.ts'

export interface TestVfs {
  readonly files: Files
  readonly tables: DescriptorTables
  readonly caller: Caller
  readonly clock: TestClock
}

export function startVfs (
  fileSystems: Readonly<Record<string, FileSystem>> = {}, options: Readonly<Record<string, unknown>> = {}
): TestVfs {
  const clock = new TestClock()
  const caller = testCaller()
  const all = new Map(Object.entries({ ramfs: newRamfs(clock), pipefs: newPipefs(), ...fileSystems }))
  const provided = startService(vfs, { requires: { clock, fileSystems: all, sockets: new Map() }, caller, options })
  return {
    files: provided['files'] as unknown as Files, tables: provided['tables'] as unknown as DescriptorTables, caller, clock
  }
}

export function newRamfs (clock = new TestClock()): FileSystem {
  return startService(ramfs, { requires: { clock } })['files'] as unknown as FileSystem
}

export function newPipefs (): FileSystem {
  return startService(pipefs)['files'] as unknown as FileSystem
}

/** A subject of the suite of Files: the caller's descriptor on the root, and memory of a client. */
export function filesSubject (made: TestVfs) {
  const root = runPlain(made.tables.preopen(made.caller.principal, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
  return { files: made.files, root, arena: testArena('client'), counter: { bytesCopied: 0 } }
}
