/**
 * What the benchmarks share: scale, rounds, a finding and how it is shown.
 *
 * A benchmark is a file that states its question, its units and what is held fixed, and calls `benchmark`. On its own it
 * prints its finding for a terminal; with `--json` it prints it for `run.ts`, which makes the report of all of them. Progress
 * goes to standard error.
 *
 * - Every figure comes from the run that prints it. What could not be measured is null, with the reason beside it.
 * - Whatever is compared takes turns, in an order drawn from the seed, so that a slow minute of the machine meets all alike;
 *   medians count.
 */

import process from 'node:process'
import { parseArgs, styleText } from 'node:util'
import { randomFrom, shuffled } from '../src/lab/index.ts'

/** How much is done. */
export interface Scale {
  readonly name: 'full' | 'quick' | 'trial'
  readonly rounds: number
  readonly seed: number
  /** Parts of names: what is measured, where a benchmark has several things to measure; all if there are none. */
  readonly only: readonly string[]
}

/** A column's figures are right-aligned unless it holds words. */
export interface Column {
  readonly name: string
  readonly words?: true
}

export interface Table {
  readonly title: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly string[])[]
  /** What a reader must know to read it. */
  readonly notes?: readonly string[]
}

/** What was wanted, and what came out; `met` is null where it could not be measured. */
export interface Target {
  readonly what: string
  readonly wanted: string
  readonly measured: string
  readonly met: boolean | null
}

export interface Finding {
  readonly title: string
  readonly question: string
  readonly held: string
  readonly targets: readonly Target[]
  readonly tables: readonly Table[]
  /** Figures for programs, of any shape. */
  readonly figures: unknown
}

export interface Rounds {
  readonly rounds: number
  readonly seed: number
}

const roundsOf = { full: 7, quick: 3, trial: 1 } as const

/** Runs a benchmark as the command line says: `[--quick | --trial] [--rounds N] [--seed N] [--json] [NAME…]`. */
export async function benchmark (measure: (scale: Scale) => Promise<Finding> | Finding): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean' }, trial: { type: 'boolean' }, json: { type: 'boolean' },
      rounds: { type: 'string' }, seed: { type: 'string', default: '1' }
    }
  })
  const name = values.trial ? 'trial' : values.quick ? 'quick' : 'full'
  const finding = await measure({ name, rounds: whole('rounds', values.rounds, roundsOf[name]), seed: whole('seed', values.seed, 1), only: positionals })
  process.stdout.write(values.json ? `${JSON.stringify(finding)}\n` : `${terminalText(finding)}\n`)
}

function whole (option: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`--${option} ${text}: a whole number from 1 is wanted`)
  return Number(text)
}

/** Says what is done, on standard error; on a terminal in one line. */
export function progress (text: string): void {
  const { stderr } = process
  stderr.write(stderr.isTTY ? `\r\u001b[2K${text.slice(0, (stderr.columns || 80) - 1)}` : `${text}\n`)
}

/** Calls `run` for each of the contestants, `rounds` times each, in turns; rounds below 0 warm up. */
export async function inTurns<T> (contestants: readonly T[], { rounds, seed }: Rounds, warmUps: number, run: (contestant: T, round: number) => Promise<void> | void): Promise<void> {
  const random = randomFrom(seed)
  for (let round = -warmUps; round < rounds; round++) {
    for (const contestant of shuffled(contestants, random)) await run(contestant, round)
  }
}

/** Whether it is one of what the command line asks for. */
export function wanted ({ only }: Scale, name: string): boolean {
  return only.length === 0 || only.some(part => name.includes(part))
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** A target of at most so much. */
export function atMost (what: string, measured: number, most: number, show: (value: number) => string): Target {
  return { what, wanted: `at most ${show(most)}`, measured: show(measured), met: measured <= most }
}

export function atLeast (what: string, measured: number, least: number, show: (value: number) => string): Target {
  return { what, wanted: `at least ${show(least)}`, measured: show(measured), met: measured >= least }
}

export function verdict ({ met }: Target): string {
  return met === null ? 'not measured' : met ? 'met' : 'missed'
}

/** A finding for a terminal: the answer first. */
export function terminalText ({ title, question, held, targets, tables }: Finding): string {
  const paint = (text: string, met: boolean | null): string => styleText(met === null ? 'yellow' : met ? 'green' : 'red', text)
  const width = Math.max(0, ...targets.map(({ what }) => what.length))
  return [
    styleText('bold', title), question, '',
    ...targets.map(target => `${paint(verdict(target).padEnd(12), target.met)}  ${target.what.padEnd(width)}  ${target.measured}, wanted ${target.wanted}`),
    ...(targets.length === 0 ? [] : ['']),
    ...tables.flatMap(table => [styleText('bold', table.title), ...columns(table), ...(table.notes ?? []).map(note => styleText('dim', note)), '']),
    styleText('dim', `Held fixed: ${held}`)
  ].join('\n')
}

function columns ({ columns, rows }: Table): string[] {
  const lines = [columns.map(({ name }) => name), ...rows]
  const widths = columns.map((_, at) => Math.max(...lines.map(line => line[at]!.length)))
  return lines.map((line, number) => {
    const text = line.map((cell, at) => columns[at]!.words ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)).join('  ').trimEnd()
    return number === 0 ? styleText('underline', text) : text
  })
}
