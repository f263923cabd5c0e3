/**
 * vfs: descriptors, paths and the mounted tree, over any file systems.
 *
 * Options: `mounts`, the tree: path, route of the file system, whether it is read-only; the root is '/'. `pipes`, the
 * route of the file system that keeps pipes; it is not mounted. `descriptorsMax`, in all tables together.
 */

import { Clock, DescriptorTables, FileInformation, FileSystem, Files, Sockets, Store, many, one, optional, service } from '../../roles/index.ts'
import { descriptorCalls } from './descriptor-calls.ts'
import { fileInformation } from './information.ts'
import { KeptVfs } from './kept.ts'
import { listingCall } from './listing.ts'
import { Mount, Mounts } from './mounts.ts'
import type { MountOption } from './mounts.ts'
import { openCall } from './open-call.ts'
import { pathCalls } from './path-calls.ts'
import { pollCall } from './poll-call.ts'
import { pipeCall } from './pipe-call.ts'
import { socketCalls, socketTableCalls } from './socket-calls.ts'
import { vfsState } from './state.ts'
import { tableCalls } from './table-calls.ts'
import { Tables } from './tables.ts'

export interface VfsOptions {
  readonly mounts: readonly MountOption[]
  readonly pipes: string
  /** In the tables of all processes together. */
  readonly descriptorsMax: number
}

/** The `device` of pipes. */
const PIPES_DEVICE = 0

const options: VfsOptions = { mounts: [{ path: '/', fileSystem: 'ramfs' }], pipes: 'pipefs', descriptorsMax: Infinity }

export const vfs = service({
  name: 'vfs',
  summary: 'serves descriptors and paths over mounted file systems',
  provides: { files: Files, tables: DescriptorTables, information: FileInformation },
  requires: { clock: one(Clock), fileSystems: many(FileSystem), sockets: many(Sockets), store: optional(Store) },
  keeps: 'store',
  options,
  costs: async () => (await import('./costs.ts')).costs,
  start: ({ requires, arena, caller, counter, options, keep }) => {
    const tables = new Tables(caller, options.descriptorsMax)
    const mounts = new Mounts(options.mounts, requires.fileSystems)
    let pipes: Mount | null = null
    const pipesMount = (): Mount | null => {
      const fs = requires.fileSystems.get(options.pipes)
      if (pipes === null && fs !== undefined) pipes = new Mount(fs, PIPES_DEVICE, false)
      return pipes
    }
    const sockets = (): Sockets | undefined => requires.sockets.values().next().value
    const files: Files = {
      open: openCall(tables),
      ...descriptorCalls(tables),
      readDirectory: listingCall(tables, arena, counter),
      ...pathCalls(tables),
      poll: pollCall(tables, () => requires.clock),
      pipe: pipeCall(tables, pipesMount),
      ...socketCalls(tables, sockets)
    }
    const served = { files, tables: { ...tableCalls(tables, mounts), ...socketTableCalls(tables, sockets) }, information: fileInformation(tables, mounts) }
    if (requires.store === undefined) {
      keep(vfsState(tables, mounts, pipesMount, sockets))
      return served
    }
    const kept = new KeptVfs({ caller, tables, mounts, pipes: pipesMount, sockets, store: () => requires.store! })
    const { journal } = kept
    return {
      files: journal.serving(Files, kept.files(files)),
      tables: journal.serving(DescriptorTables, kept.tables(served.tables)),
      information: journal.serving(FileInformation, served.information)
    }
  }
})
