/** The host that a measurement was made on, as far as Node can tell. */

import { availableParallelism, cpus, release, totalmem, type } from 'node:os'

export interface Host {
  readonly processor: string
  readonly processors: number
  readonly memoryBytes: number
  readonly system: string
  readonly node: string
  readonly v8: string
  readonly date: string
}

export function host (): Host {
  return {
    processor: cpus()[0]?.model.trim() || process.arch,
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${type()} ${release()}, ${process.arch}`,
    node: process.versions.node,
    v8: process.versions.v8,
    date: new Date().toISOString()
  }
}
