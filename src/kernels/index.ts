/**
 * The architectures, each a function that gives its plan; and the presets: plans that stand for a known system, listed
 * apart because each is a variation on an architecture, for a comparison that somebody published.
 */

import { l4linux } from './l4linux/index.ts'
import { l4linuxTrampoline } from './l4linux-trampoline/index.ts'
import { microkernel } from './microkernel/index.ts'
import { mklinuxKernel } from './mklinux-kernel/index.ts'
import { mklinuxUser } from './mklinux-user/index.ts'
import { monolithic } from './monolithic/index.ts'
import { unikernel } from './unikernel/index.ts'

export const kernels = { monolithic, microkernel, unikernel } as const

export const presets = {
  // Linux is the monolithic kernel, and nothing is different but the name.
  linux: monolithic,
  l4linux,
  'l4linux-trampoline': l4linuxTrampoline,
  'mklinux-user': mklinuxUser,
  'mklinux-kernel': mklinuxKernel
} as const

export { withSupervision } from './supervised.ts'
