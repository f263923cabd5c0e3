/**
 * Directories that are held on the host while nobody has them open, so that the next step of a path need not find them
 * again: at most so many, and the one that was not used longest is let go.
 */

import type { Inode } from './inode-table.ts'

export class HeldDirectories {
  readonly #inodes = new Set<Inode>()
  readonly #countMax: number
  readonly #close: (handle: number) => void

  constructor (countMax: number, close: (handle: number) => void) {
    this.#countMax = countMax
    this.#close = close
  }

  hold (inode: Inode, handle: number): void {
    while (this.#inodes.size >= this.#countMax) this.#letOneGo()
    inode.held = handle
    this.#inodes.add(inode)
  }

  release (inode: Inode): void {
    if (!this.#inodes.delete(inode)) return
    this.#close(inode.held)
    inode.held = -1
  }

  #letOneGo (): void {
    let longest: Inode | null = null
    for (const inode of this.#inodes) if (longest === null || inode.usedAt < longest.usedAt) longest = inode
    if (longest !== null) this.release(longest)
  }
}
