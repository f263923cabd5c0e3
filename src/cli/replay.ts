/**
 * `kaleidos replay`: a recorded run again, and where it first differs.
 *
 * Both traces are compared by their hashes at checkpoints. Where they differ the run is made once more with the events listed
 * from the last checkpoint at which both were the same: what the recorded run did there is not in the record, only that it
 * was not all of this.
 */

import { Noted } from '../core/index.ts'
import { Charge, EventList, FedInput, profiles } from '../machine/model/index.ts'
import type { Checkpoint, ListedEvent, ModelInput, TraceHash } from '../machine/model/index.ts'
import type { Process } from '../os/index.ts'
import { allKernels } from './architectures.ts'
import { CommandError, failed, type Ending } from './exit.ts'
import { runOnModel, type ModelRun, type Point } from './model-run.ts'
import { printJson } from './output.ts'
import { bytesIn, readRecord, resultOf, versions, type Arrival, type RecordedResult, type RunRecord } from './record.ts'

/** Events that are listed where runs differ. */
const LISTED_MAX = 64

export interface ReplayOptions {
  readonly output?: boolean
  readonly json?: boolean
}

/** Between which events both first differ: the same up to `after`, and not at `before`; infinite when it ended before. */
interface Difference {
  readonly after: number
  readonly before: number
}

export async function replay (path: string, options: ReplayOptions): Promise<Ending> {
  const record = readRecord(path)
  const changed = changes(record)
  if (options.json !== true) for (const change of changed) process.stderr.write(`kaleidos: ${change}\n`)
  const run = await again(path, record, options.output === true)
  const result = resultOf(run)
  const difference = firstDifference(record.result, result)
  const listed = difference === null ? [] : await eventsOf(path, record, difference)
  if (options.json === true) {
    printJson({ same: difference === null, changed, recorded: brief(record.result), replayed: brief(result), ...(difference === null ? {} : { difference, events: listed }) })
  } else if (difference === null) {
    process.stdout.write(`same, ${result.events} events, hash ${result.traceHash}\n`)
  } else {
    process.stdout.write(report(record, result, difference, listed))
  }
  return difference === null ? 0 : failed
}

function brief ({ checkpoints: _, ...result }: RecordedResult): Omit<RecordedResult, 'checkpoints'> {
  return result
}

/** What is not what it was when the run was recorded, each in a sentence. */
function changes (record: RunRecord): string[] {
  const now = versions()
  const differing = Object.keys({ ...record.versions, ...now }).filter(name => record.versions[name] !== now[name])
  const sources = differing.filter(name => name !== 'kaleidos' && name !== 'engine')
  const plan = allKernels().get(record.kernel.name)
  const { name } = record.profile as { readonly name?: unknown }
  const profile = typeof name === 'string' ? profiles.get(name) : undefined
  return [
    ...(differing.includes('kaleidos') ? [`recorded by version ${record.versions['kaleidos']}, this is ${now['kaleidos']}`] : []),
    ...(sources.length > 0 ? [`other sources than those that recorded it: ${sources.join(', ')}; it may do something else for that`] : []),
    ...(differing.includes('engine') ? [`recorded on ${record.versions['engine']}, this is ${now['engine']}; that should make no difference`] : []),
    ...(plan !== undefined && JSON.stringify(plan) !== JSON.stringify(record.kernel) ? [`the plan ${record.kernel.name} is another now; the recorded one is used`] : []),
    ...(profile !== undefined && JSON.stringify(profile) !== JSON.stringify(record.profile) ? [`the profile ${name as string} is another now; the recorded one is used`] : [])
  ]
}

