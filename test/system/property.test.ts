// Random system calls come to the same under every kernel, by the role Files and by a program, and on the host's own file
// system. `SEED=n` replays one sequence, `SEEDS=n` draws more of them.

import assert from 'node:assert/strict'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { OperatingSystem } from '../../src/index.ts'
import { paths, sequence } from './property/calls.ts'
import type { Call, Name } from './property/calls.ts'
import { Host, treeOf } from './property/host.ts'
import { byProgram, byRole, treeIn } from './property/kernel.ts'
import { everyName, program, start } from './support.ts'

const CALLS = 150
const SEED = process.env['SEED']
const FIRST = Number(SEED ?? 1)
const SEEDS = Number(process.env['SEEDS'] ?? (SEED === undefined ? 40 : 1))

/** Where the host says something else, and why that is right. */
const allowed: readonly { calls: readonly Name[], ours: readonly string[], host: readonly string[], why: string, when?: (call: Call) => boolean }[] = [
  { calls: ['read', 'pread', 'write', 'pwrite'], ours: ['ENOTCAPABLE'], host: ['EBADF'], why: 'a descriptor without the right: WASI has an error for that' },
  { calls: ['size'], ours: ['ENOTCAPABLE'], host: ['EINVAL'], why: 'the same; Linux does not tell it from a wrong size' },
  { calls: ['size'], ours: ['EBADF'], host: ['EINVAL'], why: 'a directory has no size to set' },
  // Where two things are wrong, one with each path, POSIX leaves open which is said.
  { calls: ['rename', 'link'], ours: ['ENAMETOOLONG'], host: ['ENOENT', 'ENOTDIR', 'ELOOP', 'EEXIST', 'EBUSY'], why: 'one path is too long, another leads nowhere' },
  { calls: ['symlink'], ours: ['ENOTDIR', 'EEXIST'], host: ['ENOENT'], why: 'an empty target, and nowhere to put it', when: call => call.args[0] === '' }
]

interface Sequence {
  readonly seed: number
  /** In each system's tree. */
  readonly folder: string
  readonly calls: readonly Call[]
}

const sequences: readonly Sequence[] = Array.from({ length: SEEDS }, (_, i) =>
  ({ seed: FIRST + i, folder: `/w${FIRST + i}`, calls: sequence(FIRST + i, CALLS) }))

function told (calls: readonly Call[], outcomes: readonly string[], last: number): string {
  const from = Math.max(0, last - 30)
  return calls.slice(from, last + 1).map(({ name, args }, i) => `${name}(${args.map(arg => JSON.stringify(arg)).join(', ')}) -> ${outcomes[from + i]}`).join('\n')
}

/** Outcomes of a run against those of another, which must be the same. */
function assertSame (what: string, { seed, calls }: Sequence, seen: readonly string[], expected: readonly string[]): void {
  assert.equal(seen.length, expected.length)
  const differs = seen.findIndex((outcome, i) => outcome !== expected[i])
  if (differs >= 0) assert.fail(`SEED=${seed}: ${what} says ${seen[differs]}\n${told(calls, expected, differs)}`)
}

describe('random system calls', { skip: process.platform === 'linux' ? false : 'the errors are those of Linux' }, () => {
  let parent = ''
  /** What the first kernel says by the role, which the host has confirmed; and the trees. */
  const outcomes = new Map<number, string[]>()
  const trees = new Map<number, string[]>()

  before(() => {
    parent = fs.mkdtempSync(join(tmpdir(), 'property-'))
  })
  after(() => {
    fs.rmSync(parent, { recursive: true, force: true })
  })

  async function withFolders (os: OperatingSystem): Promise<void> {
    for (const { folder } of sequences) await os.fs.mkdir(folder)
  }

  test(`of seeds ${FIRST} to ${FIRST + SEEDS - 1}: the host's file system, and ${everyName[0]} by the role Files`, async () => {
    await using os = await start(everyName[0]!)
    await withFolders(os)
    let compared = 0
    for (const { seed, folder, calls } of sequences) {
      const ours = await byRole(os, folder, calls)
      // Deep enough that nothing that left it would do harm.
      const root = join(parent, 'in', 'a', 'safe', 'place', String(seed))
      fs.mkdirSync(root, { recursive: true })
      const host = new Host(root)
      const targets: string[] = []
      calls.forEach((call, i) => {
        const outcome = ours[i]!
        if (outcome === 'ENOTCAPABLE' && paths(call).length > 0) {
          // It would have left the folder, which only WASI forbids: the host does not get to see it.
          const ways = [...paths(call), ...targets]
          assert.ok(ways.some(way => way.startsWith('/') || way.split('/').includes('..')), `SEED=${seed}: nothing left the folder\n${told(calls, ours, i)}`)
          return
        }
        if (call.name === 'symlink') targets.push(call.args[0] as string)
        const expected = host.make(call)
        compared++
        const isAllowed = allowed.some(entry => entry.calls.includes(call.name) && entry.ours.includes(outcome) && entry.host.includes(expected) && (entry.when?.(call) ?? true))
        if (outcome !== expected && !isAllowed) assert.fail(`SEED=${seed}: the host says ${expected}\n${told(calls, ours, i)}`)
      })
      host.close()
      assert.deepEqual(await treeIn(os, folder), treeOf(root), `SEED=${seed}: the trees differ`)
      outcomes.set(seed, ours)
      trees.set(seed, treeOf(root))
    }
    assert.ok(compared > SEEDS * CALLS * 0.8, `${compared} calls were compared`)
    assert.equal(os.stats().counters.faults, 0)
  })

  async function check (what: string, os: OperatingSystem, seen: readonly (readonly string[])[]): Promise<void> {
    for (const [i, one] of sequences.entries()) {
      const expected = outcomes.get(one.seed)
      assert.ok(expected !== undefined, 'the host has not confirmed it')
      assertSame(what, one, seen[i]!, expected)
      assert.deepEqual(await treeIn(os, one.folder), trees.get(one.seed), `SEED=${one.seed}: the trees differ`)
    }
    assert.equal(os.stats().counters.faults, 0)
  }

  for (const kernel of everyName.slice(1)) {
    test(`${kernel} by the role Files`, async () => {
      await using os = await start(kernel)
      await withFolders(os)
      const seen: string[][] = []
      for (const { folder, calls } of sequences) seen.push(await byRole(os, folder, calls))
      await check(kernel, os, seen)
    })
  }

  for (const kernel of everyName) {
    test(`${kernel} by a program`, async () => {
      await using os = await start(kernel, { program: program('script') })
      await withFolders(os)
      await check(`a program under ${kernel}`, os, await byProgram(os, sequences))
    })
  }

  for (const kernel of everyName) {
    test(`${kernel} by a program, on a folder of the host`, async () => {
      const hostPath = join(parent, `shared-${kernel}`)
      fs.mkdirSync(hostPath)
      await using os = await start(kernel, { program: program('script'), shares: [{ hostPath, guestPath: '/shared' }] })
      const shared = sequences.map(one => ({ ...one, folder: `/shared${one.folder}` }))
      for (const { folder } of shared) await os.fs.mkdir(folder)
      const seen = await byProgram(os, shared)
      for (const [i, one] of sequences.entries()) {
        assertSame(`a program on a folder of the host under ${kernel}`, one, seen[i]!, outcomes.get(one.seed)!)
        assert.deepEqual(treeOf(hostPath + one.folder), trees.get(one.seed), `SEED=${one.seed}: the trees differ`)
      }
    })
  }
})
