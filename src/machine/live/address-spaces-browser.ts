/**
 * How many programs a page can hold at once.
 *
 * Measured in Chromium 156: the 126th WebAssembly memory of a page is refused, however small and in whatever worker: each
 * reserves 8 GiB of the 1 TiB that V8 gives the page's process. Memories of programs that have ended are found by the garbage
 * collector, which V8 starts before it refuses, but only that of the worker that asks. The page's own memories and those of
 * its other workers count too, ended or not, so fewer may be had: a program that gets none is refused as one beyond this
 * number is (EAGAIN). Other browsers have not been measured.
 */

import type { Machine } from '../machine.ts'

const MEMORIES_OF_A_PAGE = 125
/** Left for the page itself. */
const MEMORIES_RESERVED = 5

export const addressSpacesMax: Machine['addressSpacesMax'] = {
  value: MEMORIES_OF_A_PAGE - MEMORIES_RESERVED,
  reason: `a page can hold ${MEMORIES_OF_A_PAGE} WebAssembly memories (measured in Chromium 156); ${MEMORIES_RESERVED} kept back`
}
