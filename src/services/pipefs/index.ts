/** pipefs: pipes, as a file system of inodes without names. Options: `pipesMax`, `bytesMax` of what they can hold. */

import { Accounts, FileSystem, PIPES_MAX, PIPE_BYTES, Resource, Store, optional, service } from '../../roles/index.ts'
import { Payer } from '../payer.ts'
import { KeptPipefs } from './kept.ts'
import { Pipefs } from './pipefs.ts'

export const pipefs = service({
  name: 'pipefs',
  summary: 'keeps pipes',
  provides: { files: FileSystem },
  consumes: ['read'],
  requires: { accounts: optional(Accounts), store: optional(Store) },
  keeps: 'store',
  options: { pipesMax: PIPES_MAX, bytesMax: Infinity },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller, counter, requires, options, keep }) => {
    const pipesMax = Math.min(options.pipesMax, Math.floor(options.bytesMax / PIPE_BYTES))
    const payer = new Payer(() => requires.accounts, caller, Resource.PIPES)
    if (requires.store === undefined) {
      const files = new Pipefs(arena, pipesMax, payer)
      keep(files)
      return { files }
    }
    const kept = new KeptPipefs(arena, pipesMax, payer, counter, () => requires.store!)
    return { files: kept.journal.serving(FileSystem, kept) }
  }
})
