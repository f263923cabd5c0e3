/**
 * The events of a trace as Chrome's trace-event JSON, which Perfetto (ui.perfetto.dev) and chrome://tracing open.
 *
 * A group of tracks (a process of the format) is the processors: for each which thread it runs, with interrupts and wakes, and
 * which address space is current. Then one for each domain, with a track for each program, the host and the core, whose calls are
 * there; and one for each program, with its life, its calls and what it waits for. A call through a gate is two slices, that of who
 * calls and that of who serves, joined by a flow: what is left of the first beside the second is the gate's. A wake is joined by
 * a flow to the moment when whom it wakes runs.
 *
 * What is written is valid after each piece: `tail` closes it. Memory is bounded by what is open and by how many domains and
 * programs there are at a time. Numbers of tracks are not used twice, nor in two groups: Perfetto names a track by its number.
 *
 * Source: Trace Event Format (Duca, Sinclair, Google); how Perfetto reads it: its src/trace_processor/importers/json.
 */

import type { DomainPlan, TraceCall, TraceEvent, TraceSink, TraceThread } from '../link/index.ts'
import { INIT } from '../roles/index.ts'

/** A domain, for its place and its name among the groups. */
export type TracedDomain = Pick<DomainPlan, 'name' | 'mode' | 'programs'>

export interface ChromeTrace {
  /** What `boot` is given as `trace`. */
  readonly record: TraceSink
  /** Closes what is open, at the instant of the last event; what comes after is not written. */
  end (): void
}

/** What closes the text at any time. */
export const CHROME_TRACE_TAIL = '\n]}\n'

type Arguments = Readonly<Record<string, string | number | boolean>>

/** `lastNs`: of its latest event. Processors' clocks differ in virtual time, and on a track time does not go back. */
interface Track { readonly group: number, readonly number: number, lastNs: number }
/** A track for slices that lie within each other: calls, by number, from the outermost. */
interface Lane extends Track { readonly open: number[] }
/** By program, host or core: the lanes that it has in the domain. */
interface Group { readonly number: number, readonly lanes: Map<string, Lane[]> }
interface Slice { readonly lane: Lane, readonly event: TraceEvent }
/** `lastNs`: a thread that goes on on another processor may find an earlier clock there; a call does not go back. */
interface OpenCall { readonly call: TraceCall, calling: Slice | null, serving: Slice | null, lastNs: number }
/** What a program's thread is doing. */
interface State { readonly track: Track, shown: boolean, queues: string }
interface ProgramTracks { readonly life: Track, readonly states: Map<number, State>, readonly free: Track[] }

const PROCESSORS = 1

/** Writes a trace by pieces of text: the first at once, then one for each event, and `CHROME_TRACE_TAIL` after the last makes it whole. */
export function chromeTrace (write: (text: string) => void, about: { readonly kernel?: string, readonly machine?: string, readonly domains?: readonly TracedDomain[] } = {}): ChromeTrace {
  const writer = new Writer(write, about.domains ?? [])
  writer.head({ ...(about.kernel === undefined ? {} : { kernel: about.kernel }), ...(about.machine === undefined ? {} : { machine: about.machine }) })
  return { record: event => { writer.take(event) }, end: () => { writer.end() } }
}

class Writer {
  readonly #write: (text: string) => void
  readonly #domains: readonly TracedDomain[]
  #first = true
  #ended = false
  #groups = PROCESSORS
  #tracks = 0
  #flows = 0
  #lastNs = 0
  readonly #processors = new Map<number, { readonly runs: Track, readonly space: Track, depth: number, current: boolean }>()
  readonly #byDomain = new Map<string, Group>()
  readonly #calls = new Map<number, OpenCall>()
  readonly #programs = new Map<number, ProgramTracks>()
  /** Flows to threads that were woken and have not run since. */
  readonly #woken = new WeakMap<TraceThread, number>()

  constructor (write: (text: string) => void, domains: readonly TracedDomain[]) {
    this.#write = write
    this.#domains = domains
  }

