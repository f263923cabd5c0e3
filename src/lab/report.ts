/** The report of a comparison: one HTML page that needs nothing but itself. */

import { basename } from 'node:path'
import { answerOf, rangeText, reason, verdict } from './answer.ts'
import type { Answer } from './answer.ts'
import { html, Html } from './html.ts'
import { reportPage } from './report-style.ts'
import type { Comparison, KernelFacts, Measurement, ProgramFacts } from './results.ts'
import { caveat } from './terminal-table.ts'
import { bytes, duration, plain, ratio, spread } from './units.ts'

export interface ReportParts {
  /** Drawings of the plans, by kernel. */
  readonly drawings: ReadonlyMap<string, string>
  /** The command that made it, for repeating. */
  readonly command: string
}

type Charts = typeof import('./charts.ts')

export async function report (comparison: Comparison, parts: ReportParts): Promise<string> {
  // The libraries that draw take long to load; commands that draw nothing shall not wait for them.
  const charts = await import('./charts.ts')
  const { kernels, program } = comparison
  const answer = answerOf(comparison)
  const name = program === null ? null : basename(program.path)
  const title = program === null ? `${kernels.length} kernels, the same workloads` : `${program.path} under ${kernels.length} kernels`
  return reportPage(title, '', html`<p class="lead">${program === null ? null : agreement(program)}<b>${verdict(answer, name)}</b> ${reason(answer, name)}</p>
${answerTable(comparison, answer)}
<p class="soft">${caveat} ${comparison.host.processor}, Node ${comparison.host.node}, ${comparison.host.date.slice(0, 10)}, ${comparison.rounds} ${comparison.rounds === 1 ? 'round' : 'rounds'}.</p>
${program === null ? null : programSection(program)}
<h2>Where: time of one operation</h2>
${figure(comparison, charts.shapes, charts.timeChart(comparison), 'The mark is the median; the line reaches to the 99th percentile, over batches of ' +
    'operations (whole programs: over runs). Further left is faster; each grid line of the scale is a fixed factor.')}
${countFigures(charts, comparison)}
<h2>What runs privileged</h2>
<figure><figcaption>Lines without blanks and comments of all that the plan runs in supervisor mode, with the core, gates, fibers,
the loader and the walls. Beneath every kernel stands the host: ${comparison.hostCode}.</figcaption>
${key(charts.layersOf(comparison), 'layer', ['■'])}${new Html(charts.linesChart(comparison))}</figure>
<h2>What the walls do not hold</h2>
${wallTable(kernels)}
<h2>All figures</h2>
${operationTable(comparison)}
<h2>What the counts mean</h2>
${meanings}
<h2>Plans</h2>
${[...parts.drawings].map(([name, drawing]) => html`<h3>${name}</h3><pre>${drawing}</pre>`)}
<h2>How it was measured</h2>
${method(comparison, parts.command)}`)
}

function figure (comparison: Comparison, shapes: readonly string[], chart: string, caption: string): Html {
  return html`<figure><figcaption>${caption}</figcaption>${key(comparison.kernels.map(kernel => kernel.name), 'kernel', shapes)}${new Html(chart)}</figure>`
}

function countFigures (charts: Charts, comparison: Comparison): Html | null {
  if (!comparison.workloads.some(workload => workload.sample === 'batch')) return null
  return html`<h2>Why: how often one operation enters the core</h2>
${figure(comparison, ['■'], charts.countChart(comparison, 'crossings', 'entries into the core per operation →'),
    'One for a trap, two for an RPC. A call that stays in its domain has none. Switches, grants and bytes copied stand in the table below.')}`
}

/** Names with their colours: `--kernel-0` … or `--layer-0` … of the page's style. */
export function key (names: readonly string[], colours: 'kernel' | 'layer', shapes: readonly string[]): Html {
  const count = colours === 'kernel' ? 12 : 8
  return html`<ul class="key">${names.map((name, at) =>
    html`<li><i style="color:var(--${colours}-${at % count})">${shapes[at % shapes.length]!}</i>${name}</li>`)}</ul>`
}

/** A row for each kernel, the cheapest first. */
function answerTable (comparison: Comparison, answer: Answer): Html {
  const longest = Math.max(...answer.kernels.map(({ factor }) => factor ?? 0))
  return html`<div class="scroll"><table class="answer">
<thead><tr><th>kernel</th><th colspan="2">time</th><th>most, and where</th><th class="number">enters the core</th><th class="number">switches</th>
<th class="number">boot</th><th class="number">host memory</th><th class="number">privileged lines</th></tr></thead>
<tbody>${answer.kernels.map(({ kernel, factor, most, crossings, switches }) => {
  const at = comparison.kernels.findIndex(({ name }) => name === kernel)
  const facts = comparison.kernels[at]!
  return html`<tr><th>${kernel}<br><small class="soft">core ${facts.core}</small></th>
<td class="number"><b>${factor === null ? '–' : ratio(factor)}</b></td>
<td class="bar">${factor === null ? null : html`<i style="width:${(100 * factor / longest).toFixed(1)}%;background:var(--kernel-${at % 12})"></i>`}</td>
<td>${most === null ? '' : `${ratio(most.factor)} ${most.workload}`}</td>
<td class="number">${rangeText(crossings)}</td><td class="number">${rangeText(switches)}</td>
<td class="number">${facts.bootNs === null ? '–' : duration(facts.bootNs.median)}</td>
<td class="number">${bytes(facts.memory.hostBytes)}</td>
<td class="number">${plain(facts.supervisor.lines)}${facts.supervisor.program === undefined ? null : html`<br><small>for ${facts.supervisor.program}</small>`}</td></tr>`
})}</tbody></table></div>`
}

