/** The report of a prediction: one HTML page that needs nothing but itself. */

import { html, Html } from '../html.ts'
import { key, type ReportParts } from '../report.ts'
import { reportPage } from '../report-style.ts'
import { bytes, plain, ratio } from '../units.ts'
import { factorsOf, verdictOf } from './prediction-answer.ts'
import { nearText, predictionCaveat } from './prediction-table.ts'
import type { Predicted, Prediction, SweepResult } from './prediction.ts'

export async function predictionReport (prediction: Prediction, parts: ReportParts): Promise<string> {
  // The libraries that draw take long to load.
  const charts = await import('./prediction-charts.ts')
  const { shapes } = await import('../charts.ts')
  const { machines, kernels, sweeps } = prediction
  const several = machines.length > 1
  const title = `${kernels.length} kernels on ${several ? `${machines.length} modelled machines` : `a modelled ${machines[0]!.hardware}`}`
  const kernelKey = (marks: readonly string[]): Html => key(kernels.map(({ name }) => name), 'kernel', marks)
  return reportPage(title, '', html`${machines.map(machine => html`<p class="lead"><b>${verdictOf(prediction, machine.name)}</b></p>`)}
<p class="soft">${predictionCaveat}</p>
${several ? html`<h2>Machines beside one another</h2>${machineTable(prediction)}
<figure><figcaption>How many times as long as the cheapest kernel on that machine: the geometric mean over the operations that all do.</figcaption>
${kernelKey(['■'])}${new Html(charts.machinesChart(prediction))}</figure>` : null}
${machines.map(machine => html`<h2>${machine.name}: cycles of one operation</h2>
<figure><figcaption>${machine.hardware}, ${machine.year}, ${plain(machine.frequencyMHz)} MHz. ${prediction.samples === 0 ? 'Each figure of the profile and the tables as it stands.'
    : `The line is all but a twentieth at each end of ${prediction.samples} samples.`}</figcaption>
${kernelKey(shapes)}${new Html(charts.cyclesChart(prediction, machine.name))}</figure>
${operationTable(prediction, machine.name)}`)}
<h2>Where two architectures cross over</h2>
${sweeps.map(sweep => html`<figure><figcaption>${several ? `${sweep.machine}: ` : ''}${sweep.title}. ${crossed(sweep)}</figcaption>
${kernelKey(shapes)}${new Html(charts.sweepChart(prediction, sweep))}</figure>`)}
<h2>Crossings and cost</h2>
${crossingTable(prediction)}
${prediction.samples === 0 ? null : html`<h2>How certain it is</h2>${conclusionTable(prediction)}`}
<h2>Plans</h2>
${[...parts.drawings].map(([name, drawing]) => html`<h3>${name}</h3><pre>${drawing}</pre>`)}
<h2>Again</h2>
<p><code>${parts.command}</code> gives the same figures on any host: seed ${prediction.seed}, ${plain(prediction.processors)} ${prediction.processors === 1 ? 'processor' : 'processors'}, KaleidOS ${prediction.kaleidos}.</p>`)
}

function machineTable (prediction: Prediction): Html {
  return html`<div class="scroll"><table><thead><tr><th>machine</th><th>hardware</th><th class="number">year</th><th class="number">MHz</th>
${prediction.kernels.map(({ name }) => html`<th class="number">${name}</th>`)}</tr></thead>
<tbody>${prediction.machines.map(machine => {
  const factors = factorsOf(prediction, machine.name)
  return html`<tr><th>${machine.name}</th><td>${machine.hardware}</td><td class="number">${machine.year}</td><td class="number">${plain(machine.frequencyMHz)}</td>
${prediction.kernels.map(({ name }) => html`<td class="number">${factors.get(name) === undefined ? '–' : ratio(factors.get(name)!)}</td>`)}</tr>`
})}</tbody></table></div>`
}

