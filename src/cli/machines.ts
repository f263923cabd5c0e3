/** `kaleidos machines`: profiles of hardware are listed and shown, and one is made of the machine that this runs on. */

import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { styleText } from 'node:util'
import { calibrate, plain, wrap, type Calibration } from '../lab/index.ts'
import { bases, fieldAt, isProfileName, profileSchema, profiles, sources, type Figure, type ProfileData } from '../machine/model/index.ts'
import { CommandError, exitWith, failed, onSignals } from './exit.ts'
import { profileNamed } from './machine-option.ts'
import { columns, printJson } from './output.ts'
import { progress } from './progress.ts'

const indent = 2

export async function listMachines (options: { readonly json?: boolean }): Promise<number> {
  const all = [...profiles.keys()].map(name => profileNamed(name).data)
  if (options.json === true) {
    return printJson(all.map(data => ({
      name: data.name, year: data.year, frequencyMHz: frequencyOf(data), hardware: data.hardware, summary: data.summary, basis: basisCounts(data)
    })))
  }
  for (const data of all) {
    process.stdout.write([
      `${styleText('bold', data.name)}  ${data.year}, ${plain(frequencyOf(data))} MHz`,
      ...indented(data.summary), ...[data.hardware, basisText(data)].flatMap(indented).map(line => styleText('dim', line)), ''
    ].join('\n'))
  }
  process.stdout.write('\n`kaleidos machines show NAME` prints every number with its source; `--machine model:NAME` runs on one.\n')
  return 0
}

export async function showMachine (word: string, options: { readonly json?: boolean }): Promise<number> {
  const { data, json } = profileNamed(word.replace(/^model:/, ''))
  if (options.json === true) {
    process.stdout.write(profileText(json))
    return 0
  }
  process.stdout.write(`${[
    `${styleText('bold', data.name)}  ${data.year}, ${plain(frequencyOf(data))} MHz`, ...wrap(data.hardware, columns()), ...wrap(data.summary, columns()), '',
    ...table(data.figures), '', ...wrap(`${basisText(data)}.`, columns()), ...sourceLines(data.figures)
  ].join('\n')}\n`)
  return 0
}

export async function printSchema (): Promise<number> {
  return printJson(profileSchema())
}

