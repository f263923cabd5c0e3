/**
 * Records of runs on model machines: all that a run depends on, in one file, and what came of it.
 *
 * What it holds: the plan, the profile, processors and seed; the program's bytes, arguments, environment, limits and standard
 * input; what came from outside, each with its point; versions, as digests of the sources that ran. Then: how the run ended,
 * digests of what it wrote, the trace's hash and its checkpoints. It is JSON, bytes are deflated and in base64.
 */

import { createHash } from 'node:crypto'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Exit, Limits } from '../os/index.ts'
import type { Plan } from '../link/index.ts'
import type { Checkpoint } from '../machine/model/index.ts'
import { CommandError, failed } from './exit.ts'
import type { ModelRun, Point } from './model-run.ts'
import { version } from './version.ts'

/** The layout of the file. One of another number is not read. */
const FORMAT = 1
/** A module that is larger than this inflated is no record of ours. */
const BYTES_MAX = 2 ** 30

/** Something that came from outside: a signal for the program, or what a person typed (null for the end). */
export type Arrival = Point & ({ readonly signal: string } | { readonly typed: string | null })

export interface RunRecord {
  readonly kaleidosRecord: typeof FORMAT
  readonly versions: Readonly<Record<string, string>>
  readonly kernel: Plan
  readonly profile: object
  readonly processors: number
  readonly seed: number
  readonly program: { readonly sha256: string, readonly bytes: string }
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly preopens: Readonly<Record<string, string>>
  readonly limits: Limits
  readonly terminal: boolean
  readonly stdin: string | null
  readonly arrivals: readonly Arrival[]
  readonly result: RecordedResult
}

export interface RecordedResult {
  readonly exit: Exit
  readonly stdout: string
  readonly stderr: string
  readonly virtualNs: number
  readonly events: number
  readonly traceHash: string
  readonly checkpoints: readonly Checkpoint[]
}

export function resultOf ({ exit, machine: { timing, traceHash }, stdout, stderr }: ModelRun): RecordedResult {
  return { exit, stdout, stderr, virtualNs: timing.latestNs, events: timing.hash.events, traceHash, checkpoints: timing.hash.checkpoints }
}

/** Whether a file can be written, found out before the run that is to be kept in it. */
export function checkWritable (path: string): void {
  try {
    writeFileSync(path, '', { flag: 'a' })
  } catch (error) {
    throw unwritable(path, error)
  }
}

export function writeRecord (path: string, record: Omit<RunRecord, 'kaleidosRecord' | 'versions'>): void {
  const whole: RunRecord = { kaleidosRecord: FORMAT, versions: versions(), ...record }
  try {
    writeFileSync(path, `${JSON.stringify(whole)}\n`)
  } catch (error) {
    throw unwritable(path, error)
  }
}

