/** devfs: devices as files: null, zero, full, random, urandom, and the terminal's where there is one. */

import { Console, Entropy, FileSystem, Store, many, one, optional, service } from '../../roles/index.ts'
import { Devfs } from './devfs.ts'
import { KeptDevfs } from './kept.ts'
import { consoleNodes, plainNodes } from './nodes.ts'
import type { NamedNode } from './nodes.ts'

export const devfs = service({
  name: 'devfs',
  summary: 'shows devices as files',
  provides: { files: FileSystem },
  consumes: ['read'],
  requires: { entropy: one(Entropy), console: many(Console), store: optional(Store) },
  keeps: 'store',
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ arena, requires, keep }) => {
    const find = (): NamedNode[] => {
      const [terminal] = requires.console.values()
      return [...plainNodes(() => requires.entropy), ...terminal === undefined ? [] : consoleNodes(terminal)]
    }
    if (requires.store === undefined) {
      const files = new Devfs(arena, find)
      keep(files)
      return { files }
    }
    const kept = new KeptDevfs(arena, find, () => requires.store!)
    return { files: kept.journal.serving(FileSystem, kept) }
  }
})
