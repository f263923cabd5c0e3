/** The core as it stands in a system that is traced: a scheduler and a state that tell what they do, and do what those do that do not. */

import { CoreState, schedulerFor } from '../core/index.ts'
import type { AddressSpace, CoreOptions, Scheduler, Thread } from '../core/index.ts'
import type { Wait, WaitQueue } from '../fiber/index.ts'
import type { Machine } from '../machine/index.ts'
import type { Tracer } from './tracer.ts'

export class TracedState extends CoreState {
  readonly #tracer: Tracer

  constructor (tracer: Tracer, machine: Machine, options: CoreOptions) {
    super(machine, { ...options, makeScheduler: (machine, counters, options) => new (traced(schedulerFor(machine), tracer))(machine, counters, options) })
    this.#tracer = tracer
    tracer.attach(this)
  }

  override fault (space: AddressSpace, error: unknown): number {
    this.#tracer.fault(space.label, error)
    return super.fault(space, error)
  }
}

/** A scheduler that tells what it does. */
function traced (Base: typeof Scheduler, tracer: Tracer): typeof Scheduler {
  return class TracedScheduler extends Base {
    protected override occupy (thread: Thread | null): void {
      const left = this.current
      if (left === thread) return
      if (left !== null) tracer.stop(left)
      super.occupy(thread)
      if (thread !== null) tracer.run(thread)
    }

    protected override hostRang (): void {
      tracer.hostRang()
    }

    override switchTo (space: number): void {
      const from = this.space
      super.switchTo(space)
      if (this.space !== from) tracer.switched(from, space)
    }

    override wait (thread: Thread, wait: Wait): void {
      super.wait(thread, wait)
      // Giving way is no wait: whoever does that is ready.
      if (thread.waitsOn !== null) tracer.block(thread, wait)
    }

    override wake (thread: Thread, queue: WaitQueue): void {
      if (thread.state === 'waiting') tracer.wake(thread, queue)
      super.wake(thread, queue)
    }

    override cancel (thread: Thread): void {
      if (thread.state === 'waiting') tracer.wake(thread, null)
      super.cancel(thread)
    }
  }
}
