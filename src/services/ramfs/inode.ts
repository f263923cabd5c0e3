/**
 * Inodes: what a file is, whatever its names.
 *
 * An inode lives while it has a link or an open handle. Times are *marked* by the operations that change them and take
 * their value when somebody looks or the last handle is closed, as POSIX allows (XBD 4.12, File Times Update), so that
 * reading and writing never ask the clock. A read marks the access time only when that is not after the last change
 * (Linux's `relatime`, without its day).
 */

import { FILE_BYTES_MAX, FileType, PATH_BYTES_MAX, fieldOf, flagOf, itemsOf, numberOf, textOf, wholeOf } from '../../roles/index.ts'
import type { Attributes, StateValue } from '../../roles/index.ts'
import { Directory } from './directory.ts'
import { Pages } from './pages.ts'
import type { PageStore } from './pages.ts'

/** Times that are marked for update, as bits. */
export const Mark = { ACCESS: 1, MODIFY: 2, CHANGE: 4 } as const

const NS = 1e9

export class Inode {
  readonly number: number
  /** A FileType. */
  readonly type: number
  /** Of a regular file. */
  readonly pages: Pages | null
  /** Of a directory. */
  readonly directory: Directory | null
  /** Of a symbolic link. */
  readonly target: string | null
  /** Who paid for the room of a long target. */
  targetAccount = 0
  links = 0
  /** Open handles. */
  handles = 0
  size = 0
  marks = Mark.ACCESS | Mark.MODIFY | Mark.CHANGE
  /** Whether the next read marks the access time. */
  accessDue = false
  accessSec = 0
  accessNsec = 0
  modifySec = 0
  modifyNsec = 0
  changeSec = 0
  changeNsec = 0

  constructor (number: number, type: number, store: PageStore, target: string | null = null) {
    this.number = number
    this.type = type
    this.pages = type === FileType.REGULAR ? new Pages(store) : null
    this.directory = type === FileType.DIRECTORY ? new Directory() : null
    this.target = target
  }

  /** What it is, but for its names and who has it open, which are told where they stand. */
  save (): StateValue {
    return {
      type: this.type, target: this.target, targetAccount: this.targetAccount, size: this.size, marks: this.marks, accessDue: this.accessDue,
      times: [this.accessSec, this.accessNsec, this.modifySec, this.modifyNsec, this.changeSec, this.changeNsec],
      pages: this.pages?.save() ?? null, directory: this.directory?.save() ?? null
    }
  }

  /** Of what `save` told; what it names is told to it later, when all inodes are there. */
  static takenUp (number: number, saved: StateValue, store: PageStore): Inode {
    const type = wholeOf(fieldOf(saved, 'type'), 'the type of a file')
    const target = type === FileType.SYMBOLIC_LINK ? textOf(fieldOf(saved, 'target'), 'the target of a link') : null
    const inode = new Inode(number, type, store, target)
    inode.targetAccount = wholeOf(fieldOf(saved, 'targetAccount'), 'an account')
    inode.size = wholeOf(fieldOf(saved, 'size'), 'the size of a file', 0, target === null ? FILE_BYTES_MAX : PATH_BYTES_MAX)
    inode.marks = wholeOf(fieldOf(saved, 'marks'), 'marks of times', 0, Mark.ACCESS | Mark.MODIFY | Mark.CHANGE)
    inode.accessDue = flagOf(fieldOf(saved, 'accessDue'), 'whether an access is marked')
    const [accessSec, accessNsec, modifySec, modifyNsec, changeSec, changeNsec] = itemsOf(fieldOf(saved, 'times'), 'times of a file', 6).map(time => numberOf(time, 'a time')) as [number, number, number, number, number, number]
    Object.assign(inode, { accessSec, accessNsec, modifySec, modifyNsec, changeSec, changeNsec })
    inode.pages?.takeUp(fieldOf(saved, 'pages'))
    return inode
  }

  /** Content (and so status) has changed. */
  markModified (): void {
    this.marks |= Mark.MODIFY | Mark.CHANGE
    this.accessDue = true
  }

  /** Status has changed: links, times, the name. */
  markChanged (): void {
    this.marks |= Mark.CHANGE
    this.accessDue = true
  }

  markAccessed (): void {
    this.marks |= Mark.ACCESS
    this.accessDue = false
  }

  /** Gives the marked times their value. */
  stamp (nowNs: number): void {
    // The engine keeps integers of 31 bits without boxes: both fit, the seconds until 2038.
    // No remainder of a double, which is computed bit by bit; the product is exact up to 2^53 × 512.
    let whole = Math.floor(nowNs / NS)
    if (whole * NS > nowNs) whole--
    const nsec = (nowNs - whole * NS) | 0
    const sec = whole < 2 ** 31 ? whole | 0 : whole
    if ((this.marks & Mark.ACCESS) !== 0) {
      this.accessSec = sec
      this.accessNsec = nsec
    }
    if ((this.marks & Mark.MODIFY) !== 0) {
      this.modifySec = sec
      this.modifyNsec = nsec
    }
    if ((this.marks & Mark.CHANGE) !== 0) {
      this.changeSec = sec
      this.changeNsec = nsec
    }
    this.marks = 0
  }

  attributes (): Attributes {
    return {
      inode: this.number, type: this.type, links: this.links, size: this.size,
      accessSec: this.accessSec, accessNsec: this.accessNsec,
      modifySec: this.modifySec, modifyNsec: this.modifyNsec,
      changeSec: this.changeSec, changeNsec: this.changeNsec
    }
  }
}
