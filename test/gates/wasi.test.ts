/** The suite of system calls under each kernel, as a program of it reaches them. */

import { test } from 'node:test'
import { boot } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { wasiConformance, wholeSystem } from '../../src/abi/wasi/conformance.ts'
import { planNamed, program } from '../system/support.ts'

const PAGE_BYTES = 65536
const args = ['program', 'größe', '']
const env = { HOME: '/', EMPTY: '' }

for (const [name, kernel] of Object.entries(planNamed)) {
  wasiConformance({
    name: `the ${name} kernel`,
    test,
    skip: wholeSystem,
    async make () {
      const os = await boot({ kernel: kernel() })
      const system = systemOf(os)
      // A process that does nothing of itself: the suite makes its calls.
      const reactor = await os.react(program('true'), { args, env, stdin: null, stdout: null, stderr: null, ignoreSigpipe: true })
      const badge = await reactor.process.started
      const thread = system.programs.thread(badge)!
      const scratch = thread.instance!.memory.grow(16) * PAGE_BYTES
      thread.onBegin?.()
      return {
        calls: system.programs.callsOf(thread),
        memory: thread.home.memory!,
        scratch,
        directory: 3,
        directoryPath: '/',
        args,
        env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
        run: body => new Promise<void>((resolve, reject) => {
          const guarded = function * () {
            try {
              yield * body
              resolve()
            } catch (error) {
              reject(error as Error)
            }
          }
          system.state.scheduler.startFiber('suite', badge, 0, thread.home, guarded(), () => {})
        }),
        close: () => os.close()
      }
    }
  })
}
