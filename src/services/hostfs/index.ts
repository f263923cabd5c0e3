/** hostfs: a folder of the host as a file system. Options: `share` of the machine, `readOnly`, `inodesMax`. */

import { FileSystem, HOST_INODES_MAX, service } from '../../roles/index.ts'
import type { Devices } from '../../machine/index.ts'
import { Hostfs } from './hostfs.ts'
import type { HostfsOptions } from './hostfs.ts'

export const hostfs = service<{ files: typeof FileSystem }, Record<never, never>, Pick<Devices, 'folders'>, HostfsOptions>({
  name: 'hostfs',
  summary: 'a folder of the host as a file system',
  provides: { files: FileSystem },
  requires: {},
  devices: ['folders'],
  options: { share: 0, readOnly: false, inodesMax: HOST_INODES_MAX },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ devices, arena, options, keep }) => {
    const files = new Hostfs(devices.folders, arena, options)
    keep(files)
    return { files }
  }
})
