import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { CapabilityRights, CapabilitySpace } from './index.ts'
import type { KernelObject } from './index.ts'

const object: KernelObject = { kind: 'endpoint', label: 'somebody' }

test('what was derived from a capability is gone from every space once it is revoked, and the capability stays', () => {
  const root = new CapabilitySpace('root')
  const a = new CapabilitySpace('a')
  const b = new CapabilitySpace('b')
  const first = root.mint(object, 0)
  const inA = a.derive(root, first, undefined, 7)
  const inB = b.derive(a, inA)
  const other = b.derive(root, first, undefined, 9)
  assert.equal(b.lookup(inB)?.badge, 7)
  assert.equal(a.revoke(inA), 1)
  assert.equal(b.lookup(inB), null)
  assert.equal(a.lookup(inA)?.object, object)
  assert.equal(b.lookup(other)?.object, object, 'a sibling is not touched')
  assert.equal(root.revoke(first), 2)
  assert.equal(a.lookup(inA), null)
  assert.equal(b.lookup(other), null)
})

test('a badge is given once, and rights only narrow', () => {
  const root = new CapabilitySpace('root')
  const a = new CapabilitySpace('a')
  const first = root.mint(object, 0)
  const badged = a.derive(root, first, undefined, 5)
  assert.equal(a.derive(a, badged, undefined, 6), -Errno.EPERM)
  const invokeOnly = a.derive(a, badged, CapabilityRights.INVOKE)
  assert.equal(a.lookup(invokeOnly)?.rights, CapabilityRights.INVOKE)
  assert.equal(a.derive(a, invokeOnly), -Errno.ENOTCAPABLE, 'without the right to grant it cannot be passed on')
})

test('a slot that was never given, or was given back, names nothing', () => {
  const root = new CapabilitySpace('root')
  const a = new CapabilitySpace('a')
  assert.equal(a.derive(root, 3), -Errno.ENOTCAPABLE)
  assert.equal(a.delete(1), -Errno.ENOTCAPABLE)
  assert.equal(a.revoke(-1), -Errno.ENOTCAPABLE)
  const slot = a.derive(root, root.mint(object, 0))
  assert.equal(a.delete(slot), 0)
  assert.equal(a.lookup(slot), null)
  assert.equal(a.size, 0)
})

test('random derivations and revocations agree with a plain model of the derivation tree', () => {
  let seed = 20260101
  const random = (n: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
    return Math.floor(seed / 2 ** 32 * n)
  }
  const spaces = Array.from({ length: 4 }, (_, i) => new CapabilitySpace(`s${i}`))
  /** Live capabilities by name, with the name of what each derives from. */
  const model = new Map<string, string | null>()
  const nameOf = (space: number, slot: number): string => `${space}:${slot}`
  const descendants = (name: string): string[] => [...model].filter(([, parent]) => parent === name).flatMap(([child]) => [child, ...descendants(child)])
  for (let step = 0; step < 3000; step++) {
    const to = random(4)
    const live = [...model.keys()]
    const pick = live[random(live.length)]
    const [from, slot] = pick?.split(':').map(Number) ?? [0, 0]
    const action = random(5)
    if (pick === undefined || action === 0) {
      model.set(nameOf(to, spaces[to]!.mint(object, 0)), null)
    } else if (action < 3 && model.size < 200) {
      model.set(nameOf(to, spaces[to]!.derive(spaces[from!]!, slot!)), pick)
    } else if (action === 3) {
      const gone = descendants(pick)
      assert.equal(spaces[from!]!.revoke(slot!), gone.length, `seed 20260101, step ${step}`)
      for (const name of gone) model.delete(name)
    } else {
      for (const name of [pick, ...descendants(pick)]) model.delete(name)
      spaces[from!]!.delete(slot!)
    }
    if (step % 50 === 0) {
      const actual = spaces.flatMap((space, i) => space.slots.flatMap((capability, s) => capability === null ? [] : [nameOf(i, s)]))
      assert.deepEqual(actual.sort(), [...model.keys()].sort(), `seed 20260101, step ${step}`)
    }
  }
})
