/** The report of a campaign: one HTML page that needs nothing but itself, and a matrix that is looked at rather than read. */

import { html, Html } from '../html.ts'
import { reportPage } from '../report-style.ts'
import { duration, plain } from '../units.ts'
import type { Campaign } from './campaign.ts'
import type { Outcome } from './experiment.ts'
import { facts, faultKinds } from './fault.ts'
import { headline, meanings, throughWalls } from './fault-table.ts'
import { byKernel, servicesOf, summaryOf } from './summary.ts'
import type { Summary } from './summary.ts'
import { verdicts } from './watcher.ts'
import type { Verdict } from './watcher.ts'

/** Experiments of each kernel that are told of one by one. */
const TOLD_MAX = 6

/** A bar's parts from the left: what was held, then what was not. Shades of one colour for the first, others for the rest. */
const style = `
:root { --v-no-effect: #d5e8df; --v-recovered: #8fc9b0; --v-reported: #4f9f86; --v-contained: #1f6b58; --v-spread: #e6b422; --v-silent-corruption: #d1495b; --v-whole-system-loss: #4a2545 }
@media (prefers-color-scheme: dark) {
  :root { --v-no-effect: #31443d; --v-recovered: #3f7763; --v-reported: #58ab90; --v-contained: #a3e0cb; --v-spread: #e6b422; --v-silent-corruption: #f0667a; --v-whole-system-loss: #b78fd6 }
}
.matrix { border-spacing: 3px; border-collapse: separate; width: 100%; table-layout: fixed }
.matrix th, .matrix td { border: 0; padding: 0; text-align: left } .matrix tbody th, .matrix thead th:first-child { width: 6.2rem; font-weight: 600; font-size: .85rem }
.matrix thead th { font-size: .78rem; white-space: normal; overflow-wrap: anywhere; vertical-align: bottom; line-height: 1.2; padding-bottom: .25rem }
.matrix td { height: 2.1rem } .matrix tbody th { vertical-align: middle } .cell { display: flex; height: 2.1rem; border-radius: 3px; overflow: hidden; background: var(--line) }
.cell i, .row i { display: block; height: 100% } .none { opacity: .35 }
.row { display: flex; height: 1.1rem; border-radius: 3px; overflow: hidden; min-width: 16rem; margin-top: .2rem }
.key i { display: inline-block; width: .9em; height: .9em; border-radius: 2px; vertical-align: -.1em }
`

export function faultReport (campaign: Campaign, command: string): string {
  const kernels = byKernel(campaign)
  const title = `What faults take with them, in ${kernels.length} ${kernels.length === 1 ? 'kernel' : 'kernels'}`
  const shown = verdicts.filter(verdict => verdict !== 'not reached')
  return reportPage(title, style, html`<p class="lead"><b>${headline(campaign)}</b></p>
<p class="soft">${campaign.machine === 'live' ? 'On the live machine of this host.' : `On the model machine ${campaign.machine.replace(/^model:/, '')}, in virtual time.`}
Programs that check their own data run while a fault is injected at a gate, in an arena or at a device. A watcher outside of the system compares with the same run without the fault.</p>
<h2>Each kernel</h2>
${keyOf(shown)}
<div class="scroll"><table><thead><tr><th>kernel</th><th class="number">faults</th><th>what came of them</th>
<th class="number">silent</th><th class="number">through walls</th><th class="number">all lost</th><th class="number">time to recover: median</th><th class="number">worst</th></tr></thead>
<tbody>${kernels.map(({ kernel, summary }) => html`<tr><th>${kernel}</th><td class="number">${plain(summary.injected)}</td><td>${bar(summary, 'row', shown, kernel)}</td>
<td class="number">${plain(summary.counts['silent corruption'])}</td><td class="number ${summary.across > 0 ? 'differ' : summary.behindWalls > 0 ? 'same' : 'soft'}">${throughWalls(summary)}</td>
<td class="number">${plain(summary.counts['whole-system loss'])}</td>
<td class="number">${summary.recovery === null ? '–' : duration(summary.recovery.medianNs)}</td><td class="number">${summary.recovery === null ? '–' : duration(summary.recovery.worstNs)}</td></tr>`)}</tbody></table></div>
<h2>Kernel and service</h2>
<figure><figcaption>Each field is one service in one kernel; its width is shared among what came of the faults in it. Yellow, red and violet were not held.</figcaption>
${keyOf(shown)}
<div class="scroll">${matrix(campaign, shown)}</div></figure>
<h2>Kernel and kind of fault</h2>
<figure><figcaption>The same faults by what they were. An empty field: nothing of that kind can happen there, such as a lost message where all calls are direct.</figcaption>
<div class="scroll">${faultMatrix(campaign, shown)}</div></figure>
<h2>What the words mean</h2>
<dl>${shown.map(verdict => html`<dt>${verdict}</dt><dd>${meanings[verdict]}.</dd>`)}
<dt>through walls</dt><dd>Silent corruption of what uses no service of the failing domain: only memory can have carried it. This is what a wall claims to hold; ${plain(kernels.reduce((sum, { summary }) => sum + summary.behindWalls, 0))} programs stood behind one while a fault was injected.</dd></dl>
<h2>What does harm</h2>
<p>Of each kernel the first faults that ended in silent corruption or the loss of all. Each can be had again: <code>kaleidos faults replay FILE.sqlite NUMBER</code>.</p>
${told(campaign)}
<h2>The mix</h2>
<p>How often each kind is drawn, of a thousand, after each kind that can happen was tried once in each service. Drivers are the services that drive a device. Counts of published bugs by kind; docs/faults.md has the rows.</p>
<div class="scroll"><table><thead><tr><th>fault</th><th>what happens</th><th class="number">services</th><th class="number">drivers</th><th>after</th></tr></thead>
<tbody>${faultKinds.map(kind => html`<tr><th>${kind}</th><td>${facts[kind].summary}</td><td class="number">${facts[kind].weight.service}</td><td class="number">${facts[kind].weight.driver}</td><td class="soft">${facts[kind].source}</td></tr>`)}</tbody></table></div>
<h2>Again</h2>
<p><code>${command}</code>, seed ${campaign.seed}, KaleidOS ${campaign.kaleidos}; it took ${duration(campaign.elapsedMs * 1e6)}.${campaign.machine === 'live' ? '' : ' It gives the same on any host, but for that.'}</p>`)
}

