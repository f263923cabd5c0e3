/** The suite over the real files: vfs with ramfs, devfs and pipefs, by direct calls; processes are others' to test. */

import { randomFillSync } from 'node:crypto'
import { test } from 'node:test'
import { giveWay, settle } from '../../fiber/index.ts'
import { RIGHTS_ALL } from '../../roles/index.ts'
import type { DescriptorTables, Files, SystemCalls, Window } from '../../roles/index.ts'
import { TestScheduler } from '../../roles/conformance/index.ts'
import { devfs } from '../../services/devfs/index.ts'
import { pipefs } from '../../services/pipefs/index.ts'
import { ramfs } from '../../services/ramfs/index.ts'
import { TestClock, startService, testArena, testCaller } from '../../services/testing.ts'
import { vfs } from '../../services/vfs/index.ts'
import { wasiConformance, wholeSystem } from './conformance.ts'
import type { WasiSubject } from './conformance.ts'
import { wasi } from './service.ts'

const HOST = 1
const PROGRAM = 2
const SCRATCH = 4096
const MS = 1e6

async function make (): Promise<WasiSubject> {
  const clock = new TestClock()
  const caller = testCaller(HOST)
  const entropy = { fill: (window: Window) => window.put(0, randomFillSync(new Uint8Array(window.length)), 0, window.length) }
  const started = (definition: typeof ramfs, requires: Record<string, unknown>) => startService(definition, { requires, caller })
  const fileSystems = new Map([
    ['ramfs', started(ramfs, { clock })['files']],
    ['devfs', started(devfs, { entropy, console: new Map() })['files']],
    ['pipefs', started(pipefs, { clock })['files']]
  ])
  const mounts = [{ path: '/', fileSystem: 'ramfs' }, { path: '/dev', fileSystem: 'devfs' }]
  const { files, tables } = startService(vfs, { requires: { clock, fileSystems }, caller, options: { mounts, pipes: 'pipefs' } }) as unknown as
    { files: Files, tables: DescriptorTables }
  const args = ['program', 'größe', '']
  const env = ['HOME=/', 'EMPTY=']
  const processes = { args: () => args, env: () => env }
  const memory = testArena('program', 2 ** 20)
  memory.allocate(2 ** 19)
  const { calls } = startService(wasi, { requires: { files, processes, clock, entropy }, caller }) as unknown as { calls: SystemCalls }

  const scheduler = new TestScheduler()
  // The host opens /dev/null for the three standard descriptors, and the root as the first preopened directory.
  await scheduler.run((function * () {
    yield * settle(tables.preopen(HOST, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
    const fd = yield * settle(files.open(0, 0, 'dev/null', 0, 0, 0, 0))
    yield * settle(tables.inherit(PROGRAM, HOST, [fd, fd, fd], 0))
    yield * settle(tables.preopen(PROGRAM, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
  })())
  caller.principal = caller.immediate = PROGRAM
  caller.memory = memory
  return {
    calls, memory, scratch: SCRATCH, directory: 3, directoryPath: '/', args, env,
    // Where everything waits, it waits for the clock or has given way.
    run: body => scheduler.run(body, () => {
      if (giveWay.wakeAll() === 0) clock.advance(MS)
      return Promise.resolve()
    })
  }
}

wasiConformance({
  name: 'vfs and ramfs',
  test,
  make,
  skip: { ...wholeSystem, processes: 'there is no process server here', sockets: 'these files keep no sockets' }
})
