// The bulk operations: instructions whose time depends on an operand.

import { bulkBytesPerFuelShift, bulkChunkBytes, bulkChunkElements, bulkElementsPerFuelShift } from './limits.ts'
import { op } from './opcodes.ts'

export interface BulkShape {
  of: 'memory' | 'table' | 'array'
  does: 'fill' | 'copy' | 'init'
  /** The largest size that one direct instruction may have. */
  chunk: number
  /** One unit of fuel pays for 2 ** this many bytes or elements. */
  perFuelShift: number
}

const bytes = { chunk: bulkChunkBytes, perFuelShift: bulkBytesPerFuelShift }
const elements = { chunk: bulkChunkElements, perFuelShift: bulkElementsPerFuelShift }

const shapes = new Map<number, BulkShape>([
  [op.memoryFill, { of: 'memory', does: 'fill', ...bytes }],
  [op.memoryCopy, { of: 'memory', does: 'copy', ...bytes }],
  [op.memoryInit, { of: 'memory', does: 'init', ...bytes }],
  [op.tableFill, { of: 'table', does: 'fill', ...elements }],
  [op.tableCopy, { of: 'table', does: 'copy', ...elements }],
  [op.tableInit, { of: 'table', does: 'init', ...elements }],
  [op.arrayFill, { of: 'array', does: 'fill', ...elements }],
  [op.arrayCopy, { of: 'array', does: 'copy', ...elements }],
  [op.arrayInitData, { of: 'array', does: 'init', ...elements }],
  [op.arrayInitElem, { of: 'array', does: 'init', ...elements }],
])

export function bulkShape(opcode: number): BulkShape | undefined {
  return shapes.get(opcode)
}
