import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { kernels, liveMachine, modelMachine } from '../index.ts'
import { PlanError } from '../link/index.ts'
import { asHostCan } from './suspension.ts'

const wallOf = (plan: ReturnType<typeof asHostCan>): string => plan.domains.find(domain => domain.programs !== undefined)!.wall

test('where programs cannot be suspended they stand on threads of their own, or what is wrong is said with what to do', () => {
  const machine = liveMachine()
  const microkernel = kernels.microkernel()
  assert.equal(asHostCan(microkernel, machine, true), microkernel)
  assert.equal(wallOf(asHostCan(microkernel, machine, false)), 'thread')
  const refused = (message: RegExp) => (error: unknown): boolean => error instanceof PlanError && /WebAssembly.Suspending/.test(error.message) && message.test(error.message)
  assert.throws(() => asHostCan(kernels.unikernel(), machine, false), refused(/is one with it; use a host that has it/))
  assert.throws(() => asHostCan(microkernel, { ...machine, places: null }, false), refused(/Cross-Origin-Opener-Policy/))
  machine.close()
  const modelled = modelMachine({ profile: 'skylake' } as never)
  assert.throws(() => asHostCan(microkernel, modelled as never, false), refused(/where time is modelled/))
})

test('a host without JavaScript Promise Integration runs the same programs, by itself', () => {
  const script = `
    delete WebAssembly.Suspending; delete WebAssembly.promising
    const { boot, kernels } = await import(${JSON.stringify(new URL('../index.ts', import.meta.url).href)})
    const { readFileSync } = await import('node:fs')
    const bytes = readFileSync(${JSON.stringify(fileURLToPath(new URL('../../programs/wasm/sort.wasm', import.meta.url)))})
    await using os = await boot({ kernel: kernels.microkernel() })
    const { status, text } = await os.spawn(bytes, { args: ['sort'], stdin: 'b\\na\\n' }).output()
    const told = await os.spawn(async ({ files }) => 0).wait()
    console.log(JSON.stringify([status, text, told.status]))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8', timeout: 60_000 })
  assert.equal(stdout.trim(), JSON.stringify([0, 'a\nb\n', 0]), stderr)
})
