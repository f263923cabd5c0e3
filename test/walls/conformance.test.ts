// The suites of roles whose servers stand elsewhere: through `ring` to threads, and through `port` to processes. One system for
// each wall, since places take long to start; each case has a directory of its own.

import { after, test } from 'node:test'
import { settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { boot, kernels, withWalls } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { Entropy, INIT, RIGHTS_ALL } from '../../src/roles/index.ts'
import type { DescriptorTables, Files, Role } from '../../src/roles/index.ts'
import { descriptorTablesConformance, entropyConformance, filesConformance, wholeFiles } from '../../src/roles/conformance/index.ts'
import type { Driver } from '../../src/roles/conformance/index.ts'
import { driverOf } from '../gates/driver.ts'

for (const wall of ['thread', 'process'] as const) {
  const name = `servers behind the wall '${wall}'`
  const os = await boot({ kernel: withWalls(kernels.microkernel(), { vfs: wall, ramfs: wall, pipefs: wall, socketfs: wall, entropy: wall }) })
  after(() => os.close())
  const system = systemOf(os)
  const { arena, files, tables } = system.host
  let cases = 0
  /** What a suite has of a system, which outlives it. */
  const host = {
    arena, counter: system.state.counters,
    run: async (body: (driver: Driver) => Fiber<void>) => { await system.run('conformance', () => body(driverOf(system))) }
  }
  filesConformance({
    name, test, skip: wholeFiles,
    async make () {
      const path = `/suite${cases++}`
      await os.fs.mkdir(path)
      const root = await system.run('root', () => settle(system.host.tables!.preopen(INIT, path, '/', RIGHTS_ALL, RIGHTS_ALL)))
      return { ...host, files: files as Files, root }
    }
  })
  descriptorTablesConformance({
    name, test, skip: { preopened: null, inheriting: null, release: null },
    make: () => ({ ...host, tables: tables as DescriptorTables, files: files as Files, caller: INIT })
  })
  entropyConformance({
    name, test, skip: { 'random bytes': null },
    make: () => ({ ...host, entropy: system.host.reach(Entropy as Role) as unknown as Entropy })
  })
}
