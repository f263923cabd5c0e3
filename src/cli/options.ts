/** Values of options: each parser takes the word as typed, and what earlier ones of the same option gave. */

import { posix } from 'node:path'
import { InvalidValue } from './invalid-value.ts'

/** A folder of the host, as `--dir` names it. */
export interface Directory {
  readonly hostPath: string
  /** The name under which programs see it. */
  readonly guestName: string
  /** Where it stands in the kernel's tree. */
  readonly guestPath: string
  readonly writable: boolean
}

/** `HOST[:GUEST][:ro]`. */
export function parseDirectory (word: string, earlier: readonly Directory[] = []): Directory[] {
  const readOnly = /:ro$/.test(word)
  const rest = readOnly ? word.slice(0, -3) : word
  // A single letter before the first colon is a drive of Windows.
  const colon = rest.indexOf(':', process.platform === 'win32' && /^[a-z]:[\\/]/i.test(rest) ? 2 : 0)
  const hostPath = colon < 0 ? rest : rest.slice(0, colon)
  // Other runtimes write HOST::GUEST.
  const guestName = colon < 0 ? rest : rest.slice(colon + 1).replace(/^:/, '')
  if (hostPath === '') throw new InvalidValue('Name a folder of this host before the colon: HOST:GUEST.')
  if (guestName === '') throw new InvalidValue('Name what programs shall see after the colon: HOST:GUEST.')
  if (colon >= 0 && guestName.includes(':')) {
    throw new InvalidValue(`Programs would see it as ${guestName}; after the guest's name there can be :ro, no other word.`)
  }
  const directory = { hostPath, guestName, guestPath: guestPath(guestName), writable: !readOnly }
  const taken = earlier.find(other => other.guestPath === directory.guestPath)
  if (taken !== undefined) {
    throw new InvalidValue(`${taken.hostPath} stands at ${directory.guestPath} already: give one another GUEST.`)
  }
  return [...earlier, directory]
}

/** The place in the kernel's tree of a folder that programs know by `name`: relative names stand below the root. */
function guestPath (name: string): string {
  const path = posix.normalize(`/${name.replaceAll('\\', '/').replace(/^[a-z]:/i, '')}`)
  return path === '/' ? path : path.replace(/\/$/, '')
}

/** `NAME=VALUE`. */
export function parseVariable (word: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = word.indexOf('=')
  if (equals < 1) throw new InvalidValue('Write NAME=VALUE.')
  return { ...earlier, [word.slice(0, equals)]: word.slice(equals + 1) }
}

export function parseCount (word: string): number {
  if (!/^\d{1,6}$/.test(word) || Number(word) === 0) throw new InvalidValue('Give a whole number from 1 to 999999.')
  return Number(word)
}

export function parseEvents (word: string): number {
  if (!/^\d{1,9}$/.test(word) || Number(word) === 0) throw new InvalidValue('Give a whole number from 1 to 999999999.')
  return Number(word)
}

export function parseProcessors (word: string): number {
  const count = Number(word)
  if (!/^\d{1,2}$/.test(word) || count < 1 || count > 64) throw new InvalidValue('Give a whole number from 1 to 64.')
  return count
}

export function parseSeed (word: string): number {
  if (!/^\d{1,10}$/.test(word) || Number(word) >= 2 ** 32) throw new InvalidValue('Give a whole number below 2^32.')
  return Number(word)
}
