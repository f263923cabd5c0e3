/** A campaign for a terminal: attack by kernel, what each letter means, and what was reached in words. */

import { styleText } from 'node:util'
import { plainTable } from '../plain-table.ts'
import type { Cell } from '../plain-table.ts'
import { wrap } from '../text.ts'
import type { Campaign } from './campaign.ts'
import type { Outcome } from './verdict.ts'

const textColumns = 110

/** A letter for each property, in the order in which they are shown. */
export const letters = { confidentiality: 'C', integrity: 'I', availability: 'A', processor: 'P', heap: 'H', kill: 'K', service: 's' } as const
type Reached = keyof typeof letters

/** Who attacks, and through what: the parts of the table. */
export const groups: readonly { readonly title: string, readonly has: (attack: Campaign['attacks'][number]) => boolean }[] = [
  { title: 'programs, by their system calls', has: ({ by }) => by === 'program' },
  { title: 'servers, by what they are given and what they answer', has: ({ by, through }) => by === 'server' && through === 'gate' },
  { title: 'servers, by the language', has: ({ by, through }) => by === 'server' && through === 'language' },
  { title: 'tasks, by the language', has: ({ by }) => by === 'task' }
]

/** Properties that were reached, each once, in order. */
export function propertiesOf ({ reached }: Outcome): Reached[] {
  return (Object.keys(letters) as Reached[]).filter(property => reached.some(reach => reach.property === property))
}

/** The one sentence that says how it went. */
export function verdictOf ({ outcomes }: Campaign): string {
  const tried = outcomes.filter(({ untried }) => untried === null)
  const broken = tried.filter(outcome => outcome.broken.length > 0)
  const held = tried.filter(({ reached }) => reached.length === 0)
  const rest = tried.length - held.length - broken.length
  return `${tried.length} attacks: ${held.length} reached nothing, ${rest} what no wall in their way claims to hold, ` +
    (broken.length === 0 ? 'none what one does.' : `${broken.length} what a wall claims to hold.`)
}

export function attacksTable (campaign: Campaign, width: number): string {
  const { attacks, kernels, outcomes } = campaign
  const text = Math.min(width - 1, textColumns)
  const nameWidth = Math.max(...attacks.map(({ name }) => name.length)) + 4
  const cellWidth = Math.max(8, Math.min(12, Math.floor((width - nameWidth - 1) / kernels.length)))
  const table = plainTable(['attack', ...kernels.map(name => name.replaceAll('-', '-\n'))], [nameWidth, ...kernels.map(() => cellWidth)], 1)
  for (const { title, has } of groups) {
    const own = attacks.filter(has)
    if (own.length === 0) continue
    table.push([{ content: styleText('bold', title), colSpan: kernels.length + 1 }] as never)
    const wallOf = (kernel: string): string => [...new Set(outcomes.filter(outcome => outcome.kernel === kernel && own.some(({ name }) => name === outcome.attack)).map(({ wall }) => wall))].join(', ')
    table.push([styleText('dim', '  behind'), ...kernels.map(kernel => styleText('dim', wallOf(kernel)))] as never)
    for (const { name } of own) table.push([`  ${name}`, ...kernels.map(kernel => cell(outcomes.find(outcome => outcome.attack === name && outcome.kernel === kernel)))] as never)
  }
  return [
    ...wrap(verdictOf(campaign), text).map(line => styleText('bold', line)), '',
    table.toString(), '',
    ...wrap('C confidentiality, I integrity, A availability, P processor, H heap, K kill: reached, of whatever is on the other side. s: a service that it gives itself, or that it was given without a limit. ' +
      '✗: a wall claims to hold that. –: cannot be tried there.', text).map(line => styleText('dim', line)), '',
    ...reachedLines(campaign, text)
  ].join('\n').replace(/ +$/gm, '')
}

function cell (outcome: Outcome | undefined): Cell {
  if (outcome === undefined || outcome.untried !== null) return styleText('dim', '–')
  const reached = propertiesOf(outcome).map(property => letters[property]).join(' ')
  if (reached === '') return styleText('green', 'held')
  return outcome.broken.length > 0 ? styleText('red', `✗ ${reached}`) : styleText('yellow', reached)
}

/** What was reached, in words: what is the same under several kernels once. */
function reachedLines ({ attacks, outcomes, kernels }: Campaign, columns: number): string[] {
  return attacks.flatMap(({ name }) => {
    const own = outcomes.filter(outcome => outcome.attack === name && outcome.reached.length > 0)
    if (own.length === 0) return []
    const words = new Map<string, string[]>()
    for (const outcome of own) {
      const broken = outcome.broken.length > 0 ? '✗ ' : ''
      const key = broken + summary(outcome)
      words.set(key, [...words.get(key) ?? [], outcome.kernel])
    }
    return [styleText('bold', name), ...[...words].flatMap(([what, where]) =>
      wrap(`${where.length === kernels.length ? 'everywhere' : where.join(', ')}: ${what}`, columns - 2).map(line => `  ${line}`))]
  })
}

/** Each property with whose it is and the first that was seen of it. */
export function summary ({ reached }: Outcome): string {
  const first = reached.filter((reach, at) => reached.findIndex(other => other.property === reach.property && other.of === reach.of) === at)
  return first.map(({ property, of, seen }) => {
    const more = reached.filter(other => other.property === property && other.of === of).length - 1
    return `${property === 'service' ? '' : `${property} of ${of}: `}${seen.replace(/ \(\d+\)/g, '')}${more > 0 ? `, and ${more} more` : ''}`
  }).join('; ')
}
