/** A campaign for a terminal: what became of each kernel, then where, then what the words mean. */

import { styleText } from 'node:util'
import { plainTable, right } from '../plain-table.ts'
import { padEnd, textWidth, wrap } from '../text.ts'
import { duration, plain } from '../units.ts'
import type { Campaign } from './campaign.ts'
import { byKernel, servicesOf } from './summary.ts'
import type { Summary } from './summary.ts'
import { verdicts } from './watcher.ts'
import type { Verdict } from './watcher.ts'

const columnsMin = 80
const textColumns = 100

/** Heads of columns. */
const short: Readonly<Record<Verdict, string>> = {
  'not reached': 'not reached', 'no effect': 'no effect', recovered: 'recovered', reported: 'reported', contained: 'contained', spread: 'spread',
  'silent corruption': 'silent', 'whole-system loss': 'all lost'
}

/** What each verdict says, in the order of the table. */
export const meanings: Readonly<Record<Verdict, string>> = {
  'not reached': 'the call to strike was never made',
  'no effect': 'all that was seen is as without the fault',
  recovered: 'no program saw more than a pause, though something failed or took longer',
  reported: 'a call failed or a program was killed; all else is right and the service serves on',
  contained: 'the failing domain is lost, or something hangs in it; who does not use it is as without the fault',
  spread: 'programs that use nothing of the failing domain were lost too, or another domain died',
  'silent corruption': 'data is wrong and no call had said so, whether or not a program found it by a check of its own',
  'whole-system loss': 'the system stopped, or nothing in it came to an end by itself'
}

export function faultTables (campaign: Campaign, width: number): string {
  const columns = Math.max(columnsMin, width) - 1
  const text = Math.min(columns, textColumns)
  const kernels = byKernel(campaign)
  const shown = verdicts.filter(verdict => verdict !== 'not reached' || kernels.some(({ summary }) => summary.counts[verdict] > 0))
  const table = plainTable(['kernel', right('faults'), ...shown.map(verdict => right(short[verdict])), right('through walls'), right('median'), right('worst')], [], columns >= 110 ? 2 : 1)
  for (const { kernel, summary } of kernels) {
    table.push([styleText('bold', kernel), right(plain(summary.injected)), ...shown.map(verdict => right(summary.counts[verdict] === 0 ? '–' : plain(summary.counts[verdict]))),
      right(throughWalls(summary)), right(summary.recovery === null ? '–' : duration(summary.recovery.medianNs)), right(summary.recovery === null ? '–' : duration(summary.recovery.worstNs))])
  }
  return [
    ...wrap(headline(campaign), text).map(line => styleText('bold', line)), '', table.toString(), '', ...matrix(campaign, columns), '',
    ...shown.flatMap(verdict => wrap(`${verdict}: ${meanings[verdict]}.`, text)).map(line => styleText('dim', line)),
    ...wrap('through walls: silent corruption of programs that use nothing of the failing domain, of how many such programs there were.', text).map(line => styleText('dim', line)),
    ...wrap('median, worst: how long the service was away, where it was recovered from, in ' + (campaign.machine === 'live' ? 'real' : 'virtual') + ' time.', text).map(line => styleText('dim', line))
  ].join('\n').replace(/ +$/gm, '')
}

/** How many were corrupted across a wall, of the programs that stood behind one. */
export function throughWalls ({ across, behindWalls }: Summary): string {
  return behindWalls === 0 ? 'no wall' : `${plain(across)}/${plain(behindWalls)}`
}

/** What walls that claim to hold memory held, and what no wall can. */
export function headline (campaign: Campaign): string {
  const all = byKernel(campaign).map(({ summary }) => summary)
  const sum = (of: (summary: Summary) => number): number => all.reduce((total, summary) => total + of(summary), 0)
  const injected = sum(({ injected }) => injected)
  const across = sum(summary => summary.across)
  const silent = sum(({ counts }) => counts['silent corruption'])
  return `${plain(injected)} faults in ${plain(campaign.kernels.length)} kernels: ${across === 0 ? 'none' : plain(across)} went silently through a wall ` +
    `(${plain(sum(({ behindWalls }) => behindWalls))} programs stood behind one); ${plain(silent)} gave wrong data to who uses the failing domain, which no wall can hold; ` +
    `${plain(sum(({ counts }) => counts['whole-system loss']))} took the whole system.`
}

/** A row for each service, a column for each kernel: of each hundred faults, how many were held (no effect, recovered, reported, contained). */
function matrix (campaign: Campaign, columns: number): string[] {
  const kernels = byKernel(campaign)
  const services = servicesOf(campaign)
  const first = Math.max(...services.map(textWidth), 'service'.length) + 2
  const each = Math.max(8, Math.min(20, Math.floor((columns - first) / kernels.length)))
  const head = styleText('underline', padEnd('service', first - 2)) + '  ' + kernels.map(({ kernel }) => styleText('underline', kernel.slice(0, each - 2)) + ' '.repeat(Math.max(2, each - textWidth(kernel)))).join('')
  return [
    ...wrap('Held, of each hundred faults in a service: no effect, recovered, reported or contained.', columns), head.trimEnd(),
    ...services.map(service => (styleText('bold', padEnd(service, first)) + kernels.map(({ outcomes }) => {
      const own = outcomes.filter(outcome => outcome.service === service && outcome.verdict !== 'not reached')
      const held = own.filter(({ verdict }) => ['no effect', 'recovered', 'reported', 'contained'].includes(verdict)).length
      return padEnd(own.length === 0 ? '·' : `${Math.floor(100 * held / own.length)}`, each)
    }).join('')).trimEnd())
  ]
}
