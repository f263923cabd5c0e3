import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bug, Errno } from '../../fiber/index.ts'
import { addressSpacesMax } from './address-spaces-node.ts'
import { liveClock } from './clock.ts'
import { nodeTime } from './time-node.ts'
import { hostError } from './errors-node.ts'
import { nodeEventLoop } from './event-loop-node.ts'
import { liveProcessor } from './interrupts.ts'
import { liveTimer } from './timer.ts'
import { liveMachine } from './index.ts'

/** A time that the test moves, and so much with every reading; it is shown in whole grains. */
function fakeTime (wallMs = 1_700_000_000_000, grainMs = 0, readMs = 0) {
  const time = { ms: 1000, wallOffsetMs: wallMs - 1000, reads: 0 }
  const source = {
    monotonicMs () {
      time.reads++
      time.ms += readMs
      return grainMs === 0 ? time.ms : Math.floor(time.ms / grainMs) * grainMs
    },
    wallMs: () => Math.floor(time.ms + time.wallOffsetMs)
  }
  return { time, clock: liveClock(source) }
}

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await new Promise(resolve => setImmediate(resolve))
}
const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

test('the monotonic clock starts with the machine and never goes back, even if the host\'s does', () => {
  const { time, clock } = fakeTime()
  assert.equal(clock.monotonicNs(), 0)
  time.ms += 5
  assert.equal(clock.monotonicNs(), 5e6)
  time.ms -= 3
  assert.equal(clock.monotonicNs(), 5e6)
  time.ms += 4
  assert.equal(clock.monotonicNs(), 6e6)
})

test('the real time is finer than the host\'s ms, and follows when the host\'s clock is set', () => {
  const { time, clock } = fakeTime()
  const begin = clock.realtimeNs()
  assert.equal(begin, 1.7e18)
  time.ms += 0.25
  assert.ok(Math.abs(clock.realtimeNs() - begin - 0.25e6) <= 256)
  for (const stepMs of [3600_000, -7200_000]) {
    time.wallOffsetMs += stepMs
    time.ms += 25
    assert.ok(Math.abs(clock.realtimeNs() / 1e6 - (time.ms + time.wallOffsetMs)) <= 2)
  }
})

test('the resolution is what the host\'s clock shows', () => {
  const { clock } = fakeTime()
  assert.equal(clock.resolutionNs, 1e6, 'one that did not move')
  let ms = 0
  assert.equal(liveClock({ monotonicMs: () => Math.floor(ms += 0.02) / 10, wallMs: () => 0 }).resolutionNs, 100_000)
  let readings = 0
  const interrupted = { monotonicMs: () => Math.floor((readings++ + (readings > 1000 ? 175_000 : 0)) / 2500) / 10, wallMs: () => 0 }
  assert.equal(liveClock(interrupted).resolutionNs, 100_000, 'of a host that was away for 7 ms at the first step')
  const host = liveClock(nodeTime)
  assert.ok(host.resolutionNs >= 1 && host.resolutionNs < 1e6)
})

test('time in Node goes on, by whatever it is read', async () => {
  const before = process.hrtime.bigint()
  const first = nodeTime.monotonicMs()
  let latest = first
  // More readings than go by either.
  for (let reading = 0; reading < 1000; reading++) {
    const now = nodeTime.monotonicMs()
    assert.ok(now >= latest, `reading ${reading}: ${now} after ${latest}`)
    latest = now
  }
  await sleep(5)
  const elapsedMs = nodeTime.monotonicMs() - first
  const hostMs = Number(process.hrtime.bigint() - before) / 1e6
  assert.ok(elapsedMs >= 4 && elapsedMs <= hostMs, `${elapsedMs} of ${hostMs} ms`)
})

test('the timer comes after its instant and not before, and only the last that was armed', async () => {
  const clock = liveClock(nodeTime)
  const fired: number[] = []
  const timer = liveTimer(clock, nodeEventLoop, () => fired.push(clock.monotonicNs()))
  for (const ns of [0, 50e3, 1.7e6, 12.3e6]) {
    const deadline = clock.monotonicNs() + ns
    timer.arm(clock.monotonicNs() + 1e9)
    timer.arm(deadline)
    assert.equal(fired.length, 0, 'not before arm has returned')
    for (let waited = 0; fired.length === 0 && waited < 500; waited++) await turns(1).then(() => sleep(1))
    assert.equal(fired.length, 1)
    assert.ok(fired.pop()! >= deadline)
  }
  timer.arm(clock.monotonicNs() + 1e6)
  timer.arm(Infinity)
  await sleep(10)
  assert.equal(fired.length, 0)
})

