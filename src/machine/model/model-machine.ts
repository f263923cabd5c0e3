/**
 * The model machine: a deterministic machine in virtual time, on a hardware profile.
 *
 * The same kernels stand on it as on the live one. What it is told of work (`timing`) moves the clocks of its processors;
 * timers and devices are events in virtual time; an idle machine jumps to the next. It never asks the host for time or
 * randomness. Same plan, profile, programs, input and seed: the same trace, bit for bit.
 *
 * The host is outside: what it does costs nothing. It is heard when the machine is at rest (nothing runs, no event is to
 * come), when it was told something, and after so much work that it can end what would never rest (TURN_EFFORT). All are
 * points of the run and not of real time: `heard` tells of each, by the number of events before it, so that what came from
 * outside can be recorded and given again where it came.
 */

import { assert } from '../../fiber/index.ts'
import type { Line, Machine, MachineConsole, MachineFolders, MachineInterrupts, MachineMemories, MachineProcessor } from '../machine.ts'
import type { ModelEvent } from './event-queue.ts'
import { modelEntropy } from './entropy.ts'
import { PROCESSORS_MAX } from './limits.ts'
import { ModelTiming } from './model-timing.ts'
import type { Profile } from './profile.ts'
import { Random } from './random.ts'
import type { TraceHash } from './trace-hash.ts'
import { ModelDevice, ModelDisk, ModelLink } from './devices.ts'
import { noConsole } from './console.ts'
import type { ConsoleParts } from './console.ts'
import { noFolders } from '../no-folders.ts'

/** Work between two turns of the host, when the machine does not come to rest before (`ModelTiming.effort`): some 25 ms. */
const TURN_EFFORT = 50_000
/** When a run begins, in ns since 1970, before the offset that the seed draws. */
const EPOCH_NS = 1.6e18
const CLOCK_OFFSET_S_MAX = 1 << 26
/** The interrupt line by which host code says that it has made a thread. */
const HOST_LINE = 'host'

export interface ModelMachineOptions {
  readonly profile: Profile
  /** Virtual processors, 1 to PROCESSORS_MAX. Default 1. */
  readonly processors?: number
  /** What interleavings, device timings and clock offsets are drawn from; 0, the default, draws nothing: first come, first served. */
  readonly seed?: number
  /** Makes the console; `raise` tells of input and room. Default: no input, output goes nowhere. */
  readonly console?: (parts: ConsoleParts) => MachineConsole
  readonly folders?: MachineFolders
  /** What figures of services' cost tables are drawn from, within their ranges. Default: they are what they say. */
  readonly sample?: Random
  /** What is on the disk at first, which is as large. Default: a disk without sectors. */
  readonly disk?: Uint8Array
  /** Takes frames that come out at the other end of the network link. Default: they are lost. */
  readonly received?: (frame: Uint8Array) => void
  /** What the host can hold. */
  readonly addressSpacesMax?: Machine['addressSpacesMax']
  readonly memories?: MachineMemories
  /** Lets the host's event loop run once, then calls `resume`. Default: a turn of the microtask queue. */
  readonly turn?: (resume: () => void) => void
  /**
   * Told whenever the host is about to be heard: after how many events of the trace, and whether the machine is at rest until it
   * says something. When it is not, the machine waits for what is returned.
   */
  readonly heard?: (events: number, atRest: boolean) => void | Promise<void>
  /** Takes the events of the trace. Default: their hash and nothing else. */
  readonly hash?: TraceHash
  /** Makes the processors: for who keeps a ledger of what they are charged. */
  readonly timing?: (...parts: ConstructorParameters<typeof ModelTiming>) => ModelTiming
}

export interface ModelMachine extends Machine {
  readonly timing: ModelTiming
  readonly profile: Profile
  readonly seed: number
  readonly disk: ModelDisk
  readonly link: ModelLink
  /** 16 hexadecimal digits: the same for two runs that did the same at the same time. */
  readonly traceHash: string
}

