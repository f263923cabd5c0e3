/** A recorder: keeps the events of a run, as many as it was told, and counts those beyond. */

import { TRACE_EVENTS_MAX } from '../roles/index.ts'
import type { TraceEvent, TraceSink } from './trace-events.ts'

export interface TraceRecorder {
  /** What `boot` is given as `trace`. */
  readonly record: TraceSink
  /** The first of the run, in the order in which they happened. */
  readonly events: readonly TraceEvent[]
  /** How many came when it was full. */
  readonly lost: number
  /** Forgets what it has, and begins anew. */
  clear (): void
}

/** A recorder of at most `eventsMax` events. Throws a RangeError where that is no whole number from 1 up. */
export function traceRecorder ({ eventsMax = TRACE_EVENTS_MAX }: { readonly eventsMax?: number } = {}): TraceRecorder {
  if (!Number.isSafeInteger(eventsMax) || eventsMax < 1) throw new RangeError(`traceRecorder: eventsMax is a whole number from 1 up, not ${eventsMax}`)
  const events: TraceEvent[] = []
  let lost = 0
  return {
    record: event => {
      if (events.length < eventsMax) events.push(event)
      else lost++
    },
    events,
    get lost () { return lost },
    clear () {
      events.length = 0
      lost = 0
    }
  }
}
