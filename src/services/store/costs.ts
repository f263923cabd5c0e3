/** What the work of the store is: records by hash, bytes in pages, a checksum over what is put and what is given out. */

import { CALL, Steps, block, element, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, RoleCosts, Step } from '../../roles/index.ts'

const { ALLOCATE_BLOCK, CHECK, FIELD, FIELDS, FRAME, PAGE, PROBE, RELEASE_BLOCK } = Steps

const PAGE_BYTES = 4096
/** A word of a checksum: read, combined, multiplied, shifted. By hand. */
const word = (count: number): Step => times(count, CHECK)

const changed: readonly CostRow[] = [
  row(element('changes'), 'a word of a change: read, checked, put, summed', [CHECK, FIELD, FIELD])
]

const store: RoleCosts = {
  commit: [row(CALL, 'the tables of the caller; a record found, its room made and the old one\'s given back: assumed two', [
    FRAME, PROBE, times(2, PROBE), times(2, ALLOCATE_BLOCK), times(2, RELEASE_BLOCK)
  ]), ...changed],
  write: [
    row(CALL, 'the tables, the blob, a record as in a commit', [FRAME, times(3, PROBE), ALLOCATE_BLOCK, RELEASE_BLOCK]), ...changed,
    row(block('from', PAGE_BYTES), 'a page found, and summed anew: 1,024 words', [PAGE, word(1024), FIELDS])
  ],
  truncate: [row(CALL, 'the tables, the blob, the last page cleared and summed', [FRAME, times(3, PROBE), ALLOCATE_BLOCK, RELEASE_BLOCK, PAGE, word(1024)]), ...changed],
  records: [row(CALL, 'the table, and where to begin', [FRAME, PROBE, times(8, CHECK)]), row(element('result'), 'a word given out, summed', [FIELD, CHECK])],
  pages: [row(CALL, 'the table and the blob', [FRAME, times(2, PROBE)]), row(element('result'), 'a number', [FIELD, CHECK])],
  read: [row(CALL, 'the table and the blob', [FRAME, times(2, PROBE)]), row(block('into', PAGE_BYTES), 'a page found, and its sum compared', [PAGE, word(1024)])]
}

export const costs: CostTable = { Store: store }