test('a timer beyond 2^31 ms does not come at once', async () => {
  const clock = liveClock(nodeTime)
  let fired = 0
  const warnings: string[] = []
  const warned = (warning: Error): void => { warnings.push(warning.name) }
  process.on('warning', warned)
  const timer = liveTimer(clock, nodeEventLoop, () => fired++)
  timer.arm(2 ** 33 * 1e6)
  await sleep(20)
  process.off('warning', warned)
  timer.close()
  assert.equal(fired, 0)
  assert.deepEqual(warnings, [], 'Node wakes up every ms for a timeout that is too long')
})

test('a busy kernel that reads the clock finds its timer due', () => {
  const { time, clock } = fakeTime()
  let fired = 0
  const timer = liveTimer(clock, nodeEventLoop, () => fired++)
  const { processor, close } = liveProcessor(clock, nodeEventLoop, timer.poll)
  timer.arm(10e6)
  time.ms += 11
  for (let call = 0; call < 2000 && fired === 0; call++) processor.giveWayDue()
  assert.equal(fired, 1)
  close()
  timer.close()
})

test('an interrupt waits while the kernel runs or is masked, and comes once however often it was raised', async () => {
  const machine = liveMachine()
  const { interrupts, processor } = machine
  const events: string[] = []
  interrupts.connect('a', () => events.push('a'))
  interrupts.connect('b', () => events.push('b'))
  assert.throws(() => interrupts.connect('a', () => {}), Bug)
  for (const line of ['b', 'a', 'b', 'nobody']) interrupts.raise(line)
  assert.equal(events.length, 0)
  interrupts.mask()
  interrupts.deliver()
  assert.equal(events.length, 0)
  interrupts.unmask()
  interrupts.deliver()
  assert.equal(events.join(), 'b,a')

  processor.idle(() => events.push('resumed'))
  await turns(2)
  assert.equal(events.length, 2, 'nothing wakes it')
  interrupts.raise('a')
  assert.equal(events.slice(2).join(), 'a,resumed')
  interrupts.raise('a')
  assert.equal(events.length, 4, 'it runs again')
  machine.close()
})

test('what is pending when the processor goes idle wakes it, but not on the same stack', async () => {
  const machine = liveMachine()
  let depth = 0
  let rounds = 0
  machine.interrupts.connect('a', () => {})
  const round = (): void => {
    assert.equal(depth++, 0)
    if (++rounds < 5000) {
      machine.interrupts.raise('a')
      machine.processor.idle(round)
    }
    depth--
  }
  round()
  await turns(2)
  assert.equal(rounds, 5000)
  machine.close()
})

test('giving way lets the host\'s events and interrupts come before the kernel goes on', async () => {
  const machine = liveMachine()
  const events: string[] = []
  machine.interrupts.connect('a', () => events.push('interrupt'))
  setTimeout(() => {
    events.push('host')
    machine.interrupts.raise('a')
  }, 0)
  const begin = performance.now()
  while (performance.now() - begin < 3);
  await new Promise<void>(resolve => {
    const go = (left: number): void => machine.processor.giveWay(() => left > 0 ? go(left - 1) : resolve())
    go(3)
  })
  assert.deepEqual(events, ['host', 'interrupt'])
  assert.throws(() => {
    machine.interrupts.mask()
    machine.processor.idle(() => {})
  }, Bug)
  machine.close()
})

test('giving way is due every few ms, and the clock is not read at every call', () => {
  const { time, clock } = fakeTime()
  const { processor } = liveProcessor(clock, nodeEventLoop, () => {})
  time.reads = 0
  let calls = 0
  while (!processor.giveWayDue()) {
    time.ms += 0.001
    calls++
    assert.ok(calls < 100_000)
  }
  assert.ok(calls >= 3900 && calls <= 5200, `after ${calls} us`)
  assert.ok(time.reads < calls / 50, `${time.reads} reads for ${calls} calls`)
  assert.ok(processor.giveWayDue(), 'until it has')
})

test('giving way is due in time for who says the time, however many quick calls came before a slow one', () => {
  const { time, clock } = fakeTime()
  const { processor } = liveProcessor(clock, nodeEventLoop, () => {})
  const called = (ms: number): boolean => {
    time.ms += ms
    return processor.giveWayDue(clock.monotonicNs())
  }
  for (let call = 0; call < 3000; call++) assert.equal(called(0.001), false, `call ${call}`)
  assert.equal(called(50), true)
})

