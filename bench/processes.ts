// Question: what do processes cost: a switch between two over a pipe, bytes through a pipe, starting and ending one, and
// being there?
//
// Units: µs a hop (half a round trip of one byte), GB a second with writes of 64 KiB, µs from spawn to exit, KiB of the host's
// memory a process. As programs see it, but for the last.
// Held fixed: the programs, compiled once and kept. Each workload boots a system of its own; kernels and floors take turns, in an
// order drawn from a seed; medians count. The floors are bare mechanisms in the same process: two suspended WebAssembly stacks
// that wake each other by a promise; a module made an instance of, started on a stack of its own, and finished; one copy of
// 64 KiB between two arrays.
// Living processes: as many `pingpong pong` as asked for, each blocked on a pipe of its own, and each answers once they all
// stand. Memory is what the host's process grew by, without the bytes of their WebAssembly memories that they have touched:
// those of one alone are counted by hand, as what its data takes.
// `node bench/processes.ts [--quick | --trial] [--rounds N] [--seed N] [--json] [hop] [bulk] [spawn] [live]`

import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setImmediate as immediate } from 'node:timers/promises'
import { boot, kernels, loadProgram } from '../src/index.ts'
import type { Plan } from '../src/index.ts'
import { batchTimes, bytes, duration } from '../src/lab/index.ts'
import { atLeast, atMost, benchmark, inTurns, median, progress, wanted } from './harness.ts'
import type { Finding, Scale, Table, Target } from './harness.ts'

const blockBytes = 65536
const plans = { monolithic: kernels.monolithic, microkernel: kernels.microkernel } as const
type KernelName = keyof typeof plans
const kernelNames = Object.keys(plans) as KernelName[]

function fileOf (name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(`../programs/wasm/${name}.wasm`, import.meta.url)))
}

/** Runs a program that starts others, in a system of its own, and gives ns of an iteration of each batch. */
async function timesOf (plan: Plan, name: string, args: readonly string[], children: readonly string[]): Promise<number[]> {
  const program = loadProgram(fileOf(name), { name })
  await using os = await boot({ kernel: plan, program })
  for (const child of children) await os.fs.writeFile(`/${child}.wasm`, fileOf(child))
  const { status, text, stderr } = await os.spawn(program, { args: [name, ...args], stdin: null }).output()
  if (status !== 0) throw new Error(`${name}: status ${status}: ${new TextDecoder().decode(stderr)}`)
  const batches = batchTimes(text)
  // The first warm up.
  return batches.slice(batches.length >> 2)
}

interface Workload {
  readonly name: string
  /** ns of an operation, in a run. */
  readonly run: (plan: Plan) => Promise<number>
  readonly floor: { readonly name: string, readonly run: () => Promise<number> | number }
  readonly target: (ns: number) => Target
  readonly show: (ns: number) => string
}

function workloads (scale: Scale): Workload[] {
  const trial = scale.name === 'trial'
  const gigabytes = (ns: number): string => `${(blockBytes / ns).toFixed(2)} GB/s`
  const count = (full: number): string => String(trial ? 20 : full)
  const batches = String(trial ? 4 : 20)
  return [
    {
      name: 'hop: one byte from a program to another, which waits for it',
      run: async plan => median(await timesOf(plan, 'pair', ['/pingpong.wasm', count(500), batches], ['pingpong'])) / 2,
      floor: { name: 'two stacks that wake each other', run: () => switchNs(trial ? 100 : 20_000) },
      target: ns => atMost('hop between two programs over a pipe', ns, 1000, duration),
      show: duration
    },
    {
      name: 'bulk: 64 KiB written and read',
      run: async plan => median(await timesOf(plan, 'pour', ['/pour.wasm', String(blockBytes), count(2000), trial ? '2' : '6'], ['pour'])),
      floor: { name: 'one copy of 64 KiB', run: () => copyNs(trial ? 10 : 500) },
      target: ns => atLeast('bytes through a pipe with writes of 64 KiB', blockBytes / ns, 2, value => `${value.toFixed(2)} GB/s`),
      show: ns => `${gigabytes(ns)} (${duration(ns)})`
    },
    {
      name: 'spawn: a cached program is started, ends and is waited for',
      run: async plan => median(await timesOf(plan, 'spawns', ['/true.wasm', count(100), batches], ['true'])),
      floor: { name: 'made an instance of, started, finished', run: () => instanceNs(trial ? 10 : 1000) },
      target: ns => atMost('spawn to exit of a cached tiny program', ns, 60_000, duration),
      show: duration
    }
  ]
}

