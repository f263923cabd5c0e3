/**
 * Walks: from an open directory along a path, within what the directory holds.
 *
 * A walk keeps the directories it came through on a stack: '..' goes back along it and never above its bottom, so no
 * path can leave the directory where it started, whatever is renamed meanwhile. An absolute path, an absolute target
 * of a symbolic link, and a '..' too many are -ENOTCAPABLE.
 *
 * It runs by asking (a lookup, the target of a link) and telling itself the answer: plainly while the file systems
 * answer at once, as a fiber from the first answer that has to be waited for.
 * Source: POSIX.1-2024, Pathname Resolution; the sandbox is WASI's.
 */

import { Errno } from '../../fiber/index.ts'
import type { Eventual, Fiber } from '../../fiber/index.ts'
import { FileType, SYMLINKS_MAX, inodeOf, typeOf } from '../../roles/index.ts'
import type { Mount } from './mounts.ts'
import { parsePath } from './path.ts'
import type { Path } from './path.ts'
import type { Destination, WalkCache } from './walk-cache.ts'

/**
 * What is done with a symbolic link at the end: it is what was meant (for calls that change names), it is followed only
 * where the path ends in a slash, or always.
 */
export const Follow = { NEVER: 0, BEFORE_SLASH: 1, ALWAYS: 2 } as const

/** An entry or an error for a lookup; the target or an error for a link; STOOD for a name that no file system is asked about. */
type Answer = string | number

const STOOD = ''

/** A directory that the walk came through, and the one before it. */
interface Step {
  readonly mount: Mount
  readonly directory: number
  readonly before: Step | null
}

export class Walk {
  /** Where it stands: the top of the stack. */
  #at: Step
  #names: readonly string[] = []
  #index = 0
  /** A Follow. */
  readonly #follow: number
  readonly #creates: boolean
  readonly #start: number
  #links = 0
  /** It has come into another mount. */
  #crossed = false
  /** What is above what it found, where it did not walk there; else -1. */
  #above = -1
  /** The symbolic link whose target was asked for. */
  #link = 0
  /** The path, or the target of a last link, ended in a slash. */
  slash = false

  // What it found, valid when it ended with 0.
  /** Where the last name stands: the mount and the directory. */
  parentMount: Mount
  parent: number
  /** The last name; empty where the path ends in '.', '..' or names the start itself. */
  name = ''
  /** What the last name stands for. */
  mount: Mount
  /** 0 when there is nothing of that name. */
  inode: number
  /** A FileType. */
  type: number = FileType.DIRECTORY
  /** '.' or '..' where the path ends in that; the start itself counts as '.'. */
  dots = '.'

  /** `creates`: a last name that is to become a file; it is -EISDIR for it to end in a slash, there or not. */
  constructor (mount: Mount, directory: number, follow: number, creates = false) {
    this.#at = { mount, directory, before: null }
    this.#start = directory
    this.#follow = follow
    this.#creates = creates
    this.parentMount = this.mount = mount
    this.parent = this.inode = directory
  }

