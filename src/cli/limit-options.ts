/** The options that limit what a program may use, for every command that runs one, with their units. */

import type { Limits } from '../os/index.ts'
import { InvalidValue } from './invalid-value.ts'

/** As commander keeps them, by the name of the option. */
export interface LimitOptions {
  readonly mem?: number
  readonly cpuTime?: number
  readonly processes?: number
  readonly descriptors?: number
  readonly files?: number
  readonly disk?: number
  readonly pipeBytes?: number
}

/** The options, each with what makes its value of a word. */
export const limits: readonly { readonly flags: string, readonly text: string, readonly parse: (word: string) => number }[] = [
  { flags: '--mem <size>', text: 'memory together, such as 64M (memory.grow fails beyond); default 1G', parse: parseSize },
  { flags: '--cpu-time <time>', text: 'processor time together, such as 10s or 500ms (ended by SIGXCPU)', parse: parseTime },
  { flags: '--processes <n>', text: 'processes (EAGAIN); default 7/8 of what there can be', parse: parseNumber },
  { flags: '--descriptors <n>', text: 'open descriptors of each process (EMFILE); default 1024', parse: parseNumber },
  { flags: '--files <n>', text: 'names of files in the system\'s memory, not in --dir (EDQUOT)', parse: parseNumber },
  { flags: '--disk <size>', text: 'bytes of files in the system\'s memory, not in --dir (EDQUOT)', parse: parseSize },
  { flags: '--pipe-bytes <size>', text: 'what pipes can hold, 64K each (ENFILE)', parse: parseSize }
]

/** The limits that were given; the library's defaults stand for the others. */
export function limitsOf (options: LimitOptions): Limits {
  const given: Record<keyof Limits, number | undefined> = {
    memoryBytes: options.mem, cpuTimeMs: options.cpuTime, processes: options.processes, descriptors: options.descriptors,
    files: options.files, diskBytes: options.disk, pipeBytes: options.pipeBytes
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

const sizes: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 }

/** Bytes: a number with K, M or G for 1024, 1024² or 1024³ of them. */
export function parseSize (word: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([KMG]?)(?:i?B)?$/i.exec(word) ?? []
  const bytes = Number(digits) * sizes[(unit ?? '').toUpperCase()]!
  if (!Number.isInteger(bytes) || bytes > Number.MAX_SAFE_INTEGER) throw new InvalidValue('Give a number of bytes, such as 65536, 512K, 64M or 1.5G.')
  return bytes
}

const times: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds: a number with ms, s, m or h. */
export function parseTime (word: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(word) ?? []
  if (unit === undefined) throw new InvalidValue('Give a time with its unit, such as 500ms, 10s, 5m or 1h.')
  return Number(digits) * times[unit]!
}

function parseNumber (word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new InvalidValue('Give a whole number from 0 to 999999999.')
  return Number(word)
}
