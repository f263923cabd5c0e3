/** The core as it stands in a system that is traced: a scheduler and a state that tell what they do, and do what those do that do not. */

import { CoreState, Scheduler } from '../core/index.ts'
import type { AddressSpace, CoreOptions, SchedulerOptions, SystemCounters, Thread } from '../core/index.ts'
import type { Wait, WaitQueue } from '../fiber/index.ts'
import type { Machine } from '../machine/index.ts'
import type { Tracer } from './tracer.ts'

export class TracedState extends CoreState {
  readonly #tracer: Tracer

  constructor (tracer: Tracer, machine: Machine, options: CoreOptions) {
    super(machine, { ...options, makeScheduler: (machine, counters, options) => new TracedScheduler(tracer, machine, counters, options) })
    this.#tracer = tracer
    tracer.attach(this)
  }

  override fault (space: AddressSpace, error: unknown): number {
    this.#tracer.fault(space.label, error)
    return super.fault(space, error)
  }
}

class TracedScheduler extends Scheduler {
  readonly #tracer: Tracer

  constructor (tracer: Tracer, machine: Machine, counters: SystemCounters, options: SchedulerOptions) {
    super(machine, counters, options)
    this.#tracer = tracer
  }

  protected override occupy (thread: Thread | null): void {
    const left = this.current
    if (left === thread) return
    if (left !== null) this.#tracer.stop(left)
    super.occupy(thread)
    if (thread !== null) this.#tracer.run(thread)
  }

  protected override hostRang (): void {
    this.#tracer.hostRang()
  }

  override switchTo (space: number): void {
    const from = this.space
    super.switchTo(space)
    if (this.space !== from) this.#tracer.switched(from, space)
  }

  override wait (thread: Thread, wait: Wait): void {
    super.wait(thread, wait)
    // Giving way is no wait: whoever does that is ready.
    if (thread.waitsOn !== null) this.#tracer.block(thread, wait)
  }

  override wake (thread: Thread, queue: WaitQueue): void {
    if (thread.state === 'waiting') this.#tracer.wake(thread, queue)
    super.wake(thread, queue)
  }

  override cancel (thread: Thread): void {
    if (thread.state === 'waiting') this.#tracer.wake(thread, null)
    super.cancel(thread)
  }
}
