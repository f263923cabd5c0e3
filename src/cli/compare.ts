/** `kaleidos compare`: the same workloads, or a person's own program, under every kernel. */

import { randomInt } from 'node:crypto'
import { constants, existsSync, rmSync, statSync } from 'node:fs'
import { access, mkdir, mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { boot, services } from '../index.ts'
import {
  compare as compareKernels, drawPlan, programsOf, report, terminalTables, workloads, type Comparison, type OwnProgram, type StoredProgram
} from '../lab/index.ts'
import type { Plan } from '../link/index.ts'
import { checkCopies } from './copies.ts'
import { CommandError, exitWith, failed, onSignals } from './exit.ts'
import { allKernels, besideWalled, kernelNamed } from './architectures.ts'
import { folders, readProgram, standardInput, storedProgram } from './library.ts'
import type { Directory } from './options.ts'
import { columns, printJson } from './output.ts'
import { progress } from './progress.ts'
import { version } from './version.ts'
import type { Walls } from './wall-option.ts'

export interface CompareOptions {
  readonly kernel?: readonly string[]
  readonly wall?: Walls
  readonly dir?: readonly Directory[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly repeats?: number
  readonly seconds?: number
  readonly quick?: boolean
  readonly seed?: number
  readonly machine?: string
  readonly machines?: readonly string[]
  readonly processors?: number
  readonly samples?: number
  readonly out: string
  readonly json?: boolean
}

const seconds = 35
const secondsQuick = 6
const reportWidth = 96
const reportFiles = ['compare.html', 'compare.json'] as const
const predictionFiles = ['predict.html', 'predict.json'] as const

export async function compare (path: string | undefined, args: readonly string[], options: CompareOptions): Promise<number> {
  const kernels = besideWalled(options.kernel === undefined ? [...allKernels().values()] : [...new Set(options.kernel)].map(name => kernelNamed(name)), options.wall)
  if (path === undefined) refuseProgramOptions(options)
  const predicted = options.machine === undefined && options.machines === undefined ? null : await import('./predict.ts')
  const machines = predicted?.modelledMachines(options) ?? null
  if (machines === null) refuseModelOptions(options)
  else {
    if (path !== undefined) throw new CommandError('a program of one\'s own cannot be compared on a modelled machine yet', 'kaleidos run --machine model:NAME --json PROGRAM says what it costs there.')
    await checkWritable(options.out, predictionFiles)
    return await predicted!.predict(machines, kernels, options)
  }
  const own = path === undefined ? undefined : await ownProgram(path, args, options)
  const programs = own === undefined ? await ownPrograms() : new Map<string, StoredProgram>()
  await checkWritable(options.out)

  const comparison = await measured(kernels, programs, own, options)
  const page = await writeReport(comparison, kernels, options.out)
  if (options.json === true) printJson(comparison)
  else process.stdout.write(`${terminalTables(comparison, columns())}\n\nReport: ${pathToFileURL(page).href}\n`)
  return comparison.program !== null && comparison.program.agreement.length > 1 ? failed : 0
}

/** The comparison, with its progress shown; nothing of it is left behind when a signal ends it. */
async function measured (
  kernels: readonly Plan[], programs: ReadonlyMap<string, StoredProgram>, own: Omit<OwnProgram, 'scratch'> | undefined, options: CompareOptions
): Promise<Comparison> {
  const scratch = await mkdtemp(join(tmpdir(), 'kaleidos-'))
  const shown = progress()
  const clear = (): void => {
    shown.stop()
    rmSync(scratch, { recursive: true, force: true })
  }
  const signals = onSignals(signal => {
    clear()
    exitWith({ signal })
  })
  try {
    return await compareKernels({ boot }, {
      version: version(),
      kernels,
      services,
      workloads,
      programs,
      ...(own === undefined ? {} : { own: { ...own, scratch } }),
      ...(options.repeats === undefined ? {} : { repeats: options.repeats }),
      seconds: options.seconds ?? (options.quick === true ? secondsQuick : seconds),
      seed: options.seed ?? randomInt(2 ** 32),
      progress: shown.update
    })
  } finally {
    clear()
    signals.stop()
  }
}

/** Makes the report's folder, and finds out before half a minute of measuring whether the report can stand there. */
async function checkWritable (out: string, files: readonly string[] = reportFiles): Promise<void> {
  try {
    await makeFolder(resolve(out))
    const places = [out, ...files.map(name => join(out, name)).filter(path => existsSync(path))]
    for (const path of places) await access(path, constants.W_OK)
  } catch (error) {
    throw new CommandError(`--out ${out}: ${error instanceof Error ? error.message : String(error)}`, 'Name a folder that can be written.')
  }
}

/** One level after the other: Node's own `recursive` never ends where a parent is there and lets nothing be made (/proc). */
async function makeFolder (path: string): Promise<void> {
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) throw new Error('it is no folder')
    return
  }
  await makeFolder(dirname(path))
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    // Another command made it between the two calls.
    if (error.code !== 'EEXIST') throw error
  })
}

/** Options that say something of a modelled machine make no sense without one. */
function refuseModelOptions (options: CompareOptions): void {
  const given = [...(options.processors === undefined ? [] : ['--processors']), ...(options.samples === undefined ? [] : ['--samples'])]
  if (given.length > 0) throw new CommandError(`${given.join(', ')} without a modelled machine`, 'Name one: kaleidos compare --machine model:skylake … (kaleidos machines lists them).')
}

/** Options that say something to a program make no sense without one. */
function refuseProgramOptions (options: CompareOptions): void {
  const given = [
    ...(options.dir === undefined ? [] : ['--dir']), ...(options.env === undefined ? [] : ['--env']),
    ...(options.stdin === undefined ? [] : ['--stdin']), ...(options.repeats === undefined ? [] : ['--repeats'])
  ]
  if (given.length > 0) {
    throw new CommandError(`${given.join(', ')} without a program`, 'Name one: kaleidos compare PROGRAM.wasm --dir … -- ARGUMENT…')
  }
}

async function ownProgram (path: string, args: readonly string[], options: CompareOptions): Promise<Omit<OwnProgram, 'scratch'>> {
  const { shares, preopens } = folders(options.dir ?? [])
  await checkCopies(options.dir ?? [])
  return {
    path,
    program: readProgram(path),
    shares,
    spawn: { args: [path, ...args], env: options.env ?? {}, preopens, stdin: await standardInput(options.stdin) }
  }
}

/** The small programs that come with KaleidOS. */
async function ownPrograms (): Promise<Map<string, StoredProgram>> {
  const programs = new Map<string, StoredProgram>()
  for (const name of programsOf(workloads)) programs.set(name, storedProgram(name))
  return programs
}

/** Writes the page and the figures; returns the page's path. */
async function writeReport (comparison: Comparison, kernels: readonly Plan[], out: string): Promise<string> {
  const [page, figures] = reportFiles.map(name => resolve(out, name)) as [string, string]
  const command = ['kaleidos', 'compare', ...process.argv.slice(process.argv.indexOf('compare') + 1)]
  if (!command.includes('--seed')) command.splice(2, 0, '--seed', String(comparison.seed))
  await writeFile(page, await report(comparison, {
    drawings: new Map(kernels.map(kernel => [kernel.name, drawPlan(kernel, reportWidth)])),
    command: command.map(quoted).join(' ')
  }))
  await writeFile(figures, `${JSON.stringify(comparison, null, 2)}\n`)
  return page
}

function quoted (word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`
}
