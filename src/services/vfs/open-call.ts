/**
 * Opening: from a path to a descriptor.
 *
 * Rights that are asked for must be among those that the directory's descriptor lets be inherited; of these the new
 * one gets what applies to its type of file.
 *
 * What is done while nothing has to wait stands in functions that make no functions: a variable that one of those refers to lies
 * on the heap from the call on.
 */

import { Errno, chain } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { Access, DescriptorFlags, FileType, OpenFlags, Rights, SetAttributes } from '../../roles/index.ts'
import type { Files } from '../../roles/index.ts'
import { knownFlags } from './descriptor-calls.ts'
import type { Mount } from './mounts.ts'
import { OpenFile } from './open-file.ts'
import { followOf, startWalk } from './path-calls.ts'
import { READING, WRITING, inheritableOfType, rightsOfType } from './rights.ts'
import { Descriptor, drop, owing } from './tables.ts'
import type { Table, Tables } from './tables.ts'
import { Follow, Walk } from './walk.ts'

const OPEN_FLAGS_ALL = OpenFlags.CREATE | OpenFlags.DIRECTORY | OpenFlags.EXCLUSIVE | OpenFlags.TRUNCATE

/** How often a file that is there and then not (or the other way round) is looked for again. */
const ATTEMPTS_MAX = 3

interface Opening {
  readonly table: Table
  readonly mount: Mount
  readonly directory: number
  readonly follow: number
  readonly path: string
  readonly openFlags: number
  readonly base: number
  readonly inheriting: number
  readonly flags: number
}

export function openCall (tables: Tables): Files['open'] {
  return (fd, lookupFlags, path, openFlags, rightsBase, rightsInheriting, descriptorFlags) => {
    const follow = followOf(lookupFlags)
    if (follow < 0 || (openFlags & ~OPEN_FLAGS_ALL) !== 0 || !knownFlags(descriptorFlags)) return -Errno.EINVAL
    const exclusive = (openFlags & OpenFlags.CREATE) !== 0 && (openFlags & OpenFlags.EXCLUSIVE) !== 0
    const walk = startWalk(tables, fd, neededRights(openFlags), exclusive ? Follow.NEVER : follow, (openFlags & OpenFlags.CREATE) !== 0)
    if (typeof walk === 'number') return walk
    const table = tables.current!
    const inheritable = table.entries[fd]!.inheriting
    if (((rightsBase | rightsInheriting | neededToInherit(descriptorFlags)) & ~inheritable) !== 0) return -Errno.ENOTCAPABLE
    if ((openFlags & OpenFlags.DIRECTORY) !== 0 && openFlags !== OpenFlags.DIRECTORY) return -Errno.EINVAL
    const full = table.lowest()
    if (full < 0) return full
    return attempt({
      table, mount: walk.mount, directory: walk.inode, follow: exclusive ? Follow.NEVER : follow, path, openFlags,
      base: rightsBase, inheriting: rightsInheriting, flags: descriptorFlags
    }, walk, 1)
  }
}

/** Opens what is known already; `preopened` is the path that the descriptor stands for, if any. */
export function openInode (
  table: Table, mount: Mount, inode: number, type: number, above: number, base: number, inheriting: number, flags: number,
  preopened: string | null
): Eventual<number> {
  const writes = (base & WRITING) !== 0 && type !== FileType.DIRECTORY
  const reads = (base & READING) !== 0 || !writes
  const access = (reads ? Access.READ : 0) | (writes ? Access.WRITE : 0)
  const opened = mount.fs.open(inode, access)
  if (typeof opened === 'number' && type !== FileType.CHARACTER_DEVICE) {
    return opened < 0 ? opened : added(table, mount, inode, type, above, base, inheriting, flags, preopened, opened, false)
  }
  return openSlowly(table, mount, inode, type, above, base, inheriting, flags, preopened, opened)
}

/** What has to wait, and a device: a terminal has other rights. */
function openSlowly (
  table: Table, mount: Mount, inode: number, type: number, above: number, base: number, inheriting: number, flags: number,
  preopened: string | null, opened: Eventual<number>
): Eventual<number> {
  return chain(opened, handle => {
    if (handle < 0) return handle
    const terminal = type === FileType.CHARACTER_DEVICE ? mount.fs.terminal(handle) : 0
    return chain(owing(table, terminal, () => mount.fs.close(handle)), yes =>
      added(table, mount, inode, type, above, base, inheriting, flags, preopened, handle, yes > 0))
  })
}

/** A descriptor for what is open. */
function added (
  table: Table, mount: Mount, inode: number, type: number, above: number, base: number, inheriting: number, flags: number,
  preopened: string | null, handle: number, terminal: boolean
): Eventual<number> {
  const file = new OpenFile(mount.fs, mount, handle, inode, type, flags, above)
  const fd = table.add(new Descriptor(file, base & rightsOfType(type, terminal), inheriting & inheritableOfType(type), preopened))
  return fd >= 0 ? fd : refused(table, file, fd)
}

function refused (table: Table, file: OpenFile, error: number): Eventual<number> {
  return chain(drop(table, file), () => error)
}

