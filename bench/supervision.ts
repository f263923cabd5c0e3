// Question: how long is a server gone that is made anew, and what does it cost to be able to, as long as nothing fails?
//
// Units: ms from the death of a server to the first call that it answers; ns of a call.
// Held fixed: the microkernel, plain and supervised, on the live machine. A death is told within the kernel, and the next call is
// made by the same thread: it waits until the server is back and has read what is kept for it. The ramfs has 1 MiB in a file.
// Calls are the host's, through the gates that programs have; plain and supervised take turns, in an order drawn from a seed.
// `node bench/supervision.ts [--quick | --trial] [--rounds N] [--seed N] [--json] [recovery] [calls]`

import { boot, kernels } from '../src/index.ts'
import type { OperatingSystem, Plan } from '../src/index.ts'
import { settle } from '../src/fiber/index.ts'
import type { Eventual, Fiber } from '../src/fiber/index.ts'
import { duration } from '../src/lab/index.ts'
import { systemOf } from '../src/os/index.ts'
import { Clock, ClockId, Domains, Entropy, INIT, READ, RIGHTS_ALL, WRITE, Window } from '../src/roles/index.ts'
import type { Files } from '../src/roles/index.ts'
import { atMost, benchmark, inTurns, median, progress, wanted } from './harness.ts'
import type { Finding, Scale, Table, Target } from './harness.ts'

const MS = 1e6
const FILE_BYTES = 2 ** 20
const BLOCK_BYTES = 4096

/** The supervised microkernel, whose servers may die as often as this has them die. */
function tireless (): Plan {
  const plan = kernels.microkernel({ supervised: true })
  return { ...plan, domains: plan.domains.map(domain => domain.supervision === undefined ? domain : { ...domain, supervision: { ...domain.supervision, restarts: 1e6, backoffMs: 0 } }) }
}

interface Opened { readonly files: Files, readonly fd: number, readonly window: Window }

async function opened (os: OperatingSystem): Promise<Opened> {
  await os.fs.writeFile('/file', new Uint8Array(FILE_BYTES))
  const { host, state } = systemOf(os)
  const files = host.files!
  const at = host.arena.allocate(BLOCK_BYTES)
  const window = Window.of(host.arena, at, BLOCK_BYTES, READ | WRITE, state.counters)!
  const fd = await systemOf(os).run('open', function * () {
    const root = yield * settle(host.tables!.preopen(INIT, '/', '/', RIGHTS_ALL, RIGHTS_ALL))
    return yield * settle(files.open(root, 0, 'file', 0, RIGHTS_ALL, RIGHTS_ALL, 0))
  })
  return { files, fd, window }
}

/** ms from the death of a domain to the first answer, each time. */
async function recoveries (name: string, times: number): Promise<number[]> {
  await using os = await boot({ kernel: tireless() })
  const system = systemOf(os)
  const { files, fd, window } = await opened(os)
  const clock = system.host.reach(Clock) as unknown as Clock
  const entropy = system.host.reach(Entropy) as unknown as Entropy
  const asks: Readonly<Record<string, () => Eventual<number>>> = {
    clock: () => clock.now(ClockId.MONOTONIC), entropy: () => entropy.fill(window), vfs: () => files.tell(fd), ramfs: () => files.pread(fd, 0, window)
  }
  const domains = system.host.reach(Domains) as unknown as Domains
  return system.run('measure', function * (): Fiber<number[]> {
    const all = domains.supervised()
    if (typeof all === 'number') throw new Error(`the domains are not told: ${all}`)
    const index = all.names.indexOf(name)
    const found: number[] = []
    for (let time = 0; time < times; time++) {
      const startNs = system.machine.clock.monotonicNs()
      domains.kill(index)
      const answer = yield * settle(asks[name]!())
      if (answer < 0) throw new Error(`${name} answers ${answer}`)
      found.push((system.machine.clock.monotonicNs() - startNs) / MS)
    }
    return found
  })
}

const calls: Readonly<Record<string, (opened: Opened) => Eventual<number>>> = {
  'read 4 KiB': ({ files, fd, window }) => files.read(fd, window),
  'read 4 KiB at an offset': ({ files, fd, window }) => files.pread(fd, 0, window),
  'write 4 KiB': ({ files, fd, window }) => files.pwrite(fd, 0, window),
  'seek': ({ files, fd }) => files.seek(fd, 0, 0),
  'tell': ({ files, fd }) => files.tell(fd)
}

/** ns of a call, in a system of its own. */
async function nsOf (plan: Plan, call: (opened: Opened) => Eventual<number>, count: number): Promise<number> {
  await using os = await boot({ kernel: plan })
  const system = systemOf(os)
  const open = await opened(os)
  return system.run('measure', function * (): Fiber<number> {
    let startNs = 0
    // The first tenth warms up.
    const warm = Math.ceil(count / 10)
    for (let i = -warm; i < count; i++) {
      if (i === 0) startNs = system.machine.clock.monotonicNs()
      if (i % 200 === 0) yield * settle(open.files.seek(open.fd, 0, 0))
      yield * settle(call(open))
    }
    return (system.machine.clock.monotonicNs() - startNs) / count
  })
}

async function measure (scale: Scale): Promise<Finding> {
  const trial = scale.name === 'trial'
  const targets: Target[] = []
  const tables: Table[] = []
  const recovery: Record<string, { median: number, worst: number }> = {}
  const cost: Record<string, { plain: number, supervised: number }> = {}
  if (wanted(scale, 'recovery')) {
    for (const name of ['clock', 'entropy', 'vfs', 'ramfs']) {
      progress(`recovery of ${name}`)
      const found = await recoveries(name, trial ? 3 : scale.name === 'quick' ? 20 : 100)
      recovery[name] = { median: median(found), worst: Math.max(...found) }
      targets.push(atMost(`death of ${name} to its first answer, median`, recovery[name].median * MS, 10 * MS, duration))
    }
    tables.push({
      title: 'From death to the first answer',
      columns: [{ name: 'server', words: true }, { name: 'median' }, { name: 'worst' }],
      rows: Object.entries(recovery).map(([name, { median: middle, worst }]) => [name, duration(middle * MS), duration(worst * MS)])
    })
  }
  if (wanted(scale, 'calls')) {
    const plans = { plain: kernels.microkernel(), supervised: kernels.microkernel({ supervised: true }) }
    for (const [name, call] of Object.entries(calls)) {
      progress(name)
      const found: Record<keyof typeof plans, number[]> = { plain: [], supervised: [] }
      await inTurns(Object.keys(plans) as (keyof typeof plans)[], scale, 0, async kind => { found[kind].push(await nsOf(plans[kind], call, trial ? 200 : 20_000)) })
      cost[name] = { plain: median(found.plain), supervised: median(found.supervised) }
    }
    tables.push({
      title: 'What supervision costs where nothing fails',
      columns: [{ name: 'call', words: true }, { name: 'plain' }, { name: 'supervised' }, { name: 'ratio' }],
      rows: Object.entries(cost).map(([name, { plain, supervised }]) => [name, duration(plain), duration(supervised), (supervised / plain).toFixed(2)])
    })
  }
  return {
    title: 'Supervision', question: 'How long is a server gone that is made anew, and what does that cost where nothing fails?',
    held: 'The microkernel on the live machine; a ramfs with 1 MiB in a file; the host\'s calls through the gates of programs.',
    targets, tables, figures: { recovery, calls: cost }
  }
}

await benchmark(measure)
