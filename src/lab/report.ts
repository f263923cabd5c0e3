/** The report of a comparison: one HTML page that needs nothing but itself. */

import { html, Html } from './html.ts'
import { reportStyle } from './report-style.ts'
import type { Comparison, KernelFacts, Measurement, ProgramFacts } from './results.ts'
import { heading } from './terminal-table.ts'
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
  const title = program === null ? `${kernels.length} kernels, the same workloads` : `${program.path} under ${kernels.length} kernels`
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>KaleidOS: ${title}</title>
<style>${new Html(reportStyle)}</style>
<main>
<h1>${title}</h1>
<p class="soft">${comparison.host.date.slice(0, 10)} · ${comparison.host.processor} · ${comparison.rounds} ${comparison.rounds === 1 ? 'round' : 'rounds'}</p>
<p class="note">${heading(comparison)}</p>
${program === null ? null : programSection(program)}
<h2>Kernels</h2>
${kernelTable(kernels)}
<h2>Time of one operation</h2>
${figure(comparison, charts.shapes, charts.timeChart(comparison), 'The mark is the median; the line reaches to the 99th percentile, over batches of ' +
    'operations (whole programs: over runs). Further left is faster; each grid line of the scale is a fixed factor.')}
${countFigures(charts, comparison)}
<h2>Boot</h2>
${figure(comparison, ['■'], charts.bootChart(comparison), 'From nothing to a system that can start a program; one boot for each run measured.')}
<h2>Privileged code</h2>
<figure><figcaption>Lines without blanks and comments of all that the plan runs in supervisor mode, with the core, gates, fibers,
the loader and the walls. Beneath every kernel stands the host: ${comparison.hostCode}.</figcaption>
${key(charts.layersOf(comparison), 'layer', ['■'])}${new Html(charts.linesChart(comparison))}</figure>
<h2>All figures</h2>
${operationTable(comparison)}
<h2>What the counts mean</h2>
${meanings}
<h2>Plans</h2>
${[...parts.drawings].map(([name, drawing]) => html`<h3>${name}</h3><pre>${drawing}</pre>`)}
<h2>How it was measured</h2>
${method(comparison, parts.command)}
</main>
</html>
`.text
}

function figure (comparison: Comparison, shapes: readonly string[], chart: string, caption: string): Html {
  return html`<figure><figcaption>${caption}</figcaption>${key(comparison.kernels.map(kernel => kernel.name), 'kernel', shapes)}${new Html(chart)}</figure>`
}

function countFigures (charts: Charts, comparison: Comparison): Html | null {
  if (!comparison.workloads.some(workload => workload.sample === 'batch')) return null
  return html`<h2>What one operation does</h2>
${figure(comparison, ['■'], charts.countChart(comparison, 'crossings', 'entries into the core per operation →'),
    'Crossings: why a call costs what it costs. A call that stays in its domain has none.')}
${figure(comparison, ['■'], charts.countChart(comparison, 'bytesCopied', 'bytes copied per operation →'),
    'Bytes copied between domains and services: words of messages, strings, and data that goes through windows.')}`
}

/** Names with their colours: `--kernel-0` … or `--layer-0` … of the page's style. */
function key (names: readonly string[], colours: 'kernel' | 'layer', shapes: readonly string[]): Html {
  const count = colours === 'kernel' ? 12 : 8
  return html`<ul class="key">${names.map((name, at) =>
    html`<li><i style="color:var(--${colours}-${at % count})">${shapes[at % shapes.length]!}</i>${name}</li>`)}</ul>`
}

function kernelTable (kernels: readonly KernelFacts[]): Html {
  return html`<div class="scroll"><table>
<thead><tr><th>kernel</th><th class="number">boot</th><th class="number">arenas, idle</th><th class="number">host memory</th>
<th class="number">privileged lines</th><th>walls, and what they do not hold</th></tr></thead>
<tbody>${kernels.map(kernel => html`<tr><th>${kernel.name}<br><small class="soft">core ${kernel.core}</small></th>
<td class="number">${kernel.bootNs === null ? '–' : duration(kernel.bootNs.median)}</td>
<td class="number">${bytes(kernel.memory.arenaBytes)}</td>
<td class="number">${bytes(kernel.memory.hostBytes)}</td>
<td class="number">${plain(kernel.supervisor.lines)}${kernel.supervisor.program === undefined ? null
  : html`<br><small>for ${kernel.supervisor.program}</small>`}</td>
<td>${kernel.walls.map(wall => html`<div><b>${wall.name}</b> (${wall.domains.join(', ')}): ${
  wall.doesNotHold.length === 0 ? 'holds all' : `does not hold ${wall.doesNotHold.join(', ')}`
}</div>`)}</td></tr>`)}</tbody></table></div>
<dl class="soft">${[...new Map(kernels.flatMap(kernel => kernel.walls).map(wall => [wall.name, wall])).values()].map(wall =>
  html`<dt>wall ${wall.name}</dt><dd>${wall.summary}</dd>`)}</dl>`
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

function programSection (program: ProgramFacts): Html {
  const same = program.agreement.length === 1
  return html`<p class="note"><b>${same ? 'The same to the byte' : 'Outputs differ'}</b>: ${same
    ? 'output, exit status and files agree under every kernel.'
    : program.agreement.map(group => group.join(' = ')).join(' ≠ ')}</p>
<div class="scroll"><table><thead><tr><th>kernel</th><th class="number">exit status</th><th class="number">standard output</th>
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
<em>processor</em>: it may keep the processor; <em>heap</em>: it may use up the host's memory; <em>kill</em>: it cannot be ended from
outside. Hostile code counts as held only behind a wall that declares it.</p>`

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
<dt>memory</dt><dd>Arenas: bytes that services allocated, exact. Host memory: growth of the JavaScript heap and its buffers for one more
booted system, after full collections; an estimate</dd>
<dt>again</dt><dd><code>${command}</code></dd>
</dl>`
}
