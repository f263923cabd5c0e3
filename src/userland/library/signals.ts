/** Signals by name and number, as `kill` and `trap` take them. */

import { Signal } from '../../roles/index.ts'

const byName: ReadonlyMap<string, number> = new Map(Object.entries(Signal))

/** The number of `TERM`, `SIGTERM` or `15`; undefined where there is none. */
export function signalNumber (word: string): number | undefined {
  if (/^\d+$/.test(word)) return [...byName.values()].includes(Number(word)) ? Number(word) : undefined
  const name = word.toUpperCase().replace(/^SIG/, '')
  return name === 'NONE' ? undefined : byName.get(name)
}

/** `TERM` for 15. */
export function signalName (number: number): string | undefined {
  return [...byName].find(([name, value]) => value === number && name !== 'NONE')?.[0]
}

export function signalNames (): string[] {
  return [...byName.keys()].filter(name => name !== 'NONE')
}
