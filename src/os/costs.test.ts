import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileCosts } from '../link/index.ts'
import { services } from './services.ts'

/** Words of machines: what work is says nothing of them. */
const HARDWARE = /\b(cycles?|MHz|GHz|TLB|cache misse?s?|Pentium|Skylake|486|Cortex|pipeline)\b/i

for (const service of services.values()) {
  test(`${service.name}: each operation that it provides has what it costs, and why`, async () => {
    const table = await service.costs!()
    const roles = Object.values(service.provides)
    assert.deepEqual(Object.keys(table).sort(), roles.map(role => role.name).sort())
    for (const role of roles) {
      const compiled = compileCosts(role, table[role.name]!, { lock: name => name })
      assert.deepEqual(Object.keys(compiled), Object.keys(role.operations))
      for (const row of Object.values(table[role.name]!).flat()) assert.doesNotMatch(row.reason, HARDWARE)
      for (const [name, rows] of Object.entries(table[role.name]!)) {
        assert.ok(rows.some(row => row.instructions > 0), `${role.name}.${name} costs nothing`)
      }
    }
  })
}
