/** Charts of a prediction, as SVG text. */

import * as Plot from '@observablehq/plot'
import { svg } from '../charts.ts'
import { plain, ratio } from '../units.ts'
import { factorsOf } from './prediction-answer.ts'
import type { Predicted, Prediction, SweepResult } from './prediction.ts'

/** Cycles of each operation, with the interval of the samples. */
export function cyclesChart (prediction: Prediction, machine: string): string {
  const names = prediction.kernels.map(({ name }) => name)
  const cells = prediction.cells.filter((cell): cell is Predicted => cell.outcome === 'modelled' && cell.machine === machine)
  const spans = cells.flatMap(cell => cell.interval === null ? [] : [{ ...cell, low: cell.interval[0], high: cell.interval[1] }])
  return svg({
    height: 70 + prediction.workloads.length * (14 + 12 * names.length),
    marginRight: 20,
    x: { type: 'log', grid: true, label: 'cycles of one operation (log scale) →', inset: 8, tickFormat: plain },
    y: { domain: names, axis: null, padding: 0.4 },
    fy: { domain: prediction.workloads.map(({ name }) => name), label: null, padding: 0.15 },
    marks: [
      Plot.frame({ strokeOpacity: 0.15 }),
      Plot.link(spans, { fy: 'workload', y: 'kernel', x1: 'low', x2: 'high', stroke: 'kernel', strokeWidth: 2, strokeOpacity: 0.5 }),
      Plot.dot(cells, {
        fy: 'workload', y: 'kernel', x: 'cycles', fill: 'kernel', symbol: 'kernel', r: 4.5,
        title: cell => `${cell.workload}, ${cell.kernel}: ${plain(Math.round(cell.cycles))} cycles`
      })
    ]
  }, names)
}

/** How many times as long as the cheapest kernel, on each machine. */
export function machinesChart (prediction: Prediction): string {
  const names = prediction.kernels.map(({ name }) => name)
  const bars = prediction.machines.flatMap(machine => [...factorsOf(prediction, machine.name)].map(([kernel, factor]) => ({ machine: machine.name, kernel, factor })))
  return svg({
    height: 60 + prediction.machines.length * (10 + 16 * names.length),
    x: { grid: true, label: 'times the cheapest kernel there →' },
    y: { domain: names, axis: null, label: null },
    fy: { domain: prediction.machines.map(({ name }) => name), label: null, padding: 0.2 },
    marks: [
      Plot.barX(bars, { fy: 'machine', y: 'kernel', x: 'factor', fill: 'kernel', inset: 0.5 }),
      Plot.text(bars, { fy: 'machine', y: 'kernel', x: 'factor', textAnchor: 'start', dx: 4, fontSize: 11, text: bar => ratio(bar.factor) }),
      Plot.ruleX([0])
    ]
  }, names)
}

/** Cycles by size, a line for each kernel; where two cross over is marked. */
export function sweepChart (prediction: Prediction, sweep: SweepResult): string {
  const names = prediction.kernels.map(({ name }) => name)
  // A logarithm has no 0: what begins there begins at 1.
  const points = sweep.points.map(point => ({ ...point, size: Math.max(1, point.size) }))
  const marks = sweep.crossovers.map(({ below, above, size }) => ({ below, above, size: Math.max(1, size), cycles: cyclesAt(points, below, size) }))
  return svg({
    height: 320,
    marginRight: 30,
    x: { type: 'log', grid: true, label: `${sweep.unit} (log scale) →`, tickFormat: plain },
    y: { type: 'log', grid: true, label: '↑ cycles of one operation (log scale)', tickFormat: plain },
    marks: [
      Plot.line(points, { x: 'size', y: 'cycles', stroke: 'kernel', strokeWidth: 2 }),
      Plot.dot(points, { x: 'size', y: 'cycles', fill: 'kernel', symbol: 'kernel', r: 4, title: point => `${point.kernel}, ${plain(point.size)} ${sweep.unit}: ${plain(Math.round(point.cycles))} cycles` }),
      Plot.dot(marks, { x: 'size', y: 'cycles', r: 9, stroke: 'currentColor', strokeWidth: 1.5 }),
      Plot.text(marks, { x: 'size', y: 'cycles', dy: -16, fontSize: 11, text: mark => `${mark.below} | ${mark.above}` })
    ]
  }, names)
}

function cyclesAt (points: SweepResult['points'], kernel: string, size: number): number {
  const own = points.filter(point => point.kernel === kernel).toSorted((a, b) => a.size - b.size)
  const after = own.find(point => point.size >= size) ?? own.at(-1)!
  const before = own.findLast(point => point.size <= size) ?? own[0]!
  return after.size === before.size ? after.cycles : before.cycles + (after.cycles - before.cycles) * (size - before.size) / (after.size - before.size)
}
