/**
 * One run of the workload on a system of its own: without a fault, to know what is right and which calls are made; or with one.
 *
 * The run is over when every program has ended, when nothing more can happen (the machine rests), or when it is too late. Then
 * the watcher reads what is in the tree, as any later reader would, and leaves the system as it is: one that is broken need not be
 * able to close.
 */

import { createHash } from 'node:crypto'
import { Ending, INIT } from '../../roles/index.ts'
import type { BootOptions, ModelMachine, ModelOptions, OperatingSystem, Process, Program } from '../../os/index.ts'
import { systemOf } from '../../os/index.ts'
import type { Plan, System } from '../../link/index.ts'
import type { Machine } from '../../machine/index.ts'
import { Random } from '../../machine/model/index.ts'
import type { Aim } from './effects.ts'
import { Interposer } from './interposer.ts'
import type { Site } from './interposer.ts'
import { ARENA_BYTES_MAX, RECORD_BYTES_MAX } from './limits.ts'
import { SOCKET, SOCKET_BYTES, expectedBytes, installed, ownerOf, partsFor, spawnOptions } from './workload.ts'
import type { Part } from './workload.ts'
import { World } from './world.ts'
import type { PartSeen, Seen } from './watcher.ts'

/** What is taken of the library. */
export interface FaultLibrary {
  boot (options: BootOptions): Promise<OperatingSystem>
  modelMachine (options: ModelOptions): ModelMachine
  liveMachine (options: { shares: [] }): Machine
}

/** Where a fault acts: at the call of this number, from 0, among those that fit. */
export interface Injection {
  readonly service: string
  readonly aim: Aim
  readonly at: number
  /** What the fault itself draws. */
  readonly seed: number
}

export interface Order {
  readonly plan: Plan
  /** `model:NAME`, or `live`. */
  readonly machine: string
  /** Which workload, and which interleaving. */
  readonly baseline: number
  readonly deadlineNs: number
  readonly injection: Injection | null
}

/** What happened at the place of the fault. */
export interface Struck {
  /** Since the first program's start. */
  readonly atNs: number
  readonly domain: string
  readonly site: string
  /** The part on whose behalf the call was made; null for nobody's. */
  readonly part: string | null
  /** Until the first call of the service that began after it and came to something; null when none did. */
  readonly recoveryNs: number | null
}

/** How often a call was made, by where. */
export type SiteCounts = ReadonlyMap<string, { readonly site: Site, count: number }>

export interface Run {
  readonly seen: Seen
  readonly struck: Struck | null
  readonly traceHash: string
  readonly events: number
  /** Of a run without a fault: the calls on behalf of programs, and by part which services were called. */
  readonly sites: SiteCounts
  readonly bases: ReadonlyMap<string, ReadonlySet<string>>
}

/** The plan as campaigns have it: arenas that end. */
export function boundedPlan (plan: Plan): Plan {
  return { ...plan, domains: plan.domains.map(domain => domain.programs === 'each' ? domain : { ...domain, arenaBytesMax: Math.min(domain.arenaBytesMax ?? Infinity, ARENA_BYTES_MAX) }) }
}

export class FaultRun {
  readonly #library: FaultLibrary
  readonly #programs: ReadonlyMap<string, { readonly program: Program, readonly bytes: Uint8Array }>
  readonly #order: Order
  readonly #parts: readonly Part[]
  readonly #interposer: Interposer
  readonly #machine: Machine
  readonly #started = new Map<string, number>()
  readonly #ends = new Map<number, { readonly kind: number, readonly code: number }>()
  readonly #sites = new Map<string, { readonly site: Site, count: number }>()
  /** Services called on behalf of a process. */
  readonly #called = new Map<number, Set<string>>()
  readonly #settled = Promise.withResolvers<void>()
  #system: System | null = null
  #world: World | null = null
  #reading = Promise.withResolvers<never>()
  #points = 0
  #over = false
  #beganNs = 0
  #endedNs = 0
  #fitting = 0
  /** When who reads or waits is stuck. */
  #lateNs = Infinity
  #strike: { atNs: number, domain: string, site: string, principal: number, recoveryNs: number | null } | null = null
  #stopped: string | null = null
  #printed = ''