function neededRights (openFlags: number): number {
  return Rights.PATH_OPEN | ((openFlags & OpenFlags.CREATE) !== 0 ? Rights.PATH_CREATE_FILE : 0) |
    ((openFlags & OpenFlags.TRUNCATE) !== 0 ? Rights.PATH_FILESTAT_SET_SIZE : 0)
}

function neededToInherit (flags: number): number {
  return ((flags & DescriptorFlags.DSYNC) !== 0 ? Rights.FD_DATASYNC : 0) |
    ((flags & (DescriptorFlags.SYNC | DescriptorFlags.RSYNC)) !== 0 ? Rights.FD_SYNC : 0)
}

/** Walks to what is to be opened; `walk` stands at the start. */
function attempt (opening: Opening, walk: Walk, count: number): Eventual<number> {
  const failed = walk.run(opening.path)
  return typeof failed === 'number' ? arrived(opening, walk, failed, count) : arrivedLate(opening, walk, failed, count)
}

/** Once more, from the start. */
function again (opening: Opening, count: number): Eventual<number> {
  return attempt(opening, new Walk(opening.mount, opening.directory, opening.follow, (opening.openFlags & OpenFlags.CREATE) !== 0), count + 1)
}

function arrivedLate (opening: Opening, walk: Walk, failed: Fiber<number>, count: number): Eventual<number> {
  return chain(failed, late => arrived(opening, walk, late, count))
}

function arrived (opening: Opening, walk: Walk, failed: number, count: number): Eventual<number> {
  if (failed !== 0) return failed
  return walk.inode === 0 ? createAndOpen(opening, walk, count) : openFound(opening, walk, count)
}

function createAndOpen (opening: Opening, walk: Walk, count: number): Eventual<number> {
  if ((opening.openFlags & OpenFlags.CREATE) === 0) return -Errno.ENOENT
  if (walk.parentMount.readOnly) return -Errno.EROFS
  const made = walk.parentMount.fs.create(walk.parent, walk.name, FileType.REGULAR)
  return typeof made === 'number' ? created(opening, walk, made, count) : createdLate(opening, walk, made, count)
}

function createdLate (opening: Opening, walk: Walk, made: Fiber<number>, count: number): Eventual<number> {
  return chain(made, inode => created(opening, walk, inode, count))
}

function created (opening: Opening, walk: Walk, inode: number, count: number): Eventual<number> {
  // Somebody else made it meanwhile.
  const raced = inode === -Errno.EEXIST && (opening.openFlags & OpenFlags.EXCLUSIVE) === 0 && count < ATTEMPTS_MAX
  if (raced) return again(opening, count)
  if (inode < 0) return inode
  return openInode(
    opening.table, walk.parentMount, inode, FileType.REGULAR, 0, opening.base, opening.inheriting, opening.flags, null)
}

function openFound (opening: Opening, walk: Walk, count: number): Eventual<number> {
  const refused = refusesOpen(opening, walk)
  if (refused !== 0) return refused
  const opened = openInode(
    opening.table, walk.mount, walk.inode, walk.type, walk.above, opening.base, opening.inheriting, opening.flags, null)
  const ready = typeof opened === 'number' && opened >= 0 && (opening.openFlags & OpenFlags.TRUNCATE) === 0
  return ready ? opened : afterOpening(opening, walk, opened, count)
}

/** Looks what came of an open that failed or had to wait, and cuts what is to be cut. */
function afterOpening (opening: Opening, walk: Walk, opened: Eventual<number>, count: number): Eventual<number> {
  return chain(opened, fd => {
    // Somebody else removed it meanwhile.
    if (fd === -Errno.ENOENT && count < ATTEMPTS_MAX) return again(opening, count)
    if (fd < 0 || (opening.openFlags & OpenFlags.TRUNCATE) === 0 || walk.type !== FileType.REGULAR) return fd
    return chain(walk.mount.fs.setAttributes(walk.inode, SetAttributes.SIZE, 0, 0, 0, 0, 0), failed => {
      if (failed >= 0) return fd
      const file = opening.table.entries[fd]!.file
      opening.table.remove(fd)
      return chain(drop(opening.table, file), () => failed)
    })
  })
}

/** The error of opening what is there, or 0. */
function refusesOpen (opening: Opening, walk: Walk): number {
  const { openFlags, base } = opening
  const creates = (openFlags & OpenFlags.CREATE) !== 0
  const directory = walk.type === FileType.DIRECTORY
  if (creates && (openFlags & OpenFlags.EXCLUSIVE) !== 0) return -Errno.EEXIST
  if (!directory && (walk.slash || (openFlags & OpenFlags.DIRECTORY) !== 0)) return -Errno.ENOTDIR
  if (walk.type === FileType.SYMBOLIC_LINK) return -Errno.ELOOP
  if (walk.type === FileType.SOCKET_STREAM) return -Errno.ENXIO
  const writes = (base & Rights.FD_WRITE) !== 0 || (openFlags & OpenFlags.TRUNCATE) !== 0
  if (directory) return creates || writes ? -Errno.EISDIR : 0
  return walk.mount.readOnly && ((base & WRITING) !== 0 || writes) ? -Errno.EROFS : 0
}
