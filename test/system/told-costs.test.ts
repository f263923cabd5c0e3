// What a model machine is told of a call: the rows of each service that it passes, and the core's paths of each gate.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { loadCoreCosts } from '../../src/core/index.ts'
import { boot, kernels, modelMachine, services } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'
import type { Occupant } from '../../src/machine/index.ts'
import type { CostRow } from '../../src/roles/index.ts'

const bench = readFileSync(join(import.meta.dirname, '..', '..', 'programs', 'wasm', 'bench.wasm'))
const CALLS = 50

/** How often and how much each occupant was told of while a program asked for the time, CALLS times more than in another run. */
async function toldOf (kernel: Plan): Promise<ReadonlyMap<string, { times: number, instructions: number }>> {
  const runs: Map<string, { times: number, instructions: number }>[] = []
  // Of as many digits, for the bytes of arguments cost something.
  for (const calls of [11, 11 + CALLS]) {
    const told = new Map<string, { times: number, instructions: number }>()
    const machine = modelMachine({ profile: 'skylake' })
    const timing = machine.timing!
    const work = timing.work.bind(timing)
    timing.work = (who: Occupant, instructions, dataLines) => {
      const sum = told.get(who.name) ?? { times: 0, instructions: 0 }
      told.set(who.name, { times: sum.times + 1, instructions: sum.instructions + instructions })
      work(who, instructions, dataLines)
    }
    const os = await boot({ kernel, machine })
    try {
      const program = await os.spawn(bench, { args: ['bench', 'clock', String(calls), '1', '/'] })
      assert.equal((await program.wait()).status, 0)
    } finally {
      await os.close()
      machine.close()
    }
    runs.push(told)
  }
  return new Map([...runs[1]!].map(([name, { times, instructions }]) => {
    const before = runs[0]!.get(name) ?? { times: 0, instructions: 0 }
    return [name, { times: times - before.times, instructions: instructions - before.instructions }] as const
  }).filter(([, { instructions }]) => instructions > 0))
}

const sumOf = (rows: readonly CostRow[]): number => rows.filter(({ measure }) => measure.per === 'call' || measure.per === 'success').reduce((sum, row) => sum + row.instructions, 0)

async function ofService (name: string, role: string, operation: string): Promise<number> {
  return sumOf((await services.get(name)!.costs!())[role]![operation]!)
}

test('a call in a monolithic kernel: its trap, and both services that it passes, and nothing else', async () => {
  const told = await toldOf(kernels.monolithic())
  const { trap } = (await loadCoreCosts()).gatePaths.trap
  assert.deepEqual(Object.fromEntries([...told].map(([name, { instructions }]) => [name, instructions / CALLS])), {
    'core trap call': trap!.in.instructions,
    'core trap reply': trap!.out.instructions,
    'wasi SystemCalls.clock_time_get': await ofService('wasi', 'SystemCalls', 'clock_time_get'),
    'clock Clock.now': await ofService('clock', 'Clock', 'now')
  })
})

test('the same in a microkernel: an rpc with its words in the place of the trap, and the services cost what they cost', async () => {
  const told = await toldOf(kernels.microkernel())
  const { rpc } = (await loadCoreCosts()).gatePaths.l4
  const each = new Map([...told].map(([name, { instructions }]) => [name, instructions / CALLS]))
  assert.equal(each.get('clock Clock.now'), await ofService('clock', 'Clock', 'now'))
  assert.equal(each.get('core rpc call'), rpc!.in.instructions + rpc!.word.instructions, 'one word, which clock')
  assert.equal(each.get('core rpc reply'), rpc!.out.instructions + rpc!.word.instructions, 'one word, the time')
})