test('giving way is due in time by a clock that moves every 0.1 ms, whatever a call takes', () => {
  for (const callUs of [1, 20, 100, 250]) {
    const { time, clock } = fakeTime(1_700_000_000_000, 0.1)
    const { processor } = liveProcessor(clock, nodeEventLoop, () => {})
    let elapsedUs = 0
    for (; !processor.giveWayDue(); elapsedUs += callUs) time.ms += callUs / 1000
    assert.ok(elapsedUs >= 3800 && elapsedUs <= 5600, `due after ${elapsedUs} us with calls of ${callUs} us`)
  }
})

test('the resolution of a clock that moves every 0.1 ms is found out', () => {
  const { clock } = fakeTime(1_700_000_000_000, 0.1, 1e-5)
  assert.equal(clock.resolutionNs, 100_000)
})

test('a closed machine calls nobody back', async () => {
  const machine = liveMachine()
  let called = 0
  machine.interrupts.connect('timer', () => called++)
  machine.timer.arm(machine.clock.monotonicNs() + 1e5)
  machine.processor.idle(() => called++)
  machine.close()
  await sleep(5)
  assert.equal(called, 0)
})

test('a doorbell rings at the other side, and one that is not there is a bug', () => {
  const machine = liveMachine()
  let rung = 0
  machine.doorbells.connect('disk', () => rung++)
  machine.doorbells.ring('disk')
  assert.equal(rung, 1)
  assert.throws(() => machine.doorbells.ring('tape'), Bug)
  machine.close()
})

test('entropy fills all it is given, in a shared memory too, and nothing beside it', () => {
  const machine = liveMachine()
  for (const buffer of [new ArrayBuffer(200_000), new SharedArrayBuffer(200_000)]) {
    const bytes = new Uint8Array(buffer)
    machine.entropy.fill(bytes.subarray(1000, 199_000))
    assert.ok(bytes.subarray(0, 1000).every(byte => byte === 0) && bytes.subarray(199_000).every(byte => byte === 0))
    for (let at = 1000; at < 199_000; at += 1000) assert.ok(bytes.subarray(at, at + 1000).some(byte => byte !== 0), `at ${at}`)
  }
  machine.close()
})

test('address spaces are what the scarcer of maps and addresses allows', () => {
  const host = (files: Record<string, string>) => addressSpacesMax(path => files[path] ?? null)
  const roomy = { '/proc/self/status': 'VmSize:\t 1048576 kB', '/proc/self/maps': '\n'.repeat(199), '/proc/self/limits': 'Max address space   unlimited  unlimited bytes' }
  const maps = host({ ...roomy, '/proc/sys/vm/max_map_count': '65530\n' })
  assert.equal(maps.value, Math.floor((65530 - 200 - 4096) / 5.5))
  assert.match(maps.reason, /max_map_count/)
  const addresses = host({ ...roomy, '/proc/sys/vm/max_map_count': '1000000' })
  assert.ok(addresses.value > 14_000 && addresses.value < 16_384)
  assert.match(addresses.reason, /8 GiB/)
  assert.equal(host({ ...roomy, '/proc/sys/vm/max_map_count': '100' }).value, 1)
  const capped = host({ ...roomy, '/proc/sys/vm/max_map_count': '1000000', '/proc/self/limits': `Max address space  ${2 ** 40}  ${2 ** 40} bytes` })
  assert.ok(capped.value < 128)
  assert.match(host({}).reason, /not measured/)
})

test('errors of the host keep their names', () => {
  const cases: [object, number][] = [
    [{ code: 'ENOENT', errno: -2 }, Errno.ENOENT], [{ code: 'EMFILE' }, Errno.ENFILE], [{ code: 'EOPNOTSUPP' }, Errno.ENOTSUP],
    [{ code: 'ERR_SOMETHING' }, Errno.EIO], [{}, Errno.EIO]
  ]
  if (process.platform === 'linux') cases.push([{ code: 'Unknown system error -122', errno: -122 }, Errno.EDQUOT], [{ code: 'Unknown system error -116', errno: -116 }, Errno.ESTALE])
  for (const [thrown, errno] of cases) assert.equal(hostError(thrown), -errno, JSON.stringify(thrown))
  assert.equal(hostError('text'), -Errno.EIO)
})