async function measure (scale: Scale): Promise<Finding> {
  const chosen = workloads(scale).filter(({ name }) => wanted(scale, name))
  const found: { workload: Workload, ns: Map<KernelName | 'floor', number> }[] = []
  for (const workload of chosen) {
    progress(`processes: ${workload.name}`)
    const samples = new Map<KernelName | 'floor', number[]>([...kernelNames, 'floor' as const].map(name => [name, []]))
    await inTurns([...samples.keys()], scale, 1, async (who, round) => {
      const ns = who === 'floor' ? await workload.floor.run() : await workload.run(plans[who]())
      if (round >= 0) samples.get(who)!.push(ns)
    })
    found.push({ workload, ns: new Map([...samples].map(([who, values]) => [who, median(values)])) })
  }
  const living = wanted(scale, 'live') ? await live(scale.name === 'trial' ? 50 : 10_000) : null
  return {
    title: 'Processes',
    question: 'What do processes cost: a switch between two over a pipe, bytes through a pipe, starting and ending one, and being there?',
    held: `the programs, compiled once and kept; a system for each run; turns. ${scale.rounds} rounds, order drawn from seed ${scale.seed}.`,
    targets: [...found.map(({ workload, ns }) => workload.target(ns.get('monolithic')!)), ...(living === null ? [] : livingTargets(living))],
    tables: [
      ...(found.length === 0 ? [] : [{
        title: 'Pipes and processes, and the floors beneath',
        columns: [{ name: 'what', words: true }, ...kernelNames.map(name => ({ name })), { name: 'floor' }, { name: 'the floor is', words: true }] as const,
        rows: found.map(({ workload, ns }) =>
          [workload.name, ...kernelNames.map(name => workload.show(ns.get(name)!)), workload.show(ns.get('floor')!), workload.floor.name])
      }]),
      ...(living === null ? [] : [livingTable(living)])
    ],
    figures: { ...Object.fromEntries(found.map(({ workload, ns }) => [workload.name, Object.fromEntries(ns)])), live: living }
  }
}

interface Living {
  readonly wanted: number
  readonly live: number
  readonly answered: number
  /** Why no more could be started; null when all were. */
  readonly refusal: string | null
  readonly startedNs: number
  readonly answerNs: number
  readonly hostBytesEach: number
  /** Of its WebAssembly memory, as declared: the rest of what the host grew by is ours. */
  readonly ownBytes: number
}

/** The host's loop gets a turn after so many. */
const turnEvery = 50

/** Starts programs that wait for a byte, then has each answer. */
async function live (count: number): Promise<Living> {
  progress(`processes: ${count} live at once`)
  const program = loadProgram(fileOf('pingpong'), { name: 'pingpong' })
  await using os = await boot({ kernel: kernels.monolithic(), program })
  const before = process.memoryUsage().rss
  const startMs = performance.now()
  const all = []
  let refusal: string | null = null
  for (let at = 0; at < count && refusal === null; at++) {
    const one = os.spawn(program, { args: ['pingpong', 'pong'], stderr: null, preopens: {} })
    one.wait().then(({ message, status }) => { refusal ??= message || `it ended with ${status}` }, (error: Error) => { refusal ??= error.message })
    all.push({ input: one.stdin.getWriter(), output: one.stdout.getReader() })
    if (at % turnEvery === 0) await immediate()
  }
  while (refusal === null && os.stats().processes < count) await immediate()
  const { processes } = os.stats()
  const startedNs = (performance.now() - startMs) * 1e6
  const hostBytes = process.memoryUsage().rss - before
  const answerMs = performance.now()
  let answered = 0
  for (const [at, { input, output }] of all.entries()) {
    if (at >= processes) break
    await input.write(Uint8Array.of(at & 255))
    const { value } = await output.read()
    if (value?.[0] === (at & 255)) answered++
  }
  return {
    wanted: count, live: processes, answered, refusal, startedNs, answerNs: (performance.now() - answerMs) * 1e6 / Math.max(1, processes),
    hostBytesEach: hostBytes / Math.max(1, processes), ownBytes: touchedBytes()
  }
}

