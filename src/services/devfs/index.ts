/** devfs: devices as files: null, zero, full, random, urandom, and the terminal's where there is one. */

import { Console, Entropy, FileSystem, many, one, service } from '../../roles/index.ts'
import { Devfs } from './devfs.ts'
import { consoleNodes, plainNodes } from './nodes.ts'

export const devfs = service({
  name: 'devfs',
  summary: 'shows devices as files',
  provides: { files: FileSystem },
  consumes: ['read'],
  requires: { entropy: one(Entropy), console: many(Console) },
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, requires }) => ({
    files: new Devfs(arena, () => {
      const [terminal] = requires.console.values()
      return [...plainNodes(() => requires.entropy), ...terminal === undefined ? [] : consoleNodes(terminal)]
    })
  })
})
