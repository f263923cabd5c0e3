import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CALL, SUCCESS, WAIT, bytesOut, count, element, errno, list, number, numbers, operation, parameter, record, role, status, string, strings, text } from '../roles/index.ts'
import type { CostRow, Measure } from '../roles/index.ts'
import { compileCosts } from './costs.ts'
import type { Charges, OperationCosts } from './costs.ts'

const properties = { blocks: true, idempotent: true } as const
const inode = parameter('inode', number)

const Things = role('Things', 'for tests', {
  open: operation('a handle', [inode, parameter('access', number)], count, properties),
  read: operation('bytes', [parameter('handle', number), parameter('into', bytesOut)], count, properties),
  rename: operation('moves', [parameter('from', string), parameter('to', string)], status, properties),
  names: operation('names', [parameter('given', strings), parameter('more', numbers)], list, properties),
  told: operation('columns', [], record({ first: number, ones: numbers, others: numbers }), properties),
  target: operation('a text', [inode], text, properties),
  call: operation('of a program', [parameter('at', number), parameter('length', number)], errno, properties),
  never: operation('never waits', [], status, { blocks: false, idempotent: true })
})

function made (measure: Measure, instructions: number, more: Partial<CostRow> = {}): CostRow {
  return { measure, instructions, range: [0, instructions * 2], dataLines: 1, reason: 'a test', ...more }
}

const plain = [made(CALL, 10)]
const all = Object.fromEntries(Object.keys(Things.operations).map(name => [name, plain]))

/** What is told, as text. */
class Told implements Charges<string> {
  lines: string[] = []

  work (instructions: number, dataLines: number): void {
    this.lines.push(`${instructions} ${dataLines}`)
  }

  section (lock: string, key: number, instructions: number, dataLines: number): void {
    this.lines.push(`${lock} ${key}: ${instructions} ${dataLines}`)
  }
}

function compiled (rows: Readonly<Record<string, readonly CostRow[]>>): Readonly<Record<string, OperationCosts<string>>> {
  return compileCosts(Things, { ...all, ...rows }, { lock: name => name })
}

function told (tell: (to: Told) => void): string[] {
  const to = new Told()
  tell(to)
  return to.lines
}

test('what every call costs is a constant that nobody has to be called for', () => {
  const { read } = compiled({ read: [made(CALL, 10), made(CALL, 5, { dataLines: 0.75 })] })
  assert.deepEqual([read!.plain, read!.instructions, read!.dataLines, read!.waits], [true, 15, 2, false])
  assert.deepEqual(told(to => { read!.before(to, 7, 1, { length: 100 }) }), [])
  assert.deepEqual(told(to => { read!.after(to, 7, 100, 1, { length: 100 }) }), [])
})

test('arguments are counted before the call: components, bytes, blocks, elements', () => {
  const costs = compiled({
    rename: [made(CALL, 10), made({ per: 'component', of: 'from' }, 100), made({ per: 'byte', of: 'to' }, 2, { dataLines: 0.25 })],
    read: [made({ per: 'block', of: 'into', bytes: 4096 }, 7)],
    names: [made({ per: 'byte', of: 'given' }, 1), made(element('more'), 1000)]
  })
  assert.equal(costs['rename']!.instructions, 10)
  assert.deepEqual(told(to => { costs['rename']!.before(to, 0, '/a//b/./c/', 'aé') }), ['406 5'])
  assert.deepEqual([0, 1, 4096, 4097].map(length => told(to => { costs['read']!.before(to, 0, 3, { length }) })[0]), ['0 0', '7 1', '7 1', '14 2'])
  assert.deepEqual(told(to => { costs['names']!.before(to, 0, ['ab', 'c'], [1, 2]) }), ['2003 5'])
})

test('the result is counted after the call, and success, not when it failed', () => {
  const costs = compiled({
    read: [made({ per: 'block', of: 'result', bytes: 10 }, 3), made(SUCCESS, 100)],
    names: [made(element('result'), 5)],
    told: [made(element('result'), 5)],
    target: [made({ per: 'byte', of: 'result' }, 5)]
  })
  assert.equal(costs['read']!.instructions, 0)
  assert.deepEqual(told(to => { costs['read']!.before(to, 0, 1, { length: 25 }) }), [])
  assert.deepEqual(told(to => { costs['read']!.after(to, 0, 25, 1, { length: 99 }) }), ['100 1', '9 3'])
  assert.deepEqual(told(to => { costs['read']!.after(to, 0, -8, 1, { length: 99 }) }), [])
  assert.deepEqual(told(to => { costs['names']!.after(to, 0, [1, 2, 3], [], []) }), ['15 3'])
  assert.deepEqual(told(to => { costs['told']!.after(to, 0, { first: 9, ones: [1, 2], others: [] }) }), ['10 2'])
  assert.deepEqual(told(to => { costs['target']!.after(to, 0, 'é') }), ['10 2'])
})

test('an errno that is not 0 is a failure', () => {
  const { call } = compiled({ call: [made(SUCCESS, 3)] })
  assert.deepEqual(told(to => { call!.after(to, 0, 0, 1, 2) }), ['3 1'])
  assert.deepEqual(told(to => { call!.after(to, 0, 44, 1, 2) }), [])
})

