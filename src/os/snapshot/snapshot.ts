/**
 * Snapshots: a system at rest as a value, and as a file.
 *
 * The file: the words `kaleidos snapshot`, a format and the version that wrote it, in a line; the SHA-256 of what follows, in a line; the state
 * (state-codec.ts). It holds the plan, programs' modules and whatever programs were told: who may read the system's files may read it, and nobody else.
 * There is no host code in it. What runs when it is taken up are programs behind their wall, as they would by `spawn`; folders
 * of the host and tasks are given by who takes it up, never by the file.
 */

import { KaleidosError } from '../../fiber/index.ts'
import { VERSION } from '../../link/index.ts'
import { StateError } from '../../roles/index.ts'
import type { StateValue } from '../../roles/index.ts'
import { decodeState, encodeState } from './state-codec.ts'

/** Changes whenever what a part keeps is told otherwise than before. */
export const SNAPSHOT_FORMAT = 1

const MAGIC = 'kaleidos snapshot'
const HEAD_BYTES_MAX = 256

/** A system that cannot be saved now, or bytes that cannot be taken up: why, in a sentence. */
export class SnapshotError extends KaleidosError {
  override name = 'SnapshotError'
  readonly code = 'ERR_SNAPSHOT'
}

/** What a state that was refused is told as. */
export function asSnapshotError (operation: string, error: unknown): unknown {
  return error instanceof StateError ? new SnapshotError(`${operation}: ${error.message}`) : error
}

/** A system at rest, as a value: it can be taken up any number of times. */
export class Snapshot {
  /** For the library's own use. */
  readonly state: StateValue
  readonly #digestOf: (bytes: Uint8Array) => string
  #bytes: Uint8Array | null = null
  #identity = ''

  constructor (state: StateValue, digestOf: (bytes: Uint8Array) => string) {
    this.state = state
    this.#digestOf = digestOf
  }

  /** What names it: the SHA-256 of its state, hexadecimal. Two that are equal are one. */
  get identity (): string {
    void this.bytes
    return this.#identity
  }

  /** A file of it. */
  get bytes (): Uint8Array {
    if (this.#bytes !== null) return this.#bytes
    const state = encodeState(this.state)
    this.#identity = this.#digestOf(state)
    const head = new TextEncoder().encode(`${MAGIC} ${SNAPSHOT_FORMAT} ${VERSION}\n${this.#identity}\n`)
    this.#bytes = new Uint8Array(head.length + state.length)
    this.#bytes.set(head)
    this.#bytes.set(state, head.length)
    return this.#bytes
  }

  /** Reads what `bytes` gave. Throws a SnapshotError for what is damaged, of another format, or something else. */
  static read (bytes: Uint8Array, digestOf: (bytes: Uint8Array) => string): Snapshot {
    const [first, digest] = String.fromCharCode(...bytes.subarray(0, HEAD_BYTES_MAX)).split('\n')
    const words = first!.split(' ')
    if (words.slice(0, 2).join(' ') !== MAGIC || digest === undefined) throw new SnapshotError('these bytes are no snapshot of KaleidOS')
    const [format, version] = words.slice(2)
    if (format !== String(SNAPSHOT_FORMAT)) throw new SnapshotError(`this snapshot has format ${format} (KaleidOS ${version ?? 'unknown'} wrote it), and this KaleidOS ${VERSION} reads ${SNAPSHOT_FORMAT}: take it up with the version that wrote it`)
    const state = bytes.subarray(first!.length + digest.length + 2)
    if (digestOf(state) !== digest) throw new SnapshotError('this snapshot is damaged: it is not what was written (its SHA-256 is another)')
    try {
      return new Snapshot(decodeState(state), digestOf)
    } catch (error) {
      throw asSnapshotError('this snapshot cannot be read', error)
    }
  }
}
