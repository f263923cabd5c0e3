/**
 * What a fault may touch: the system from outside, virtual time (or the host's), and chance. Made for one run.
 */

import { WaitQueue } from '../../fiber/index.ts'
import type { Machine } from '../../machine/index.ts'
import type { ModelMachine, Random } from '../../machine/model/index.ts'
import type { System } from '../../link/index.ts'
import type { Arena } from '../../roles/index.ts'

/** The interrupt line by which what was held back goes on. */
const LINE = 'fault'
const MHZ = 1000

export class World {
  readonly system: System
  readonly machine: Machine
  readonly random: Random
  /** The virtual time at which nobody waits any longer; of the live machine the real one. */
  readonly deadlineNs: number
  /** The processor will not be given to anybody any more; why. */
  readonly powerOff: (reason: string) => void
  readonly #service: string
  readonly #due: WaitQueue[] = []

  constructor (parts: { system: System, random: Random, deadlineNs: number, service: string, powerOff: (reason: string) => void }) {
    this.system = parts.system
    this.machine = parts.system.machine
    this.random = parts.random
    this.deadlineNs = parts.deadlineNs
    this.powerOff = parts.powerOff
    this.#service = parts.service
    this.machine.interrupts.connect(LINE, () => { for (const queue of this.#due.splice(0)) queue.wakeAll() })
  }

  get nowNs (): number {
    return this.machine.clock.monotonicNs()
  }

  get modelled (): boolean {
    return this.machine.timing !== null
  }

  /** The domain in which the service runs now: its own, or that of the program in whose it stands. */
  domain (): { readonly label: string, readonly supervisor: boolean, readonly arena: Arena | null } {
    const plan = this.system.wiring.instances.find(({ name }) => name === this.#service)!.domain
    const spaces = [...this.system.state.spaces.values()]
    const own = plan.programs === 'each' ? this.system.programs.thread(this.system.state.scheduler.current?.principal ?? 0)?.home : undefined
    const space = own ?? spaces.find(({ label }) => label === plan.name)!
    return { label: space.label, supervisor: space.id === 0, arena: space.arena }
  }

  /** Takes the processor for so long. */
  burn (ns: number): void {
    const { timing } = this.machine
    if (timing === null) {
      const until = this.nowNs + ns
      while (this.nowNs < until) { /* that is what a loop does */ }
      return
    }
    const from = timing.nowNs
    const loop = timing.occupant('a loop that does not end', false)
    // Instructions are charged, and what they take is the profile's to say.
    while (timing.nowNs < from + ns) timing.work(loop, Math.ceil(Math.max(64, (from + ns - timing.nowNs) * MHZ / 1000)), 0)
  }

  /** Keeps the processor for ever. */
  burnForEver (): void {
    while (this.nowNs < this.deadlineNs) this.burn(1e6)
    this.powerOff('the processor was never given back')
  }

  /** From the moment of the fault on nobody waits longer than to the deadline. */
  limit (tooLate: () => void): void {
    if (this.modelled) (this.machine as ModelMachine).timing.after(Math.max(0, this.deadlineNs - this.nowNs), tooLate)
  }

  /** A queue that is woken in so many ns. */
  after (ns: number): WaitQueue {
    const queue = new WaitQueue('held back')
    const ring = (): void => {
      this.#due.push(queue)
      this.machine.interrupts.raise(LINE)
    }
    if (this.modelled) (this.machine as ModelMachine).timing.after(ns, ring)
    else setTimeout(ring, ns / 1e6)
    return queue
  }
}
