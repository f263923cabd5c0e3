// Faults and wrong numbers in odd places: the process server dies, an interrupt handler throws, a table is full, host code
// passes what the types forbid, a reactor is called by what it calls.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { boot, kernels } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { link } from '../../src/link/index.ts'
import { liveMachine } from '../../src/machine/live/index.ts'
import type { Machine } from '../../src/machine/index.ts'
import { services } from '../../src/os/services.ts'
import { systemOf } from '../../src/os/index.ts'
import { CAPABILITIES_MAX, role, service } from '../../src/roles/index.ts'
import { assembler } from '../../src/walls/wasm/rewriter/testing/assemble.ts'
import { domainOf, everyMultiprogram, program, start } from '../system/support.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })

test('a driver whose interrupt handler throws dies, and nothing else', async () => {
  const machine = liveMachine({ shares: [] })
  try {
    const Driver = role('Driver', 'drives nothing', {})
    const driver = service<{ driver: typeof Driver }, Record<string, never>, Pick<Machine, 'interrupts'>>({
      name: 'driver', summary: 'throws', provides: { driver: Driver }, requires: {}, devices: ['interrupts'],
      start: ({ devices }) => {
        devices.interrupts.connect('line', () => { throw new Error('spurious interrupt') })
        return { driver: {} }
      }
    })
    const micro = kernels.microkernel()
    const plan: Plan = { ...micro, domains: [...micro.domains, { name: 'driver', mode: 'user', wall: 'language', services: ['driver'], devices: ['interrupts'] }] }
    const system = link(plan, new Map([...services, ['driver', driver]]), machine, {})
    machine.interrupts.raise('line')
    assert.equal(await system.run('ask', () => settle(system.host.processes.kill(1, 0))) < 0, true, 'the system serves on')
    assert.deepEqual(system.state.faults.map(({ domain, message }) => [domain, message]), [['driver', 'Error: spurious interrupt']])
  } finally {
    machine.close()
  }
})

test('a system whose process server has died can be closed, and its programs end', { timeout: 20_000 }, async () => {
  const os = await start('microkernel')
  const system = systemOf(os)
  for (const name of ['spin', 'cat']) await os.spawn(program(name), { args: [name] }).started
  system.state.fault(system.domains.get('process')!, new Error('broken'))
  await os.close()
  assert.equal(system.programs.count, 0)
})

for (const kernel of everyMultiprogram) {
  test(`${kernel}: a priority that is no level is refused, and the kernel is whole`, async () => {
    await using os = await start(kernel)
    for (const priority of [1.5, NaN]) await assert.rejects(os.spawn(program('true'), { priority }).started, { code: 'EINVAL' })
    assert.equal((await os.spawn(program('true'), { priority: 99 }).wait()).status, 0)
    assert.equal(os.stats().counters.faults, 0)
  })

  test(`${kernel}: a spawn for which there is no capability left leaves nothing behind`, { timeout: 20_000 }, async () => {
    const os = await start(kernel)
    const system = systemOf(os)
    const server = system.domains.get(domainOf(kernel, 'proc'))!.capabilities
    const slots: number[] = []
    // One for the image that is lent, none for the thread.
    while (server.size < CAPABILITIES_MAX - 1) slots.push(server.mint({ kind: 'image', label: 'filler' }, 0))
    await assert.rejects(os.spawn(program('true')).started, { code: 'ENFILE' })
    assert.equal(system.programs.count, 0)
    for (const slot of slots) server.delete(slot)
    assert.equal((await os.spawn(program('true')).wait()).status, 0)
    await os.close()
  })

  test(`${kernel}: a reactor that ends in a call from what it called is ended once`, async () => {
    await using os = await start(kernel)
    const bytes = assemble('wabt', `(module
      (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
      (import "host" "again" (func $again))
      (memory (export "memory") 1)
      (func (export "trap") unreachable)
      (func (export "outer") (call $again) (drop (call $yield)) (loop $on (br $on))))`)
    const imports = { host: { again: () => { try { (instance.exports['trap'] as () => void)() } catch { /* its end, which the outer call goes on after */ } } } }
    const { process, instance } = await os.react(bytes, { args: ['reactor'], imports, sliceMs: 200 })
    assert.throws(() => { (instance.exports['outer'] as () => void)() }, WebAssembly.RuntimeError)
    assert.equal((await process.wait()).signal, 'SIGABRT')
    assert.equal(os.stats().counters.faults, 0)
    assert.equal(os.stats().processes, 0)
  })
}

test('a reactor of a system that has panicked is called no more', async () => {
  const os = await boot({ kernel: { ...kernels.monolithic(), policies: { panicOnOops: true } } })
  const { instance } = await os.react(assemble('wabt', '(module (memory (export "memory") 1) (func (export "nothing")))'), { args: ['reactor'] })
  const nothing = instance.exports['nothing'] as () => void
  nothing()
  systemOf(os).state.fault(systemOf(os).state.supervisor, new Error('broken'))
  assert.throws(nothing, /stopped: oops in kernel/)
  await os.close()
})

test('whoever closes a system that is being closed waits for the same end', async () => {
  const os = await start('monolithic')
  const spin = os.spawn(program('spin'), { args: ['spin'] })
  await spin.started
  void os.close()
  await os.close()
  assert.equal(os.stats().processes, 0)
})
