// Systems on model machines do what they do on the live one: the same bytes and errors, kills, limits, timers, hostile programs,
// many programs; and what has ended leaves nothing.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { EVENTS_MAX } from '../../src/machine/model/limits.ts'
import { systemOf } from '../../src/os/index.ts'
import type { ModelMachine, OperatingSystem } from '../../src/index.ts'
import { attack, attacks, judge } from '../hostile/attacks.ts'
import { cases, observe, plansOf } from '../system/observations.ts'
import { everyMultiprogram, everyName, install, program } from '../system/support.ts'
import type { EveryName } from '../system/observations.ts'
import { here } from './support.ts'

const { boot, modelMachine } = here.library
const many = Number(process.env['KALEIDOS_MODEL_PROGRAMS'] ?? 200)

async function on (kernel: EveryName, processors: number, use: (os: OperatingSystem, machine: ModelMachine) => Promise<void>, spaces = 0, seed = 0): Promise<void> {
  const machine = modelMachine({ profile: 'skylake', processors, seed })
  if (spaces > 0) Object.defineProperty(machine, 'addressSpacesMax', { value: { value: spaces, reason: 'a small machine' } })
  const os = await boot({ kernel: plansOf(here.library)[kernel](), machine })
  try {
    await use(os, machine)
  } finally {
    await os.close()
    machine.close()
  }
}

/** What is left of programs. */
function held (os: OperatingSystem): object {
  const { state, programs } = systemOf(os)
  return { programs: programs.count, spaces: state.spaces.size, accounts: state.accounts.size, arenas: os.stats().arenas.map(({ allocatedBytes }) => allocatedBytes) }
}

describe('the same results as on the live machine', () => {
  for (const [index, given] of cases.entries()) {
    const kernels = given.installed === undefined ? everyName : everyMultiprogram
    // Each with two of the kernels here; all of them with all: npm run seeds.
    const some = process.env['KALEIDOS_SEED_RUNS'] === undefined ? [kernels[index % kernels.length]!, kernels[(index + 2) % kernels.length]!] : kernels
    test(`${given.args.join(' ')} under ${some.join(', ')}`, async () => {
      const live = await observe(here, 'monolithic', given)
      for (const kernel of some) {
        const machine = modelMachine({ profile: 'skylake', processors: 1 + 3 * (index % 2), seed: index })
        const library = { ...here.library, boot: (options: Parameters<typeof boot>[0]) => boot({ ...options, machine }) }
        assert.deepEqual(await observe({ ...here, library }, kernel, given), live, kernel)
        machine.close()
      }
    })
  }
})

test(`${many} programs on 64 processors run at once, and leave nothing`, async () => {
  await on('microkernel', 64, async (os, machine) => {
    const primes = program('primes')
    const start = (count: number): Promise<unknown[]> => Promise.all(Array.from({ length: count }, async () => {
      const { status, text } = await os.spawn(primes, { args: ['primes', '500', '1'], stdin: null }).output()
      assert.equal(`${status} ${text}`, '0 95 primes below 500\n')
    }))
    await start(many)
    const before = held(os)
    const { busyCycles, latestNs } = machine.timing
    await start(many)
    assert.deepEqual(held(os), before)
    // Several processors have worked at once.
    const cycles = (machine.timing.latestNs - latestNs) * machine.profile.frequencyMHz / 1000
    assert.ok(machine.timing.busyCycles - busyCycles > 1.5 * cycles, `${machine.timing.busyCycles - busyCycles} cycles of work in ${cycles}`)
  })
})

for (const processors of [1, 4]) {
  test(`${processors} processors: kills, an aborted signal, Ctrl-C and close end endless loops`, async () => {
    await on('monolithic', processors, async os => {
      const spin = program('spin')
      const loop = (options: object = {}): ReturnType<typeof os.spawn> => os.spawn(spin, { args: ['spin'], stdin: null, ...options })
      const killed = loop()
      await killed.started
      await killed.kill('SIGTERM')
      assert.equal((await killed.wait()).signal, 'SIGTERM')
      const abort = new AbortController()
      const aborted = loop({ signal: abort.signal })
      await aborted.started
      abort.abort(new Error('enough'))
      await assert.rejects(aborted.wait(), /enough/)
      // From outside, at any instant of real time.
      const later = loop()
      setTimeout(() => { void later.kill('SIGINT') }, 30)
      assert.equal((await later.wait()).signal, 'SIGINT')
      // They run on when the system is closed.
      for (let count = 0; count < 3; count++) loop()
    })
  })

  test(`${processors} processors: hostile programs come to their ends, and a neighbour goes on`, async () => {
    await on('microkernel', processors, async os => {
      await install(os, 'hostile', 'true')
      const neighbour = os.spawn(program('cat'), { args: ['cat'] })
      const writer = neighbour.stdin.getWriter()
      const reader = neighbour.stdout.getReader()
      const answers = async (): Promise<void> => {
        await writer.write('there?')
        assert.equal(Buffer.from((await reader.read()).value!).toString(), 'there?')
      }
      await answers()
      const run = (name: string, args: readonly string[], limits: object): Promise<{ status: number, signal: string | null }> =>
        os.spawn(program(name), { args: [name, ...args], stdin: null, limits }).output()
      assert.equal((await run('recurse', [], {})).signal, 'SIGSEGV')
      assert.equal((await run('spin', [], { cpuTimeMs: 20 })).signal, 'SIGXCPU')
      assert.equal((await run('grow', [], { memoryBytes: 4 * 2 ** 20 })).status, 1)
      await answers()
      await neighbour.kill()
    })
  })
}

test('the programs of the hostile suite end as they do on the live machine', { timeout: 300_000 }, async () => {
  await on('microkernel', 2, async os => {
    await install(os, 'hostile')
    // What sleeps for an hour has slept before anybody kills it.
    const ends = attacks.filter(({ what }) => !/sleeps|waits for a child/.test(what))
    for (const one of ends) judge(one, await attack(os, one))
    const before = held(os)
    for (const one of ends.filter(({ starts }) => starts === true)) judge(one, await attack(os, one))
    // One more turn: the end of each is worked out.
    await os.spawn(calls => calls.sleep(10), { stdin: null }).wait()
    assert.deepEqual(held(os), before)
  }, 24)
})

test('a system that sleeps for a day takes no time, and no more than a day', async () => {
  await on('monolithic', 2, async (os, machine) => {
    const day = 86_400_000
    const startedMs = performance.now()
    const { text } = await os.spawn(async calls => {
      const before = await calls.monotonicNs()
      await calls.sleep(day)
      await calls.print(String(Math.floor(Number(await calls.monotonicNs() - before) / 1e6)))
    }, { stdin: null }).output()
    assert.equal(text.trim(), String(day))
    assert.ok(machine.timing.latestNs < (day + 10) * 1e6)
    assert.ok(performance.now() - startedMs < 20_000)
  })
})

test('more events than the machine keeps end the system, with words that say so', async () => {
  await on('microkernel', 1, async (os, machine) => {
    for (let event = 0; event < EVENTS_MAX; event++) machine.timing.events.add(1e15, () => {})
    await assert.rejects(async () => { await os.spawn(calls => calls.sleep(1000)).wait() }, /1048576 events of devices and timers are to come/)
  })
})
