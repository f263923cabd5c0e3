/** What a plan's policies do on modelled hardware: one lock or many, calls that are preempted within, caches that are not shared. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { boot, kernels, modelMachine } from '../../src/index.ts'
import type { ModelMachine, ModelOptions, Plan } from '../../src/index.ts'
import { bytesOf } from '../system/support.ts'

interface Ran {
  readonly ms: number
  readonly machine: ModelMachine
  readonly texts: readonly string[]
}

/** Programs that run at once, by name and arguments; virtual time until the last has ended. */
async function runAll (plan: Plan, options: Omit<ModelOptions, 'profile'>, programs: readonly { readonly args: readonly string[], readonly priority?: number }[]): Promise<Ran> {
  const machine = modelMachine({ profile: 'skylake', ...options })
  await using os = await boot({ kernel: plan, machine })
  for (let folder = 0; folder < 8; folder++) await os.fs.mkdir(`/${folder}`)
  const from = machine.timing.latestNs
  const outputs = await Promise.all(programs.map(({ args, priority }) =>
    os.spawn(bytesOf(args[0]!), { args, stdin: null, ...(priority === undefined ? {} : { priority }) }).output()))
  for (const output of outputs) assert.equal(output.status, 0, new TextDecoder().decode(output.stderr))
  return { ms: (machine.timing.latestNs - from) / 1e6, machine, texts: outputs.map(output => output.text) }
}

function withPolicies (plan: Plan, policies: Plan['policies']): Plan {
  return { ...plan, policies: { ...plan.policies, ...policies } }
}

const writers = (count: number): { args: string[] }[] => Array.from({ length: count }, () => ({ args: ['bench', 'null', '600', '2'] }))

test('one lock for the whole kernel keeps eight processors waiting where many locks do not', async () => {
  const plan = kernels.monolithic()
  const alone = await runAll(plan, { processors: 8 }, writers(1))
  const fine = await runAll(withPolicies(plan, { locking: 'fine' }), { processors: 8 }, writers(8))
  const big = await runAll(withPolicies(plan, { locking: 'big' }), { processors: 8 }, writers(8))
  assert.ok(fine.ms < 2 * alone.ms, `eight at once took ${fine.ms} ms, one ${alone.ms} ms`)
  assert.ok(big.ms > 3 * fine.ms, `one lock: ${big.ms} ms, many: ${fine.ms} ms`)
  const waited = big.machine.timing.allLocks.reduce((sum, lock) => sum + lock.waitedCycles, 0)
  assert.ok(waited > fine.machine.timing.allLocks.reduce((sum, lock) => sum + lock.waitedCycles, 0))
})

test('programs on several processors take as long as the longest, on one as long as all', async () => {
  const four = Array.from({ length: 4 }, () => ({ args: ['primes', '20000'] }))
  const one = await runAll(kernels.monolithic(), { processors: 1 }, four)
  const all = await runAll(kernels.monolithic(), { processors: 4 }, four)
  assert.ok(one.ms > 3.5 * all.ms && one.ms < 4.5 * all.ms, `${one.ms} ms and ${all.ms} ms`)
})

test('a server with one thread is where the callers of a microkernel wait', async () => {
  const bare = kernels.microkernel()
  const threads = (count: number | 'migrating'): Plan => ({
    ...bare, domains: bare.domains.map(domain => domain.name === 'ramfs' ? { ...domain, threads: count } : domain)
  })
  const readers = Array.from({ length: 8 }, (_, number) => ({ args: ['sweep', 'read', '4096', '150', '2', `/${number}`] }))
  const one = await runAll(threads(1), { processors: 8 }, readers)
  const many = await runAll(threads('migrating'), { processors: 8 }, readers)
  assert.ok(one.ms > 1.5 * many.ms, `one thread: ${one.ms} ms, as many as callers: ${many.ms} ms`)
})

test('who is woken by an interrupt within a long call waits for its end, unless the kernel can be preempted there', async () => {
  const reader = { args: ['sweep', 'read', '1048576', '200', '1', '/'], priority: 6 }
  const sleeper = { args: ['late', '40', '137'], priority: 0 }
  const latest = async (preemptible: boolean): Promise<number> => {
    const { texts } = await runAll(withPolicies(kernels.monolithic(), { preemptible }), {}, [reader, sleeper])
    return Number(texts[1]!.split(' ')[0])
  }
  const alone = Number((await runAll(kernels.monolithic(), {}, [sleeper])).texts[0]!.split(' ')[0])
  const [whole, within] = [await latest(false), await latest(true)]
  assert.ok(whole > 20_000, `a read of 1 MiB kept it waiting for ${whole} ns`)
  assert.ok(within < whole / 3, `${within} ns with preemption, ${whole} ns without`)
  assert.ok(within < 5 * alone + 5000, `${within} ns, alone ${alone} ns`)
})

test('with caches and TLB emptied at each switch a microkernel pays for it, a monolith hardly', async () => {
  const time = async (plan: Plan, caches: 'shared' | 'flushed' | 'partitioned'): Promise<number> =>
    (await runAll(withPolicies(plan, { caches }), {}, [{ args: ['bench', 'pread1', '500', '3', '/'] }])).ms
  const [micro, mono] = [kernels.microkernel(), kernels.monolithic()]
  assert.ok(await time(micro, 'flushed') > 2 * await time(micro, 'shared'))
  assert.ok(await time(mono, 'flushed') < 1.2 * await time(mono, 'shared'))
  assert.ok(await time(micro, 'partitioned') >= await time(micro, 'shared'))
})
