/** `kaleidos faults`: faults injected into every service of every kernel, and what each takes with it; and one of them again. */

import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dirname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { campaignStore, faultCampaign, faultKinds, faultPrograms, faultReport, faultTables, isStore, outcomeIn } from '../lab/index.ts'
import type { FaultCampaign, FaultKind, Outcome } from '../lab/index.ts'
import { CommandError, exitWith, failed, onSignals, type Ending } from './exit.ts'
import { ThreadBench } from './fault-bench.ts'
import { faultKernels } from './fault-kernels.ts'
import { storedProgram } from './library.ts'
import { machineNamed } from './machine-option.ts'
import { columns, printJson } from './output.ts'
import { progress } from './progress.ts'
import { versions } from './record.ts'
import { suggestion } from './suggestion.ts'
import { version } from './version.ts'

export interface FaultsOptions {
  readonly kernel?: readonly string[]
  readonly service?: readonly string[]
  readonly fault?: readonly string[]
  readonly n?: number
  readonly seed?: number
  readonly machine: string
  readonly workers?: number
  readonly out: string
  readonly json?: boolean
}

const experimentsDefault = { model: 1000, live: 40 }
/** More threads than this find no processor. */
const workersMost = 16

export async function faults (options: FaultsOptions): Promise<Ending> {
  const kernels = chosen('kernel', options.kernel, [...faultKernels().keys()]) ?? [...faultKernels().keys()]
  const services = chosen('service', options.service, servicesOf(kernels))
  const kinds = chosen('fault', options.fault, faultKinds) as FaultKind[] | null
  const live = machineNamed(options.machine).kind === 'live'
  const store = resolve(options.out)
  await checkStore(options.out)
  const began = new Date().toISOString()
  const result = await carriedOut({
    kernels, services, faults: kinds, n: options.n ?? (live ? experimentsDefault.live : experimentsDefault.model), seed: options.seed ?? 1, machine: options.machine
  }, live ? 1 : Math.min(workersMost, options.workers ?? availableParallelism()))
  if (result.outcomes.length === 0) throw new CommandError('no fault of these kinds can happen to these services in these kernels', 'Ask for fewer kinds, or leave out --service.')
  const first = await campaignStore(store, result, sourcesNow(), began)
  const page = pageOf(store)
  await writeFile(page, faultReport(result, ['kaleidos', 'faults', ...process.argv.slice(process.argv.indexOf('faults') + 1)].join(' ')))
  if (options.json === true) printJson({ ...result, firstId: first })
  else {
    process.stdout.write(`${faultTables(result, columns())}\n\n${result.outcomes.length} experiments in ${(result.elapsedMs / 1000).toFixed(1)} s. ` +
      `Each again: kaleidos faults replay ${options.out} ${first}${result.outcomes.length > 1 ? `…${first + result.outcomes.length - 1}` : ''}\nReport: ${pathToFileURL(page).href}\n`)
  }
  return isHeld(result.outcomes) ? 0 : failed
}

/** Nothing went silently through a wall, and nothing took the host along. */
function isHeld (outcomes: readonly Outcome[]): boolean {
  return outcomes.every(({ corruptedAcross, stopped }) => corruptedAcross.length === 0 && stopped?.startsWith('host: ') !== true)
}

export interface ReplayFaultOptions {
  readonly json?: boolean
}

export async function replayFault (path: string, number: number, options: ReplayFaultOptions): Promise<Ending> {
  if (!existsSync(path)) throw new CommandError(`${path}: no such file`, 'Give a file that `kaleidos faults --out FILE` has written.')
  const wrong = await isStore(path)
  if (wrong !== null) throw new CommandError(`${path} is no file of faults: ${wrong}`, 'Give a file that `kaleidos faults --out FILE` has written.')
  const stored = await outcomeIn(path, number)
  if (stored === undefined) throw new CommandError(`${path} has no experiment ${number}`, `Ask it which it has: sqlite3 ${path} 'SELECT id, kernel, service, fault, verdict FROM experiment'`)
  const { outcome: recorded, sources } = stored
  const now = sourcesNow()
  const changed = Object.keys(sources).filter(name => name !== 'engine' && sources[name] !== now[name])
  const { kernel, service, fault, machine, seed } = recorded
  const bench = new ThreadBench()
  const again = await bench.carryOut({ kernel, service, fault, machine, seed }).finally(() => bench.close())
  const same = machine === 'live' ? again.verdict === recorded.verdict : again.verdict === recorded.verdict && again.traceHash === recorded.traceHash && again.events === recorded.events
  if (options.json === true) printJson({ same, changed, recorded, replayed: again })
  else {
    if (changed.length > 0) process.stderr.write(`kaleidos: other sources than those that recorded it: ${changed.join(', ')}; it may do something else for that\n`)
    process.stdout.write(`${story(again)}\n${same ? `same: ${again.verdict}${machine === 'live' ? '' : `, ${again.events} events, hash ${again.traceHash}`}`
      : `differs: recorded ${recorded.verdict}, ${recorded.events} events, hash ${recorded.traceHash}; now ${again.verdict}, ${again.events} events, hash ${again.traceHash}`}\n`)
  }
  return same ? 0 : failed
}