export async function calibrateMachine (options: { readonly out?: string, readonly name: string, readonly json?: boolean }): Promise<number> {
  // Before half a minute is spent on it.
  if (!isProfileName(options.name)) throw new CommandError(`a profile cannot be named ${options.name}`, 'Take small letters, digits, dots and hyphens, at most 64.')
  if (options.out !== undefined) checkWritable(options.out)
  const { json, data, nearest } = await calibrated(options.name)
  if (options.out !== undefined) written(options.out, profileText(json))
  if (options.json === true) {
    process.stdout.write(profileText(json))
    return 0
  }
  const measured = data.figures.filter(({ basis }) => basis === 'measured')
  const others = data.figures.filter(({ basis }) => basis !== 'measured')
  process.stdout.write(`${[
    `${styleText('bold', data.name)}  ${plain(frequencyOf(data))} MHz`, ...wrap(data.hardware, columns()), '',
    styleText('bold', `Measured here: ${measured.length}`), ...table(measured), '',
    styleText('bold', `Not measured: ${others.length}`), ...wrap(`They are from ${nearest}, the profile nearest to this machine, in wide ranges.`, columns()), ...table(others), '',
    ...wrap(options.out === undefined ? '`--out FILE.json` keeps it.' : `It is in ${options.out}: \`--machine model:${pathOf(options.out)}\` runs on it.`, columns())
  ].join('\n')}\n`)
  return 0
}

async function calibrated (name: string): Promise<Calibration> {
  const shown = progress()
  const signals = onSignals(signal => {
    shown.stop()
    exitWith({ signal })
  })
  try {
    return await calibrate({ name, onProgress: shown.update })
  } catch (error) {
    throw new CommandError(`this machine cannot be calibrated: ${error instanceof Error ? error.message : String(error)}`, '', failed)
  } finally {
    signals.stop()
    shown.stop()
  }
}

function written (path: string, text: string): void {
  try {
    writeFileSync(path, text)
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, 'Name a file in a folder that there is.', failed)
  }
}

function checkWritable (path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK)
    if (existsSync(path)) accessSync(path, constants.W_OK)
    if (existsSync(path) && statSync(path).isDirectory()) throw new Error('it is a folder')
  } catch (error) {
    throw new CommandError(`cannot write ${path}: ${error instanceof Error ? error.message : String(error)}`, 'Name a file in a folder that there is.', failed)
  }
}

/** A path that `--machine` takes for one. */
function pathOf (path: string): string {
  return /[\\/]|\.json$/i.test(path) ? path : `./${path}`
}

/** JSON with a figure a line, as the profiles that come along are written. */
function profileText (json: unknown): string {
  return `${JSON.stringify(json, null, 2).replace(/\{\s+"value"[^{}]*\}/g, figure => figure.replace(/\s*\n\s*/g, ' ').replace(/\[ (.*?) \]/, '[$1]'))}\n`
}

function frequencyOf ({ figures }: ProfileData): number {
  return figures.find(({ place }) => place === 'frequencyMHz')!.value as number
}

function basisCounts ({ figures }: ProfileData): Record<string, number> {
  return Object.fromEntries(bases.map(basis => [basis, figures.filter(figure => figure.basis === basis).length]))
}

/** `31 measured, 6 derived, 4 assumed`. */
function basisText (data: ProfileData): string {
  return Object.entries(basisCounts(data)).map(([basis, count]) => `${count} ${basis}`).join(', ')
}

function indented (text: string): string[] {
  return wrap(text, columns() - indent).map(line => ' '.repeat(indent) + line)
}

/** A figure a row: with room its source beside it, else below. */
function table (figures: readonly Figure[]): string[] {
  const rows = figures.map(figure => [
    figure.place, `${valueText(figure.value)} ${figure.unit === 'boolean' ? '' : figure.unit}`.trimEnd(),
    figure.range === undefined ? '' : `${valueText(figure.range[0])} to ${valueText(figure.range[1])}`, figure.basis
  ])
  const head = ['number', 'value', 'between', 'basis']
  const widths = head.map((word, column) => Math.max(word.length, ...rows.map(row => row[column]!.length)) + 2)
  const used = widths.reduce((sum, width) => sum + width, 0)
  const beside = columns() - used
  const room = beside >= sourceColumnsLeast
  const padded = (cells: readonly string[]): string => cells.map((cell, column) => cell.padEnd(widths[column]!)).join('')
  return [
    styleText('underline', padded(head).trimEnd()) + (room ? `  ${styleText('underline', 'source')}`.slice(2) : ''),
    ...figures.flatMap((figure, at) => {
      const line = padded(rows[at]!)
      const source = wrap(figure.source, room ? beside : columns() - 2 * indent)
      if (!room) return [line.trimEnd(), ...source.map(part => styleText('dim', ' '.repeat(2 * indent) + part))]
      return source.map((part, first) => (first === 0 ? line : ' '.repeat(used)) + styleText('dim', part))
    })
  ]
}

const sourceColumnsLeast = 36

function valueText (value: number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'yes' : 'no') : value.toLocaleString('en', { maximumFractionDigits: 4 })
}

/** What the keys of sources mean, and what the numbers do. */
function sourceLines (figures: readonly Figure[]): string[] {
  const said = figures.map(({ source }) => source).join('\n')
  const named = Object.entries(sources).filter(([key]) => said.includes(`${key}: `))
  const lines = (head: string, text: string): string[] => wrap(`${head}: ${text}`, columns() - 2 * indent)
    .map((line, at) => at === 0 ? line.replace(head, () => styleText('bold', head)) : ' '.repeat(2 * indent) + line)
  return [
    ...named.length === 0 ? [] : ['', styleText('underline', 'sources')],
    ...named.flatMap(([key, { citation, seen }]) => lines(key, `${citation} (${seen})`)),
    '', styleText('underline', 'what the numbers mean'),
    ...[...new Map(figures.map(({ place }) => [place.replace(/\[\d+\]/, '[]'), place]))].flatMap(([row, place]) => lines(row, fieldAt(place).meaning))
  ]
}
