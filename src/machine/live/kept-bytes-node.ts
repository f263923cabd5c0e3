/**
 * Bytes kept in a folder of the host from one process to the next: a cache of files, one a key.
 *
 * - Whoever can write the folder decides what is read from it, and so what runs. So it is made for its user alone (0700), and
 *   it, and each file in it, is used only if it belongs to this user and nobody else may write it; a symbolic link never is.
 *   Where the host has no such owners (Windows), the place of a user's own folders has to do.
 * - A file appears whole: it is written beside and renamed. It begins with a digest of the rest, so one that was cut off or
 *   damaged is told, and removed. The digest is against accidents, not against whoever may write there.
 * - All of it together is bounded; what was read or written longest ago goes first.
 * - It is only a cache: whatever goes wrong, nothing is found, or nothing is kept.
 */

import {
  closeSync, constants, existsSync, fstatSync, futimesSync, lstatSync, mkdirSync, openSync, readSync, readdirSync, renameSync, unlinkSync, writeSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeptBytes } from '../host.ts'
import { sha256 } from './digest-node.ts'

/** Bytes of all files together, and of one. */
const TOTAL_BYTES_MAX = 1024 * 1024 * 1024
const FILE_BYTES_MAX = 256 * 1024 * 1024
/** What a process that died has left half-written is removed when it is so old. */
const LEFTOVER_MS = 3_600_000
const NOFOLLOW = constants.O_NOFOLLOW ?? 0

/** What a file begins with: a mark of its form, and the SHA-256 of what follows, as text. */
const MARK = 'kaleidos kept 1 '
const HEADER_BYTES = MARK.length + 64 + 1
const WRITING = '.writing'

export function keptIn (folder: string, bytesMax = TOTAL_BYTES_MAX): KeptBytes {
  return new Folder(folder, bytesMax)
}

class Folder implements KeptBytes {
  readonly #folder: string
  readonly #bytesMax: number

  constructor (folder: string, bytesMax: number) {
    this.#folder = folder
    this.#bytesMax = bytesMax
  }

  get (key: string): Uint8Array<ArrayBuffer> | null {
    const path = join(this.#folder, key)
    try {
      if (!isOwn(lstatSync(this.#folder))) return null
      const contents = contentsOf(path)
      if (contents === null) unlinkSync(path)
      return contents
    } catch {
      return null
    }
  }

  put (key: string, parts: readonly Uint8Array[]): void {
    const length = parts.reduce((sum, part) => sum + part.length, 0)
    if (length + HEADER_BYTES > Math.min(FILE_BYTES_MAX, this.#bytesMax)) return
    const path = join(this.#folder, key)
    const writing = `${path}.${process.pid}${WRITING}`
    try {
      makeFolder(this.#folder)
      if (!isOwn(lstatSync(this.#folder))) return
      this.#makeRoom(length + HEADER_BYTES)
      writeWhole(writing, Buffer.concat(parts, length))
      renameSync(writing, path)
    } catch {
      remove(writing)
    }
  }

  #makeRoom (wanted: number): void {
    const files = readdirSync(this.#folder).map(name => {
      const path = join(this.#folder, name)
      const { size, mtimeMs } = lstatSync(path)
      return { path, size, mtimeMs, leftover: name.endsWith(WRITING) && Date.now() - mtimeMs > LEFTOVER_MS }
    })
    let total = files.reduce((sum, { size }) => sum + size, wanted)
    for (const { path, size, leftover } of files.sort((one, other) => Number(other.leftover) - Number(one.leftover) || one.mtimeMs - other.mtimeMs)) {
      if (!leftover && total <= this.#bytesMax) return
      remove(path)
      total -= size
    }
  }
}

/** Makes a folder and those above it. Node's own way never ends where the host takes no folder, as below /proc. */
function makeFolder (folder: string): void {
  if (existsSync(folder)) return
  if (dirname(folder) !== folder) makeFolder(dirname(folder))
  mkdirSync(folder, { mode: 0o700 })
}

/** Whether it belongs to this user, and nobody else may write it. */
function isOwn ({ uid, mode }: { readonly uid: number, readonly mode: number }): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0)
}

/** What stands in a file after its header; null when it is not what was written. Throws what the host says of it. */
function contentsOf (path: string): Uint8Array<ArrayBuffer> | null {
  const file = openSync(path, constants.O_RDONLY | NOFOLLOW)
  try {
    const state = fstatSync(file)
    if (!state.isFile() || !isOwn(state) || state.size < HEADER_BYTES || state.size > FILE_BYTES_MAX) return null
    const bytes = new Uint8Array(state.size)
    for (let at = 0; at < bytes.length;) {
      const count = readSync(file, bytes, at, bytes.length - at, at)
      if (count === 0) return null
      at += count
    }
    const contents = bytes.subarray(HEADER_BYTES)
    if (Buffer.from(bytes.buffer, 0, HEADER_BYTES).toString('latin1') !== header(contents)) return null
    const now = new Date()
    futimesSync(file, now, now)
    return contents
  } finally {
    closeSync(file)
  }
}

function header (contents: Uint8Array): string {
  return `${MARK}${sha256(contents)}\n`
}

function writeWhole (path: string, contents: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeSync(file, header(contents))
    for (let at = 0; at < contents.length;) at += writeSync(file, contents, at)
  } finally {
    closeSync(file)
  }
}

function remove (path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // It is gone, or it cannot be removed: the next one tries again.
  }
}