function colour (verdict: Verdict): string {
  return `var(--v-${verdict.replaceAll(' ', '-')})`
}

function keyOf (shown: readonly Verdict[]): Html {
  return html`<ul class="key">${shown.map(verdict => html`<li><i style="background:${colour(verdict)}"></i>${verdict}</li>`)}</ul>`
}

function bar ({ counts, injected }: Summary, kind: string, shown: readonly Verdict[], title: string): Html {
  if (injected === 0) return html`<div class="${kind} none" title="${title}: none"></div>`
  const words = shown.filter(verdict => counts[verdict] > 0).map(verdict => `${verdict} ${counts[verdict]}`).join(', ')
  return html`<div class="${kind}" role="img" aria-label="${title}: ${words}" title="${title}: ${words}">${shown.filter(verdict => counts[verdict] > 0)
    .map(verdict => html`<i style="flex:${counts[verdict]};background:${colour(verdict)}"></i>`)}</div>`
}

function matrix (campaign: Campaign, shown: readonly Verdict[]): Html {
  return grid(campaign, servicesOf(campaign), shown, (outcome, service) => outcome.service === service)
}

function faultMatrix (campaign: Campaign, shown: readonly Verdict[]): Html {
  const there = new Set(campaign.outcomes.map(({ fault }) => fault))
  return grid(campaign, faultKinds.filter(kind => there.has(kind)), shown, (outcome, kind) => outcome.fault === kind)
}

function grid (campaign: Campaign, rows: readonly string[], shown: readonly Verdict[], isIn: (outcome: Outcome, row: string) => boolean): Html {
  const kernels = byKernel(campaign)
  return html`<table class="matrix" style="min-width:${7 + 5.5 * kernels.length}rem"><thead><tr><th></th>${kernels.map(({ kernel }) => html`<th>${kernel}</th>`)}</tr></thead>
<tbody>${rows.map(row => html`<tr><th>${row}</th>${kernels.map(({ kernel, outcomes }) => html`<td>${bar(summaryOf(outcomes.filter(outcome => isIn(outcome, row))), 'cell', shown, `${kernel}, ${row}`)}</td>`)}</tr>`)}</tbody></table>`
}

function told (campaign: Campaign): Html {
  const rows = byKernel(campaign).flatMap(({ outcomes }) => (['silent corruption', 'whole-system loss', 'spread'] as const)
    .flatMap(verdict => outcomes.filter(outcome => outcome.verdict === verdict).slice(0, TOLD_MAX / 2)))
  if (rows.length === 0) return html`<p>None.</p>`
  return html`<div class="scroll"><table><thead><tr><th>kernel</th><th>service</th><th>fault</th><th>where</th><th>verdict</th><th>what was seen</th></tr></thead>
<tbody>${rows.map(outcome => html`<tr><td>${outcome.kernel}</td><td>${outcome.service}</td><td>${outcome.fault}${outcome.variant === '' ? '' : `, ${outcome.variant}`}</td><td>${outcome.struck?.site ?? ''}</td>
<td>${outcome.verdict}</td><td>${outcome.stopped ?? outcome.changed.join('; ')}</td></tr>`)}</tbody></table></div>`
}
