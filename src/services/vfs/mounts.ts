/**
 * The mounted tree: which file system stands where.
 *
 * A mount point is a name in a directory of another mount. The name need not exist there (a host folder is never
 * written to for it): the VFS shows it in listings, and it hides an entry of that name. The directory is held open, so
 * that its inode stays valid. Neighbours may not be called before the system runs, so the tree is put together when it
 * is first needed.
 */

import { Access, FileType, inodeOf, typeOf } from '../../roles/index.ts'
import type { FileSystem } from '../../roles/index.ts'
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
  #root: Mount | null = null
  #byDevice: readonly Mount[] = []

  constructor (options: readonly MountOption[], fileSystems: ReadonlyMap<string, FileSystem>) {
    this.options = [...options].sort((a, b) => depth(a.path) - depth(b.path))
    this.#fileSystems = fileSystems
  }

  /** The mount of a device, once the tree is put together. */
  ofDevice (device: number): Mount | undefined {
    return this.#byDevice[device - 1]
  }

  /** The root mount; null before `assemble`. */
  get root (): Mount | null {
    return this.#root
  }

  /** Puts the tree together; 0, or the error of the first mount that cannot be placed. */
  * assemble (): Fiber<number> {
    let root: Mount | null = null
    const all: Mount[] = []
    let device = 1
    for (const option of this.options) {
      const fs = this.#fileSystems.get(option.fileSystem)
      if (fs === undefined) return -Errno.ENODEV
      const mount = new Mount(fs, device++, option.readOnly ?? false, option.namesAreOurs ?? false)
      all.push(mount)
      const inode = yield * settle(fs.root())
      if (inode < 0) return inode
      mount.root = inode
      if (root === null) {
        if (depth(option.path) !== 0) return -Errno.ENOENT
        root = mount
        continue
      }
      const failed = yield * place(root, parsePath(option.path).names, mount)
      if (failed !== 0) return failed
    }
    if (root === null) return -Errno.ENODEV
    // Whoever came first has put the tree together: there must be one.
    if (this.#root === null) {
      this.#root = root
      this.#byDevice = all
    }
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
