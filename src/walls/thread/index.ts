export { CELL_ARGUMENTS, END, ENDED, GROW, KernelCell, ThreadCell } from './call-cell.ts'
export type { TakenCall } from './call-cell.ts'
export type { ProgramOrder, ThreadOrder } from './program-order.ts'