function operationTable (prediction: Prediction, machine: string): Html {
  return html`<div class="scroll"><table>
<thead><tr><th>operation</th><th>kernel</th><th class="number">cycles</th><th class="number"></th><th class="number">interval</th><th class="number">crossings</th>
<th class="number">switches</th><th class="number">grants</th><th class="number">copied</th></tr></thead>
<tbody>${prediction.workloads.map(workload => {
  const rows = prediction.cells.filter(cell => cell.machine === machine && cell.workload === workload.name)
  const least = Math.min(...rows.map(cell => cell.outcome === 'modelled' ? cell.cycles : Infinity))
  return html`${rows.map((cell, at) => html`<tr class="${at === 0 ? 'first' : ''}">${at > 0 ? null
    : html`<th rowspan="${rows.length}">${workload.name}<br><small class="soft">${workload.operation}</small></th>`}
<td>${cell.kernel}</td>${cell.outcome === 'refused' ? html`<td colspan="7" class="soft">${cell.reason}</td>` : figures(cell, least)}</tr>`)}`
})}</tbody></table></div>`
}

function figures ({ cycles, interval, counts }: Predicted, least: number): Html {
  const cells = [plain(Math.round(cycles)), ratio(cycles / least), interval === null ? '–' : `${plain(Math.round(interval[0]))}–${plain(Math.round(interval[1]))}`,
    plain(counts.crossings), plain(counts.switches), plain(counts.grants), bytes(counts.bytesCopied)]
  return html`${cells.map(cell => html`<td class="number">${cell}</td>`)}`
}

function crossed (sweep: SweepResult): string {
  if (sweep.crossovers.length === 0) return `No two kernels cross over${nearText(sweep)}.`
  return sweep.crossovers.map(({ below, above, size }) => `${below} is cheaper than ${above} below ${plain(Math.round(size))} ${sweep.unit}, dearer above.`).join(' ')
}

/** What a crossing costs: the operations by how often they enter the core, and what that adds. */
function crossingTable ({ cells, workloads, machines, kernels }: Prediction): Html {
  const rows = machines.flatMap(machine => workloads.filter(workload => workload.sample === 'batch').flatMap(workload => {
    const own = cells.filter((cell): cell is Predicted => cell.outcome === 'modelled' && cell.machine === machine.name && cell.workload === workload.name)
    const least = own.toSorted((a, b) => a.counts.crossings - b.counts.crossings)[0]
    return own.length < kernels.length || least === undefined ? [] : own.filter(cell => cell.counts.crossings > least.counts.crossings)
      .map(cell => ({ cell, more: cell.counts.crossings - least.counts.crossings, each: (cell.cycles - least.cycles) / (cell.counts.crossings - least.counts.crossings) }))
  }))
  return html`<p>What each entry into the core adds, beside the kernel that enters it least often for the same operation.</p>
<div class="scroll"><table><thead><tr><th>operation</th><th>kernel</th><th>machine</th><th class="number">more crossings</th><th class="number">cycles for each</th></tr></thead>
<tbody>${rows.map(({ cell, more, each }) => html`<tr><th>${cell.workload}</th><td>${cell.kernel}</td><td>${cell.machine}</td><td class="number">${plain(more)}</td>
<td class="number">${plain(Math.round(each))}</td></tr>`)}</tbody></table></div>`
}

function conclusionTable ({ conclusions }: Prediction): Html {
  const open = conclusions.filter(({ agree, of }) => agree < of).toSorted((a, b) => a.agree - b.agree)
  if (open.length === 0) return html`<p>Which of two kernels is slower at an operation is the same in every sample.</p>`
  return html`<p>${conclusions.length - open.length} of ${conclusions.length} conclusions of the form “A is slower than B at this” hold in every sample. The others:</p>
<div class="scroll"><table><thead><tr><th>operation</th><th>machine</th><th>slower</th><th>than</th><th class="number">by</th><th class="number">samples that agree</th></tr></thead>
<tbody>${open.map(each => html`<tr><th>${each.workload}</th><td>${each.machine}</td><td>${each.slower}</td><td>${each.faster}</td><td class="number">${ratio(each.factor)}</td>
<td class="number">${each.agree} of ${each.of}</td></tr>`)}</tbody></table></div>`
}
