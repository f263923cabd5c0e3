/** Each role's suite through each gate: a client cannot tell which one it calls through. */

import { test } from 'node:test'
import { INIT, RIGHTS_ALL, FileSystem } from '../../src/roles/index.ts'
import type { Files, Implementation, Role } from '../../src/roles/index.ts'
import { fileSystemConformance, filesConformance, wholeFileSystem, wholeFiles } from '../../src/roles/conformance/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { boot, kernels } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { ramfs } from '../../src/services/ramfs/index.ts'
import { TestClock, startService } from '../../src/services/testing.ts'
import { driverOf } from './driver.ts'
import { gateNames, gates } from './gates.ts'

for (const gate of gateNames) {
  fileSystemConformance({
    name: `ramfs through ${gate}`,
    test,
    skip: wholeFileSystem,
    make () {
      const side = gates[gate]()
      const served = startService(ramfs, { requires: { clock: new TestClock() }, arena: side.arena, caller: side.caller, counter: side.counter })
      const files = side.stubs(FileSystem as Role, served['files'] as Implementation) as unknown as FileSystem
      return { files, arena: side.client, counter: side.counter }
    }
  })
}

for (const [name, kernel] of Object.entries(kernels)) {
  filesConformance({
    name: `the ${name} kernel, for the host`,
    test,
    skip: wholeFiles,
    async make () {
      const os = await boot({ kernel: kernel() })
      const system = systemOf(os)
      // A directory of its own: the kernels' root has the devices in it.
      await os.fs.mkdir('/suite')
      const root = await system.run('root', () => settle(system.host.tables!.preopen(INIT, '/suite', '/', RIGHTS_ALL, RIGHTS_ALL)))
      return {
        files: system.host.files as Files,
        root,
        arena: system.host.arena,
        counter: system.state.counters,
        run: async body => { await system.run('conformance', () => body(driverOf(system))) },
        close: () => os.close()
      }
    }
  })
}
