/** A user domain masks and raises its own lines, and nobody else's. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MachineInterrupts } from '../machine/index.ts'
import { domainInterrupts } from './domain-interrupts.ts'

function machine (): MachineInterrupts & { masks: number } {
  const handlers = new Map<string, () => void>()
  return {
    masks: 0,
    connect (line, handler) { handlers.set(line, handler) },
    raise (line) { handlers.get(line)?.() },
    mask () { this.masks++ },
    unmask () {}, deliver () {}
  }
}

test('a driver that masks keeps its own lines pending, and handles each once when it unmasks; another\'s come as ever', () => {
  const hardware = machine()
  const seen: string[] = []
  const run = (handler: () => void): void => { handler() }
  const [one, other] = [domainInterrupts(hardware, false, run), domainInterrupts(hardware, false, run)]
  one.connect('disk', () => { seen.push('disk') })
  other.connect('timer', () => { seen.push('timer') })
  one.mask()
  for (const line of ['disk', 'timer', 'disk']) hardware.raise(line)
  assert.deepEqual(seen, ['timer'])
  one.unmask()
  assert.deepEqual(seen, ['timer', 'disk'])
  one.raise('timer')
  assert.deepEqual(seen, ['timer', 'disk'], 'a line of another\'s is not its to raise')
  one.raise('disk')
  assert.deepEqual(seen, ['timer', 'disk', 'disk'])
  assert.equal(hardware.masks, 0, 'the processor\'s mask is the supervisor\'s')
  domainInterrupts(hardware, true, run).mask()
  assert.equal(hardware.masks, 1)
})