function wallTable (kernels: readonly KernelFacts[]): Html {
  const all = [...new Map(kernels.flatMap(kernel => kernel.walls).map(wall => [wall.name, wall])).values()]
  return html`<div class="scroll"><table>
<thead><tr><th>kernel</th><th>wall</th><th>what is behind it</th><th>does not hold</th></tr></thead>
<tbody>${kernels.map(kernel => html`${kernel.walls.map((wall, at) => html`<tr class="${at === 0 ? 'first' : ''}">${at > 0 ? null
    : html`<th rowspan="${kernel.walls.length}">${kernel.name}</th>`}<td>${wall.name}</td><td>${wall.domains.join(', ')}</td>
<td>${wall.doesNotHold.length === 0 ? 'holds all' : wall.doesNotHold.join(', ')}</td></tr>`)}`)}</tbody></table></div>
<dl class="soft">${all.map(wall => html`<dt>wall ${wall.name}</dt><dd>${wall.summary}</dd>`)}</dl>`
}

function operationTable (comparison: Comparison): Html {
  return html`<div class="scroll"><table>
<thead><tr><th>operation</th><th>kernel</th><th class="number">median</th><th class="number"></th><th class="number">p99</th>
<th class="number">spread</th><th class="number">calls</th><th class="number">crossings</th><th class="number">switches</th>
<th class="number">grants</th><th class="number">copied</th></tr></thead>
<tbody>${comparison.workloads.map(workload => {
  const rows = comparison.measurements.filter(row => row.workload === workload.name)
  const fastest = Math.min(...rows.map(row => row.outcome === 'measured' ? row.ns.median : Infinity))
  return html`${rows.map((row, at) => html`<tr class="${at === 0 ? 'first' : ''}">${at > 0 ? null
    : html`<th rowspan="${rows.length}">${workload.name}<br><small class="soft">${workload.operation}</small></th>`}
<td>${row.kernel}</td>${figures(row, fastest)}</tr>`)}`
})}</tbody></table></div>`
}

function figures (row: Measurement, fastest: number): Html {
  if (row.outcome === 'refused') return html`<td colspan="9" class="soft">${row.reason}</td>`
  const { ns, counts } = row
  const cells = [
    duration(ns.median), ratio(ns.median / fastest), duration(ns.p99), spread(ns), ...(counts === null ? Array<string>(5).fill('–')
      : [plain(counts.calls), plain(counts.crossings), plain(counts.switches), plain(counts.grants), bytes(counts.bytesCopied)])
  ]
  return html`${cells.map(cell => html`<td class="number">${cell}</td>`)}`
}

function agreement (program: ProgramFacts): Html {
  return program.agreement.length === 1
    ? html`<b class="same">The same to the byte under every kernel</b>: output, exit status and files. `
    : html`<b class="differ">Outputs differ</b>: ${program.agreement.map(group => group.join(' = ')).join(' ≠ ')}. `
}

function programSection (program: ProgramFacts): Html {
  return html`<div class="scroll"><table><thead><tr><th>kernel</th><th class="number">exit status</th><th class="number">standard output</th>
<th class="number">standard error</th><th>SHA-256 of all</th><th></th></tr></thead>
<tbody>${program.runs.map(run => html`<tr><th>${run.kernel}</th><td class="number">${run.status}</td>
<td class="number">${bytes(run.stdoutBytes)}</td><td class="number">${bytes(run.stderrBytes)}</td>
<td><code>${run.hash.slice(0, 16)}</code></td><td>${run.message}</td></tr>`)}</tbody></table></div>`
}

const meanings = html`<dl>
<dt>call</dt><dd>A program calls the system.</dd>
<dt>crossing</dt><dd>An entry into the core: one for a trap, two for an RPC (the call; the reply and the wait for the next).</dd>
<dt>switch</dt><dd>The current address space changes: at a gate, or because the scheduler chose another thread.</dd>
<dt>grant</dt><dd>The core opens a window on the caller's memory for the time of a call, so that bulk need not be copied on the way.</dd>
<dt>copied</dt><dd>Bytes moved: words and strings of messages, and data read or written through windows.</dd>
</dl>
<p>A domain's wall says what it holds. Where it does not hold <em>confidentiality</em>, code behind it may read what it should not;
<em>integrity</em>: change it;
<em>processor</em>: it may keep the processor; <em>heap</em>: it may use up the host's memory; <em>kill</em>: it cannot be ended from
outside; <em>availability</em>: it may stop or hang the other side otherwise. Hostile code counts as held only behind a wall that declares it.</p>`

function method (comparison: Comparison, command: string): Html {
  const { host } = comparison
  return html`<dl>
<dt>machine</dt><dd>${host.processor}, ${host.processors} processors, ${bytes(host.memoryBytes)}; ${host.system}</dd>
<dt>versions</dt><dd>KaleidOS ${comparison.kaleidos}, Node ${host.node}, V8 ${host.v8}</dd>
<dt>date</dt><dd>${host.date}</dd>
<dt>rounds</dt><dd>${comparison.rounds} after a warm-up, in ${comparison.seconds} s; each takes all pairs of kernel and workload in an
order drawn from seed ${comparison.seed}</dd>
<dt>spread</dt><dd>Half the distance between the quartiles of the rounds' medians, as a share of the median</dd>
<dt>counts</dt><dd>The difference of two runs that differ in the number of operations alone, so start and end are not in it; taken
until two pairs agree (– if none do). For whole programs: all of the run</dd>
<dt>memory</dt><dd>Growth of the JavaScript heap and its buffers for one more
booted system, after full collections; an estimate</dd>
<dt>again</dt><dd><code>${command}</code></dd>
</dl>`
}
