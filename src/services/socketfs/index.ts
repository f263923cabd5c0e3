/** socketfs: local stream sockets. */

import { Sockets, service } from '../../roles/index.ts'
import { Socketfs } from './socketfs.ts'

export const socketfs = service({
  name: 'socketfs',
  summary: 'connects programs by local stream sockets',
  provides: { sockets: Sockets },
  requires: {},
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, keep }) => {
    const sockets = new Socketfs(arena)
    keep(sockets)
    return { sockets }
  }
})
