/**
 * The inodes of a share and where the host keeps them: finds the machine's handle on an inode, and holds directories.
 *
 * A remembered place is checked each time: other programs of the host rename and replace as they like, and no number may
 * ever stand for another file that took the name.
 */

import { Errno } from '../../fiber/index.ts'
import { FileType, HOST_DIRECTORIES_HELD_MAX, PATH_BYTES_MAX, StateError } from '../../roles/index.ts'
import type { HostAttributes, MachineFolders } from '../../machine/index.ts'
import { HeldDirectories } from './held-directories.ts'
import { InodeTable } from './inode-table.ts'
import type { Inode } from './inode-table.ts'

export class HostTree {
  readonly #folders: MachineFolders
  readonly #share: number
  readonly #inodesMax: number
  readonly #held: HeldDirectories
  #table: InodeTable | null = null

  constructor (folders: MachineFolders, share: number, inodesMax: number) {
    this.#folders = folders
    this.#share = share
    this.#inodesMax = inodesMax
    this.#held = new HeldDirectories(HOST_DIRECTORIES_HELD_MAX, handle => folders.close(handle))
  }

  /** The inodes; the first time, the share is opened. A negative error number when it cannot be. */
  table (): InodeTable | number {
    if (this.#table !== null) return this.#table
    const held = this.#folders.openShare(this.#share)
    if (held < 0) return held
    const host = this.#folders.attributes(held)
    if (typeof host === 'number') {
      this.#folders.close(held)
      return host
    }
    this.#table = new InodeTable(host, this.#inodesMax, inode => this.#held.release(inode))
    // Never let go: there is no place to find it at.
    this.#table.root.held = held
    return this.#table
  }

  /** A new held handle on an inode, found at one of its places. */
  find (table: InodeTable, inode: Inode): number {
    if (inode === table.root) return this.#folders.openShare(this.#share)
    return this.#atPlaces<number>(inode, (folder, name) => {
      const held = this.#folders.find(folder, name)
      if (held < 0) return isGone(held) ? null : held
      const host = this.#folders.attributes(held)
      if (typeof host !== 'number' && isSame(inode, host)) return held
      this.#folders.close(held)
      return typeof host === 'number' ? host : null
    })
  }

  /** Calls `operation` with a place that leads to the inode now, and what the host says of it there. */
  at<T> (inode: Inode, operation: (folder: number, name: string, host: HostAttributes) => T): T | number {
    return this.#atPlaces<T>(inode, (folder, name) => {
      const host = this.#folders.attributesAt(folder, name)
      if (typeof host === 'number') return isGone(host) ? null : host
      return isSame(inode, host) ? operation(folder, name, host) : null
    })
  }

  /** The first answer that is not null: one that is says that the place no longer leads to the inode. */
  #atPlaces<T> (inode: Inode, operation: (folder: number, name: string) => T | number | null): T | number {
    if (inode.sought) return -Errno.ENOENT
    inode.sought = true
    try {
      for (const { directory, name } of [...inode.places.values()].reverse()) {
        const folder = this.folder(directory)
        if (folder < 0 && !isGone(folder)) return folder
        const answer = folder < 0 ? null : operation(folder, name)
        if (answer !== null) return answer
        this.#table!.clear(directory, name)
      }
      return -Errno.ENOENT
    } finally {
      inode.sought = false
    }
  }

  /** The machine's handle on a directory, held from now on. */
  folder (number: number): number {
    const table = this.table()
    if (typeof table === 'number') return table
    const inode = table.get(number)
    if (inode === undefined) return -Errno.ENOENT
    if (inode.type !== FileType.DIRECTORY) return -Errno.ENOTDIR
    const there = handleOf(inode)
    if (there >= 0) return there
    const held = this.find(table, inode)
    if (held >= 0) this.#held.hold(inode, held)
    return held
  }

  /** Calls `operation` with a handle of the machine's on an inode: one that is there, or one for this time. */
  with (inode: Inode, operation: (handle: number) => number): number {
    const there = handleOf(inode)
    if (there >= 0) return operation(there)
    const held = this.find(this.#table!, inode)
    if (held < 0) return held
    const result = operation(held)
    this.#folders.close(held)
    return result
  }

  /** What the host says of an inode now. */
  attributes (inode: Inode): HostAttributes | number {
    const handle = handleOf(inode)
    return handle >= 0 ? this.#folders.attributes(handle) : this.at(inode, (_folder, _name, host) => host)
  }

  /** The names from the root to an inode, by places where it was seen last. Throws a StateError when there are none. */
  pathOf (inode: Inode): string[] {
    const names: string[] = []
    for (let at = inode; at !== this.#table?.root;) {
      const place = [...at.places.values()].at(-1)
      const above = place === undefined ? undefined : this.#table?.get(place.directory)
      if (above === undefined || names.length > PATH_BYTES_MAX) throw new StateError('a file of a host folder is open that has no name any more')
      names.unshift(place!.name)
      at = above
    }
    return names
  }

  /** Nobody has a handle any more that was just closed: what can no longer be found goes. */
  released (inode: Inode): void {
    this.#table?.forgetUnreachable(inode)
  }

  /** The number that a file of the host has or would have. */
  numberOf (host: HostAttributes): number {
    return this.#table!.numberOf(host)
  }

  /** Notes where a file of the host was seen; returns its number. */
  place (table: InodeTable, host: HostAttributes, directory: number, name: string): number {
    const inode = table.know(host)
    table.place(inode, directory, name)
    return inode.number
  }
}

/** A handle of the machine's that is there already, or -1. */
function handleOf (inode: Inode): number {
  if (inode.held >= 0) return inode.held
  for (const handle of inode.handles) return handle
  return -1
}

function isSame (inode: Inode, host: HostAttributes): boolean {
  return inode.hostInode === host.inode && inode.device === host.device
}

/** Whether an error says that nothing stands at a place. */
function isGone (error: number): boolean {
  return error === -Errno.ENOENT || error === -Errno.ENOTDIR
}
