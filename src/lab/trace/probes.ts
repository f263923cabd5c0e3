/**
 * Probes: readings of the clock at both ends of gates, on both sides, and nothing else, so that what they add is small and the same
 * for each. They time calls that need not wait; what a call waits for and what it counts is the trace's to tell.
 *
 * Off the kernel's path each call is found again in the order of readings, and the time between two of them given to the step
 * that was under way: the same steps in the same order as a `CallMeter` finds.
 */

import type { Decorator, GateInfo } from '../../link/index.ts'
import { isFiber } from '../../fiber/index.ts'
import { shapeKey } from './call-meter.ts'
import type { StepKind } from './call-meter.ts'

/** Readings that are kept; calls beyond are not timed. */
const READINGS_MAX = 1 << 20

type Call = (...args: unknown[]) => unknown
type Point = 'call' | 'enter' | 'leave' | 'return' | 'waits'
interface Probe extends Pick<GateInfo, 'from' | 'to' | 'gate'> { readonly point: Point, readonly operation: string }

/** Calls that took the same way: ns between two readings, of each call, by step. */
export interface TimedShape {
  readonly key: string
  /** The step of each time between two readings. */
  readonly steps: readonly number[]
  /** By time between two readings, of each call. */
  readonly ns: readonly number[][]
}

export class Probes {
  readonly #call: string
  /** Whether only the whole call is timed, and nothing within it. */
  readonly #outermost: boolean
  readonly #probes: Probe[] = []
  readonly #times = new Float64Array(READINGS_MAX)
  readonly #which = new Uint16Array(READINGS_MAX)
  #count = 0

  constructor (call: string, outermost: boolean) {
    this.#call = call
    this.#outermost = outermost
  }

  readonly decorate: Decorator = (stubs, info) =>
    this.#outermost && info.from !== 'programs' ? stubs : this.#around(stubs, info, 'call', 'return')

  readonly decorateServed: Decorator = (implementation, info) => this.#outermost ? implementation : this.#around(implementation, info, 'enter', 'leave')

  #around (stubs: Parameters<Decorator>[0], info: GateInfo, first: Point, last: Point): ReturnType<Decorator> {
    const around: Record<string, Call> = {}
    for (const [operation, { parameters }] of Object.entries(info.role.operations)) {
      const call = stubs[operation] as Call
      const [begin, end, waits] = [first, last, 'waits' as const].map(point => this.#probe(info, operation, point))
      around[operation] = parameters.length <= 4
        ? (a, b, c, d) => {
            this.#read(begin!)
            const result = call.call(stubs, a, b, c, d)
            this.#read(typeof result === 'number' || !isFiber(result) ? end! : waits!)
            return result
          }
        : (a, b, c, d, e, f, g, h, i, j, k, l) => {
            this.#read(begin!)
            const result = call.call(stubs, a, b, c, d, e, f, g, h, i, j, k, l)
            this.#read(typeof result === 'number' || !isFiber(result) ? end! : waits!)
            return result
          }
    }
    return around as ReturnType<Decorator>
  }

  #probe ({ from, to, gate }: GateInfo, operation: string, point: Point): number {
    // One for each gate, however many programs have it.
    const same = this.#probes.findIndex(other => other.from === from && other.to === to && other.gate === gate && other.operation === operation && other.point === point)
    return same >= 0 ? same : this.#probes.push({ from, to, gate, operation, point }) - 1
  }

  #read (probe: number): void {
    if (this.#count === READINGS_MAX) return
    this.#which[this.#count] = probe
    this.#times[this.#count++] = performance.now()
  }

  /** The calls that were made, without the first that meet cold code. */
  shapes (cold: number): TimedShape[] {
    const shapes = new Map<string, TimedShape & { readonly ns: number[][] }>()
    for (let at = 0; at < this.#count; at++) {
      const probe = this.#probes[this.#which[at]!]!
      if (probe.from !== 'programs' || probe.operation !== this.#call || probe.point !== 'call') continue
      const end = this.#end(at)
      if (end < 0) continue
      const codes = this.#which.subarray(at, end + 1).join()
      let shape = shapes.get(codes)
      if (shape === undefined) {
        shape = { ...this.#steps(at, end), ns: Array.from({ length: end - at }, () => []) }
        shapes.set(codes, shape)
      }
      for (let reading = at; reading < end; reading++) shape.ns[reading - at]!.push((this.#times[reading + 1]! - this.#times[reading]!) * 1e6)
      at = end
    }
    return [...shapes.values()].map(({ ns, ...shape }) => ({ ...shape, ns: ns.map(times => times.slice(Math.floor(times.length * cold))) }))
  }

  /** Where a call ends that begins here; -1 where it waits, or the readings end. */
  #end (from: number): number {
    for (let at = from, depth = 0; at < this.#count; at++) {
      const { point } = this.#probes[this.#which[at]!]!
      if (point === 'waits') return -1
      depth += point === 'call' || point === 'enter' ? 1 : -1
      if (depth === 0) return at
    }
    return -1
  }

  #steps (from: number, end: number): { readonly key: string, readonly steps: readonly number[] } {
    const all: { readonly kind: StepKind, readonly depth: number, readonly call: Probe }[] = []
    const steps: number[] = []
    const frames: { readonly depth: number, current: number }[] = []
    const add = (kind: StepKind, depth: number, call: Probe): number => all.push({ kind, depth, call }) - 1
    for (let at = from; at < end; at++) {
      const call = this.#probes[this.#which[at]!]!
      const top = frames.at(-1)
      switch (call.point) {
        case 'call': {
          const depth = top === undefined ? 0 : top.depth + 1
          const direct = call.gate === 'direct'
          frames.push({ depth: direct ? depth : depth + 1, current: add(direct ? 'operation' : 'in', depth, call) })
          break
        }
        case 'enter': top!.current = add('operation', top!.depth, call); break
        case 'leave': top!.current = add('out', top!.depth - 1, call); break
        case 'return': frames.pop(); break
        case 'waits': break
      }
      steps.push(frames.at(-1)!.current)
    }
    return { key: shapeKey(all), steps }
  }
}
