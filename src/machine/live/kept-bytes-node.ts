/**
 * Bytes kept in a folder of the host from one process to the next: a cache of files, one a key.
 *
 * - Whoever can write the folder decides what is read from it, and so what runs. So it is made for its user alone (0700), and
 *   it, and each file in it, is used only if it belongs to this user and nobody else may write it; a symbolic link never is.
 *   Where the host has no such owners (Windows), the place of a user's own folders has to do.
 * - A file appears whole: it is written beside and renamed. It begins with sums of the rest, so one that was cut off or
 *   damaged is told, and removed. They are against accidents, not against whoever may write there.
 * - All of it together is bounded; what was read or written longest ago goes first.
 * - It is only a cache: whatever goes wrong, nothing is found, or nothing is kept.
 */

import {
  closeSync, constants, existsSync, fstatSync, futimesSync, lstatSync, mkdirSync, openSync, readSync, readdirSync, renameSync, unlinkSync, writeSync
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { KeptBytes } from '../host.ts'
import { wordSums } from './word-sums.ts'

/** Bytes of all files together, and of one. */
const TOTAL_BYTES_MAX = 1024 * 1024 * 1024
const FILE_BYTES_MAX = 256 * 1024 * 1024
/** What a process that died has left half-written is removed when it is so old. */
const LEFTOVER_MS = 3_600_000
const NOFOLLOW = constants.O_NOFOLLOW ?? 0

/**
 * A file: a mark of its form; two sums of all that follows them; the length of its key; its key, one byte a character, filled
 * up to whole words; the contents. Its name says little of its key: of two keys of one name the later has the file.
 */
const MARK = Buffer.from('kaleidos kept 2\n')
const SUMS_AT = MARK.length
const SUMMED_AT = SUMS_AT + 8
const KEY_AT = SUMMED_AT + 4
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
    const path = join(this.#folder, nameOf(key))
    try {
      if (!isOwn(lstatSync(this.#folder))) return null
      const contents = contentsOf(path, key)
      if (contents === 'damaged') unlinkSync(path)
      else return contents
    } catch {
      // It is not there, or not for us.
    }
    return null
  }

  put (key: string, parts: readonly Uint8Array[]): void {
    const head = headOf(key)
    const length = parts.reduce((sum, part) => sum + part.length, head.length)
    if (length > Math.min(FILE_BYTES_MAX, this.#bytesMax)) return
    const path = join(this.#folder, nameOf(key))
    const writing = `${path}.${process.pid}${WRITING}`
    try {
      makeFolder(this.#folder)
      if (!isOwn(lstatSync(this.#folder))) return
      this.#makeRoom(length)
      const file = new Uint8Array(length)
      let at = 0
      for (const part of [head, ...parts]) {
        file.set(part, at)
        at += part.length
      }
      new Int32Array(file.buffer, SUMS_AT, 2).set(wordSums(file, SUMMED_AT))
      writeWhole(writing, file)
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

/** What a file holds for a key; null when it is another key's, or others may write it. Throws what the host says of it. */
function contentsOf (path: string, key: string): Uint8Array<ArrayBuffer> | 'damaged' | null {
  const file = openSync(path, constants.O_RDONLY | NOFOLLOW)
  try {
    const state = fstatSync(file)
    if (!state.isFile() || !isOwn(state)) return null
    if (state.size < KEY_AT || state.size > FILE_BYTES_MAX) return 'damaged'
    const bytes = new Uint8Array(state.size)
    for (let at = 0; at < bytes.length;) {
      const count = readSync(file, bytes, at, bytes.length - at, at)
      if (count === 0) return 'damaged'
      at += count
    }
    const [first, second] = wordSums(bytes, SUMMED_AT)
    const sums = new Int32Array(bytes.buffer, SUMS_AT, 2)
    if (sums[0] !== first || sums[1] !== second || MARK.compare(bytes, 0, MARK.length) !== 0) return 'damaged'
    const head = headOf(key)
    if (head.subarray(SUMMED_AT).compare(bytes.subarray(SUMMED_AT, head.length)) !== 0) return null
    const now = new Date()
    futimesSync(file, now, now)
    return bytes.subarray(head.length)
  } finally {
    closeSync(file)
  }
}

/** What stands before the contents, with no sums yet. */
function headOf (key: string): Buffer {
  const head = Buffer.alloc(KEY_AT + Math.ceil(key.length / 4) * 4)
  MARK.copy(head)
  head.writeUInt32LE(key.length, SUMMED_AT)
  head.write(key, KEY_AT, 'latin1')
  return head
}

function nameOf (key: string): string {
  return wordSums(headOf(key), SUMMED_AT).map(sum => (sum >>> 0).toString(16).padStart(8, '0')).join('')
}

function writeWhole (path: string, contents: Uint8Array): void {
  const file = openSync(path, 'wx', 0o600)
  try {
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
