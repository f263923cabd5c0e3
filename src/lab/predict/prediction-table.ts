/** A prediction for a terminal of 80 columns or more: the answer of each machine, then each operation, then where kernels cross over. */

import { stripVTControlCharacters, styleText } from 'node:util'
import { plainTable, right, type Cell } from '../plain-table.ts'
import { refusalLines } from '../refusals.ts'
import { textWidth, wrap } from '../text.ts'
import { bytes, duration, plain, ratio } from '../units.ts'
import { factorsOf, verdictOf } from './prediction-answer.ts'
import type { Predicted, Prediction, SweepResult } from './prediction.ts'

const columnsMin = 80
const textColumns = 100

/** What the figures are, and are not. */
export const predictionCaveat = 'Cycles are modelled: from the profile of the hardware and the services\' cost tables, not measured here.'

export function predictionTables (prediction: Prediction, width: number): string {
  const columns = Math.max(columnsMin, width) - 1
  const text = Math.min(columns, textColumns)
  return [
    ...prediction.machines.flatMap(machine => wrap(verdictOf(prediction, machine.name), text).map(line => styleText('bold', line))),
    ...wrap(predictionCaveat, text),
    '',
    ...prediction.machines.length > 1 ? [machineTable(prediction), ''] : [],
    ...prediction.machines.flatMap(machine => [operationTable(prediction, machine.name, columns), ...refusalLines(prediction.cells.filter(cell => cell.outcome === 'refused').filter(cell => cell.machine === machine.name), text), '']),
    ...crossings(prediction, text),
    '',
    ...wrap(legend(prediction), text).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

/** Machines below one another, kernels beside: how many times as long as the cheapest kernel there. */
function machineTable (prediction: Prediction): string {
  const table = plainTable(['machine', right('year'), right('MHz'), ...prediction.kernels.map(({ name }) => right(name))], [], 2)
  for (const machine of prediction.machines) {
    const factors = factorsOf(prediction, machine.name)
    table.push([styleText('bold', machine.name), right(String(machine.year)), right(plain(machine.frequencyMHz)),
      ...prediction.kernels.map(({ name }) => right(factors.get(name) === undefined ? '–' : ratio(factors.get(name)!)))])
  }
  return table.toString()
}

const columnSets = [['core', 'switch', 'copied'], ['core', 'copied'], ['core'], []] as const

function operationTable (prediction: Prediction, machine: string, columns: number): string {
  const tables = columnSets.map(set => operations(prediction, machine, set))
  return tables.find(table => table.split('\n').every(line => textWidth(stripVTControlCharacters(line).trimEnd()) <= columns)) ?? below(prediction, machine)
}

function operations (prediction: Prediction, machine: string, counted: readonly string[]): string {
  const { kernels, workloads } = prediction
  const table = plainTable([`${machine}: cycles`, ...kernels.flatMap(({ name }) => [right(name), right('×'), ...counted.map(right)])], [], 1)
  for (const workload of workloads) {
    const row = cellsOf(prediction, machine, workload.name)
    const least = Math.min(...row.values().map(cell => cell.cycles))
    table.push([styleText('bold', workload.name), ...kernels.flatMap(({ name }) => {
      const cell = row.get(name)
      return cell === undefined ? [right('–'), '', ...counted.map(() => '')] : [right(` ${cyclesText(cell)}`), right(factorText(cell.cycles / least)), ...countsText(cell, counted)]
    })])
  }
  return table.toString()
}

function below (prediction: Prediction, machine: string): string {
  const table = plainTable([`${machine}: operation`, 'kernel', right('cycles'), right('×'), right('core'), right('switch'), right('copied')], [], 1)
  for (const workload of prediction.workloads) {
    const row = cellsOf(prediction, machine, workload.name)
    const least = Math.min(...row.values().map(cell => cell.cycles))
    prediction.kernels.forEach(({ name }, at) => {
      const cell = row.get(name)
      table.push([at === 0 ? styleText('bold', workload.name) : '', name,
        ...cell === undefined ? [right('–')] : [right(cyclesText(cell)), right(factorText(cell.cycles / least)), ...countsText(cell, ['core', 'switch', 'copied'])]])
    })
  }
  return table.toString()
}

function countsText (cell: Predicted, counted: readonly string[]): Cell[] {
  const named: Readonly<Record<string, string>> = { core: plain(cell.counts.crossings), switch: plain(cell.counts.switches), copied: bytes(cell.counts.bytesCopied) }
  return counted.map(name => right(named[name]!))
}

function factorText (factor: number): string {
  return styleText(factor >= 1.95 ? 'bold' : 'dim', ratio(factor))
}

/** `1,240`, with samples `1,240 (980–1,500)`. */
function cyclesText ({ cycles, interval }: Predicted): string {
  const figure = plain(Math.round(cycles))
  return interval === null ? figure : `${figure} (${plain(Math.round(interval[0]))}–${plain(Math.round(interval[1]))})`
}

function cellsOf (prediction: Prediction, machine: string, workload: string): Map<string, Predicted> {
  return new Map(prediction.cells.flatMap(cell =>
    cell.outcome === 'modelled' && cell.machine === machine && cell.workload === workload ? [[cell.kernel, cell] as const] : []))
}

/** For each sweep: how far apart the kernels are at its ends, and where they cross. */
function crossings (prediction: Prediction, columns: number): string[] {
  return prediction.sweeps.flatMap(sweep => {
    const place = prediction.machines.length > 1 ? `${sweep.machine}, ${sweep.title}: ` : `${sweep.title}: `
    const [first, last] = [Math.min(...sweep.points.map(point => point.size)), Math.max(...sweep.points.map(point => point.size))]
    const spread = (size: number): string => {
      const cycles = sweep.points.filter(point => point.size === size).map(point => point.cycles)
      return ratio(Math.max(...cycles) / Math.min(...cycles))
    }
    const crossed = sweep.crossovers.map(({ below, above, size }) => `${below} is cheaper than ${above} below ${plain(Math.round(size))} ${sweep.unit}, and dearer above`)
    return wrap(`${place}the dearest costs ${spread(first)} the cheapest at ${plain(first)}, ${spread(last)} at ${plain(last)}; ` +
      `${crossed.length === 0 ? 'no two kernels cross over' : crossed.join('; ')}${nearText(sweep)}.`, columns)
  })
}

/** From where on it hardly matters which kernel it is. */
export function nearText ({ nearFrom, unit }: SweepResult): string {
  return nearFrom === null ? '' : `; from ${plain(Number(nearFrom.toPrecision(2)))} ${unit} on none costs over a tenth more than the cheapest`
}

function legend (prediction: Prediction): string {
  const { processors, samples, seed } = prediction
  const hardware = prediction.machines.map(machine => `${machine.name}: ${machine.hardware} (${machine.year}), ${duration(1000 / machine.frequencyMHz)} a cycle`).join('; ')
  return `${hardware}. ${processors === 1 ? 'One processor' : `${processors} processors`}, seed ${seed}. ×: times the cheapest. core: entries into the core, switch: changes of ` +
    'address space, copied: bytes, each of one operation (of the run, for whole programs). ' +
    (samples === 0 ? 'Figures of profile and tables as they stand; --samples N draws them from their ranges and says how far conclusions hold.'
      : `In brackets: all but a twentieth at each end of ${samples} samples, each with every figure of profile and tables drawn from its range.`)
}
