/**
 * How a process that runs attacks tells what it sees: a line of JSON for each thing, on standard output. It beats as long
 * as its event loop turns, so that a silence says that it does not.
 */

import type { Reach } from './attack.ts'

export type Told =
  | { readonly what: 'begins', readonly attack: string }
  | { readonly what: 'beats' }
  | { readonly what: 'ended', readonly attack: string, readonly reached: readonly Reach[], readonly ms: number }
  | { readonly what: 'failed', readonly attack: string, readonly error: string }

export const BEAT_MS = 200

/** What is told, from the lines of a process. */
export function told (line: string): Told | null {
  try {
    const value = JSON.parse(line) as Told
    return typeof value === 'object' && value !== null && 'what' in value ? value : null
  } catch {
    return null
  }
}
