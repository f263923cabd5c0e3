/** Attacks: walls claim what attacks show; the watch sees what is there to be seen; a process that ends is seen to. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { kernels, presets } from '../../index.ts'
import type { Plan } from '../../index.ts'
import { properties, walls } from '../../walls/index.ts'
import { attacksReport } from './attacks-report.ts'
import { attacksTable } from './attacks-table.ts'
import { runCampaign } from './campaign.ts'
import type { Campaign } from './campaign.ts'
import { catalogue } from './catalogue.ts'
import { Stage } from './stage.ts'
import { outcomeOf } from './verdict.ts'

const program = (name: string): Uint8Array => readFileSync(new URL(`../../../programs/wasm/${name}.wasm`, import.meta.url))
const library = { stage: (options: Parameters<typeof Stage.set>[0]) => Stage.set(options), program }
const command = [process.execPath, fileURLToPath(new URL('../../cli/main.ts', import.meta.url)), 'attacks', '--one-process']

const named = (name: string): (typeof catalogue)[number] => catalogue.find(attack => attack.name === name)!
const campaign = (plans: readonly Plan[], names: readonly string[]): Promise<Campaign> =>
  runCampaign({ kernels: plans, attacks: names.map(named), command, parallel: 2, progress: () => {} })

/** Those that are over soon, and leave this process as it was. */
const here = [
  'forged-descriptor', 'path-escape', 'rights-widened', 'confused-deputy', 'neighbour-memory', 'wild-read', 'others-environment', 'kill-others', 'join-groups',
  'vector-race', 'exhaust-memory', 'exhaust-descriptors', 'exhaust-pipes', 'window-after-call', 'window-after-killed', 'window-after-failed', 'window-after-thrown',
  'beyond-window', 'wrong-direction', 'forged-badge', 'capability-after-call', 'forged-capability', 'never-answers', 'replies-twice', 'wrong-length', 'false-list', 'masks-interrupts', 'steals-interrupt'
]

for (const plan of [kernels.microkernel(), presets['mklinux-user']()]) {
  test(`${plan.name}: nothing is reached that a wall claims to hold`, { timeout: 120_000 }, async () => {
    for (const name of here) {
      const attack = named(name)
      if (attack.unfit?.(plan) !== null && attack.unfit !== undefined) continue
      const { broken, reached } = outcomeOf(attack, plan, await attack.run(library, plan), 0)
      assert.deepEqual(broken, [], `${name}: ${JSON.stringify(reached)}`)
    }
  })
}

test('what stands behind no wall is reached, and the watch sees it', async () => {
  const plan = kernels.monolithic()
  const reached = await named('window-after-call').run(library, plan)
  assert.deepEqual(reached.map(({ property, of }) => [property, of]), [['integrity', 'its clients']])
})

test('a program that may read and write the vault is seen to', async () => {
  await using stage = await Stage.set({ plan: kernels.microkernel(), program })
  await stage.attack(['proc', 'vault/secret'], { preopens: { '/': '/' } })
  assert.deepEqual((await stage.seen()).map(({ property, seen }) => [property, seen]), [
    ['confidentiality', 'it read a file that it was not given'], ['integrity', 'a file that it was not given changed']
  ])
})

test('a wall holds or does not hold each property, and no more against hostile code than against faults', () => {
  for (const [name, wall] of Object.entries(walls)) {
    assert.deepEqual([...wall.holds, ...wall.doesNotHold].toSorted(), properties.toSorted(), name)
    assert.deepEqual(wall.holds.filter(property => !(wall.holdsFaults as readonly string[]).includes(property)), [], name)
  }
})

test('each property that the walls language and wasm do not hold is reached by an attack, and no other', { timeout: 240_000 }, async () => {
  const language = ['server-global-variable', 'server-host-file', 'server-exit', 'server-busy-loop', 'server-heap', 'server-outlives-its-end']
  const { outcomes } = await campaign([kernels.microkernel()], [...language, 'host-heap', 'endless-loop'])
  const reachedBehind = (wall: string): string[] => [...new Set(outcomes.filter(outcome => outcome.wall === wall).flatMap(({ reached }) => reached.map(({ property }) => property)))].toSorted()
  assert.deepEqual(reachedBehind('language'), walls.language.doesNotHold.toSorted())
  assert.deepEqual(reachedBehind('wasm'), walls.wasm.doesNotHold.toSorted())
  assert.deepEqual(outcomes.flatMap(({ broken }) => broken), [])
})

test('the table and the report say what was reached, and what a wall claims to hold of it', () => {
  const attacks = [named('forged-descriptor'), named('server-exit')].map(({ name, tries, term, by, through }) => ({ name, tries, term, by, through }))
  const plan = kernels.microkernel()
  const made: Campaign = {
    kernels: [plan.name], attacks, outcomes: [
      outcomeOf(named('forged-descriptor'), plan, [{ property: 'integrity', of: 'its neighbours', seen: '<a file> changed' }], 1),
      outcomeOf(named('server-exit'), plan, [{ property: 'availability', of: 'the host', seen: 'the host has ended' }], 1)
    ]
  }
  assert.deepEqual(made.outcomes.map(({ broken }) => broken), [['integrity'], []])
  const table = attacksTable(made, 100)
  assert.match(table, /1 what a wall claims to\s+hold\./)
  assert.match(table, /✗ I/)
  const page = attacksReport(made, { command: 'kaleidos attacks', version: '0', date: '2026' })
  assert.match(page, /class="broken"[^>]*>✗ I</)
  assert.match(page, /&#60;a file&#62; changed/)
})
