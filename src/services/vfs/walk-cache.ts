/**
 * Where walks have led: by starting directory and path, within one mount.
 *
 * For a mount whose names change only through this VFS (an option of the plan's): there a walk that was made once leads to
 * the same place until a name is removed or renamed. Making a name changes none that led somewhere, and walks that led
 * nowhere are not kept. So a path costs the same however deep it is, as long as nothing is removed meanwhile.
 * Each path has one place, which the latest takes. Nothing of a file system is held: what is kept are numbers and names.
 */

import type { Path } from './path.ts'

/** Where a walk led. */
export interface Destination {
  readonly path: Path
  readonly start: number
  /** A Follow. */
  readonly follow: number
  readonly generation: number
  readonly parent: number
  readonly name: string
  readonly inode: number
  readonly type: number
  readonly slash: boolean
  readonly dots: string
  readonly above: number
}

export class WalkCache {
  readonly #destinations: (Destination | null)[] = []
  /** How often names were removed or renamed. */
  generation = 0

  /** Where the path led from that directory; null when that is not known, or may be true no more. */
  find (path: Path, start: number, follow: number): Destination | null {
    const known = this.#destinations[path.place]
    return known !== undefined && known !== null && known.path === path && known.generation === this.generation &&
      known.start === start && known.follow === follow ? known : null
  }

  keep (destination: Destination): void {
    const { place } = destination.path
    while (this.#destinations.length <= place) this.#destinations.push(null)
    this.#destinations[place] = destination
  }

  /** Names are removed or renamed: nothing that is known is sure any more. */
  forget (): void {
    this.generation++
  }
}
