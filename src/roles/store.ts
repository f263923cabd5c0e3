/**
 * Store: keeps records for services, so that what they know outlives them.
 *
 * A record has a table, a key, numbers, and a text; a blob has a table, a key and bytes. Whose they are the gate says: each
 * caller has tables of its own. A commit is there whole or not at all, whenever who makes it dies.
 * `changes` is a list: table, key, how many numbers, the numbers; or -1 in place of how many, and nothing, to remove the record
 * and the blob of that key. `texts` has one for each record that is put, in order.
 * Blobs are kept in pages of STORE_PAGE_BYTES; what was never written reads as zeros.
 * What does not have the checksum that it was put with is not given out: -EIO.
 * Source: MINIX 3's data store (Herder et al., DSN 2007); the recovery box of Sprite (Baker and Sullivan, USENIX 1992).
 */

import { bytesIn, bytesOut, count, list, number, numbers, operation, parameter, record, role, status, strings } from './role.ts'
import type { RoleOf } from './role.ts'

const changes = parameter('changes', numbers)
const texts = parameter('texts', strings)
const table = parameter('table', number)
const key = parameter('key', number)
const offset = parameter('offset', number)

/** Bytes of a page of a blob. */
export const STORE_PAGE_BYTES = 4096
/** Records that one call gives out at most. */
export const STORE_RECORDS_MAX = 256

export const Store = role('Store', 'keeps records and bytes for services, and outlives them', {
  commit: operation('makes changes, all or none', [changes, texts], status, { blocks: true, idempotent: true }),
  write: operation('puts bytes into a blob at an offset, and makes changes, all or none', [table, key, offset, parameter('from', bytesIn), changes, texts], status,
    { blocks: true, idempotent: true }),
  truncate: operation('cuts a blob off, or extends it by zeros, and makes changes, all or none', [table, key, parameter('length', number), changes, texts], status,
    { blocks: true, idempotent: true }),
  records: operation('records of a table with keys above `after`, in order: how many, and then key, how many numbers, the numbers, each; -EIO for damage',
    [table, parameter('after', number)], record({ entries: numbers, texts: strings }), { blocks: true, idempotent: true }),
  pages: operation('the numbers of the pages of a blob that were written, above `after`, in order, STORE_RECORDS_MAX at most',
    [table, key, parameter('after', number)], list, { blocks: true, idempotent: true }),
  read: operation('bytes of a blob from an offset on; how many; -EIO for damage', [table, key, offset, parameter('into', bytesOut)], count,
    { blocks: true, idempotent: true })
})
export type Store = RoleOf<typeof Store>
