// Strongly connected components, compared with what reachability says on random graphs, and on a graph that is too
// deep for recursion.

import assert from 'node:assert/strict'
import test from 'node:test'
import { findComponents } from './components.ts'
import { Random } from './testing/random.ts'

function graph(successors: readonly number[][]): [Int32Array, Int32Array] {
  const starts = new Int32Array(successors.length + 1)
  successors.forEach((list, node) => { starts[node + 1] = starts[node]! + list.length })
  return [starts, Int32Array.from(successors.flat())]
}

test('a node is cyclic if and only if it can reach itself, and comes after what it leads to', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = new Random(seed)
    const count = 1 + random.below(9)
    const successors = Array.from({ length: count }, () => Array.from({ length: random.below(3) }, () => random.below(count)))
    const reach = successors.map((list) => new Set(list))
    for (let round = 0; round < count; round++) {
      for (const set of reach) for (const node of [...set]) for (const next of reach[node]!) set.add(next)
    }
    const { order, cyclic } = findComponents(...graph(successors))
    const place = new Map([...order].map((node, index) => [node, index]))
    assert.equal(place.size, count)
    for (let node = 0; node < count; node++) {
      assert.equal(cyclic[node] === 1, reach[node]!.has(node), `seed ${seed}, node ${node}`)
      for (const next of successors[node]!) {
        const back = reach[next]!.has(node) || next === node
        assert.ok(back || place.get(next)! < place.get(node)!, `seed ${seed}: ${next} after ${node}`)
      }
    }
  }
})

test('a chain of a million nodes', () => {
  const count = 1_000_000
  const starts = Int32Array.from({ length: count + 1 }, (_item, node) => node)
  const edges = Int32Array.from({ length: count }, (_item, node) => Math.min(node + 1, count - 1))
  const { order, cyclic } = findComponents(starts, edges)
  assert.equal(order[0], count - 1)
  assert.equal(cyclic.reduce((sum, flag) => sum + flag, 0), 1)
})
