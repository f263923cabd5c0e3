/** The report of a campaign of attacks: a matrix of attack and kernel, in one HTML page that needs nothing but itself. */

import { walls } from '../../walls/index.ts'
import { html, Html } from '../html.ts'
import { reportPage } from '../report-style.ts'
import { groups, letters, propertiesOf, summary, verdictOf } from './attacks-table.ts'
import type { Campaign } from './campaign.ts'
import type { Outcome } from './verdict.ts'

const style = `
.matrix { width: auto } .matrix thead th { vertical-align: bottom } .matrix td { padding: .15rem .2rem; border: 0 } .matrix th { padding: .2rem .9rem .2rem 0 }
.matrix tbody th { border: 0; white-space: nowrap; font-weight: 400 } .matrix tr.group th { font-weight: 600; padding-top: 1.1rem; white-space: normal }
.matrix th[scope=col] { text-align: center; padding: .2rem .3rem; border: 0; font-size: .85rem; max-width: 6.5rem; white-space: normal }
.matrix td span { display: block; min-width: 5.2rem; padding: .25rem .4rem; border-radius: 4px; text-align: center; font-size: .85rem }
.held { background: color-mix(in srgb, var(--mark) 18%, transparent); color: var(--mark) } .open { background: color-mix(in srgb, #d5a021 28%, transparent) }
.service { background: color-mix(in srgb, var(--soft) 18%, transparent) } .broken { background: var(--differ); color: var(--paper); font-weight: 700 }
.untried, .wall { color: var(--soft) } .matrix tr.group td { vertical-align: bottom }
.legend span { display: inline-block; padding: 0 .5rem; border-radius: 4px }
`

export function attacksReport (campaign: Campaign, parts: { readonly command: string, readonly version: string, readonly date: string }): string {
  const { kernels, attacks, outcomes } = campaign
  const names = [...new Set(outcomes.map(({ wall }) => wall))]
  const title = `${attacks.length} attacks on ${kernels.length} kernels`
  return reportPage(title, style, html`<p class="lead"><b>${verdictOf(campaign)}</b></p>
<p class="soft">Nothing here was declared: secrets were hidden where the attacker had no business, and a watch looked from outside whether they were read or
changed, whether neighbours were still served, and what became of the host's process.</p>
<p class="legend"><span class="held">held</span> nothing was reached. <span class="open">C I A P H K</span> confidentiality, integrity, availability, processor, heap, kill was, and no wall
in the way claims to hold it. <span class="service">s</span> a service that the attacker gives itself, or was given without a limit. <span class="broken">✗</span> a wall claims to hold it.
– cannot be tried there.</p>
<div class="scroll"><table class="matrix">
<thead><tr><th>attack</th>${kernels.map(kernel => html`<th scope="col">${kernel}</th>`)}</tr></thead>
<tbody>${groups.map(({ title: group, has }) => groupRows(campaign, group, attacks.filter(has)))}</tbody></table></div>
<h2>What was tried, and what was reached</h2>
<div class="scroll"><table><thead><tr><th>attack</th><th>what is tried</th><th>what was reached</th></tr></thead>
<tbody>${attacks.map(attack => html`<tr><th>${attack.name}<br><small>${attack.term}</small></th><td>${attack.tries}</td><td>${reachedOf(outcomes.filter(outcome => outcome.attack === attack.name), kernels.length)}</td></tr>`)}</tbody></table></div>
<h2>What the walls claim</h2>
<div class="scroll"><table><thead><tr><th>wall</th><th>against hostile code</th><th>against faults, and what goes through gates</th><th>what it is</th></tr></thead>
<tbody>${names.map(name => html`<tr><th>${name}</th><td>${listed(walls[name].holds)}</td><td>${listed(walls[name].holdsFaults)}</td><td>${walls[name].summary}</td></tr>`)}</tbody></table></div>
<h2>Again</h2>
<p><code>${parts.command}</code> KaleidOS ${parts.version}, ${parts.date}.</p>`)
}

function listed (properties: readonly string[]): string {
  return properties.length === 0 ? 'nothing' : properties.join(', ')
}

function groupRows ({ kernels, outcomes }: Campaign, title: string, attacks: Campaign['attacks']): Html {
  if (attacks.length === 0) return html``
  const own = outcomes.filter(outcome => attacks.some(({ name }) => name === outcome.attack))
  return html`<tr class="group"><th>${title}<br><small class="soft">behind the wall</small></th>${kernels.map(kernel =>
    html`<td class="wall"><span>${[...new Set(own.filter(outcome => outcome.kernel === kernel).map(({ wall }) => wall))].join(', ')}</span></td>`)}</tr>
${attacks.map(({ name }) => html`<tr><th scope="row">${name}</th>${kernels.map(kernel => cell(own.find(outcome => outcome.attack === name && outcome.kernel === kernel)))}</tr>`)}`
}

function cell (outcome: Outcome | undefined): Html {
  if (outcome === undefined || outcome.untried !== null) return html`<td><span class="untried" title="${outcome?.untried ?? ''}">–</span></td>`
  const reached = propertiesOf(outcome)
  if (reached.length === 0) return html`<td><span class="held">held</span></td>`
  const kind = outcome.broken.length > 0 ? 'broken' : reached.every(property => property === 'service') ? 'service' : 'open'
  return html`<td><span class="${kind}" title="${summary(outcome)}">${kind === 'broken' ? '✗ ' : ''}${reached.map(property => letters[property]).join(' ')}</span></td>`
}

function reachedOf (outcomes: readonly Outcome[], kernels: number): Html {
  const words = new Map<string, string[]>()
  for (const outcome of outcomes) {
    const what = outcome.untried === null ? outcome.reached.length === 0 ? 'nothing' : summary(outcome) : `not tried: ${outcome.untried}`
    words.set(what, [...words.get(what) ?? [], outcome.kernel])
  }
  return html`${[...words].map(([what, where]) => html`<div><small class="soft">${where.length === kernels ? 'everywhere' : where.join(', ')}:</small> ${what}</div>`)}`
}
