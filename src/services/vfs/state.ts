/**
 * What a VFS keeps, as data: the mounted tree, open files, and the tables that name them.
 *
 * Open files are told once, however many descriptors share one, and descriptors name them by their place in that list; file
 * systems by the mount that they are. Where walks have led is not told: it is found again.
 */

import { DESCRIPTORS_MAX, FileType, HANDLES_MAX, StateError, fieldOf, itemsOf, listOf, textOf, wholeOf } from '../../roles/index.ts'
import type { ServiceState, Sockets, StateValue } from '../../roles/index.ts'
import type { Mount, Mounts } from './mounts.ts'
import { MOVING, OpenFile } from './open-file.ts'
import { Descriptor } from './tables.ts'
import type { Table, Tables } from './tables.ts'

/** In the place of the number of a mount: the file system of pipes, and the service that has sockets. */
const PIPES = 0
const SOCKETS = -1

export function vfsState (tables: Tables, mounts: Mounts, pipes: () => Mount | null, sockets: () => Sockets | undefined): ServiceState {
  return {
    save () {
      const files = new Map<OpenFile, number>()
      const told = [...tables.all].map(([process, table]) => [process, table.max, entriesOf(table, files)])
      return { mounts: mounts.save(), tables: told, files: [...files.keys()].map(file => fileOf(file)) }
    },

    takeUp (saved) {
      mounts.takeUp(fieldOf(saved, 'mounts'))
      const files = listOf(fieldOf(saved, 'files'), 'open files', each => openFileOf(each, mounts, pipes, sockets))
      listOf(fieldOf(saved, 'tables'), 'descriptor tables', each => {
        const [of, most, entries] = itemsOf(each, 'a descriptor table', 3)
        const process = wholeOf(of!, 'a process', 0)
        if (tables.of(process) !== undefined) throw new StateError(`process ${process} has two descriptor tables`)
        const max = wholeOf(most!, 'how many descriptors there may be', 0, Math.max(DESCRIPTORS_MAX, HANDLES_MAX))
        const descriptors = listOf(entries!, 'descriptors', entry => entry === null ? undefined : descriptorOf(entry, files))
        if (descriptors.length > max) throw new StateError(`process ${process} has more descriptors than it may`)
        tables.make(process, max).fill(descriptors)
      })
      if (tables.quota.left < 0) throw new StateError('there are more descriptors than this system may have')
    }
  }
}

function entriesOf (table: Table, files: Map<OpenFile, number>): StateValue {
  if (table.owed.size > 0) throw new StateError('a call is in the middle of opening or closing something')
  // A list with holes is told whole.
  return Array.from({ length: table.entries.length }, (_, fd) => {
    const descriptor = table.entries[fd]
    if (descriptor === undefined) return null
    const { file, base, inheriting, preopened } = descriptor
    if (!files.has(file)) files.set(file, files.size)
    return [files.get(file)!, base, inheriting, preopened]
  })
}

function fileOf (file: OpenFile): StateValue {
  if (file.position === MOVING) throw new StateError('a call is in the middle of moving the position of a file')
  return [file.mount === null ? SOCKETS : file.mount.device, file.handle, file.inode, file.type, file.above, file.flags, file.position]
}

function openFileOf (saved: StateValue, mounts: Mounts, pipes: () => Mount | null, sockets: () => Sockets | undefined): OpenFile {
  const [of, handle, inode, type, above, flags, position] = itemsOf(saved, 'an open file', 7)
  const device = wholeOf(of!, 'a mount', SOCKETS)
  const mount = device === SOCKETS ? null : device === PIPES ? pipes() : mounts.ofDevice(device) ?? null
  const stream = mount === null ? device === SOCKETS ? sockets() : undefined : mount.fs
  if (stream === undefined) throw new StateError('an open file is of a file system that is not there')
  const file = new OpenFile(stream, mount, wholeOf(handle!, 'a handle'), wholeOf(inode!, 'an inode'), wholeOf(type!, 'a type', 0, FileType.SYMBOLIC_LINK), wholeOf(flags!, 'flags'), wholeOf(above!, 'a directory'))
  file.position = wholeOf(position!, 'a position')
  return file
}

function descriptorOf (saved: StateValue, files: readonly OpenFile[]): Descriptor {
  const [file, base, inheriting, preopened] = itemsOf(saved, 'a descriptor', 4)
  return new Descriptor(files[wholeOf(file!, 'an open file', 0, files.length - 1)]!, wholeOf(base!, 'rights'), wholeOf(inheriting!, 'rights'), preopened === null ? null : textOf(preopened!, 'a path'))
}
