/** Moments as people write them: `@0`, `2026-11-24`, `2026-11-24 09:30:00`, `now`, `yesterday`, `-2 days`. In UTC. */

import { daysOf } from './format.ts'

const units: Readonly<Record<string, number>> = { sec: 1, second: 1, min: 60, minute: 60, hour: 3600, day: 86400, week: 604800 }

/** Ms since 1970, or null where it is none. */
export function parseMoment (text: string, nowMs: number): number | null {
  const plain = text.trim()
  if (plain === '' || plain === 'now') return nowMs
  if (plain === 'today') return nowMs
  if (plain === 'yesterday') return nowMs - 86_400_000
  if (plain === 'tomorrow') return nowMs + 86_400_000
  const seconds = /^@(-?\d+(?:\.\d+)?)$/.exec(plain)
  if (seconds !== null) return Number(seconds[1]) * 1000
  const relative = /^([+-]?\d+)\s*([a-z]+?)s?(\s+ago)?$/i.exec(plain)
  if (relative !== null) {
    const unit = units[relative[2]!.toLowerCase()]
    if (unit === undefined) return null
    return nowMs + Number(relative[1]) * unit * 1000 * (relative[3] === undefined ? 1 : -1)
  }
  const date = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(Z|UTC)?$/.exec(plain)
  if (date === null) return null
  const [year, month, day, hour, minute, second] = date.slice(1, 7).map(part => Number(part ?? 0)) as [number, number, number, number, number, number]
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return null
  const fraction = date[7] === undefined ? 0 : Number(`0.${date[7]}`)
  return ((daysOf(year, month - 1, day) * 24 + hour) * 60 + minute) * 60_000 + (second + fraction) * 1000
}

const SECONDS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86400 }

/** Ms of `5`, `0.5`, `2m`; null where it is none. */
export function durationOf (word: string): number | null {
  const found = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(word)
  return found === null ? null : Number(found[1]) * SECONDS[found[2]!]! * 1000
}
