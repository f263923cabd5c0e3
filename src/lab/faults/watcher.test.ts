// What the watcher says of runs that are known: each verdict has the smallest run that earns it, and one that all but does.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judge } from './watcher.ts'
import type { PartSeen, Reach, Seen, Verdict } from './watcher.ts'

const PAUSE_NS = 1000

const right: readonly PartSeen[] = [
  { name: 'memory', state: 'ended', status: 0, left: {} },
  { name: 'files', state: 'ended', status: 0, left: { '/a': 'one', '/b': 'two' } },
  { name: 'print', state: 'ended', status: 0, left: { console: 'text' } }
]
const whole: Seen = { parts: right, stopped: null, dead: [], faults: 0, elapsedNs: 10_000 }
/** The file system failed: `files` uses it. */
const reach: Reach = { reached: true, domain: 'ramfs', dependants: new Set(['files']) }

function seen (changes: Readonly<Record<string, Partial<PartSeen>>>, more: Partial<Seen> = {}): Seen {
  return { ...whole, parts: right.map(part => ({ ...part, ...changes[part.name] })), ...more }
}

const cases: readonly (readonly [string, Verdict, Seen, Partial<Reach>?])[] = [
  ['the call was never made', 'not reached', whole, { reached: false }],
  ['all is the same', 'no effect', whole],
  ['a little longer is no pause', 'no effect', seen({}, { elapsedNs: 10_900 })],
  ['it took longer', 'recovered', seen({}, { elapsedNs: 12_000 })],
  ['the core took an exception, and nobody saw it', 'recovered', seen({}, { faults: 1 })],
  ['a call failed', 'reported', seen({ files: { status: 1, left: { '/a': 'half' } } })],
  ['a program was killed', 'reported', seen({ files: { state: 'killed', status: 11 } })],
  ['what it left cannot be read', 'reported', seen({ files: { left: null } })],
  ['its domain died', 'contained', seen({ files: { status: 1 } }, { dead: ['ramfs'], faults: 1 })],
  ['it hangs', 'contained', seen({ files: { state: 'stuck', status: -1 } })],
  ['a program that could not be started depends on what starts it', 'reported', seen({ print: { state: 'not started', status: -1, left: null } })],
  ['who uses nothing of it hangs', 'spread', seen({ memory: { state: 'stuck', status: -1 } })],
  ['who uses nothing of it was told of an error', 'spread', seen({ print: { status: 1, left: {} } })],
  ['another domain died', 'spread', seen({}, { dead: ['ramfs', 'vfs'], faults: 2 })],
  ['the program found wrong data', 'silent corruption', seen({ files: { status: 3 } })],
  ['a later reader finds wrong data', 'silent corruption', seen({ files: { left: { '/a': 'one', '/b': 'TWO' } } })],
  ['a file that was written is gone', 'silent corruption', seen({ files: { left: { '/a': 'one' } } })],
  ['a file is there that nobody wrote', 'silent corruption', seen({ files: { left: { '/a': 'one', '/b': 'two', '/c': '' } } })],
  ['the console shows something else', 'silent corruption', seen({ print: { left: { console: 'test' } } })],
  ['wrong data, and a domain died of something else', 'silent corruption', seen({ files: { status: 3 } }, { dead: ['ramfs'], faults: 1 })],
  ['the system panicked', 'whole-system loss', seen({}, { stopped: 'panic: oops' })],
  ['nothing ended by itself', 'whole-system loss', seen({ memory: { state: 'stuck' }, files: { state: 'killed' }, print: { state: 'not started' } })]
]

for (const [name, verdict, run, more] of cases) {
  test(`${verdict}: ${name}`, () => {
    assert.equal(judge(run, whole, { ...reach, ...more }, PAUSE_NS).verdict, verdict)
  })
}

test('corruption is across a wall where the program uses nothing of the domain that failed', () => {
  const { corruptedOwn, corruptedAcross, behindWalls } = judge(seen({ files: { status: 3 }, print: { left: { console: 'test' } } }), whole, reach, PAUSE_NS)
  assert.deepEqual([corruptedOwn, corruptedAcross, behindWalls], [['files'], ['print'], 2])
})

test('a program that was told of an error and left half is not silently corrupted', () => {
  const { corruptedOwn, corruptedAcross } = judge(seen({ files: { status: 1, left: { '/a': 'half' } }, print: { state: 'killed', status: 11, left: { console: 'te' } } }), whole, reach, PAUSE_NS)
  assert.deepEqual([corruptedOwn, corruptedAcross], [[], []])
})

test('no program stands behind a wall where all use the domain that failed', () => {
  assert.equal(judge(seen({}), whole, { ...reach, dependants: new Set(['memory', 'files', 'print']) }, PAUSE_NS).behindWalls, 0)
})
