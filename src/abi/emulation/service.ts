/**
 * The emulation library: what stands in a program's domain in the place of its C library's system calls, where those are
 * served by another domain. It takes a call as the program makes it and makes a call to the server of it.
 *
 * A call that cannot be made fails as the call to the server does.
 * Source: L4Linux's modified libc (Härtig et al., SOSP 1997, section 4); Mach's emulation library (Golub et al., USENIX 1990).
 */

import { SystemCalls, one, service } from '../../roles/index.ts'

export const emulation = service({
  name: 'emulation',
  summary: 'passes the calls of a program on to the server that has them',
  provides: { calls: SystemCalls },
  requires: { server: one(SystemCalls) },
  keeps: 'nothing',
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ requires }) => ({ calls: requires.server })
})
