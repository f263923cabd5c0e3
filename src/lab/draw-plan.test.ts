import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernels } from '../kernels/index.ts'
import type { Plan } from '../link/index.ts'
import { plans } from './comparison.fixture.ts'
import { drawPlan } from './draw-plan.ts'
import { planDot, planMermaid } from './plan-graph.ts'
import { textWidth, wrap } from './text.ts'

test('a plan as a picture', () => {
  assert.equal(drawPlan(plans[1]!, 80), `microkernel
 The supervisor is its core and nothing else.
 core l4 · round robin, 10 ms slices, 8 priorities

 ┌┄ files ┄┄┄┄┄┄┄┄┄┐  ╔═ programs (one for each program) ═╗
 ┆ vfs             ┆  ║ ▸ a program                       ║
 ┆ root (ramfs)    ┆  ║ wasi                              ║
 ┆ · 4 threads     ┆  ║                                   ║
 └┄ wall language ┄┘  ╚═ wall wasm ═══════════════════════╝

━━━━━━━━━━━━━━━━━━━━━━━━ user above · supervisor below ━━━━━━━━━━━━━━━━━━━━━━━━━

 ┌─ core ──────┐
 │ ◆ core l4   │
 └─ wall none ─┘

gates (the first that fits counts; within a domain a call is direct)
 any domain ── rpc ─▶ any domain

routes
 vfs takes fileSystems "root" from root
`)
})

const guest: Plan = {
  name: 'hypervisor', summary: 'A guest and partitions.', core: 'l4',
  domains: [
    { name: 'monitor', mode: 'supervisor', wall: 'none', services: [] },
    { name: 'virtual machine', mode: 'user', wall: 'thread', services: [], guest: plans[0]!, place: 'thread 2', partition: 'A' }
  ],
  gates: [{ from: 'virtual machine', to: 'monitor', gate: 'hypercall' }],
  scheduler: { policy: 'time-triggered', majorFrameUs: 1000, minorFrames: [{ partition: 'A', startUs: 0, lengthUs: 600 }] }
}

for (const plan of [...Object.values(kernels).map(kernel => kernel()), ...plans, guest]) {
  for (const width of [40, 60, 80, 100]) {
    test(`${plan.name} is drawn whole within ${width} columns`, () => {
      const drawing = drawPlan(plan, width)
      for (const domain of plan.domains) {
        assert.ok(drawing.includes(domain.name), domain.name)
        for (const placement of domain.services) {
          assert.ok(drawing.includes(typeof placement === 'string' ? placement : placement.as ?? placement.service))
        }
      }
      for (const gate of plan.gates) assert.ok(drawing.includes(` ${gate.gate} `), gate.gate)
      for (const line of drawing.split('\n')) assert.ok(textWidth(line) <= width, line)
    })
  }
}

test('a guest is drawn after its host, with what holds it', () => {
  const drawing = drawPlan(guest, 100)
  assert.match(drawing, /▸ guest monolithic/)
  assert.match(drawing, /on thread 2 +┃\n ┃ · partition A/)
  assert.match(drawing, /guest in virtual machine: monolithic/)
  assert.match(drawing, /major frame 1000 µs \(A 0-600\)/)
})

test('graphs quote what would break them', () => {
  const odd: Plan = { ...plans[0]!, name: 'a "b"', domains: plans[0]!.domains.map(domain => ({ ...domain, name: `${domain.name} <"1">` })) }
  assert.match(planDot(odd), /digraph "a \\"b\\"" \{/)
  assert.match(planDot(plans[0]!), /"programs" -> "kernel" \[label="trap"\]/)
  assert.match(planDot(plans[1]!), /"any domain" -> "any domain" \[label="rpc"\]/)
  assert.doesNotMatch(planMermaid(odd), /\["[^\]]*"[^\]]*"\]/)
  assert.match(planMermaid(plans[0]!), /domain_programs -->\|trap\| domain_kernel/)
  assert.doesNotMatch(planMermaid(kernels.unikernel()) + planDot(kernels.unikernel()), /user/)
})

test('lines break between words', () => {
  assert.deepEqual(wrap('one two  three', 7), ['one two', 'three'])
  assert.deepEqual(wrap('unbreakable a', 4), ['unbreakable', 'a'])
  assert.deepEqual(wrap('', 4), [])
})
