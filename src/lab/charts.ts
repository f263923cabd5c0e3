/**
 * Charts of a comparison, as SVG text. Colours are variables of the page (`--kernel-0` …), so that one drawing serves light
 * and dark; shapes tell kernels apart without colour.
 */

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Comparison } from './results.ts'
import { duration } from './units.ts'

/** The shapes of Plot's symbol scale, in its order, as characters for a key. */
export const shapes = ['●', '✚', '◆', '■', '★', '▲', 'Y'] as const

const width = 860
const marginLeft = 130

interface Point {
  readonly workload: string
  readonly kernel: string
  readonly value: number
}

/** Median of each operation, a line to the 99th percentile. */
export function timeChart (comparison: Comparison): string {
  const points = comparison.measurements.flatMap(row => row.outcome === 'measured'
    ? [{ workload: row.workload, kernel: row.kernel, value: row.ns.median, p99: row.ns.p99 }] : [])
  const names = comparison.kernels.map(kernel => kernel.name)
  return svg({
    height: 70 + comparison.workloads.length * (14 + 12 * names.length),
    marginRight: 20,
    x: {
      type: 'log', grid: true, label: 'time of one operation (log scale) →', inset: 8, tickFormat: duration,
      ticks: decades(points.flatMap(point => [point.value, point.p99]))
    },
    y: { domain: names, axis: null, padding: 0.4 },
    fy: { domain: workloadNames(comparison), label: null, padding: 0.15 },
    marks: [
      Plot.frame({ strokeOpacity: 0.15 }),
      Plot.link(points, { fy: 'workload', y: 'kernel', x1: 'value', x2: 'p99', stroke: 'kernel', strokeWidth: 2, strokeOpacity: 0.5 }),
      Plot.dot(points, {
        fy: 'workload', y: 'kernel', x: 'value', fill: 'kernel', symbol: 'kernel', r: 4.5,
        title: point => `${point.workload}, ${point.kernel}: median ${duration(point.value)}, p99 ${duration(point.p99)}`
      })
    ]
  }, kernelNames(comparison))
}

/** Powers of ten within the values, with twos and fives where there are few. */
function decades (values: readonly number[]): number[] {
  const low = Math.min(...values)
  const high = Math.max(...values)
  const factors = high / low < 100 ? [1, 2, 5] : [1]
  const ticks: number[] = []
  for (let power = 10 ** Math.floor(Math.log10(low)); power <= high; power *= 10) ticks.push(...factors.map(factor => factor * power))
  return ticks.filter(tick => tick >= low && tick <= high)
}

/** A count of each operation. */
export function countChart (comparison: Comparison, count: 'crossings', label: string): string {
  const batched = new Set(comparison.workloads.filter(workload => workload.sample === 'batch').map(workload => workload.name))
  const points = comparison.measurements.flatMap((row): Point[] => row.outcome === 'measured' && row.counts !== null && batched.has(row.workload)
    ? [{ workload: row.workload, kernel: row.kernel, value: row.counts[count] }] : [])
  return bars(comparison, points, [...batched], label)
}

/** Privileged lines by layer of the tree. */
export function linesChart (comparison: Comparison): string {
  const rows = comparison.kernels.flatMap(kernel => {
    const layers = new Map<string, number>()
    for (const [folder, lines] of Object.entries(kernel.supervisor.parts)) {
      const layer = folder.split('/')[0]!
      layers.set(layer, (layers.get(layer) ?? 0) + lines)
    }
    return [...layers].map(([layer, lines]) => ({ kernel: kernel.name, layer, lines }))
  })
  const layers = [...new Set(rows.map(row => row.layer))].sort()
  return svg({
    height: 60 + 34 * comparison.kernels.length,
    x: { grid: true, label: 'lines of code that run privileged →' },
    y: { domain: comparison.kernels.map(kernel => kernel.name), label: null },
    color: { domain: layers, range: layers.map((_, at) => `var(--layer-${at % 8})`) },
    marks: [
      Plot.barX(rows, {
        y: 'kernel', x: 'lines', fill: 'layer', inset: 0.5, title: row => `${row.kernel}, ${row.layer}: ${row.lines} lines`
      }),
      Plot.ruleX([0])
    ]
  }, kernelNames(comparison), layers)
}

/** The layers of `linesChart`, in the order of their colours. */
export function layersOf (comparison: Comparison): string[] {
  return [...new Set(comparison.kernels.flatMap(kernel => Object.keys(kernel.supervisor.parts).map(name => name.split('/')[0]!)))].sort()
}

function bars (comparison: Comparison, points: readonly Point[], groups: readonly string[], label: string): string {
  const names = comparison.kernels.map(kernel => kernel.name)
  const named = groups.length === 1
  return svg({
    height: 60 + groups.length * (10 + (named ? 30 : 14) * names.length),
    x: { grid: true, label },
    y: { domain: names, axis: named ? 'left' : null, label: null },
    fy: { domain: groups, label: null, padding: 0.2, axis: named ? null : 'left' },
    marks: [
      Plot.barX(points, {
        fy: 'workload', y: 'kernel', x: 'value', fill: 'kernel', inset: 0.5,
        title: point => `${point.workload} ${point.kernel}: ${point.value.toLocaleString('en')}`
      }),
      Plot.text(points, {
        fy: 'workload', y: 'kernel', x: 'value', textAnchor: 'start', dx: 4, fontSize: 11,
        text: point => point.value.toLocaleString('en', { maximumFractionDigits: 2 })
      }),
      Plot.ruleX([0])
    ]
  }, kernelNames(comparison))
}

/** A chart as SVG text; kernels have the page's colours unless the chart has its own. */
export function svg (options: Plot.PlotOptions, names: readonly string[], ownColours?: readonly string[]): string {
  const { document } = parseHTML('<!doctype html><html><body></body></html>')
  const drawing = Plot.plot({
    document, width, marginLeft, marginRight: 70, marginBottom: 42,
    style: { fontSize: '12px', overflow: 'visible' },
    ...(ownColours === undefined ? {
      color: { domain: names, range: names.map((_, at) => `var(--kernel-${at % 12})`) },
      symbol: { domain: names }
    } : {}),
    ...options
  })
  return drawing.outerHTML
}

function kernelNames (comparison: Comparison): string[] {
  return comparison.kernels.map(kernel => kernel.name)
}

function workloadNames (comparison: Comparison): string[] {
  return comparison.workloads.map(workload => workload.name)
}
