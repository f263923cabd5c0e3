/** The time in a page or worker. */

import type { TimeSource } from './clock.ts'

export const browserTime: TimeSource = { monotonicMs: () => performance.now(), wallMs: () => Date.now() }
