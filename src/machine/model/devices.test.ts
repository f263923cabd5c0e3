/** Disk, link and console: latencies, queues, order, interrupts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isErrors, modelConsole, modelMachine, profiles, readProfile } from './index.ts'
import type { ModelMachine, ModelMachineOptions, Profile } from './index.ts'
import { Errno } from '../../fiber/index.ts'

function profile (): Profile {
  const read = readProfile(profiles.get('skylake'))
  assert.ok(!isErrors(read))
  return { ...read, frequencyMHz: 1000, interrupt: { entry: 0, exit: 0 }, devices: {
    console: { perByteNs: 100, latencyNs: 1000 }, disk: { latencyNs: 10_000, perByteNs: 1, queueDepth: 2 }, link: { latencyNs: 500, perByteNs: 8, queueDepth: 64 }
  } }
}

function machine (options: Partial<ModelMachineOptions> = {}): ModelMachine {
  return modelMachine({ profile: profile(), ...options })
}

/** Lets virtual time go on to the next event until there is none. */
function runOut (model: ModelMachine): void {
  while (model.timing.nextEventNs < Infinity) {
    model.timing.idleUntil(model.timing.nextEventNs)
    model.interrupts.deliver()
  }
}

test('a disk works on two requests at once; each takes its latency, and their bytes follow one another', () => {
  const contents = Uint8Array.from({ length: 8 * 512 }, (_, at) => at >> 9)
  const model = machine({ disk: contents })
  const interrupts: number[] = []
  model.interrupts.connect('disk', () => interrupts.push(model.timing.nowNs))
  const done: [string, number][] = []
  const into = [0, 1, 2].map(() => new Uint8Array(1024))
  into.forEach((bytes, number) => {
    assert.equal(model.disk.read(2 * number, bytes, () => done.push([`read ${number}`, model.timing.nowNs])), 0)
  })
  runOut(model)
  assert.deepEqual(done, [['read 0', 11_024], ['read 1', 12_048], ['read 2', 22_048]])
  assert.deepEqual(interrupts, [11_024, 12_048, 22_048])
  assert.deepEqual(into.map(bytes => [bytes[0], bytes[1023]]), [[0, 1], [2, 3], [4, 5]])
})

test('what is written is there when it is done, as it was when it was asked', () => {
  const model = machine({ disk: new Uint8Array(1024) })
  const bytes = new Uint8Array(512).fill(7)
  assert.equal(model.disk.write(1, bytes, () => {}), 0)
  bytes.fill(9)
  const read = new Uint8Array(1024)
  model.disk.read(0, read, () => {})
  runOut(model)
  assert.deepEqual([read[511], read[512]], [0, 7])
  for (const [sector, length] of [[2, 512], [-1, 512], [0, 100], [0.5, 512], [1, 1024]] as const) {
    assert.equal(model.disk.read(sector, new Uint8Array(length), () => {}), -Errno.EINVAL)
  }
})

test('frames come out of the link whole and in order, no faster than it carries them', () => {
  const received: [number, number][] = []
  const model = machine({ received: frame => received.push([frame[0]!, model.timing.nowNs]) })
  for (let number = 0; number < 3; number++) assert.equal(model.link.send(new Uint8Array(100).fill(number)), 0)
  runOut(model)
  assert.deepEqual(received, [[0, 1300], [1, 2100], [2, 2900]])
})

test('a device refuses what is too much, and takes it again when it has worked', () => {
  const model = machine({ disk: new Uint8Array(512) })
  const bytes = new Uint8Array(512)
  let accepted = 0
  while (model.disk.read(0, bytes, () => {}) === 0) accepted++
  assert.equal(accepted, 2 + 4096)
  model.timing.idleUntil(model.timing.nextEventNs)
  model.interrupts.deliver()
  assert.equal(model.disk.read(0, bytes, () => {}), 0)
})

test('a console takes what its buffer holds, and tells when half of it has gone out', () => {
  const out: number[] = []
  const model = machine({ console: parts => modelConsole(parts, { output: (unit, bytes) => out.push(unit, bytes.length) }) })
  const rooms: number[] = []
  model.interrupts.connect('console-out', () => rooms.push(model.timing.nowNs))
  assert.equal(model.console.write(1, new Uint8Array(5000), 0, 5000), 4096)
  assert.equal(model.console.writable(1), false)
  assert.equal(model.console.write(1, new Uint8Array(10), 0, 10), -Errno.EAGAIN)
  runOut(model)
  assert.deepEqual(rooms, [204_800])
  assert.equal(model.console.write(2, new Uint8Array(5000), 0, 5000), 2048)
  assert.deepEqual(out, [1, 4096, 2, 2048])
})

test('input comes after the latency of the line to whoever waits for it, and its end too', () => {
  const model = machine({ console: parts => modelConsole(parts, { input: new Uint8Array([1, 2, 3]) }) })
  const told: number[] = []
  model.interrupts.connect('console-in', () => told.push(model.timing.nowNs))
  model.console.awaitInput(true)
  runOut(model)
  assert.deepEqual(told, [1000])
  const bytes = new Uint8Array(8)
  assert.equal(model.console.read(bytes, 0, 8), 3)
  assert.equal(model.console.read(bytes, 0, 8), 0)
  assert.equal(model.console.readable(), -1)
})

test('with a seed latencies vary, the same way for the same seed', () => {
  const times = (seed: number): number[] => {
    const model = machine({ disk: new Uint8Array(512), seed })
    const done: number[] = []
    for (let i = 0; i < 5; i++) model.disk.read(0, new Uint8Array(512), () => done.push(model.timing.nowNs))
    runOut(model)
    return done
  }
  assert.deepEqual(times(5), times(5))
  assert.notDeepEqual(times(5), times(6))
  assert.notDeepEqual(times(5), times(0))
})