  constructor (library: FaultLibrary, programs: ReadonlyMap<string, { readonly program: Program, readonly bytes: Uint8Array }>, order: Order) {
    this.#library = library
    this.#programs = programs
    this.#order = order
    this.#parts = partsFor(order.plan, order.baseline)
    this.#reading.promise.catch(() => {})
    const { injection } = order
    this.#interposer = new Interposer(
      injection === null ? (site, call, args) => this.#count(site, call, args) : (site, call, args) => this.#interpose(injection, site, call, args),
      service => injection === null || service === injection.service,
      (badge, kind, code) => { this.#ended(badge, kind, code) })
    this.#machine = this.#makeMachine()
  }

  async run (): Promise<Run> {
    const { plan } = this.#order
    try {
      const os = await this.#library.boot({
        kernel: plan, machine: this.#machine, program: this.#programs.get('check')!.program,
        decorate: this.#interposer.decorate, decorateServed: this.#interposer.decorateServed, decorateDevice: this.#interposer.decorateDevice
      })
      this.#system = systemOf(os)
      this.#system.state.onPanic = (told => (reason: string) => {
        told(reason)
        this.stop(`panic: ${reason}`)
      })(this.#system.state.onPanic)
      this.#prepareWorld()
      if (this.#parts.length > 1) for (const { path, name } of installed) await os.install(path, this.#programs.get(name)!.bytes)
      await this.#workload(os)
      const elapsedNs = (this.#endedNs === 0 ? this.#machine.clock.monotonicNs() : this.#endedNs) - this.#beganNs
      const tree = await this.#readTree(os)
      return this.#result(tree, elapsedNs)
    } finally {
      this.#machine.close()
    }
  }

  #makeMachine (): Machine {
    const { machine, baseline } = this.#order
    if (machine === 'live') return this.#library.liveMachine({ shares: [] })
    return this.#library.modelMachine({
      profile: machine.replace(/^model:/, ''), seed: baseline + 1,
      stdout: bytes => { this.#printed += new TextDecoder('latin1').decode(bytes) },
      heard: (_events, atRest) => { this.#heard(atRest) }
    })
  }

  #prepareWorld (): void {
    const { injection, deadlineNs } = this.#order
    if (injection === null) return
    this.#world = new World({
      system: this.#system!, random: new Random(injection.seed).split('fault'), service: injection.service,
      deadlineNs: this.#machine.clock.monotonicNs() + deadlineNs,
      powerOff: reason => {
        this.#system!.state.scheduler.halt()
        this.stop(reason)
      }
    })
  }

  // ---- the workload, and its end

  async #workload (os: OperatingSystem): Promise<void> {
    const [witness, ...others] = this.#parts as [Part, ...Part[]]
    this.#beganNs = this.#machine.clock.monotonicNs()
    // The witness runs before anything can go wrong.
    if (others.length === 0) this.#interposer.armed = true
    await this.#start(os, witness)
    this.#interposer.armed = true
    const starts = others.map(part => this.#start(os, part))
    const late = this.#order.machine === 'live' ? setTimeout(() => { this.#settle() }, this.#order.deadlineNs / 1e6) : null
    void Promise.all(starts).then(() => { this.#whole() })
    await this.#settled.promise
    if (late !== null) clearTimeout(late)
    this.#over = true
    this.#interposer.armed = false
  }

  async #start (os: OperatingSystem, part: Part): Promise<void> {
    try {
      const process = os.spawn(this.#programs.get('check')!.program, spawnOptions(part))
      this.#started.set(part.name, await started(process))
      if (part.serves) void this.#connect(os, part).catch(() => {})
    } catch {
      this.#started.set(part.name, -1)
    }
  }

  /** The other end of the part that serves: it sends what that expects, and takes what comes back. */
  async #connect (os: OperatingSystem, part: Part): Promise<void> {
    const { readable, writable } = await os.connect(SOCKET)
    const writer = writable.getWriter()
    const reader = readable.getReader()
    const half = SOCKET_BYTES / 2
    for (const from of [0, half]) {
      await writer.write(expectedBytes(part.seed, 6, from, half))
      for (let got = 0; got < half;) {
        const { value, done } = await reader.read()
        if (done) return
        got += value.length
      }
    }
  }

  #ended (badge: number, kind: number, code: number): void {
    this.#ends.set(badge, { kind, code })
    this.#whole()
  }

  /** Whether all has come to its end. */
  #whole (): void {
    if (this.#over || this.#started.size < this.#parts.length) return
    if ([...this.#started.values()].every(badge => badge < 0 || this.#ends.has(badge))) {
      this.#endedNs = this.#machine.clock.monotonicNs()
      this.#settle()
    }
  }

  /** The system has stopped as a whole. */
  stop (reason: string): void {
    this.#stopped ??= reason
    this.#settle()
  }

  #settle (): void {
    this.#settled.resolve()
    if (this.#over) this.#reading.reject(new Error('nobody answers'))
  }

  /** The machine hears its host: whether it rests and nobody has anything to say, or it is too late. */
  #heard (atRest: boolean): void {
    const points = ++this.#points
    if (atRest) {
      setImmediate(() => setImmediate(() => { if (points === this.#points) this.#settle() }))
    } else if (this.#machine.clock.monotonicNs() > this.#lateNs) this.#tooLate()
  }

  /** Who has not come to an end by now is stuck; what can be read is read before as much time has passed again. */
  #tooLate (): void {
    if (this.#over) this.#machine.close()
    this.#lateNs = this.#machine.clock.monotonicNs() + this.#order.deadlineNs
    this.#settle()
  }

  // ---- calls at the service

  #count (site: Site, call: (...args: unknown[]) => unknown, args: unknown[]): unknown {
    const principal = this.#principal()
    if (principal !== INIT) {
      const key = `${site.service} ${site.kind} ${site.of} ${site.operation}`
      const known = this.#sites.get(key)
      if (known === undefined) this.#sites.set(key, { site, count: 1 })
      else known.count++
      if (site.kind === 'served') {
        const called = this.#called.get(principal)
        if (called === undefined) this.#called.set(principal, new Set([site.service]))
        else called.add(site.service)
      }
    }
    return call(...args)
  }

  #interpose ({ aim, at }: Injection, site: Site, call: (...args: unknown[]) => unknown, args: unknown[]): unknown {
    if (this.#principal() === INIT) return call(...args)
    const strike = this.#strike
    const fits = site.kind === aim.site && aim.fits(site)
    const number = fits ? this.#fitting++ : -1
    if (fits && (number === at || (number > at && number <= at + (aim.lasting ?? 0)))) {
      const world = this.#world!
      if (strike === null) {
        this.#lateNs = world.deadlineNs
        world.limit(() => { this.#tooLate() })
        this.#strike = { atNs: world.nowNs, domain: world.domain().label, site: `${site.kind} ${site.of}.${site.operation}`, principal: this.#principal(), recoveryNs: null }
      }
      return aim.act(call, args, site, world)
    }
    if (strike === null || strike.recoveryNs !== null || site.kind === 'asked' || site.kind === 'device') return call(...args)
    const result = call(...args)
    if (typeof result === 'number' ? result >= 0 : typeof result === 'object' && result !== null && !('next' in result)) strike.recoveryNs = this.#machine.clock.monotonicNs() - strike.atNs
    return result
  }

  #principal (): number {
    return this.#system!.state.scheduler.current?.principal ?? 0
  }

  // ---- what is left

  /** What is in the tree, by path; null for what cannot be read. Read as the host, through the system. */
  async #readTree (os: OperatingSystem): Promise<ReadonlyMap<string, string | null> | null> {
    if (this.#stopped !== null) return null
    const late = this.#order.machine === 'live' ? setTimeout(() => { this.#settle() }, this.#order.deadlineNs / 1e6) : null
    const tree = new Map<string, string | null>()
    const answered = <T> (reading: Promise<T>): Promise<T> => Promise.race([reading, this.#reading.promise])
    const folder = async (path: string): Promise<void> => {
      for (const entry of await answered(os.fs.entries(path === '' ? '/' : path))) {
        const place = `${path}/${entry.name}`
        if (ownerOf(this.#parts, place) === null) continue
        try {
          if (entry.type === 'directory') {
            tree.set(place, 'directory')
            await folder(place)
          } else if (entry.type === 'symlink') tree.set(place, `→ ${await answered(os.fs.readlink(place))}`)
          else tree.set(place, await answered(os.fs.stat(place)).then(({ size }) => size > RECORD_BYTES_MAX ? `${size} bytes` : answered(os.fs.readFile(place)).then(digest)))
        } catch {
          tree.set(place, null)
        }
      }
    }
    try {
      await folder('')
      return tree
    } catch {
      return null
    } finally {
      if (late !== null) clearTimeout(late)
    }
  }

  #result (tree: ReadonlyMap<string, string | null> | null, elapsedNs: number): Run {
    const { state } = this.#system!
    const parts = this.#parts.map(part => this.#seen(part, tree))
    const byBadge = new Map([...this.#started].map(([name, badge]) => [badge, name]))
    const strike = this.#strike
    const children = this.#parts.filter(({ name }) => name === 'relay' || name === 'child').map(({ name }) => name)
    const bases = new Map<string, Set<string>>(this.#parts.map(({ name }) => [name, new Set()]))
    for (const [badge, services] of this.#called) {
      for (const name of byBadge.has(badge) ? [byBadge.get(badge)!] : badge === 0 ? [] : children) for (const service of services) bases.get(name)!.add(service)
    }
    const { timing } = this.#machine
    return {
      seen: {
        parts, stopped: this.#stopped,
        dead: [...state.spaces.values()].filter(space => !space.alive).map(space => space.label),
        faults: state.counters.faults, elapsedNs
      },
      struck: strike === null ? null : {
        atNs: strike.atNs - this.#beganNs, domain: strike.domain, site: strike.site, recoveryNs: strike.recoveryNs,
        part: byBadge.get(strike.principal) ?? null
      },
      traceHash: timing === null ? '' : (this.#machine as ModelMachine).traceHash,
      events: timing === null ? 0 : (this.#machine as ModelMachine).timing.hash.events,
      sites: this.#sites, bases
    }
  }

  #seen (part: Part, tree: ReadonlyMap<string, string | null> | null): PartSeen {
    const badge = this.#started.get(part.name) ?? -1
    const end = this.#ends.get(badge)
    return {
      name: part.name,
      state: badge < 0 ? 'not started' : end === undefined ? 'stuck' : end.kind === Ending.EXIT ? 'ended' : 'killed',
      status: end?.code ?? -1,
      left: this.#left(part, tree)
    }
  }

  #left (part: Part, tree: ReadonlyMap<string, string | null> | null): Readonly<Record<string, string>> | null {
    const left: Record<string, string> = {}
    if (part.name === 'files' || part.name === 'names' || part.name === 'alone') {
      if (tree === null) return null
      for (const [path, contents] of tree) {
        if (ownerOf(this.#parts, path) !== part) continue
        if (contents === null) return null
        left[path] = contents
      }
    }
    if (part.prints) left['console'] = this.#printed
    return left
  }
}

/** Its number, once it runs. */
function started (process: Process): Promise<number> {
  process.wait().catch(() => {})
  return process.started
}

function digest (bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16)
}