  /** Walks along a path. 0 when it got to its last name, whether that is there or not; else an error. */
  run (text: string): Eventual<number> {
    const path = parsePath(text)
    if (path.error !== 0) return path.error
    if (path.absolute) return -Errno.ENOTCAPABLE
    this.#names = path.names
    this.slash = path.slash
    const { walks } = this.mount
    const known = walks !== null && path.names.length > 1 ? walks.find(path, this.inode, this.#follow) : null
    // A name that is to become a file is refused before what it names is looked at, where a slash follows it.
    if (known !== null && !(this.#creates && known.slash)) return this.#arrive(known)
    while (this.#link !== 0 || this.#index < this.#names.length) {
      const answer = this.#ask()
      if (typeof answer === 'object') return this.#runSlowly(answer)
      const failed = this.#tell(answer)
      if (failed !== 0) return failed
    }
    if (walks !== null && path.names.length > 1 && this.inode !== 0 && !this.#crossed) this.#keep(path, walks)
    return 0
  }

  /** Is where a walk from here along this path led before. */
  #arrive (known: Destination): number {
    this.parent = known.parent
    this.name = known.name
    this.inode = known.inode
    this.type = known.type
    this.slash = known.slash
    this.dots = known.dots
    this.#above = known.above
    return 0
  }

  #keep (path: Path, walks: WalkCache): void {
    const { parent, name, inode, type, slash, dots, above } = this
    walks.keep({ path, start: this.#start, follow: this.#follow, generation: walks.generation, parent, name, inode, type, slash, dots, above })
  }

  * #runSlowly (asked: Fiber<Answer>): Fiber<number> {
    let answer: Answer = yield * asked
    for (;;) {
      const failed = this.#tell(answer)
      if (failed !== 0) return failed
      if (this.#link === 0 && this.#index >= this.#names.length) return 0
      const next = this.#ask()
      answer = typeof next === 'object' ? yield * next : next
    }
  }

  /** Asks for what stands behind the next name, or for the target of a link. */
  #ask (): Eventual<Answer> {
    if (this.#link !== 0) return this.mount.fs.readLink(this.#link)
    const name = this.#names[this.#index]!
    const at = this.#at
    if (isDots(name)) return this.#stand(name)
    if (this.#creates && this.slash && this.#index === this.#names.length - 1) return -Errno.EISDIR
    this.parentMount = at.mount
    this.parent = at.directory
    this.name = name
    const mounted = at.mount.at(at.directory, name)
    if (mounted === undefined) return at.mount.fs.lookup(at.directory, name)
    this.#crossed = true
    this.#enter(mounted, mounted.root)
    return STOOD
  }

  /** Takes the answer to what was asked; 0, or an error. */
  #tell (answer: Answer): number {
    if (this.#link !== 0) return this.#expand(answer)
    if (typeof answer === 'string') {
      this.#index++
      return 0
    }
    if (answer >= 0) {
      const type = typeOf(answer)
      const last = this.#index === this.#names.length - 1
      this.mount = this.parentMount
      this.inode = inodeOf(answer)
      this.type = type
      if (this.inode === 0) return -Errno.EIO
      if (type === FileType.DIRECTORY) {
        this.#enter(this.parentMount, this.inode)
      } else if (type === FileType.SYMBOLIC_LINK) {
        if (!last || this.#follow === Follow.ALWAYS || (this.slash && this.#follow === Follow.BEFORE_SLASH)) {
          if (++this.#links > SYMLINKS_MAX) return -Errno.ELOOP
          this.#link = this.inode
          return 0
        }
      } else if (!last) {
        return -Errno.ENOTDIR
      }
    } else {
      if (answer !== -Errno.ENOENT || this.#index !== this.#names.length - 1) return answer
      this.mount = this.parentMount
      this.inode = 0
    }
    this.#index++
    return 0
  }

  /** Puts the target of a link in the place of its name. */
  #expand (target: Answer): number {
    this.#link = 0
    if (typeof target !== 'string') return target
    const path = parsePath(target)
    if (path.error !== 0) return path.error
    if (path.absolute) return -Errno.ENOTCAPABLE
    const rest = this.#names.slice(this.#index + 1)
    if (rest.length === 0) this.slash ||= path.slash
    this.#names = rest.length === 0 ? path.names : [...path.names, ...rest]
    this.#index = 0
    return 0
  }

  #enter (mount: Mount, directory: number): void {
    this.#at = { mount, directory, before: this.#at }
    this.mount = mount
    this.inode = directory
    this.type = FileType.DIRECTORY
  }

  /** The path ends, for now, in '.' or '..': where it stands, or the error of a '..' too many. */
  #stand (dots: string): Answer {
    if (dots === '..') {
      if (this.#at.before === null) return -Errno.ENOTCAPABLE
      this.#at = this.#at.before
    }
    this.name = ''
    this.dots = dots
    this.mount = this.#at.mount
    this.inode = this.#at.directory
    this.type = FileType.DIRECTORY
    return STOOD
  }

  /** The directory above the one that was found, as its listing shows it: within the start, or itself. */
  get above (): number {
    if (this.#above >= 0) return this.#above
    const { mount, before } = this.#at
    return before === null || before.mount !== mount ? this.inode : before.directory
  }
}

const DOT = 46

/** Whether a name is '.' or '..'. By characters, for the engine would look up each new name among all that it knows. */
function isDots (name: string): boolean {
  return name.charCodeAt(0) === DOT && (name.length === 1 || (name.length === 2 && name.charCodeAt(1) === DOT))
}
