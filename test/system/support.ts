// What the system tests share: the programs, the kernels, a tree to work in, and what may not be left behind.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { boot, kernels, loadProgram, presets } from '../../src/index.ts'
import type { BootOptions, OperatingSystem, Program, SpawnOptions } from '../../src/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { Resource } from '../../src/roles/index.ts'
import { install as installBytes, latin1, plansOf } from './observations.ts'
import type { Host, EveryName } from './observations.ts'

export { latin1 }

/** The plan of each, by name. */
export const planNamed = plansOf({ kernels, presets })

export type { EveryName }
export type KernelName = keyof typeof kernels
export const kernelNames = Object.keys(kernels) as KernelName[]
/** The kernels, and the presets that are plans of their own. */
export const everyName = Object.keys(planNamed) as EveryName[]

/** Those in which more than one program can run. */
const runsMany = (name: EveryName): boolean => planNamed[name]().domains.some(domain => domain.programs === 'each')
export const multiprogram = kernelNames.filter(runsMany)
export const everyMultiprogram = everyName.filter(runsMany)

/** The domain in which a service stands, where it is one for all programs. */
export function domainOf (kernel: EveryName, service: string): string {
  return planNamed[kernel]().domains.find(domain => domain.services.includes(service))!.name
}

const loaded = new Map<string, Program>()

/** A program of `programs/`, or of this folder's own, by name. */
export function program (name: string): Program {
  let found = loaded.get(name)
  if (found === undefined) {
    found = loadProgram(bytesOf(name), { name })
    loaded.set(name, found)
  }
  return found
}

export function bytesOf (name: string): Uint8Array {
  for (const folder of ['./programs/wasm/', '../../programs/wasm/']) {
    try {
      return readFileSync(new URL(`${folder}${name}.wasm`, import.meta.url))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
  throw new Error(`there is no program ${name}`)
}

export function start (kernel: EveryName, options: Omit<BootOptions, 'kernel'> = {}): Promise<OperatingSystem> {
  return boot({ kernel: planNamed[kernel](), ...options })
}

/** What a run shows of itself. */
export interface Shown {
  readonly status: number
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. Bytes are shown as latin1, so that no two differ and look alike. */
export async function run (os: OperatingSystem, which: Program | Uint8Array, options: SpawnOptions = {}): Promise<Shown> {
  const { status, signal, stdout, stderr } = await os.spawn(which, { stdin: null, ...options }).output()
  return { status, signal, stdout: latin1(stdout), stderr: latin1(stderr) }
}

/** This host, as runs to be compared are made on it. */
export const here: Host = { library: { boot, kernels, presets }, program, bytesOf }

/** Puts programs into `/bin`, for others to start. */
export function install (os: OperatingSystem, ...names: string[]): Promise<void> {
  return installBytes(os, bytesOf, ...names)
}

/** What a system holds: programs, address spaces, capabilities, bytes of arenas, and descriptors of the host. */
export interface Holdings {
  readonly processes: number
  readonly known: number
  readonly spaces: readonly string[]
  readonly capabilities: Readonly<Record<string, number>>
  readonly arenas: Readonly<Record<string, number>>
  /** Accounts, and what the system's own has of each resource but processor time. */
  readonly accounts: number
  readonly used: readonly number[]
  readonly nextDescriptor: number
  readonly faults: number
}

/** Counts what a system holds, once what was ending has ended and output that nobody reads has been taken over. */
export async function holdings (os: OperatingSystem): Promise<Holdings> {
  for (let last = await countHoldings(os), tries = 0; ; tries++) {
    await sleep(2)
    const now = await countHoldings(os)
    if (isDeepStrictEqual(now, last) || tries === 100) return now
    last = now
  }
}

async function countHoldings (os: OperatingSystem): Promise<Holdings> {
  const system = systemOf(os)
  const { host, state } = system
  const known = await system.run('count processes', function * () {
    const list = yield * settle(host.processes.list())
    return typeof list === 'number' ? list : list.processes.length
  })
  const nextDescriptor = await system.run('count descriptors', function * () {
    const pipe = yield * settle(host.files!.pipe())
    if (typeof pipe === 'number') return pipe
    yield * settle(host.files!.close(pipe.read))
    yield * settle(host.files!.close(pipe.write))
    return pipe.read
  })
  const stats = os.stats()
  const spaces = [...state.spaces.values()]
  return {
    processes: stats.processes,
    known,
    spaces: spaces.map(space => space.label),
    capabilities: Object.fromEntries([...spaces.map(space => [space.label, space.capabilities.size]), ['the core', state.root.size]]),
    arenas: Object.fromEntries(stats.arenas.map(arena => [arena.domain, arena.allocatedBytes])),
    accounts: state.accounts.size,
    used: state.accounts.system.used.map((amount, resource) => resource === Resource.CPU ? 0 : amount),
    nextDescriptor,
    faults: stats.counters.faults,
  }
}

/** Message buffers: a server keeps one for each call that it ever served at once, which may be one more now and then. */
export const MESSAGE_BUFFERS = 8192

/**
 * Asserts that a system holds what it held before; output that is just being taken over has some time to go. An arena may
 * have so many bytes more.
 */
export async function assertHolds (os: OperatingSystem, held: Holdings, spareBytes = 0): Promise<void> {
  const compared = (now: Holdings): Holdings => ({
    ...now,
    arenas: Object.fromEntries(Object.entries(now.arenas).map(([domain, bytes]) => {
      const before = held.arenas[domain] ?? 0
      return [domain, bytes > before && bytes <= before + spareBytes ? before : bytes]
    }))
  })
  for (let tries = 0; tries < 100 && !isDeepStrictEqual(compared(await holdings(os)), held); tries++) await sleep(2)
  assert.deepEqual(compared(await holdings(os)), held)
}

export function sleep (ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms))
}
