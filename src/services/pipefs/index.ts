/** pipefs: pipes, as a file system of inodes without names. Options: `pipesMax`, `bytesMax` of what they can hold. */

import { Accounts, FileSystem, PIPES_MAX, PIPE_BYTES, Resource, optional, service } from '../../roles/index.ts'
import { Payer } from '../payer.ts'
import { Pipefs } from './pipefs.ts'

export const pipefs = service({
  name: 'pipefs',
  summary: 'keeps pipes',
  provides: { files: FileSystem },
  consumes: ['read'],
  requires: { accounts: optional(Accounts) },
  options: { pipesMax: PIPES_MAX, bytesMax: Infinity },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, caller, requires, options }) => ({
    files: new Pipefs(arena, Math.min(options.pipesMax, Math.floor(options.bytesMax / PIPE_BYTES)), new Payer(() => requires.accounts, caller, Resource.PIPES))
  })
})