test('a number that a caller chooses counts up to the most that is taken, and nothing beyond', () => {
  const { call } = compiled({ call: [made({ per: 'byte', of: 'length', most: 4096 }, 1)] })
  const counts = [0, 1, 4096, 4097, -1, 2 ** 31, NaN, Infinity, 'text', undefined].map(length => told(to => { call!.before(to, 0, 0, length) })[0])
  assert.deepEqual(counts, ['0 0', '1 1', '4096 4096', '0 0', '0 0', '0 0', '0 0', '0 0', '0 0', '0 0'])
})

test('what is told is whole, and bounded', () => {
  const { call } = compiled({ call: [made({ per: 'byte', of: 'length', most: 2 ** 32 }, 1.5, { dataLines: 0.1 })] })
  assert.deepEqual([1, 5, -1].map(length => told(to => { call!.before(to, 0, 0, length) })[0]), ['2 0', '8 1', `${2 ** 30 - 1} 429496730`])
})

test('what is no argument of the kind costs nothing and throws nothing', () => {
  const costs = compiled({ rename: [made({ per: 'component', of: 'from' }, 1), made({ per: 'byte', of: 'to' }, 1)], names: [made(element('given'), 1)] })
  assert.deepEqual(told(to => { costs['rename']!.before(to, 0, undefined, null) }), ['0 0'])
  assert.deepEqual(told(to => { costs['names']!.before(to, 0, null) }), ['0 0'])
})

test('what is done under a lock is told apart, after the rest, with whose lock it is', () => {
  const costs = compiled({
    target: [made(CALL, 20, { lock: { name: 'inode', of: 'inode' } }), made(CALL, 1), made(CALL, 4, { lock: { name: 'inode', of: 'inode' } }), made(WAIT, 9, { lock: { name: 'queue' } })],
    never: [made(CALL, 2, { lock: { name: 'table', of: 'caller' } })]
  })
  assert.deepEqual([costs['target']!.instructions, costs['target']!.plain, costs['target']!.waits], [1, false, true])
  assert.deepEqual(told(to => { costs['target']!.before(to, 7, 33) }), ['inode 33: 24 2'])
  assert.deepEqual(told(to => { costs['target']!.waited(to, 7, 33) }), ['queue 0: 9 1'])
  assert.deepEqual(told(to => { costs['never']!.before(to, 7) }), ['table 7: 2 1'])
})

test('a handle has the lock of what was opened', () => {
  const costs = compiled({ read: [made(CALL, 5, { lock: { name: 'inode', of: 'handle', opened: 'inode' } })] })
  assert.equal(costs['open']!.plain, false)
  costs['open']!.after(new Told(), 0, 4, 77, 1)
  costs['open']!.after(new Told(), 0, 5, 77, 1)
  costs['open']!.after(new Told(), 0, -2, 99, 1)
  assert.deepEqual([4, 5, 6].map(handle => told(to => { costs['read']!.before(to, 0, handle) })[0]), ['inode 77: 5 1', 'inode 77: 5 1', 'inode 0: 5 1'])
})

test('a figure can be drawn instead of the row\'s own', () => {
  const { read } = compileCosts(Things, { ...all, read: [made(CALL, 10), made({ per: 'byte', of: 'into' }, 2)] }, { lock: name => name, figure: row => row.range[1] })
  assert.equal(read!.instructions, 20)
  assert.deepEqual(told(to => { read!.before(to, 0, 1, { length: 5 }) }), ['20 5'])
})

const wrong: readonly [what: string, rows: Readonly<Record<string, readonly CostRow[]>>, message: RegExp][] = [
  ['an operation that there is not', { write: plain }, /Things: there is no operation write/],
  ['no rows', { read: [] }, /Things\.read: it has no rows/],
  ['no reason', { read: [made(CALL, 1, { reason: ' ' })] }, /no reason/],
  ['a figure outside of its range', { read: [made(CALL, 10, { range: [11, 12] })] }, /10 instructions .* not within \[11, 12\]/],
  ['a parameter that there is not', { read: [made({ per: 'byte', of: 'from' }, 1)] }, /each byte of from, which is no parameter/],
  ['components of a number', { read: [made({ per: 'component', of: 'handle' }, 1)] }, /each component of handle, which is a number/],
  ['elements of a string', { rename: [made(element('from'), 1)] }, /each element of from, which is a string/],
  ['bytes of a record', { told: [made({ per: 'component', of: 'result' }, 1)] }, /the result, which is a record/],
  ['a caller\'s number without a most', { call: [made({ per: 'byte', of: 'length' }, 1)] }, /say the most that is taken/],
  ['a lock by a string', { rename: [made(CALL, 1, { lock: { name: 'name', of: 'from' } })] }, /lock 'name' goes by from, which is no number/],
  ['a wait of what never waits', { never: [made(WAIT, 1)] }, /never waits/]
]

for (const [what, rows, message] of wrong) {
  test(`refused: ${what}`, () => {
    assert.throws(() => compiled(rows), message)
  })
}