/** What one of them has of its memory for itself: as much as its data and stack take, in pages of the host. */
function touchedBytes (): number {
  const module = new WebAssembly.Module(fileOf('pingpong'))
  const pageBytes = 4096
  const nothing = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]))
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: nothing, kaleidos: nothing })
  const memory = new Uint8Array((instance.exports['memory'] as WebAssembly.Memory).buffer)
  let touched = 0
  for (let at = 0; at < memory.length; at += pageBytes) {
    if (memory.subarray(at, at + pageBytes).some(byte => byte !== 0)) touched += pageBytes
  }
  return touched
}

function livingTargets (living: Living): Target[] {
  return [
    {
      what: `${living.wanted.toLocaleString('en')} processes live at once, each blocked on a pipe and answering`, wanted: 'all',
      measured: living.answered.toLocaleString('en'), met: living.answered === living.wanted
    },
    atMost('memory a living process, beyond its own', living.hostBytesEach - living.ownBytes, 100 * 1024, bytes)
  ]
}

function livingTable (living: Living): Table {
  return {
    title: 'Processes that live at once (monolithic)',
    columns: [{ name: 'live' }, { name: 'answered' }, { name: 'to start each' }, { name: 'to answer, each' }, { name: 'host memory each' },
      { name: 'of it its own' }, { name: 'no more, because', words: true }],
    rows: [[living.live.toLocaleString('en'), living.answered.toLocaleString('en'), duration(living.startedNs / Math.max(1, living.live)), duration(living.answerNs),
      bytes(Math.round(living.hostBytesEach)), bytes(living.ownBytes), living.refusal ?? 'all that were wanted']],
    notes: ['Started and spoken to by the host, through its streams: each is three pipes and a turn of the event loop more than one that a program starts.']
  }
}

/** ns from one suspended stack to the next: two that wake each other. */
async function switchNs (hops: number): Promise<number> {
  const module = await assembled(`(module (import "host" "wait" (func $wait))
    (func (export "run") (param i32) (loop (call $wait) (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))))`)
  let wake: (() => void) | null = null
  // Whoever waits wakes the other: each hop is a promise that is resolved, and a stack put aside for another.
  const wait = new WebAssembly.Suspending((): Promise<void> => {
    const other = wake
    const mine = new Promise<void>(resolve => { wake = resolve })
    other?.()
    return mine
  })
  const run = (): Promise<void> =>
    (WebAssembly.promising(new WebAssembly.Instance(module, { host: { wait } }).exports['run'] as never) as (times: number) => Promise<void>)(hops)
  const start = process.hrtime.bigint()
  const ends = [run(), run()]
  await Promise.race(ends)
  const ns = Number(process.hrtime.bigint() - start) / (2 * hops)
  ;(wake as (() => void) | null)?.()
  await Promise.all(ends)
  return ns
}

/** ns to make an instance of a program that does nothing, to start it on a stack of its own, and until it has ended. */
async function instanceNs (times: number): Promise<number> {
  const module = new WebAssembly.Module(fileOf('true'))
  const nothing = Object.fromEntries(WebAssembly.Module.imports(module).map(({ name }) => [name, () => 0]))
  const start = process.hrtime.bigint()
  for (let at = 0; at < times; at++) {
    const { exports } = new WebAssembly.Instance(module, { wasi_snapshot_preview1: nothing })
    await (WebAssembly.promising(exports['_start'] as never) as () => Promise<void>)()
  }
  return Number(process.hrtime.bigint() - start) / times
}

function copyNs (times: number): number {
  const [from, to] = [new Uint8Array(blockBytes).fill(0x5a), new Uint8Array(blockBytes)]
  const start = process.hrtime.bigint()
  for (let at = 0; at < times; at++) to.set(from)
  return Number(process.hrtime.bigint() - start) / times
}

async function assembled (text: string): Promise<WebAssembly.Module> {
  const { default: wabt } = await import('wabt')
  return new WebAssembly.Module((await wabt()).parseWat('bench', text, {}).toBinary({}).buffer as Uint8Array<ArrayBuffer>)
}

if (import.meta.main) await benchmark(measure)
