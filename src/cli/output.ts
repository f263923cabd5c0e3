/** Standard output of commands. */

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
