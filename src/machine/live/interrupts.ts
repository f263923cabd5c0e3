/**
 * The live machine's interrupt controller and processor: when a handler may run, and when the kernel does.
 *
 * The kernel runs on the host's stack until it goes idle or gives way. Handlers run only then, or when the kernel
 * asks by `deliver`; until then, and while masked, a line that was raised is pending, once however often it was
 * raised. Pending lines are delivered in the order in which they were raised.
 *
 * Invariants: `resume` is called once for each `idle` and `giveWay`, and never while one of them is on the stack.
 * Nothing here keeps the host alive but a `giveWay` under way, and for one turn what looks out for the next: an idle kernel
 * that no timer and no input will wake lets the host end.
 */

import { assert } from '../../fiber/index.ts'
import type { Line, MachineClock, MachineInterrupts, MachineProcessor } from '../machine.ts'
import { PLACES_LINE } from '../places.ts'
import type { Cancel, EventLoop } from './event-loop.ts'
import type { LivePlaces } from './places.ts'

/** How long a kernel runs before the event loop is owed a turn. */
const TURN_NS = 4e6
/** How often, at most, `giveWayDue` reads the clock; it counts calls in between. */
const CLOCK_READ_NS = 0.25e6
const CALLS_BETWEEN_READS_MAX = 1024

type State = 'running' | 'idle' | 'away'

export interface LiveProcessor {
  readonly interrupts: MachineInterrupts
  readonly processor: MachineProcessor
  close (): void
}

/** `tick` is told the time whenever the processor reads it. */
export function liveProcessor (clock: MachineClock, loop: EventLoop, tick: (nowNs: number) => void, places: LivePlaces | null = null): LiveProcessor {
  const handlers = new Map<Line, () => void>()
  const pending = new Set<Line>()
  let masked = false
  let state: State = 'running'
  let resumeIdle: (() => void) | null = null
  let turn: Cancel | null = null
  let closed = false

  // ---- interrupts

  /** Who is told of what happens at places: nobody looks there before. */
  let looksAtPlaces = false

  function deliver (): void {
    if (looksAtPlaces && places!.rang()) pending.add(PLACES_LINE)
    if (masked || pending.size === 0) return
    const lines = [...pending]
    pending.clear()
    for (const line of lines) handlers.get(line)!()
  }

  /** Delivers where nobody of the kernel is on the stack, and lets an idle processor go on. */
  function deliverFromHost (): void {
    if (state === 'running' || masked || closed) return
    deliver()
    const resume = resumeIdle
    if (state !== 'idle' || resume === null) return
    resumeIdle = null
    run(resume)
  }

  const interrupts: MachineInterrupts = {
    connect (line, handler) {
      assert(!handlers.has(line), `the line ${line} has a handler`)
      handlers.set(line, handler)
      if (line === PLACES_LINE) looksAtPlaces = places !== null
    },
    raise (line) {
      // A line that nobody connected goes nowhere, as on hardware.
      if (closed || !handlers.has(line)) return
      pending.add(line)
      deliverFromHost()
    },
    mask () { masked = true },
    unmask () {
      masked = false
      if (pending.size > 0) deliverFromHost()
    },
    deliver
  }

  // ---- processor

  let turnStartNs = clock.monotonicNs()
  let readNs = turnStartNs
  /**
   * Whether the event loop has come round since the kernel last ran. Being idle is no turn: host code that waits for one
   * call after the other wakes the kernel again and again in one and the same, and no timer of the host would ever come.
   */
  let turned = true
  let lookout: Cancel | null = null
  /** Since the clock was last seen to move, and how many there are to be when it is read next. */
  let calls = 0
  let nextRead = 1
  let due = false

  function run (resume: () => void): void {
    state = 'running'
    calls = 0
    nextRead = Math.min(nextRead, CALLS_BETWEEN_READS_MAX)
    readNs = clock.monotonicNs()
    if (turned) turnStartNs = readNs
    turned = false
    due = readNs - turnStartNs >= TURN_NS
    resume()
  }

  function giveWayDue (toldNs?: number): boolean {
    // Host code that calls into the kernel while it sleeps has the turn already; nor may an interrupt come there.
    if (state !== 'running') return false
    if (due) return true
    if (toldNs !== undefined) {
      // What is done between two calls may take a thousand times as long as what was before: they are not counted.
      if (toldNs - readNs < CLOCK_READ_NS) return false
      readNs = toldNs
      calls = 0
      due = toldNs - turnStartNs >= TURN_NS
      tick(toldNs)
      return due
    }
    if (++calls < nextRead) return false
    const nowNs = clock.monotonicNs()
    if (nowNs === readNs) {
      // A coarse clock, which says nothing before it moves.
      nextRead = Math.min(calls * 2, calls + CALLS_BETWEEN_READS_MAX)
      return false
    }
    nextRead = Math.max(1, Math.min(CALLS_BETWEEN_READS_MAX, Math.floor(CLOCK_READ_NS * calls / (nowNs - readNs))))
    calls = 0
    readNs = nowNs
    due = nowNs - turnStartNs >= TURN_NS
    tick(nowNs)
    return due
  }

  function giveWay (resume: () => void): void {
    assert(state === 'running', `gives way while ${state}`)
    state = 'away'
    // Nothing runs on a machine that was closed, not even who was running when it was.
    if (closed) return
    turn = loop.turn(() => {
      turn = null
      turned = true
      run(resume)
    })
  }

  /** Noted for whoever inspects the machine: one thread of the host is one address space, whatever is current. */
  let currentSpace = 0
  const spaces = new Map<number, number>()

  const processor: MachineProcessor = {
    idle (resume) {
      assert(state === 'running', `goes idle while ${state}`)
      assert(!masked, 'goes idle with interrupts masked: nothing could wake it')
      if (looksAtPlaces && pending.size === 0 && places!.idle()) pending.add(PLACES_LINE)
      if (pending.size > 0) {
        // Not at once: the kernel may call this as the last thing of its loop, and the stack would grow.
        state = 'away'
        queueMicrotask(() => {
          if (closed) return
          deliver()
          run(resume)
        })
        return
      }
      state = 'idle'
      resumeIdle = resume
      lookout ??= loop.turn(() => {
        lookout = null
        turned = true
      })
    },
    giveWayDue,
    giveWay,
    switchTo (space) { currentSpace = space },
    map (space, sizeBytes) { spaces.set(space, sizeBytes) },
    unmap (space) {
      spaces.delete(space)
      if (currentSpace === space) currentSpace = 0
    }
  }

  function close (): void {
    closed = true
    resumeIdle = null
    pending.clear()
    turn?.()
    lookout?.()
  }

  return { interrupts, processor, close }
}
