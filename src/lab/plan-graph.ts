/** A plan as a graph in the languages of Graphviz and Mermaid: domains are boxes, gates are labelled edges. */

import type { DomainPlan, Plan } from '../link/index.ts'

/** The graph in Graphviz' DOT. */
export function planDot (plan: Plan): string {
  const lines = [
    `digraph ${quoted(plan.name)} {`,
    '  graph [rankdir=TB, fontname="sans-serif"]',
    '  node [shape=box, fontname="sans-serif"]',
    '  edge [fontname="sans-serif"]'
  ]
  for (const mode of modesOf(plan)) {
    lines.push(`  subgraph cluster_${mode} {`, `    label=${quoted(mode)}`)
    for (const domain of plan.domains.filter(other => other.mode === mode)) {
      lines.push(`    ${quoted(domain.name)} [label=${quoted(labelOf(domain).join('\n'))}]`)
    }
    lines.push('  }')
  }
  for (const [from, gate, to] of edges(plan)) lines.push(`  ${quoted(from)} -> ${quoted(to)} [label=${quoted(gate)}]`)
  return `${lines.join('\n')}\n}\n`
}

/** The graph in Mermaid's flow charts. */
export function planMermaid (plan: Plan): string {
  const lines = ['flowchart TB']
  for (const mode of modesOf(plan)) {
    lines.push(`  subgraph ${mode}`)
    for (const domain of plan.domains.filter(other => other.mode === mode)) {
      lines.push(`    ${nodeId(domain.name)}["${labelOf(domain).map(escaped).join('<br>')}"]`)
    }
    lines.push('  end')
  }
  for (const [from, gate, to] of edges(plan)) lines.push(`  ${nodeId(from)} -->|${gate}| ${nodeId(to)}`)
  return `${lines.join('\n')}\n`
}

/** User above supervisor, as drawings have it; one that is empty would be an empty box. */
function modesOf (plan: Plan): DomainPlan['mode'][] {
  return (['user', 'supervisor'] as const).filter(mode => plan.domains.some(domain => domain.mode === mode))
}

function labelOf (domain: DomainPlan): string[] {
  return [
    domain.name,
    ...domain.services.map(placement => typeof placement === 'string' ? placement : placement.as ?? placement.service),
    ...(domain.programs === undefined ? [] : [domain.programs === 'one' ? 'the program' : 'each program']),
    ...(domain.guest === undefined ? [] : [`guest ${domain.guest.name}`]),
    `wall ${domain.wall}`
  ]
}

/** A gate between any two domains stays one edge, between two nodes that say so: all pairs would hide the plan. */
const anyDomain = 'any domain'

function edges (plan: Plan): [from: string, gate: string, to: string][] {
  const end = (name: string): string => name === '*' ? anyDomain : name
  return plan.gates.map(({ from, to, gate }) => [end(from), gate, end(to)])
}

function quoted (text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}

function escaped (text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}

function nodeId (name: string): string {
  return `domain_${name.replace(/\W/g, character => `_${character.codePointAt(0)!.toString(16)}`)}`
}
