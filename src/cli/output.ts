/** Standard output of commands. */

import { once } from 'node:events'
import type { Writable } from 'node:stream'

const columnsDefault = 80
const columnsMax = 120

/** Width of the terminal, within what reads well. A terminal that was told no size says 0. */
export function columns (): number {
  return Math.min(columnsMax, process.stdout.columns || columnsDefault)
}

export function printJson (value: unknown): number {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
  return 0
}

/** Settles when none of these streams has more to go out than it wants; undefined when that is so now. */
export function drained (streams: readonly Writable[]): Promise<void> | undefined {
  const full = streams.filter(stream => stream.writableNeedDrain && !stream.destroyed)
  return full.length === 0 ? undefined : Promise.all(full.map(stream => once(stream, 'drain'))).then(() => {})
}
