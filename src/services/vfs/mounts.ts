/**
 * The mounted tree: which file system stands where.
 *
 * A mount point is a name in a directory of another mount. The name need not exist there (a host folder is never
 * written to for it): the VFS shows it in listings, and it hides an entry of that name. The directory is held open, so
 * that its inode stays valid. Neighbours may not be called before the system runs, so the tree is put together when it
 * is first needed.
 */

import { Access, FileType, StateError, inodeOf, itemsOf, listOf, textOf, typeOf, wholeOf } from '../../roles/index.ts'
import type { FileSystem, StateValue } from '../../roles/index.ts'
import { Errno, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import { parsePath } from './path.ts'
import { WalkCache } from './walk-cache.ts'

/** A mount, as a plan says it. */
export interface MountOption {
  readonly path: string
  /** The route of the file system among those that the VFS requires. */
  readonly fileSystem: string
  readonly readOnly?: boolean
  /** Its names change only through this VFS, so that it may remember where paths lead. */
  readonly namesAreOurs?: boolean
}

export class Mount {
  readonly fs: FileSystem
  readonly readOnly: boolean
  /** Unique; the `device` of its files. */
  readonly device: number
  /** The inode of its root; 0 until the tree is put together. */
  root = 0
  /** What is mounted in its directories, by inode and name. */
  readonly points: ReadonlyMap<number, ReadonlyMap<string, Mount>>
  readonly #points = new Map<number, Map<string, Mount>>()
  /** Names under which something is mounted. They are few, and most names are none of them. */
  readonly #names: string[] = []

  /** Where walks have led in it; null where somebody else may change its names. */
  readonly walks: WalkCache | null

  constructor (fs: FileSystem, device: number, readOnly: boolean, namesAreOurs = false) {
    this.walks = namesAreOurs ? new WalkCache() : null
    this.fs = fs
    this.device = device
    this.readOnly = readOnly
    this.points = this.#points
  }

  /** What is mounted under a name of a directory. */
  at (directory: number, name: string): Mount | undefined {
    for (let i = 0; i < this.#names.length; i++) {
      if (this.#names[i] === name) return this.#points.get(directory)?.get(name)
    }
    return undefined
  }

  /** Mounts another one under a name of a directory; false when one is there. */
  place (directory: number, name: string, mount: Mount): boolean {
    const points = this.#points.get(directory) ?? new Map<string, Mount>()
    if (points.has(name)) return false
    points.set(name, mount)
    this.#points.set(directory, points)
    this.#names.push(name)
    return true
  }
}

export class Mounts {
  /** In the order of their devices, which begin at 1: what stands in another one comes after it. */
  readonly options: readonly MountOption[]
  readonly #fileSystems: ReadonlyMap<string, FileSystem>
  /** In the order of their devices; none before the tree is put together. */
  #all: readonly Mount[] = []

  constructor (options: readonly MountOption[], fileSystems: ReadonlyMap<string, FileSystem>) {
    this.options = [...options].sort((a, b) => depth(a.path) - depth(b.path))
    this.#fileSystems = fileSystems
  }

  /** The mount of a device, once the tree is put together. */
  ofDevice (device: number): Mount | undefined {
    return this.#all[device - 1]
  }

  /** The root mount; null before `assemble`. */
  get root (): Mount | null {
    return this.#all[0] ?? null
  }

  /** Where each was placed, in whose directory and under which name; the root first, which was not. */
  save (): StateValue {
    return this.#all.map(mount => [mount.root, [...mount.points].flatMap(([directory, names]) =>
      [...names].map(([name, placed]) => [directory, name, placed.device]))])
  }

  /** The opposite, without a call of the file systems: that the directories are held is their state. */
  takeUp (saved: StateValue): void {
    const told = listOf(saved, 'mounts', each => itemsOf(each, 'a mount', 2))
    if (told.length > 0 && told.length !== this.options.length) throw new StateError(`it has ${told.length} mounts, and this plan has ${this.options.length}`)
    const all = told.map(([root], index) => {
      const option = this.options[index]!
      const fs = this.#fileSystems.get(option.fileSystem)
      if (fs === undefined) throw new StateError(`there is no file system ${option.fileSystem}`)
      const mount = new Mount(fs, index + 1, option.readOnly ?? false, option.namesAreOurs ?? false)
      mount.root = wholeOf(root!, 'the root of a mount')
      return mount
    })
    told.forEach(([, points], index) => {
      listOf(points!, 'mounts in a mount', each => {
        const [directory, name, device] = itemsOf(each, 'where a mount stands', 3)
        // What stands in another comes after it: so nothing stands in itself.
        const placed = all[wholeOf(device!, 'a mount', index + 2, all.length) - 1]!
        if (!all[index]!.place(wholeOf(directory!, 'a directory'), textOf(name!, 'a name'), placed)) throw new StateError('two mounts stand in one place')
      })
    })
    this.#all = all
  }

  /** Puts the tree together; 0, or the error of the first mount that cannot be placed. */
  * assemble (): Fiber<number> {
    const all: Mount[] = []
    for (const option of this.options) {
      const fs = this.#fileSystems.get(option.fileSystem)
      if (fs === undefined) return -Errno.ENODEV
      const mount = new Mount(fs, all.length + 1, option.readOnly ?? false, option.namesAreOurs ?? false)
      const inode = yield * settle(fs.root())
      if (inode < 0) return inode
      mount.root = inode
      const failed = all.length > 0 ? yield * place(all[0]!, parsePath(option.path).names, mount) : depth(option.path) === 0 ? 0 : -Errno.ENOENT
      if (failed !== 0) return failed
      all.push(mount)
    }
    if (all.length === 0) return -Errno.ENODEV
    // Whoever came first has put the tree together: there must be one.
    if (this.#all.length === 0) this.#all = all
    return 0
  }
}

function depth (path: string): number {
  return parsePath(path).names.length
}

/** Places a mount below `root`, making the directories on the way to its name. */
function * place (root: Mount, names: readonly string[], mount: Mount): Fiber<number> {
  if (names.length === 0) return -Errno.EBUSY
  let at = root
  let directory = root.root
  for (const name of names.slice(0, -1)) {
    const mounted = at.at(directory, name)
    if (mounted !== undefined) {
      at = mounted
      directory = mounted.root
      continue
    }
    const found = yield * settle(at.fs.lookup(directory, name))
    if (found >= 0) {
      if (typeOf(found) !== FileType.DIRECTORY) return -Errno.ENOTDIR
      directory = inodeOf(found)
    } else {
      if (found !== -Errno.ENOENT) return found
      const made = yield * settle(at.fs.create(directory, name, FileType.DIRECTORY))
      if (made < 0) return made
      directory = made
    }
  }
  const held = yield * settle(at.fs.open(directory, Access.READ))
  if (held < 0) return held
  const name = names[names.length - 1]!
  return at.place(directory, name, mount) ? 0 : -Errno.EBUSY
}
