// Question: what does a program get, and pay, on a thread of its own: two that compute beside each other, a system call, starting
// and ending one, and code without the checks that make it give way?
//
// Units: ms for two programs that compute, ns a system call, µs from spawn to exit; ratios to the same in the kernel's thread.
// Held fixed: the programs, the kernel (monolithic), turns in an order drawn from a seed; medians count. Two programs cannot be
// faster than one where the host has one processor, or is busy: what the host had is said with the report.
// `node bench/program-threads.ts [--quick | --trial] [--rounds N] [--seed N] [--json]`

import { readFileSync } from 'node:fs'
import { boot, kernels, loadProgram, withWalls } from '../src/index.ts'
import type { Plan } from '../src/index.ts'
import { batchTimes, duration } from '../src/lab/index.ts'
import { benchmark, inTurns, median, progress } from './harness.ts'
import type { Finding, Scale } from './harness.ts'

const plans = {
  'kernel\'s thread': kernels.monolithic,
  'threads of their own': (): Plan => withWalls(kernels.monolithic(), { programs: 'thread' })
} as const
type Where = keyof typeof plans
const places = Object.keys(plans) as Where[]

const fileOf = (name: string): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync(new URL(`../programs/wasm/${name}.wasm`, import.meta.url)))

/** ns for so many programs that compute, together, in a system that has run one before. */
async function computeNs (plan: Plan, count: number, numbers: number): Promise<number> {
  const primes = loadProgram(fileOf('primes'), { name: 'primes' })
  await using os = await boot({ kernel: plan })
  const run = async (limit: number): Promise<void> => {
    const { status } = await os.spawn(primes, { args: ['primes', String(limit), '3'], stdin: null }).output()
    if (status !== 0) throw new Error(`primes: status ${status}`)
  }
  await Promise.all(Array.from({ length: count }, () => run(1000)))
  const start = performance.now()
  await Promise.all(Array.from({ length: count }, () => run(numbers)))
  return (performance.now() - start) * 1e6
}

/** ns of an iteration, as a program that times batches tells. */
async function timedNs (plan: Plan, name: string, args: readonly string[], child?: string): Promise<number> {
  await using os = await boot({ kernel: plan })
  if (child !== undefined) await os.fs.writeFile(`/${child}.wasm`, fileOf(child))
  const { status, text, stderr } = await os.spawn(fileOf(name), { args: [name, ...args], stdin: null }).output()
  if (status !== 0) throw new Error(`${name}: status ${status}: ${new TextDecoder().decode(stderr)}`)
  const batches = batchTimes(text)
  return median(batches.slice(batches.length >> 2))
}

async function measure (scale: Scale): Promise<Finding> {
  const trial = scale.name === 'trial'
  const numbers = trial ? 2000 : 4_000_000
  const [count, batches] = [String(trial ? 10 : 200), String(trial ? 4 : 12)]
  const rows: { readonly name: string, readonly run: (plan: Plan) => Promise<number> }[] = [
    { name: 'one program that computes', run: plan => computeNs(plan, 1, numbers) },
    { name: 'two that compute, at once', run: plan => computeNs(plan, 2, numbers) },
    { name: 'a system call that does little (proc_id)', run: plan => timedNs(plan, 'getpid', [count, batches]) },
    { name: 'a cached program is started, ends and is waited for', run: plan => timedNs(plan, 'spawns', ['/true.wasm', String(trial ? 3 : 20), batches], 'true') }
  ]
  const found: { readonly name: string, readonly ns: ReadonlyMap<Where, number> }[] = []
  for (const { name, run } of rows) {
    progress(`program-threads: ${name}`)
    const samples = new Map<Where, number[]>(places.map(place => [place, []]))
    await inTurns([...places], scale, 1, async (place, round) => {
      const ns = await run(plans[place]())
      if (round >= 0) samples.get(place)!.push(ns)
    })
    found.push({ name, ns: new Map([...samples].map(([place, values]) => [place, median(values)])) })
  }
  const [one, two] = found
  const gain = (place: Where): string => `${(2 * one!.ns.get(place)! / two!.ns.get(place)!).toFixed(2)} times as much done`
  return {
    title: 'Programs on threads of their own',
    question: 'What does a program get, and pay, on a thread of its own?',
    held: `the programs and the kernel (monolithic); a system for each run; turns. ${scale.rounds} rounds, order drawn from seed ${scale.seed}.`,
    targets: [],
    tables: [{
      title: 'The same, in the kernel\'s thread and on threads of their own',
      columns: [{ name: 'what', words: true }, ...places.map(name => ({ name })), { name: 'ratio' }] as const,
      rows: found.map(({ name, ns }) => {
        const [here, there] = places.map(place => ns.get(place)!)
        return [name, duration(here!), duration(there!), `${(there! / here!).toFixed(2)}`]
      }),
      notes: [
        `Two at once in place of one after the other: ${places.map(place => `in ${place} ${gain(place)}`).join(', ')}.`,
        'One program that computes runs there without the checks that make it give way: the first ratio is what they cost, and what else the thread does.'
      ]
    }],
    figures: Object.fromEntries(found.map(({ name, ns }) => [name, Object.fromEntries(ns)]))
  }
}

if (import.meta.main) await benchmark(measure)
