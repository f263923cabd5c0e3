/** The terminal, as far as a command knows it. */

import type { Tool } from './tool.ts'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** From COLUMNS and LINES, which an interactive shell keeps. */
export async function terminalSize (tool: Tool): Promise<Size> {
  const number = (text: string | undefined, initial: number): number => text !== undefined && /^\d{1,4}$/.test(text) && Number(text) > 0 ? Number(text) : initial
  return { columns: number(tool.env['COLUMNS'], 80), rows: number(tool.env['LINES'], 24) }
}
