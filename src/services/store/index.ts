/** The store: keeps for services what has to outlive them. */

import { Store, service } from '../../roles/index.ts'
import { StoreService } from './store.ts'

export const store = service({
  name: 'store',
  summary: 'keeps records and bytes for services that may die',
  provides: { store: Store },
  requires: {},
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller }) => ({ store: new StoreService(arena, caller) })
})
