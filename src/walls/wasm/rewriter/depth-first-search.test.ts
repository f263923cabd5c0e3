// The search in depth, compared with what reachability says on random graphs, and on a graph that is too deep for recursion.

import assert from 'node:assert/strict'
import test from 'node:test'
import { searchInDepth } from './depth-first-search.ts'
import { Random } from './testing/random.ts'

function graph(successors: readonly number[][]): [Int32Array, Int32Array] {
  const starts = new Int32Array(successors.length + 1)
  successors.forEach((list, node) => { starts[node + 1] = starts[node]! + list.length })
  return [starts, Int32Array.from(successors.flat())]
}

/** What each node can reach. */
function reachability(successors: readonly number[][]): Set<number>[] {
  const reach = successors.map((list) => new Set(list))
  for (let round = 0; round < successors.length; round++) {
    for (const set of reach) for (const node of [...set]) for (const next of reach[node]!) set.add(next)
  }
  return reach
}

test('on random graphs', () => {
  for (let seed = 1; seed <= 500; seed++) {
    const random = new Random(seed)
    const count = 1 + random.below(9)
    const successors = Array.from({ length: count }, () => Array.from({ length: random.below(3) }, () => random.below(count)))
    const reach = reachability(successors)
    const { postorder, returned } = searchInDepth(...graph(successors))
    assert.equal(new Set(postorder).size, count)
    const place = new Map([...postorder].map((node, index) => [node, index]))
    for (let node = 0; node < count; node++) {
      assert.ok(!returned[node] || reach[node]!.has(node), `seed ${seed}: ${node} is in no cycle`)
      for (const next of successors[node]!) {
        assert.ok(returned[next] || place.get(next)! < place.get(node)!, `seed ${seed}: ${next} before ${node}`)
      }
    }
    const without = successors.map((list, node) => returned[node] ? [] : list.filter((next) => !returned[next]))
    assert.ok(reachability(without).every((set, node) => !set.has(node)), `seed ${seed}: a cycle is left`)
  }
})

test('a chain of a million nodes', () => {
  const count = 1_000_000
  const starts = Int32Array.from({ length: count + 1 }, (_item, node) => node)
  const edges = Int32Array.from({ length: count }, (_item, node) => Math.min(node + 1, count - 1))
  const { postorder, returned } = searchInDepth(starts, edges)
  assert.equal(postorder[0], count - 1)
  assert.equal(returned.reduce((sum, flag) => sum + flag, 0), 1)
})
