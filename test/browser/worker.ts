// KaleidOS in a worker of a page: tasks that the test asks for by name. It is served without its types; the library is the
// package's.

import type * as Library from 'kaleidos/browser'
import type { Exit, OperatingSystem, Process, Program } from 'kaleidos/browser'
import type * as Model from '../../src/machine/model/index.ts'
import { fingerprint, needsOf } from '../model/runs.ts'
import type { Fingerprint, ModelHost, Spec } from '../model/runs.ts'
import { cases, observe, observeJobs, plansOf } from '../system/observations.ts'
import { samplesOf } from './samples.ts'
import type { EveryName, Observation } from '../system/observations.ts'

// A worker of this name stands for a browser without JavaScript Promise Integration.
if ((globalThis as { name?: string }).name === 'without suspension') {
  delete (WebAssembly as { Suspending?: unknown }).Suspending
  delete (WebAssembly as { promising?: unknown }).promising
}

// By its place, as a page without a bundler names it.
const entry = new URL('../../dist/browser.js', import.meta.url).href
const library = await import(entry) as typeof Library
const { boot, kernels, liveMachine, loadProgram } = library
const planNamed = plansOf(library)

const fetched = new Map<string, Uint8Array>()
const loaded = new Map<string, Program>()

async function fetchProgram (name: string): Promise<Uint8Array> {
  const found = fetched.get(name)
  if (found !== undefined) return found
  const response = await fetch(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))
  if (!response.ok) throw new Error(`${name}.wasm: ${response.status}`)
  const bytes = new Uint8Array(await response.arrayBuffer())
  fetched.set(name, bytes)
  return bytes
}

const here: ModelHost = {
  library,
  program (name) {
    const found = loaded.get(name) ?? loadProgram(here.bytesOf(name), { name })
    loaded.set(name, found)
    return found
  },
  bytesOf: name => fetched.get(name)!,
}

/** One run of the list that Node makes, too. */
async function observed (kernel: EveryName, index: number): Promise<Observation> {
  const given = cases[index]!
  for (const name of [given.args[0]!, ...given.installed ?? []]) await fetchProgram(name)
  return await observe(here, kernel, given)
}

/** The same run, its programs on threads of their own; where they cannot be suspended that is so by itself. */
async function onThreads (kernel: EveryName, index: number): Promise<Observation> {
  const given = cases[index]!
  for (const name of [given.args[0]!, ...given.installed ?? []]) await fetchProgram(name)
  const suspends = 'Suspending' in WebAssembly
  const boots: typeof boot = options => boot(suspends ? { ...options, kernel: library.withWalls(options.kernel, { programs: 'thread' }) } : options)
  return await observe({ ...here, library: { ...library, boot: boots } }, kernel, given)
}

/** Endless loops on threads of their own: whether another answers, and how each ended. */
async function spinsOnThreads (kernel: EveryName): Promise<{ answered: string, signals: (string | null)[] }> {
  const [spin, cat] = [await fetchProgram('spin'), await fetchProgram('cat')]
  await using os = await boot({ kernel: library.withWalls(planNamed[kernel](), { programs: 'thread' }) })
  const spinning = [os.spawn(spin), os.spawn(spin)]
  await Promise.all(spinning.map(process => process.started))
  const { text } = await os.spawn(cat, { args: ['cat'], stdin: 'somebody else' }).output()
  for (const process of spinning) await process.kill('SIGKILL')
  return { answered: text, signals: await Promise.all(spinning.map(async process => (await process.wait()).signal)) }
}

/** What a page that shares no memory is told. */
async function refusedThreads (): Promise<string> {
  try {
    await using os = await boot({ kernel: library.withWalls(kernels.microkernel(), { programs: 'thread' }) })
    return os.kernel.name
  } catch (error) {
    return String(error)
  }
}

/** A run on a model machine that Node makes, too. */
async function modelled (spec: Spec): Promise<Fingerprint> {
  for (const name of needsOf(spec.workload)) await fetchProgram(name)
  return await fingerprint(here, spec)
}