  head (about: Arguments): void {
    this.#write(`{"displayTimeUnit":"ns","otherData":${JSON.stringify({ ...about, source: 'KaleidOS' })},"traceEvents":[`)
    this.#nameGroup(PROCESSORS, 'processors', 0)
    // Where each program has a domain of its own, that comes with it.
    for (const { name, programs } of this.#domains) if (programs !== 'each') this.#group(name)
  }

  take (event: TraceEvent): void {
    if (this.#ended) return
    this.#lastNs = Math.max(this.#lastNs, event.atNs)
    switch (event.kind) {
      case 'call': return this.#call(event.call, event)
      case 'enter': return this.#enter(event.call, event)
      case 'leave': return this.#leave(event.call, event)
      case 'return': return this.#return(event.call, event)
      case 'switch': return this.#switch(event)
      case 'interrupt': return this.#processorBegins(event, `interrupt ${event.line}`, 'interrupt', { handler: event.domain })
      case 'interrupt-end': return this.#processorEnds(event)
      case 'run': return this.#run(event)
      case 'stop': return this.#stop(event)
      case 'block': return this.#block(event)
      case 'wake': return this.#wake(event)
      case 'begin': return this.#begin(event)
      case 'end': return this.#end(event)
      case 'fault': return this.#instant(this.#processor(event.processor).runs, event, `fault in ${event.domain}`, 'fault', { message: event.message })
    }
  }

  /** From the innermost to the outermost, so that they lie within each other. */
  end (): void {
    if (this.#ended) return
    const atNs = this.#lastNs
    for (const { calling, serving } of [...this.#calls.values()].reverse()) {
      if (serving !== null) this.#close(serving.lane, atNs)
      if (calling !== null) this.#close(calling.lane, atNs)
    }
    for (const processor of this.#processors.values()) {
      for (; processor.depth > 0; processor.depth--) this.#close(processor.runs, atNs)
      if (processor.current) this.#close(processor.space, atNs)
    }
    for (const tracks of this.#programs.values()) this.#closeProgram(tracks, atNs)
    this.#ended = true
  }

  // ---- calls

  #call (call: TraceCall, event: TraceEvent): void {
    const lane = this.#lane(event, call)
    const through = call.gate === 'direct' ? '' : `${call.gate} `
    this.#open(lane, event, `${through}${call.to}.${call.operation}`, call.gate, { from: call.from, role: call.role, call: call.id })
    if (call.gate !== 'direct') this.#flow('s', lane, event.atNs, 'call', call.id)
    lane.open.push(call.id)
    this.#calls.set(call.id, { call, calling: { lane, event }, serving: null, lastNs: lane.lastNs })
  }

  #enter (call: TraceCall, event: TraceEvent): void {
    const open = this.#calls.get(call.id)
    if (open === undefined) return
    const at = { ...event, atNs: Math.max(event.atNs, open.lastNs) }
    const lane = this.#lane(at, call)
    this.#open(lane, at, `${call.to}.${call.operation}`, 'served', { from: call.from, role: call.role, call: call.id })
    this.#flow('f', lane, at.atNs, 'call', call.id)
    lane.open.push(call.id)
    open.serving = { lane, event }
    open.lastNs = lane.lastNs
  }

  #leave (call: TraceCall, event: TraceEvent & { readonly kind: 'leave' }): void {
    const open = this.#calls.get(call.id)
    if (open === undefined || open.serving === null) return
    this.#endSlice(open.serving, event, open, event.waited ? {} : countsBetween(open.serving.event, event))
    open.serving = null
  }

  #return (call: TraceCall, event: TraceEvent & { readonly kind: 'return' }): void {
    const open = this.#calls.get(call.id)
    if (open === undefined || open.calling === null) return
    this.#endSlice(open.calling, event, open, {
      ...(event.result === null ? {} : { result: event.result }),
      ...(event.outcome === 'returned' ? {} : { outcome: event.outcome }),
      ...(event.waited ? { waited: true } : countsBetween(open.calling.event, event))
    })
    this.#calls.delete(call.id)
  }

  #endSlice ({ lane }: Slice, event: TraceEvent, open: OpenCall, args: Arguments): void {
    const at = lane.open.lastIndexOf(open.call.id)
    if (at >= 0) lane.open.splice(at, 1)
    this.#close(lane, Math.max(event.atNs, open.lastNs), args)
    open.lastNs = lane.lastNs
  }

  /**
   * Where an event of a call is shown: on top of the call in the course of which it is made, where that is in the same domain;
   * else on a lane of its own. Calls that are awaited at once have lanes beside each other.
   */
  #lane (event: TraceEvent, call: TraceCall): Lane {
    const group = this.#group(event.domain)
    const owner = ownerOf(call.thread)
    let lanes = group.lanes.get(owner)
    if (lanes === undefined) {
      lanes = []
      group.lanes.set(owner, lanes)
    }
    const within = this.#outer(call, lanes, event.kind === 'enter')
    const found = lanes.find(lane => lane.open.at(-1) === within) ?? lanes.find(lane => lane.open.length === 0 && lane.lastNs <= event.atNs)
    if (found !== undefined) return found
    const lane: Lane = { ...this.#track(group.number, lanes.length === 0 ? owner : `${owner} · ${lanes.length + 1}`), open: [] }
    lanes.push(lane)
    return lane
  }

  /** The innermost call around this one that is on one of these lanes. */
  #outer (call: TraceCall, lanes: readonly Lane[], serving: boolean): number | undefined {
    let id = serving ? call.id : call.parent
    for (let open = this.#calls.get(id); open !== undefined; id = open.call.parent, open = this.#calls.get(id)) {
      const around = id
      if (lanes.some(lane => lane.open.includes(around))) return around
    }
    return undefined
  }

  // ---- processors

  #processor (number: number): { readonly runs: Track, readonly space: Track, depth: number, current: boolean } {
    let processor = this.#processors.get(number)
    if (processor === undefined) {
      processor = {
        runs: this.#track(PROCESSORS, `processor ${number}`, number * 2), space: this.#track(PROCESSORS, `processor ${number}: address space`, number * 2 + 1),
        depth: 0, current: false
      }
      this.#processors.set(number, processor)
    }
    return processor
  }

  #processorBegins (event: TraceEvent, name: string, category: string, args: Arguments): void {
    const processor = this.#processor(event.processor)
    processor.depth++
    this.#open(processor.runs, event, name, category, args)
  }

  #processorEnds (event: TraceEvent, args: Arguments = {}): void {
    const processor = this.#processor(event.processor)
    if (processor.depth === 0) return
    processor.depth--
    this.#close(processor.runs, event.atNs, args)
  }

  #switch (event: TraceEvent): void {
    const processor = this.#processor(event.processor)
    if (processor.current) this.#close(processor.space, event.atNs)
    processor.current = true
    this.#open(processor.space, event, event.domain, 'switch', {})
  }

  #run (event: TraceEvent): void {
    const thread = event.thread!
    this.#processorBegins(event, thread.label, 'thread', { home: event.domain, process: thread.principal })
    const flow = this.#woken.get(thread)
    if (flow !== undefined) {
      this.#woken.delete(thread)
      this.#flow('f', this.#processor(event.processor).runs, event.atNs, 'wake', flow)
    }
    this.#shows(event, 'runs')
  }

  #stop (event: TraceEvent & { readonly kind: 'stop' }): void {
    this.#processorEnds(event, { why: event.why })
    const state = this.#stateOf(event.thread!)
    if (state === null) return
    if (event.why === 'ended') this.#forget(event.thread!, event.atNs)
    else this.#shows(event, event.why === 'waits' ? `waits for ${state.queues}` : event.why === 'gives way' ? 'ready' : 'lends the processor')
  }

  #block (event: TraceEvent & { readonly kind: 'block' }): void {
    const state = this.#stateOf(event.thread!)
    if (state !== null) state.queues = event.queues.join(' or ')
  }

  #wake (event: TraceEvent & { readonly kind: 'wake' }): void {
    const processor = this.#processor(event.processor)
    this.#instant(processor.runs, event, `wakes ${event.woken.label}`, 'wake', { queue: event.queue ?? 'killed' })
    // A flow begins within a slice.
    if (processor.depth > 0) {
      const flow = ++this.#flows
      this.#flow('s', processor.runs, event.atNs, 'wake', flow)
      this.#woken.set(event.woken, flow)
    }
    this.#shows(event, 'ready', event.woken)
  }

  // ---- programs

  #begin (event: TraceEvent & { readonly kind: 'begin' }): void {
    const group = this.#group(event.program)
    const life = this.#track(group.number, 'life', -2)
    this.#programs.set(event.process, { life, states: new Map(), free: [] })
    this.#open(life, event, event.program, 'process', { process: event.process })
    if (event.thread !== null && event.thread.principal === event.process) this.#shows(event, 'runs')
  }

  #end (event: TraceEvent & { readonly kind: 'end' }): void {
    const tracks = this.#programs.get(event.process)
    if (tracks === undefined) return
    this.#programs.delete(event.process)
    this.#closeProgram(tracks, event.atNs, { [event.by]: event.code, ...(event.message === '' ? {} : { message: event.message }) })
    this.#byDomain.delete(event.program)
    for (const { lanes } of this.#byDomain.values()) lanes.delete(event.program)
  }

  #closeProgram ({ life, states }: ProgramTracks, atNs: number, args: Arguments = {}): void {
    for (const state of states.values()) if (state.shown) this.#close(state.track, atNs)
    this.#close(life, atNs, args)
  }

  #stateOf (thread: TraceThread): State | null {
    const program = this.#programs.get(thread.principal)
    if (program === undefined) return null
    let state = program.states.get(thread.id)
    if (state === undefined) {
      const group = program.life.group
      const track = program.free.pop() ?? this.#track(group, program.states.size === 0 ? 'state' : `state · ${program.states.size + 1}`, -1)
      state = { track, shown: false, queues: '' }
      program.states.set(thread.id, state)
    }
    return state
  }

  #shows (event: TraceEvent, what: string, thread: TraceThread = event.thread!): void {
    const state = this.#stateOf(thread)
    if (state === null) return
    if (state.shown) this.#close(state.track, event.atNs)
    state.shown = true
    this.#open(state.track, event, what, 'state', {})
  }

  #forget (thread: TraceThread, atNs: number): void {
    const program = this.#programs.get(thread.principal)
    const state = program?.states.get(thread.id)
    if (program === undefined || state === undefined) return
    if (state.shown) this.#close(state.track, atNs)
    program.states.delete(thread.id)
    program.free.push(state.track)
  }

  // ---- groups and tracks

  #group (domain: string): Group {
    let group = this.#byDomain.get(domain)
    if (group === undefined) {
      const number = ++this.#groups
      const known = this.#domains.find(({ name }) => name === domain)
      this.#nameGroup(number, known === undefined ? domain : `${domain} (${known.mode})`, number)
      group = { number, lanes: new Map() }
      this.#byDomain.set(domain, group)
    }
    return group
  }

  #nameGroup (number: number, name: string, order: number): void {
    this.#line({ ph: 'M', name: 'process_name', pid: number, tid: 0, ts: 0, args: { name } })
    this.#line({ ph: 'M', name: 'process_sort_index', pid: number, tid: 0, ts: 0, args: { sort_index: order } })
  }

  #track (group: number, name: string, order = this.#tracks + 1): Track {
    const number = ++this.#tracks
    this.#line({ ph: 'M', name: 'thread_name', pid: group, tid: number, ts: 0, args: { name } })
    this.#line({ ph: 'M', name: 'thread_sort_index', pid: group, tid: number, ts: 0, args: { sort_index: order } })
    return { group, number, lastNs: 0 }
  }

  // ---- lines

  #open (track: Track, { atNs }: TraceEvent, name: string, category: string, args: Arguments): void {
    this.#text(`{"ph":"B",${placeOf(track, atNs)},"cat":"${category}","name":${JSON.stringify(name)},"args":${JSON.stringify(args)}}`)
  }

  #close (track: Track, atNs: number, args: Arguments = {}): void {
    this.#text(`{"ph":"E",${placeOf(track, atNs)},"args":${JSON.stringify(args)}}`)
  }

  #instant (track: Track, { atNs }: TraceEvent, name: string, category: string, args: Arguments = {}): void {
    this.#text(`{"ph":"i","s":"t",${placeOf(track, atNs)},"cat":"${category}","name":${JSON.stringify(name)},"args":${JSON.stringify(args)}}`)
  }

  /** A flow begins and ends in the slices that are open on its tracks. */
  #flow (phase: 's' | 'f', track: Track, atNs: number, category: string, id: number): void {
    this.#text(`{"ph":"${phase}",${phase === 'f' ? '"bp":"e",' : ''}${placeOf(track, atNs)},"cat":"${category}","name":"${category}","id":${id}}`)
  }

  #line (event: Readonly<Record<string, unknown>>): void {
    this.#text(JSON.stringify(event))
  }

  #text (event: string): void {
    this.#write(this.#first ? `\n${event}` : `,\n${event}`)
    this.#first = false
  }
}

/** Whose track a thread's calls are on: that of its program, or of the host or the core. */
function ownerOf (thread: TraceThread | null): string {
  if (thread === null || thread.principal === 0) return 'core'
  return thread.principal === INIT ? 'host' : thread.label
}

/** Where and when an event is. */
function placeOf (track: Track, atNs: number): string {
  track.lastNs = Math.max(track.lastNs, atNs)
  return `"pid":${track.group},"tid":${track.number},"ts":${microseconds(track.lastNs)}`
}

/** The format's unit, to the ns. */
function microseconds (ns: number): string {
  return (ns / 1000).toFixed(3)
}

function countsBetween (from: TraceEvent, to: TraceEvent): Arguments {
  const args: Record<string, number> = {}
  for (const name of ['crossings', 'switches', 'grants', 'bytesCopied'] as const) {
    const count = to.counts[name] - from.counts[name]
    if (count !== 0) args[name] = count
  }
  return args
}