async function again (path: string, record: RunRecord, output: boolean, hash?: TraceHash): Promise<ModelRun> {
  const arrivals = [...record.arrivals]
  let input: FedInput | null = null
  let target: Process | null = null
  const give = (arrival: Arrival): void => {
    if ('signal' in arrival) void target?.kill(arrival.signal)
    else input?.feed(arrival.typed === null ? null : bytesIn(path, arrival.typed))
  }
  /** At its point; one that the run has passed, or stands still before, has differed already, and gets it so that it ends. */
  const heard = (point: Point): void => {
    while (arrivals.length > 0 && target !== null && isDue(arrivals[0]!, point)) give(arrivals.shift()!)
    if (point.atRest && arrivals.length > 0 && target !== null) give(arrivals.shift()!)
  }
  const typed = record.terminal
  const stdin = record.stdin === null ? null : bytesIn(path, record.stdin)
  try {
    return await runOnModel({
      kernel: record.kernel, json: record.profile, processors: record.processors, seed: record.seed, program: bytesIn(path, record.program.bytes),
      args: record.args, env: record.env, preopens: record.preopens, limits: record.limits, terminal: record.terminal,
      stdin: typed ? (arrived): ModelInput => input = new FedInput(arrived) : stdin,
      output: (unit, bytes) => { if (output) (unit === 1 ? process.stdout : process.stderr).write(bytes) },
      begun: child => { target = child },
      heard, open: () => arrivals.length > 0,
      ...(hash === undefined ? {} : { hash })
    })
  } catch (error) {
    throw new CommandError(`${path} cannot be replayed: ${error instanceof Error ? error.message : String(error)}`, 'The record is damaged, or of a version that knew other programs, plans or profiles.', failed)
  }
}

function isDue (arrival: Arrival, { events, atRest }: Point): boolean {
  return arrival.events < events || (arrival.events === events && arrival.atRest === atRest)
}

/** Where two runs first differ, by what is kept of both; null when they do not. */
export function firstDifference (recorded: RecordedResult, replayed: RecordedResult): Difference | null {
  if (recorded.traceHash === replayed.traceHash && recorded.events === replayed.events && recorded.stdout === replayed.stdout && recorded.stderr === replayed.stderr) return null
  const other = new Map(replayed.checkpoints.map(({ events, hash }) => [events, hash]))
  let after = 0
  for (const { events, hash } of recorded.checkpoints as readonly Checkpoint[]) {
    const there = other.get(events)
    // The longer of both keeps fewer places.
    if (there === undefined) continue
    if (there !== hash) return { after, before: events }
    after = events
  }
  return { after, before: Math.max(recorded.events, replayed.events) }
}

async function eventsOf (path: string, record: RunRecord, { after, before }: Difference): Promise<readonly ListedEvent[]> {
  const list = new EventList(after, before, LISTED_MAX)
  await again(path, record, false, list)
  return list.listed
}

function report (record: RunRecord, result: RecordedResult, { after, before }: Difference, events: readonly ListedEvent[]): string {
  const { result: recorded } = record
  const ended = (each: RecordedResult): string => `${each.events} events, hash ${each.traceHash}, ${each.exit.kind === 'exit' ? `status ${each.exit.status}` : `ended by ${each.exit.signal}`}`
  const outputs = recorded.stdout === result.stdout && recorded.stderr === result.stderr
  return [
    'differs',
    `recorded: ${ended(recorded)}`,
    `this run: ${ended(result)}`,
    `What was written is ${outputs ? 'the same' : 'not the same'}.`,
    after >= before
      ? `Both are the same up to event ${after}.`
      : `Both are the same up to event ${after}; at event ${before} they are not. The record holds hashes, not events: one of these, of this run, is the first that is another${events.length < before - after ? `, or one of the ${before - after - events.length} after them` : ''}:`,
    ...(after >= before ? [] : events.map(describe)), ''
  ].join('\n')
}

const names: ReadonlyMap<number, string> = new Map([...Object.entries(Noted), ...Object.entries(Charge)].map(([name, kind]) => [kind, name.toLowerCase().replaceAll('_', ' ')]))

/** Its number, processor and time, what it is, and of whom. */
function describe ({ number, kind, who, cycles }: ListedEvent): string {
  const noted = (kind & 0xff) < Charge.WORK
  const name = names.get(kind & 0xff) ?? `kind ${kind & 0xff}`
  return `  event ${number}: processor ${noted ? kind >> 8 : who}, up to cycle ${Math.round(cycles)}: ${name}${noted ? ` (${(kind & 0xff) === Noted.CALL ? 'call' : 'process'} ${who})` : ''}`
}