/** What an experiment depends on besides itself: the sources and the programs. */
function sourcesNow (): Record<string, string> {
  const programs = createHash('sha256')
  for (const name of faultPrograms) programs.update(storedProgram(name).bytes)
  return { ...versions(), programs: programs.digest('hex').slice(0, 16) }
}

/** What happened, in a few lines. */
function story (outcome: Outcome): string {
  const { kernel, service, fault, variant, struck, machine, seed, workload } = outcome
  return [
    `${kernel} on ${machine}, workload ${workload}, seed ${seed}`,
    struck === null ? `${fault} in ${service}: ${outcome.stopped ?? 'not reached'}`
      : `${fault} in ${service} (${variant}): at ${struck.site}${struck.part === null ? '' : ` for ${struck.part}`}, in the domain ${struck.domain}, ${(struck.atNs / 1e3).toFixed(1)} µs after the start`,
    ...(struck !== null && outcome.stopped !== null ? [`the system stopped: ${outcome.stopped}`] : []),
    ...(outcome.dead.length > 0 ? [`dead: ${outcome.dead.join(', ')}`] : []),
    ...(outcome.changed.length > 0 ? [`not as without the fault: ${outcome.changed.join('; ')}`] : []),
    ...(outcome.corruptedAcross.length > 0 ? [`wrong without a word, across a wall: ${outcome.corruptedAcross.join(', ')}`] : []),
    ...(outcome.corruptedOwn.length > 0 ? [`wrong without a word: ${outcome.corruptedOwn.join(', ')}`] : []),
    ...(outcome.pauseNs > 0 ? [`it took ${(outcome.pauseNs / 1e3).toFixed(1)} µs longer`] : [])
  ].join('\n')
}

/** The names that were asked for; null for all. */
function chosen (what: string, given: readonly string[] | undefined, names: readonly string[]): string[] | null {
  if (given === undefined) return null
  const wanted = [...new Set(given.flatMap(word => word.split(',')))]
  const unknown = wanted.find(name => !names.includes(name))
  if (unknown !== undefined) throw new CommandError(`no ${what} is named ${unknown}`, `${suggestion(unknown, names)}There are: ${names.join(', ')}.`)
  return wanted
}

function servicesOf (kernels: readonly string[]): string[] {
  const plans = faultKernels()
  return [...new Set(kernels.flatMap(name => plans.get(name)!.domains.flatMap(({ services }) => services.map(placement => typeof placement === 'string' ? placement : placement.as ?? placement.service))))]
}

/** Where results go has to be there, and ours, before the work begins. */
/** The report of a file of results, beside it. */
function pageOf (store: string): string {
  return store.replace(/\.\w+$/, '') + '.html'
}

async function checkStore (path: string): Promise<void> {
  if (pageOf(path) === path) throw new CommandError(`--out ${path} is where the report would go`, 'Name the SQLite file, as faults.sqlite; the report goes beside it.')
  await mkdir(dirname(resolve(path)), { recursive: true }).catch((error: Error) => { throw new CommandError(`--out ${path} cannot be written: ${error.message}`, 'Name a file in a folder that can be written.', failed) })
  const wrong = existsSync(path) ? await isStore(path) : null
  if (wrong !== null) throw new CommandError(`--out ${path} cannot take results: ${wrong}`, 'Name a new file, or one that an earlier campaign has written.')
}

async function carriedOut (options: Omit<Parameters<typeof faultCampaign>[0], 'version' | 'benches' | 'progress'>, workers: number): Promise<FaultCampaign> {
  const benches = Array.from({ length: workers }, () => new ThreadBench())
  const shown = progress()
  const signals = onSignals(signal => {
    shown.stop()
    exitWith({ signal })
  })
  try {
    return await faultCampaign({ ...options, version: version(), benches, progress: shown.update })
  } finally {
    shown.stop()
    signals.stop()
    await Promise.all(benches.map(bench => bench.close()))
  }
}
