/** What `--machine` names: the live machine, or a model with the profile that comes along under that name, or that a file holds. */

import { readFileSync, statSync } from 'node:fs'
import { errorLine, isErrors, profileOf, profiles, readProfileData, type Profile, type ProfileData } from '../machine/model/index.ts'
import { CommandError } from './exit.ts'
import { suggestion } from './suggestion.ts'

/** As commander keeps the options of a command that boots a system. */
export interface MachineOptions {
  readonly machine?: string
  readonly processors?: number
  readonly seed?: number
}

/** A model machine as a command line names it. */
export interface ChosenModel {
  readonly profile: Profile
  /** What the profile was read from. */
  readonly json: object
  readonly processors: number
  readonly seed: number
}

/** What the options name: null for the live machine. */
export function chosenModel ({ machine = 'live', processors, seed }: MachineOptions): ChosenModel | null {
  const choice = machineNamed(machine)
  if (choice.kind === 'model') return { profile: choice.profile, json: choice.json as object, processors: processors ?? 1, seed: seed ?? 0 }
  const given = processors !== undefined ? '--processors' : seed !== undefined ? '--seed' : null
  if (given === null) return null
  throw new CommandError(`${given} without a model machine: the live one has one processor, and what it does nobody draws`,
    `Give one: --machine ${prefix}skylake ${given} ${processors ?? seed} (kaleidos machines lists them).`)
}

export type MachineChoice =
  | { readonly kind: 'live' }
  /** `json` is what the profile was read from, for runs that sample it. */
  | { readonly kind: 'model', readonly profile: Profile, readonly data: ProfileData, readonly json: unknown }

const prefix = 'model:'
/** A profile is a few thousand bytes. */
const fileBytesMost = 1_000_000

/** `live`, `model:NAME`, `model:./file.json`. */
export function machineNamed (word: string): MachineChoice {
  if (word === 'live') return { kind: 'live' }
  if (word.startsWith(prefix) && word.length > prefix.length) return { kind: 'model', ...profileNamed(word.slice(prefix.length)) }
  const names = ['live', ...[...profiles.keys()].map(name => `${prefix}${name}`)]
  const meant = profiles.has(word) ? `Did you mean ${prefix}${word}? ` : suggestion(word, names)
  throw new CommandError(`no machine is named ${word === '' ? 'by the empty word' : word}`, `${meant}There are: live; ${prefix}NAME, with the name of a profile \
(kaleidos machines); ${prefix}./FILE.json.`)
}

/** A profile by its name, or in the file of that path. A path has a slash in it, or ends in .json. */
export function profileNamed (word: string): { readonly profile: Profile, readonly data: ProfileData, readonly json: unknown } {
  const isPath = /[\\/]|\.json$/i.test(word)
  const json = isPath ? fileAt(word) : profiles.get(word)
  if (json === undefined) {
    const names = [...profiles.keys()]
    throw new CommandError(`no profile is named ${word}`, `${suggestion(word, names)}There are: ${names.join(', ')}; or a file: ./NAME.json.`)
  }
  const data = readProfileData(json)
  if (!isErrors(data)) return { profile: profileOf(data), data, json }
  throw new CommandError(`${word} is no profile that can be used:\n${data.map(error => `  ${errorLine(error)}`).join('\n')}`,
    '`kaleidos machines show NAME --json` prints one that can; `kaleidos machines schema` what stands where.')
}

function fileAt (path: string): unknown {
  let text
  try {
    const status = statSync(path)
    if (status.isDirectory()) throw new CommandError(`cannot read ${path}: it is a folder`, 'Name the file in it.')
    // A pipe may be one that a shell made (`<(…)`); a device may have no end.
    if (!status.isFile() && !status.isFIFO()) throw new CommandError(`cannot read ${path}: it is no file`, 'Name a file with a profile.')
    if (status.size > fileBytesMost) throw new CommandError(`${path} is larger than a profile can be`, `One has a few thousand bytes, at most ${fileBytesMost}.`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof CommandError) throw error
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    throw new CommandError(`cannot read ${path}: ${code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'permission denied' : String(error)}`,
      'A profile in a file is named by its path; one that comes along by its name alone (kaleidos machines).')
  }
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    throw new CommandError(`${path} is not JSON: ${error instanceof Error ? error.message : String(error)}`, '`kaleidos machines show NAME --json` prints a profile.')
  }
}
