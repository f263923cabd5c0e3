/** How values look in the files of a procfs. */

import { utf8Length } from '../../fiber/index.ts'

/** Bytes of a command's name, as on Linux (TASK_COMM_LEN). */
const COMMAND_BYTES_MAX = 15

/** Bytes as `kB`, which are of 1,024. */
export function kilobytes (bytes: number): string {
  return `${Math.ceil(bytes / 1024)} kB`
}

/** The name of a command: the last name of its first argument, cut off. */
export function commandOf (args: readonly string[]): string {
  const last = (args[0] ?? '').split('/').pop()!
  let name = ''
  for (const character of last) {
    if (utf8Length(name + character) > COMMAND_BYTES_MAX) break
    name += character
  }
  return name
}

/** A text that stays in its line and column: what would end either is escaped as in `/proc/mounts`, in octal. */
export function escaped (text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\0-\x1f\x7f\\]/g, character => `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`)
}

/** Lines of columns with tabs between them, the heads first. An empty cell is a dash. */
export function table (heads: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  return [heads, ...rows].map(row => row.map(cell => cell === '' ? '-' : escaped(String(cell))).join('\t') + '\n').join('')
}

/** Lines of a name, a colon, a tab and a value. */
export function fields (values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values).map(([name, value]) => `${name}:\t${value}\n`).join('')
}