function unwritable (path: string, error: unknown): CommandError {
  return new CommandError(`--record ${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 'Name a file in a folder that there is.', failed)
}

/** Reads a record. Throws a CommandError that says what is wrong with it. */
export function readRecord (path: string): RunRecord {
  let text
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new CommandError(code === 'ENOENT' ? `${path}: no such file` : code === 'EISDIR' ? `${path} is a folder` : `${path} cannot be read: ${(error as Error).message}`,
      'Give a file that `kaleidos run --record FILE` has written.')
  }
  const json = parsed(path, text)
  if (typeof json !== 'object' || json === null || !('kaleidosRecord' in json)) {
    throw new CommandError(`${path} is no record of a run`, 'Give a file that `kaleidos run --record FILE` has written.')
  }
  if (json.kaleidosRecord !== FORMAT) {
    throw new CommandError(`${path} is a record of layout ${String(json.kaleidosRecord)}, and this version reads layout ${FORMAT}`, 'Replay it with the version that wrote it.')
  }
  const missing = Object.entries(shapes).filter(([name, shape]) => !shape((json as Record<string, unknown>)[name])).map(([name]) => name)
  if (missing.length > 0) throw new CommandError(`${path} is damaged: ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or not what belongs there`, 'Record the run again.')
  const record = json as RunRecord
  if (sha256(bytesIn(path, record.program.bytes)) !== record.program.sha256) {
    throw new CommandError(`${path} is damaged: the program in it is not the one that it names`, 'Record the run again.')
  }
  return record
}

function parsed (path: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    // A record begins so; what begins so and is no JSON was cut off.
    const cut = text.startsWith('{"kaleidosRecord"')
    throw new CommandError(cut ? `${path} is a record that was cut off or damaged` : text === '' ? `${path} is empty: the run that it was to keep has not ended` : `${path} is no record of a run`,
      cut ? 'Record the run again.' : 'Give a file that `kaleidos run --record FILE` has written.')
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isWhole = (value: unknown): boolean => Number.isInteger(value) && value as number >= 0
const isTexts = (value: unknown): boolean => isObject(value) && Object.values(value).every(each => typeof each === 'string')
const isPoint = (value: unknown): boolean => isObject(value) && isWhole(value['events']) && typeof value['atRest'] === 'boolean' &&
  (typeof value['signal'] === 'string' || typeof value['typed'] === 'string' || value['typed'] === null)
const isCheckpoint = (value: unknown): boolean => isObject(value) && isWhole(value['events']) && typeof value['hash'] === 'string'

/** What each part has to be for anything here to work; the plan and the profile are checked by who takes them. */
const shapes: Readonly<Record<Exclude<keyof RunRecord, 'kaleidosRecord'>, (value: unknown) => boolean>> = {
  versions: isTexts,
  kernel: value => isObject(value) && Array.isArray(value['domains']) && Array.isArray(value['gates']),
  profile: isObject,
  processors: value => isWhole(value) && value as number >= 1 && value as number <= 64,
  seed: value => isWhole(value) && value as number < 2 ** 32,
  program: value => isObject(value) && typeof value['sha256'] === 'string' && typeof value['bytes'] === 'string',
  args: value => Array.isArray(value) && value.length > 0 && value.every(word => typeof word === 'string'),
  env: isTexts,
  preopens: isTexts,
  limits: isObject,
  terminal: value => typeof value === 'boolean',
  stdin: value => value === null || typeof value === 'string',
  arrivals: value => Array.isArray(value) && value.every(isPoint),
  result: value => isObject(value) && isObject(value['exit']) && typeof value['traceHash'] === 'string' && isWhole(value['events']) &&
    typeof value['virtualNs'] === 'number' && typeof value['stdout'] === 'string' && typeof value['stderr'] === 'string' &&
    Array.isArray(value['checkpoints']) && value['checkpoints'].every(isCheckpoint)
}

export function packed (bytes: Uint8Array): string {
  return deflateRawSync(bytes).toString('base64')
}

export function bytesIn (path: string, text: string): Uint8Array {
  try {
    return new Uint8Array(inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: BYTES_MAX }))
  } catch {
    throw new CommandError(`${path} is damaged: bytes in it cannot be unpacked`, 'Record the run again.')
  }
}

export function sha256 (bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex')
}

// ---- versions

/** Folders whose sources decide what a run does. */
const FOLDERS = ['abi', 'core', 'fiber', 'gates', 'link', 'machine', 'os', 'roles', 'services', 'walls']

/** What a run depends on besides its record: this package and its sources, each folder by a digest; and the engine, which should not matter. */
export function versions (): Record<string, string> {
  const root = fileURLToPath(new URL('..', import.meta.url))
  return {
    kaleidos: version(),
    ...Object.fromEntries(FOLDERS.map(folder => [folder, digestOfFolder(join(root, folder))])),
    engine: `V8 ${process.versions.v8} (Node ${process.versions.node}, ${process.platform} ${process.arch})`
  }
}

function digestOfFolder (folder: string): string {
  const hash = createHash('sha256')
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && /\.(?:js|ts|json)$/.test(entry.name) && !/\.(?:test|d)\.ts$/.test(entry.name))
    .map(entry => join(entry.parentPath, entry.name)).sort()
  for (const file of files) hash.update(file.slice(folder.length)).update('\0').update(readFileSync(file)).update('\0')
  return hash.digest('hex').slice(0, 16)
}
