/** Capabilities at run time, in each plan that has a core: what was revoked, never given or is of the wrong kind is refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REFUSED } from '../../src/core/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { boot, kernels } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import type { System } from '../../src/link/index.ts'
import { libraryOs, twoFileSystems } from '../shapes/plans.ts'
import { program } from '../system/support.ts'

const plans: readonly Plan[] = [kernels.monolithic(), kernels.microkernel(), twoFileSystems, libraryOs]

/** Calls the host's gate to the process server: 'is there a process 1?' */
function ask (system: System): Promise<number> {
  return system.run('ask', () => settle(system.host.processes.kill(99, 0)))
}

for (const plan of plans) {
  test(`${plan.name}: a capability that was revoked while the system runs is refused from then on, and others are not`, async () => {
    await using os = await boot({ kernel: plan })
    const system = systemOf(os)
    const { root } = system.state
    const there = await ask(system)
    assert.notEqual(there, REFUSED)
    const slots = root.slots.flatMap((capability, slot) => capability !== null && /Processes of proc/.test(capability.object!.label) ? [slot] : [])
    assert.equal(slots.length, 1)
    const refusals = system.state.counters.refusals
    assert.ok(root.revoke(slots[0]!) > 0)
    assert.equal(await ask(system), REFUSED)
    assert.equal(system.state.counters.refusals, refusals + 1)
  })

  test(`${plan.name}: an image that the host was never given, or a slot of another kind, spawns nothing`, async () => {
    await using os = await boot({ kernel: plan })
    const system = systemOf(os)
    const spawn = (slot: number): Promise<number> =>
      system.run('spawn', () => settle(system.host.processes.spawn(slot, ['x'], [], [], 4, 0, [], 0, '', -1)))
    const refusals = system.state.counters.refusals
    assert.equal(await spawn(4711), REFUSED)
    // A gate is a capability too, but no image.
    const gate = system.host.space.capabilities.slots.findIndex(capability => capability !== null)
    assert.equal(await spawn(gate), REFUSED)
    assert.ok(system.state.counters.refusals >= refusals + 2)
    const list = await system.run('list', () => settle(system.host.processes.list()))
    assert.ok(typeof list !== 'number' && list.processes.length === 1, 'nothing was left in the process table')
  })

  test(`${plan.name}: a program whose gates are revoked gets errors, and the system goes on`, async () => {
    await using os = await boot({ kernel: plan })
    const system = systemOf(os)
    const spin = os.spawn(program('spin'), { args: ['spin'] })
    const badge = await spin.started
    const { home } = system.programs.thread(badge)!
    for (let slot = 1; slot < home.capabilities.slots.length; slot++) home.capabilities.delete(slot)
    assert.equal(home.capabilities.size, 0)
    await spin.kill('SIGKILL')
    assert.equal((await spin.wait()).signal, 'SIGKILL')
    assert.equal((await os.spawn(program('true'), { args: ['true'] }).wait()).status, 0)
  })
}

test('a program that lost its gates is told so by its calls', async () => {
  for (const kernel of [kernels.monolithic(), kernels.microkernel()]) {
    await using os = await boot({ kernel })
    const system = systemOf(os)
    const cat = os.spawn(program('cat'), { args: ['cat'] })
    const { home } = system.programs.thread(await cat.started)!
    const lost = [...home.capabilities.slots.keys()].filter(slot => home.capabilities.lookup(slot) !== null)
    for (const slot of lost) home.capabilities.delete(slot)
    const writer = cat.stdin.getWriter()
    await writer.write(new TextEncoder().encode('x'))
    await writer.close()
    const { status, kind } = await cat.wait()
    assert.equal(kind, 'exit')
    assert.notEqual(status, 0, `${kernel.name}: its write was refused`)
    assert.ok(os.stats().counters.refusals > 0)
  }
})

test('the unikernel has no core, and so no capabilities to refuse: its calls are direct', async () => {
  await using os = await boot({ kernel: kernels.unikernel() })
  await os.spawn(program('hello'), { args: ['hello'] }).output()
  assert.equal(os.stats().counters.invocations, 0)
  assert.equal(systemOf(os).state.root.size, 0)
})
