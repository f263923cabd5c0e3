import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadCoreCosts } from '../core/index.ts'
import { compileCosts } from '../link/index.ts'
import { Accounts, Domains, SystemInformation, Threads } from '../roles/index.ts'
import type { CostRow, CostTable, Role } from '../roles/index.ts'
import { services } from './services.ts'

/** Words of machines: what work is says nothing of them. */
const HARDWARE = /\b(cycles?|MHz|GHz|TLB|cache misse?s?|Pentium|Skylake|486|Cortex|pipeline)\b/i

function check (table: CostTable, roles: readonly Role[]): void {
  assert.deepEqual(Object.keys(table).sort(), roles.map(role => role.name).sort())
  for (const role of roles) {
    const compiled = compileCosts(role, table[role.name]!, { lock: name => name })
    assert.deepEqual(Object.keys(compiled), Object.keys(role.operations))
    for (const [name, rows] of Object.entries(table[role.name]!)) {
      for (const row of rows) assert.doesNotMatch(row.reason, HARDWARE)
      assert.ok(rows.some(row => row.instructions > 0), `${role.name}.${name} costs nothing`)
    }
  }
}

for (const service of services.values()) {
  test(`${service.name}: each operation that it provides has what it costs, and why`, async () => {
    assert.ok(service.costs !== undefined, 'it has no cost table')
    check(await service.costs(), Object.values(service.provides))
  })
}

test('the core: so has each operation of its roles, and each of its paths', async () => {
  const { costs, gatePaths, schedulerPaths } = await loadCoreCosts()
  check(costs, [Threads, Accounts, SystemInformation, Domains])
  const paths: CostRow[] = [...Object.values(gatePaths).flatMap(gates => Object.values(gates)), schedulerPaths].flatMap(each => Object.values(each) as CostRow[])
  assert.ok(paths.length > 50)
  for (const { measure, instructions, range, dataLines, reason } of paths) {
    assert.equal(measure.per, 'call')
    assert.ok(range[0] <= instructions && instructions <= range[1] && dataLines >= 0 && reason !== '', reason)
    assert.doesNotMatch(reason, HARDWARE)
  }
})

test('what is dearer in every kernel that was ever measured is dearer here', async () => {
  const { gatePaths } = await loadCoreCosts()
  const { trap, l4, sel4, fiasco, mach } = gatePaths
  const order = [trap.trap!, l4.rpc!, sel4.rpc!, fiasco.rpc!, mach.port!].map(gate => gate.in.instructions)
  assert.deepEqual(order, order.toSorted((a, b) => a - b))
  for (const core of [l4, mach]) assert.ok(core.reflect!.in.instructions > (core.rpc ?? core.port!).in.instructions)
})
