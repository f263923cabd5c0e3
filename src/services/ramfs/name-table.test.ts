import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NameTable } from './name-table.ts'

test('a name table finds what a map finds, whatever is put in and in which order', () => {
  fc.assert(fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 200 }), names => {
    const table = new NameTable<{ name: string, number: number }>()
    const map = new Map<string, number>()
    for (const [number, name] of names.entries()) {
      table.set({ name, number })
      map.set(name, number)
      assert.equal(table.size, map.size)
    }
    for (const name of [...names, 'not there', '']) assert.equal(table.get(name)?.number, map.get(name))
  }))
})

/** Names that begin at one and the same slot of a table of up to 1,024. */
function colliding (count: number): string[] {
  const step = (hash: number, unit: number): number => {
    const product = Math.imul(hash ^ unit, 0x5bd1e995)
    return product ^ product >>> 15
  }
  const names: string[] = []
  for (let a = 1; names.length < count; a++) {
    for (let b = 1; b < 0x400 && names.length < count; b++) {
      if ((step(step(2, a), b) & 0x3ff) === 0) names.push(String.fromCharCode(a, b))
    }
  }
  return names
}

test('names that were chosen to collide make it slow for nobody: it goes over to a map', () => {
  const names = colliding(200)
  const table = new NameTable<{ name: string }>()
  for (const name of names.slice(0, 100)) table.set({ name })
  assert.equal(table.gaveUp, false)
  for (const name of names.slice(100)) table.set({ name })
  assert.equal(table.gaveUp, true)
  assert.equal(table.size, names.length)
  for (const name of names) assert.equal(table.get(name)?.name, name)
  assert.equal(table.get('not there'), undefined)
})

/** How the table spreads names of two units, before its size is taken into account. */
function spread (name: string): number {
  let hash = 2
  for (let i = 0; i < 2; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x5bd1e995)
    hash ^= hash >>> 15
  }
  return hash
}

test('names that were chosen to lie side by side are no long way for one that is not there', () => {
  // One for each place in the lower half of a table, so that half of all others begin within one unbroken row.
  const places = 1 << 18
  const chosen = new Map<number, string>()
  for (let a = 1; chosen.size < places / 2 - 1; a++) {
    for (let b = 1; b < 0x1000; b++) {
      const name = String.fromCharCode(a, b)
      const place = spread(name) & (places - 1)
      if (place < places / 2 - 1 && !chosen.has(place)) chosen.set(place, name)
    }
  }
  const inRow = new NameTable<{ name: string }>()
  const ordinary = new NameTable<{ name: string }>()
  for (const name of chosen.values()) inRow.set({ name })
  for (let number = 0; number < chosen.size; number++) ordinary.set({ name: `file-${number}` })
  assert.equal(inRow.gaveUp, false)
  const missing = Array.from({ length: 1000 }, (_, number) => `none-${number}`)
  const nsOf = (table: NameTable<{ name: string }>): number => {
    const began = process.hrtime.bigint()
    for (const name of missing) assert.equal(table.get(name), undefined)
    return Number(process.hrtime.bigint() - began)
  }
  const ratios = Array.from({ length: 9 }, () => nsOf(inRow) / nsOf(ordinary)).sort((a, b) => a - b)
  // By a walk to the end of the row it was about forty.
  assert.ok(ratios[4]! < 20, `${ratios[4]!.toFixed(1)} times as long`)
})

test('names as people choose them never collide so often', () => {
  const table = new NameTable<{ name: string }>()
  for (let number = 0; number < 100_000; number++) table.set({ name: `file-${number}.txt` })
  for (let number = 0; number < 20_000; number++) table.set({ name: String(number).padStart(8, '0') })
  assert.equal(table.gaveUp, false)
})