/** The example of jobs, in C and as a task. */
async function jobs (kernel: EveryName): Promise<string[]> {
  const example = await import('../../examples/jobs/jobs.ts')
  const inC = new Uint8Array(await (await fetch(new URL('../../examples/jobs/jobs.wasm', import.meta.url))).arrayBuffer())
  return [await observeJobs(here, kernel, inC), await observeJobs(here, kernel, example.jobs)]
}

interface Preempted {
  readonly answered: string
  readonly timers: number
  readonly exits: readonly Exit[]
  readonly preemptions: number
}

/** Programs that loop for ever, while another answers, timers fire and the page is heard. */
async function preempted (kernel: EveryName, ms: number): Promise<Preempted> {
  const spin = await fetchProgram('spin')
  const cat = await fetchProgram('cat')
  await using os = await boot({ kernel: planNamed[kernel]() })
  const spinning = kernel === 'unikernel' ? [os.spawn(spin)] : [os.spawn(spin), os.spawn(spin), os.spawn(spin)]
  await Promise.all(spinning.map(process => process.started))
  let timers = 0
  const interval = setInterval(() => { timers++ }, 5)
  const answered = kernel === 'unikernel' ? 'nobody else' : (await os.spawn(cat, { args: ['cat'], stdin: 'somebody else' }).output()).text
  await new Promise(resolve => { setTimeout(resolve, ms) })
  clearInterval(interval)
  await Promise.all(spinning.map(process => process.kill('SIGKILL')))
  const exits = await Promise.all(spinning.map(process => process.wait()))
  return { answered, timers, exits, preemptions: os.stats().counters.preemptions }
}

/** As `preempted`, in a browser that has no tasks for turns. */
async function preemptedWithoutTasks (kernel: EveryName, ms: number): Promise<Preempted> {
  Object.defineProperty(globalThis, 'scheduler', { value: undefined })
  return await preempted(kernel, ms)
}

const held: { os: OperatingSystem, processes: Process[] }[] = []

/** Starts programs that wait for input until one is refused; they go on living until `release`. */
async function fill (kernel: EveryName, most: number): Promise<{ live: number, refused: string }> {
  const cat = await fetchProgram('cat')
  const os = await boot({ kernel: planNamed[kernel]() })
  const processes: Process[] = []
  held.push({ os, processes })
  for (; processes.length < most;) {
    const process = os.spawn(cat, { args: ['cat'] })
    try {
      await process.started
    } catch (error) {
      return { live: processes.length, refused: (error as { code?: string }).code ?? String(error) }
    }
    processes.push(process)
  }
  return { live: processes.length, refused: '' }
}

/** Each program that `fill` left answers and ends; how many answered right, and whether one more can be had now. */
async function release (): Promise<{ answered: number, onceMore: string }> {
  const { os, processes } = held.pop()!
  await using closing = os
  const answers = await Promise.all(processes.map(async (process, index) => {
    const writer = process.stdin.getWriter()
    await writer.write(new TextEncoder().encode(`number ${index}`))
    await writer.close()
    const { status, text } = await process.output()
    return status === 0 && text === `number ${index}`
  }))
  const { text } = await closing.spawn(await fetchProgram('hello')).output()
  return { answered: answers.filter(right => right).length, onceMore: text }
}

/** One after the other, many more programs than a page can hold at once; how many ended well. */
async function generations (kernel: EveryName, count: number): Promise<number> {
  const program = await fetchProgram('true')
  await using os = await boot({ kernel: planNamed[kernel]() })
  for (let number = 0; number < count; number++) {
    const { status, message } = await os.spawn(program).output()
    if (status !== 0) throw new Error(`number ${number}: ${message}`)
  }
  return count - os.stats().processes
}

