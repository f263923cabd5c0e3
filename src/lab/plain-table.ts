/** Tables of a terminal without lines: columns, an underlined head. */

import { styleText } from 'node:util'
import Table from 'cli-table3'

export type Cell = string | { readonly content: string, readonly hAlign?: 'left' | 'right', readonly colSpan?: number }

export function right (content: string): Cell {
  return { content, hAlign: 'right' }
}

export function plainTable (head: readonly Cell[], widths: readonly (number | undefined)[], gap: number): Table.Table {
  const table = new Table({
    chars: {
      top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '',
      left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ''
    },
    style: { 'padding-left': 0, 'padding-right': gap, head: [], border: [], compact: true },
    colWidths: widths.map(width => width ?? null),
    wordWrap: true
  })
  table.push(head.map(cell => typeof cell === 'string' ? styleText('underline', cell)
    : { ...cell, content: styleText('underline', cell.content) }) as never)
  return table as unknown as Table.Table
}