export function modelMachine (options: ModelMachineOptions): ModelMachine {
  const { profile, processors = 1, seed = 0 } = options
  if (!Number.isInteger(processors) || processors < 1 || processors > PROCESSORS_MAX) {
    throw new RangeError(`a model machine has 1 to ${PROCESSORS_MAX} processors, not ${processors}`)
  }
  const random = new Random(seed)
  const timing = (options.timing ?? ((...parts) => new ModelTiming(...parts)))(profile, processors, seed === 0 ? null : random.split('interleaving'), options.sample ?? null, options.hash)
  const epochNs = EPOCH_NS + (seed === 0 ? 0 : random.split('clock').below(CLOCK_OFFSET_S_MAX) * 1e9)
  const jitter = seed === 0 ? null : random.split('devices')
  const turn = options.turn ?? (resume => { void Promise.resolve().then(resume) })

  // ---- interrupts

  const handlers = new Map<Line, () => void>()
  const pending = new Map<Line, number>()
  let closed = false
  let resumeIdle: (() => void) | null = null
  let nextTurn = TURN_EFFORT

  function raise (line: Line): void {
    if (closed || !handlers.has(line)) return
    // What the host raises is no interrupt of the modelled hardware: it lets an idle processor go on.
    if (line !== HOST_LINE && !pending.has(line)) pending.set(line, timing.nowNs)
    wakeIdle()
  }

  /** Something came from outside to a machine at rest. Not at once: whoever tells of it may be on the kernel's stack. */
  function wakeIdle (): void {
    if (resumeIdle === null || timing.masked) return
    const resume = resumeIdle
    resumeIdle = null
    turn(() => { if (!closed) resume() })
  }

  /** Takes what has come up to the time of processor 0, in its order. */
  function deliver (): void {
    if (timing.masked) return
    const limit = timing.timeOf(0)
    while (timing.nextEventNs <= limit) {
      const event = timing.events.take()!
      const happen = event.happen!
      event.happen = null
      timing.select(0)
      atNs = event.atNs
      happen()
    }
    atNs = -1
    for (const [line, at] of pending) {
      pending.delete(line)
      timing.interrupt(at, handlers.get(line)!)
    }
  }

  /** When the event that happens now happens; -1 between events. */
  let atNs = -1

  /** A device or timer raises a line at the instant of the event that happens now. */
  function raiseNow (line: Line): void {
    const handler = handlers.get(line)
    if (handler !== undefined) timing.interrupt(atNs < 0 ? timing.nowNs : atNs, handler)
  }

  const interrupts: MachineInterrupts = {
    connect (line, handler) {
      assert(!handlers.has(line), `the line ${line} has a handler`)
      handlers.set(line, handler)
    },
    raise,
    mask () { timing.masked = true },
    unmask () {
      timing.masked = false
      if (pending.size > 0 || timing.nextEventNs < Infinity) wakeIdle()
    },
    deliver
  }

  // ---- clock and timer

  const { resolutionNs } = profile.timer
  const clock = {
    monotonicNs: () => timing.nowNs,
    realtimeNs: () => epochNs + Math.floor(timing.nowNs),
    resolutionNs
  }
  let armed: ModelEvent | null = null
  const timer = {
    arm (deadlineNs: number) {
      if (armed !== null) timing.events.cancel(armed)
      armed = null
      if (deadlineNs === Infinity) return
      const due = Math.max(timing.nowNs, Math.ceil(deadlineNs / resolutionNs) * resolutionNs)
      armed = timing.events.add(due + (jitter === null ? 0 : jitter.below(Math.max(1, Math.floor(resolutionNs)))), () => {
        armed = null
        raiseNow('timer')
      })
    }
  }

  // ---- processor

  const processor: MachineProcessor = {
    idle (resume) {
      if (closed) return
      resumeIdle = resume
      if (pending.size > 0) wakeIdle()
      void options.heard?.(timing.hash.events, true)
    },
    giveWayDue: () => timing.effort >= nextTurn,
    giveWay (resume) {
      nextTurn = timing.effort + TURN_EFFORT
      if (closed) return
      const wait = options.heard?.(timing.hash.events, false)
      if (wait === undefined) turn(() => { if (!closed) resume() })
      else void wait.then(() => { turn(() => { if (!closed) resume() }) })
    },
    switchTo (space) { timing.switchTo(space) },
    map () {},
    unmap () {}
  }

  const device = (name: 'disk' | 'link'): ModelDevice => new ModelDevice(name, timing, profile.devices[name], jitter, () => { raiseNow(name) })
  const console = options.console?.({ timing, raise: raiseNow, wake: wakeIdle, profile }) ?? noConsole
  return {
    name: `model:${profile.name}`,
    profile, seed, timing, clock, timer, interrupts, processor, console,
    get traceHash () { return timing.hash.value },
    disk: new ModelDisk(device('disk'), options.disk ?? new Uint8Array(0)),
    link: new ModelLink(device('link'), options.received ?? (() => {})),
    doorbells: { connect () {}, ring () {} },
    entropy: modelEntropy(random.split('entropy')),
    folders: options.folders ?? noFolders,
    memories: options.memories ?? { available: () => true, take () {}, give () {} },
    places: null,
    addressSpacesMax: options.addressSpacesMax ?? { value: 4096, reason: 'the model machine holds so many' },
    get closed () { return closed },
    setClock (monotonicNs) {
      const { processor } = timing
      for (let number = 0; number < processors; number++) {
        timing.select(number)
        if (timing.nowNs < monotonicNs) timing.idleUntil(monotonicNs)
      }
      timing.select(processor)
    },
    close () {
      closed = true
      resumeIdle = null
      pending.clear()
      timing.events.clear()
    }
  }
}
