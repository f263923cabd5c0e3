// Runs on model machines whose traces are compared: between processes, hosts, and one after the other. It names no host, so that
// a page can make the same runs (test/browser).

import type * as Library from 'kaleidos/browser'
import type { ModelMachine, OperatingSystem, Program, Task } from 'kaleidos/browser'
import { cases, observe, plansOf } from '../system/observations.ts'
import type { EveryName, Host } from '../system/observations.ts'

export interface ModelHost extends Host {
  readonly library: Pick<typeof Library, 'boot' | 'kernels' | 'presets' | 'modelMachine'>
}

/** What a run depends on. */
export interface Spec {
  readonly workload: string
  readonly kernel: EveryName
  readonly processors: number
  readonly seed: number
  readonly profile: string
}

/** What came of it. Data alone. */
export interface Fingerprint {
  readonly hash: string
  readonly events: number
  readonly ns: number
  /** What the programs showed: the same for every seed. */
  readonly result: string
}

type Workload = (os: OperatingSystem, host: ModelHost) => Promise<string>

const text = (bytes: Uint8Array): string => Array.from(bytes, byte => String.fromCharCode(byte)).join('')

async function shown (os: OperatingSystem, program: Program, args: readonly string[], stdin: string | null = null): Promise<string> {
  const { status, signal, stdout } = await os.spawn(program, { args, stdin }).output()
  return `${args.join(' ')}: ${signal ?? status} ${text(stdout).slice(0, 400)}`
}

/** Tasks at once that sleep, draw, write to and read from pipes, and end each other. */
const plumbers: Task = async calls => {
  const pipe = await calls.pipe()
  let order = ''
  const worker = (number: number): Task => async own => {
    for (let turn = 0; turn < 3; turn++) {
      await own.sleep((number * 7 + turn * 3) % 5 + 1)
      await own.write(1, `${number}`)
    }
    return number
  }
  const children: number[] = []
  for (let number = 1; number <= 4; number++) children.push(await calls.spawn(worker(number), { descriptors: [0, pipe.write, 2] }))
  const endless = await calls.spawn(own => own.sleep(1e9))
  await calls.close(pipe.write)
  for await (const chunk of calls.chunks(pipe.read)) order += text(chunk)
  await calls.kill(endless, 'SIGTERM')
  const ends = await Promise.all([...children, endless].map(process => calls.wait(process)))
  await calls.random(16)
  await calls.print(`${[...order].sort().join('')} ${ends.map(end => end.signal ?? end.status).join(' ')}`)
}

const crowd: Workload = async (os, host) => {
  const [primes, trap, heap, spin, sort] = ['primes', 'trap', 'heap', 'spin', 'sort'].map(name => host.program(name)) as [Program, Program, Program, Program, Program]
  const loop = os.spawn(spin, { args: ['spin'], stdin: null })
  const all = await Promise.all([
    shown(os, primes, ['primes', '3000', '2']), shown(os, trap, ['trap', 'divide']), shown(os, heap, ['heap', '200', '7']),
    shown(os, sort, ['sort'], 'b\na\nc\n'), shown(os, primes, ['primes', '1000', '1'])
  ])
  await loop.kill('SIGTERM')
  return [...all, (await loop.wait()).signal].join('\n')
}

const limited: Workload = async (os, host) => {
  const { status, text: said } = await os.spawn(host.program('grow'), { args: ['grow'], stdin: null, limits: { memoryBytes: 5 * 2 ** 20 } }).output()
  const { signal } = await os.spawn(host.program('spin'), { args: ['spin'], stdin: null, limits: { cpuTimeMs: 3 } }).output()
  return `${status} ${said} ${signal}`
}

const own: Readonly<Record<string, { readonly needs: readonly string[], readonly run: Workload }>> = {
  plumbers: { needs: [], run: async os => (await os.spawn(plumbers, { stdin: null }).output()).text },
  crowd: { needs: ['primes', 'trap', 'heap', 'spin', 'sort'], run: crowd },
  limited: { needs: ['grow', 'spin'], run: limited }
}

/** Runs of `observations.ts`, each by its words. */
const observed = ['find /tree', 'sort /tree/lines', 'recurse', 'calls', 'trap memory', 'grow 6', 'family /bin/family /bin/spin', 'pair /bin/pingpong 20 2',
  'pipeline /bin/bytes 300000 -- /bin/cat -- /bin/sha256sum', 'spawns /bin/true 5 2', 'pour /bin/pour 65536 20 2']

export const workloads: readonly string[] = [...Object.keys(own), ...observed]

function caseOf (workload: string): typeof cases[number] {
  return cases.find(({ args }) => args.join(' ') === workload)!
}

/** Programs that a workload takes, by name. */
export function needsOf (workload: string): readonly string[] {
  const mine = own[workload]
  if (mine !== undefined) return mine.needs
  const { args, installed = [] } = caseOf(workload)
  return [args[0]!, ...installed]
}

/** Whether a kernel that runs one program can run it. */
export function isAlone (workload: string): boolean {
  return own[workload] === undefined && caseOf(workload).installed === undefined
}

export async function fingerprint (host: ModelHost, { workload, kernel, processors, seed, profile }: Spec): Promise<Fingerprint> {
  const { boot, modelMachine } = host.library
  const machine: ModelMachine = modelMachine({ profile, processors, seed })
  try {
    const result = own[workload] === undefined
      ? JSON.stringify(await observe({ ...host, library: { ...host.library, boot: options => boot({ ...options, machine }) } }, kernel, caseOf(workload)))
      : await withSystem(await boot({ kernel: plansOf(host.library)[kernel](), machine }), os => own[workload]!.run(os, host))
    return { hash: machine.traceHash, events: machine.timing.hash.events, ns: machine.timing.latestNs, result }
  } finally {
    machine.close()
  }
}

async function withSystem<T> (os: OperatingSystem, use: (os: OperatingSystem) => Promise<T>): Promise<T> {
  try {
    return await use(os)
  } finally {
    await os.close()
  }
}

const processorCounts = [1, 2, 4, 16]
const profileNames = ['skylake', 'pentium', 'cortex-a53', 'riscv-u54']

/** So many runs, no two the same: each with a seed of its own, over all workloads, kernels, counts of processors. */
export function specs (count: number, kernelNames: readonly EveryName[], multiprogram: readonly EveryName[], firstSeed = 0): Spec[] {
  return Array.from({ length: count }, (_, at) => {
    const workload = workloads[at % workloads.length]!
    const among = isAlone(workload) ? kernelNames : multiprogram
    const round = Math.floor(at / workloads.length)
    return {
      workload, kernel: among[(at + round) % among.length]!, processors: processorCounts[(round + at) % 4]!, seed: firstSeed + at,
      profile: profileNames[Math.floor(round / 4) % 4]!
    }
  })
}
