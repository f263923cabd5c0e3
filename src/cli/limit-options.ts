/** The options that limit what a program may use, for every command that runs one, with their units. */

import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Limits } from '../os/index.ts'

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

/** Adds the options to a command. */
export function addLimits (command: Command): Command {
  const limit = (flags: string, text: string, parse: (word: string) => number): Option => new Option(flags, text).argParser(parse).helpGroup('Limits of the program and all that it starts:')
  return command
    .addOption(limit('--mem <size>', 'memory together, such as 64M (memory.grow fails beyond); default 1G', parseSize))
    .addOption(limit('--cpu-time <time>', 'processor time together, such as 10s or 500ms (ended by SIGXCPU)', parseTime))
    .addOption(limit('--processes <n>', 'processes (EAGAIN); default 7/8 of what there can be', parseNumber))
    .addOption(limit('--descriptors <n>', 'open descriptors of each process (EMFILE); default 1024', parseNumber))
    .addOption(limit('--files <n>', 'names of files in the system\'s memory, not in --dir (EDQUOT)', parseNumber))
    .addOption(limit('--disk <size>', 'bytes of files in the system\'s memory, not in --dir (EDQUOT)', parseSize))
    .addOption(limit('--pipe-bytes <size>', 'what pipes can hold, 64K each (ENFILE)', parseSize))
}

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
  if (!Number.isInteger(bytes) || bytes > Number.MAX_SAFE_INTEGER) throw new InvalidArgumentError('Give a number of bytes, such as 65536, 512K, 64M or 1.5G.')
  return bytes
}

const times: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Milliseconds: a number with ms, s, m or h. */
export function parseTime (word: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(word) ?? []
  if (unit === undefined) throw new InvalidArgumentError('Give a time with its unit, such as 500ms, 10s, 5m or 1h.')
  return Number(digits) * times[unit]!
}

function parseNumber (word: string): number {
  if (!/^\d{1,9}$/.test(word)) throw new InvalidArgumentError('Give a whole number from 0 to 999999999.')
  return Number(word)
}