/** The console of a machine: input from a stream that comes in pieces, output to a function and to a stream that is slow. */
async function console (kernel: EveryName): Promise<{ called: string, streamed: string, status: number }> {
  const pieces = ['one\n', '', 'two\n', 'three']
  const stdin = new ReadableStream<Uint8Array>({
    async pull (controller) {
      await new Promise(resolve => { setTimeout(resolve, 10) })
      const piece = pieces.shift()
      if (piece === undefined) controller.close()
      else controller.enqueue(new TextEncoder().encode(piece))
    },
  })
  let called = ''
  let streamed = ''
  const decoder = new TextDecoder()
  const slow = new WritableStream<Uint8Array>({
    async write (bytes) {
      await new Promise(resolve => { setTimeout(resolve, 10) })
      streamed += decoder.decode(bytes, { stream: true })
    },
  })
  const machine = liveMachine({ stdin, stdout: bytes => { called += decoder.decode(bytes) }, stderr: slow })
  const os = await boot({ kernel: planNamed[kernel](), machine })
  const cat = os.spawn(await fetchProgram('cat'), { args: ['cat', '-', '/missing'], stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' })
  const { status } = await cat.wait()
  await os.close()
  await machine.console.flush()
  machine.close()
  return { called, streamed, status }
}

/** What a page does wrong with a console: a function that throws, a stream that is taken already, one that fails. */
async function mistakes (kernel: EveryName): Promise<{ threw: number, reported: string, locked: string, failed: number }> {
  const cat = await fetchProgram('cat')
  const ended = async (options: Parameters<typeof liveMachine>[0]): Promise<number> => {
    const machine = liveMachine(options)
    const os = await boot({ kernel: planNamed[kernel](), machine })
    const { status } = await os.spawn(cat, { args: ['cat'], stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' }).wait()
    await os.close()
    machine.close()
    return status
  }
  let reported = ''
  scope.onerror = message => {
    reported = message
    return true
  }
  const threw = await ended({ stdin: new Blob(['x']).stream(), stdout () { throw new Error('of the page') } })
  await new Promise(resolve => { setTimeout(resolve, 20) })
  scope.onerror = null
  const taken = new ReadableStream<Uint8Array>()
  taken.getReader()
  let locked = ''
  try {
    liveMachine({ stdin: taken })
  } catch (error) {
    locked = String(error)
  }
  const failed = await ended({ stdin: new ReadableStream({ start (controller) { controller.error(new Error('unplugged')) } }) })
  return { threw, reported, locked, failed }
}

/** What a page has not, and is told of. */
async function refusals (): Promise<string[]> {
  const kernel = kernels.monolithic()
  const wishes = [{ shares: [{ hostPath: '/', guestPath: '/' }] }, { console: true }, { shares: [{ hostPath: '/', guestPath: '/' }], machine: liveMachine() }]
  return await Promise.all(wishes.map(wish => boot({ kernel, ...wish }).then(() => 'booted', (error: Error) => error.message)))
}

/** How long the kernel says that a page sleeps, in ms: short sleeps of its timer, one after the other. */
async function sleeps (ms: number, count: number): Promise<number[]> {
  const machine = liveMachine()
  const { clock, timer, interrupts } = machine
  const laps: number[] = []
  await new Promise<void>(resolve => {
    let from = clock.monotonicNs()
    interrupts.connect('timer', () => {
      laps.push((clock.monotonicNs() - from) / 1e6)
      from = clock.monotonicNs()
      if (laps.length === count) resolve()
      else timer.arm(from + ms * 1e6)
    })
    // Nobody runs on it: interrupts come.
    machine.processor.idle(function idle () { machine.processor.idle(idle) })
    timer.arm(from + ms * 1e6)
  })
  machine.close()
  return laps
}

/** Every profile that comes along, drawn from its ranges with so many seeds. */
async function sampledProfiles (seeds: number): Promise<unknown[]> {
  const model = await import(new URL('../../dist/machine/model/index.js', import.meta.url).href) as typeof Model
  return samplesOf(model, seeds)
}

const tasks = {
  sampledProfiles, observed, onThreads, spinsOnThreads, refusedThreads, modelled, jobs, preempted, preemptedWithoutTasks, mistakes, fill, release, generations, console, refusals, sleeps, echo: (value: unknown) => value,
}
export type Tasks = typeof tasks

const scope = globalThis as unknown as {
  onerror: ((message: string) => boolean) | null
  postMessage (message: unknown): void
  onmessage: (event: { data: { id: number, task: keyof Tasks, args: unknown[] } }) => void
}
scope.onmessage = ({ data: { id, task, args } }) => {
  Promise.resolve((tasks[task] as (...args: unknown[]) => unknown)(...args)).then(
    value => scope.postMessage({ id, value }),
    (error: Error) => scope.postMessage({ id, error: error.stack ?? String(error) }))
}
scope.postMessage({ ready: true })
