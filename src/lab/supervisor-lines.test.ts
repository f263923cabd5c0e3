import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernels, presets } from '../kernels/index.ts'
import type { Plan } from '../link/index.ts'
import { plan } from './library.fixture.ts'
import { supervisorLines } from './supervisor-lines.ts'

const folders = (name: keyof typeof kernels): string[] => Object.keys(supervisorLines(kernels[name]()).parts)

test('what runs privileged is what the plan places there', () => {
  for (const folder of ['services/vfs', 'services/ramfs', 'abi/wasi', 'core/trap', 'gates/trap']) {
    assert.ok(folders('monolithic').includes(folder), folder)
  }
  assert.ok(!folders('monolithic').includes('core/l4'))
  assert.deepEqual(folders('microkernel').filter(folder => /^services|^abi/.test(folder)), [])
  for (const folder of ['core/l4', 'gates/rpc']) assert.ok(folders('microkernel').includes(folder), folder)
  // No gate and no operation of a core; what makes and schedules its program is privileged there too.
  assert.deepEqual(folders('unikernel').filter(folder => /^core\/(trap|l4)|^gates\//.test(folder)), [])
  for (const name of ['monolithic', 'microkernel', 'unikernel'] as const) {
    for (const folder of ['fiber', 'walls/wasm', 'core/program', 'core/thread']) assert.ok(folders(name).includes(folder), `${name}: ${folder}`)
    // What a machine is, but no machine.
    assert.ok(folders(name).every(folder => !/^machine\/|^lab|^cli|^kernels/.test(folder)), name)
  }
})

test('a core is counted with its own gates, and traps that go back to programs where they do', () => {
  const cores = (plan: Plan): string[] => Object.keys(supervisorLines(plan).parts).filter(folder => /^core\/(l4|mach|reflect)/.test(folder))
  assert.deepEqual(cores(presets['mklinux-user']()), ['core/mach'])
  assert.deepEqual(cores(presets['mklinux-kernel']()), ['core/mach'])
  assert.deepEqual(cores(presets.l4linux()), ['core/l4'])
  assert.deepEqual(cores(presets['l4linux-trampoline']()), ['core/l4', 'core/reflect'])
})

test('the parts make the whole', () => {
  const { lines, parts } = supervisorLines(kernels.monolithic())
  assert.equal(Object.values(parts).reduce((sum, part) => sum + part, 0), lines)
})

test('a service without a folder is no line of 0', () => {
  const odd = { ...plan('odd'), domains: [{ name: 'kernel', mode: 'supervisor', wall: 'none', services: ['absent'] }] } as const
  assert.throws(() => supervisorLines(odd), /service absent: no folder/)
})
