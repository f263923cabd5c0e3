/**
 * The inodes that a hostfs knows: which file of the host a number stands for, and where it can be found.
 *
 * The number of a file on the share's own device is the host's inode number, so that a file keeps its number although it
 * was forgotten here, and however many names it has; a file on a device mounted below, or one whose number a double
 * cannot carry, gets a number from FOREIGN_FIRST up.
 * A place is a name in a directory at which an inode was seen. Places are what the host said last; whoever uses one
 * checks that it still leads to the inode.
 *
 * Invariants: one inode for each (device, host inode); one inode at most for each place; an inode with handles, and
 * the root, is never forgotten.
 */

import { FileType } from '../../roles/index.ts'
import type { HostAttributes } from '../../machine/index.ts'

export const FOREIGN_FIRST = 2 ** 52
const FOREIGN_FIRST_HOST = 2n ** 52n

export interface Place {
  readonly directory: number
  readonly name: string
}

export interface Inode {
  readonly number: number
  readonly device: bigint
  readonly hostInode: bigint
  /** A FileType. It changes when the host gives the number to another file. */
  type: number
  /** By `keyOf`. A directory has one. */
  readonly places: Map<string, Place>
  /** A held handle of the machine's, for directories; -1 when there is none. */
  held: number
  /** The machine's handles of those who have it open. */
  readonly handles: Set<number>
  /** When it was used last, counted in uses: who goes first when there is no room. */
  usedAt: number
  /** Being looked for now: places can lead in a circle after the host moved directories. */
  sought: boolean
}

export class InodeTable {
  readonly #byNumber = new Map<number, Inode>()
  readonly #byPlace = new Map<string, Inode>()
  /** Numbers of inodes on other devices, by `device:inode`. */
  readonly #foreign = new Map<string, number>()
  readonly #device: bigint
  readonly #inodesMax: number
  readonly #forgotten: (inode: Inode) => void
  #nextForeign = FOREIGN_FIRST
  #uses = 0

  readonly root: Inode

  /** Numbers are the host's on the device of the root. `forgotten` is told of an inode that has gone from here. */
  constructor (root: HostAttributes, inodesMax: number, forgotten: (inode: Inode) => void) {
    this.#device = root.device
    this.#inodesMax = inodesMax
    this.#forgotten = forgotten
    this.root = this.know(root)
  }

  get size (): number {
    return this.#byNumber.size
  }

  get (number: number): Inode | undefined {
    const inode = this.#byNumber.get(number)
    if (inode !== undefined) inode.usedAt = ++this.#uses
    return inode
  }

  at (directory: number, name: string): Inode | undefined {
    return this.#byPlace.get(keyOf(directory, name))
  }

  /** The number that a file of the host has or would have here. */
  numberOf (host: HostAttributes): number {
    if (host.device === this.#device && host.inode < FOREIGN_FIRST_HOST) return Number(host.inode)
    const key = `${host.device}:${host.inode}`
    let number = this.#foreign.get(key)
    if (number !== undefined) return number
    if (this.#foreign.size >= this.#inodesMax) this.#forgetForeign()
    number = this.#nextForeign++
    this.#foreign.set(key, number)
    return number
  }

  /** The inode of a file of the host, new if it was not known. */
  know (host: HostAttributes): Inode {
    const number = this.numberOf(host)
    let inode = this.#byNumber.get(number)
    if (inode === undefined) {
      if (this.#byNumber.size >= this.#inodesMax) this.#makeRoom()
      inode = {
        number, device: host.device, hostInode: host.inode, type: host.type, places: new Map(), held: -1, handles: new Set(),
        usedAt: 0, sought: false
      }
      this.#byNumber.set(number, inode)
    }
    inode.type = host.type
    inode.usedAt = ++this.#uses
    return inode
  }

  /** Notes that an inode stands at a place, and nowhere else if it is a directory. */
  place (inode: Inode, directory: number, name: string): void {
    const key = keyOf(directory, name)
    const before = this.#byPlace.get(key)
    if (before === inode) return
    this.clear(directory, name)
    if (inode.type === FileType.DIRECTORY) this.#unplace(inode)
    this.#byPlace.set(key, inode)
    inode.places.set(key, { directory, name })
  }

  /** Notes that nothing stands at a place. */
  clear (directory: number, name: string): void {
    const key = keyOf(directory, name)
    const inode = this.#byPlace.get(key)
    if (inode === undefined) return
    inode.places.delete(key)
    this.#byPlace.delete(key)
    this.forgetUnreachable(inode)
  }

  /** Forgets an inode that can neither be found nor is open. */
  forgetUnreachable (inode: Inode): void {
    if (inode.places.size === 0 && inode.handles.size === 0 && inode !== this.root) this.#forget(inode)
  }

  #forget (inode: Inode): void {
    this.#unplace(inode)
    this.#byNumber.delete(inode.number)
    this.#foreign.delete(`${inode.device}:${inode.hostInode}`)
    this.#forgotten(inode)
  }

  #forgetForeign (): void {
    for (const [key, number] of this.#foreign) if (!this.#byNumber.has(number)) this.#foreign.delete(key)
  }

  /** Forgets an eighth of the inodes, of those that nobody has open: directories last, as others are found through them. */
  #makeRoom (): void {
    const free = [...this.#byNumber.values()].filter(inode => inode.handles.size === 0 && inode !== this.root)
    const isDirectory = (inode: Inode): number => Number(inode.type === FileType.DIRECTORY)
    free.sort((a, b) => isDirectory(a) - isDirectory(b) || a.usedAt - b.usedAt)
    for (const inode of free.slice(0, Math.ceil(this.#inodesMax / 8))) this.#forget(inode)
  }

  #unplace (inode: Inode): void {
    for (const key of inode.places.keys()) this.#byPlace.delete(key)
    inode.places.clear()
  }
}

function keyOf (directory: number, name: string): string {
  return `${directory}/${name}`
}
