/**
 * The clock service: the machine's two clocks, and sleepers on its one timer.
 *
 * Instants are whole ns, rounded down, so that a clock never shows an instant before it has come.
 * A sleep until an instant of the real time looks at that clock again every RECHECK_NS, since it can be set meanwhile.
 * The clocks of processor time give -EINVAL: no account of a program's time reaches this service, and the time that
 * passed is another thing.
 */

import { Errno } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { ClockId, SLEEPERS_MAX } from '../../roles/index.ts'
import type { Clock } from '../../roles/index.ts'
import type { Devices } from '../../machine/index.ts'
import { Sleeper, Sleepers } from './sleepers.ts'

export type ClockDevices = Pick<Devices, 'clock' | 'timer' | 'interrupts'>

const RECHECK_NS = 1e9
/** Digits of a double. */
const MANTISSA_BITS = 52

export class ClockService implements Clock {
  readonly #devices: ClockDevices
  readonly #sleepers = new Sleepers()
  /** What the timer is set to. */
  #armedNs = Infinity

  constructor (devices: ClockDevices) {
    this.#devices = devices
    devices.interrupts.connect('timer', () => this.#wakeDue())
  }

  now (clock: number): number {
    if (clock === ClockId.MONOTONIC) return Math.floor(this.#devices.clock.monotonicNs())
    return clock === ClockId.REALTIME ? Math.floor(this.#devices.clock.realtimeNs()) : -Errno.EINVAL
  }

  /** The real time is never finer than the doubles that carry it. */
  resolution (clock: number): number {
    const { resolutionNs } = this.#devices.clock
    if (clock === ClockId.MONOTONIC) return Math.ceil(resolutionNs)
    if (clock !== ClockId.REALTIME) return -Errno.EINVAL
    return Math.ceil(Math.max(resolutionNs, 2 ** (Math.floor(Math.log2(this.now(clock))) - MANTISSA_BITS)))
  }

  sleepUntil (clock: number, deadlineNs: number): Eventual<number> {
    const now = this.now(clock)
    if (now < 0 && clock !== ClockId.REALTIME || Number.isNaN(deadlineNs)) return -Errno.EINVAL
    if (now >= deadlineNs) return 0
    return this.#sleepers.size < SLEEPERS_MAX ? this.#sleep(clock, deadlineNs) : -Errno.EAGAIN
  }

  * #sleep (clock: number, deadlineNs: number): Fiber<number> {
    const sleeper = new Sleeper()
    try {
      for (;;) {
        const leftNs = deadlineNs - this.now(clock)
        if (leftNs <= 0) return 0
        sleeper.deadlineNs = this.now(ClockId.MONOTONIC) + (clock === ClockId.REALTIME ? Math.min(leftNs, RECHECK_NS) : leftNs)
        this.#sleepers.add(sleeper)
        this.#arm()
        yield sleeper.queue
        this.#sleepers.remove(sleeper)
      }
    } finally {
      this.#sleepers.remove(sleeper)
      this.#arm()
    }
  }

  #wakeDue (): void {
    this.#armedNs = Infinity
    const now = this.#devices.clock.monotonicNs()
    for (let first = this.#sleepers.first; first !== undefined && first.deadlineNs <= now; first = this.#sleepers.first) {
      this.#sleepers.remove(first)
      first.queue.wakeAll()
    }
    this.#arm()
  }

  #arm (): void {
    const deadlineNs = this.#sleepers.first?.deadlineNs ?? Infinity
    if (deadlineNs === this.#armedNs) return
    this.#armedNs = deadlineNs
    this.#devices.timer.arm(deadlineNs)
  }
}
