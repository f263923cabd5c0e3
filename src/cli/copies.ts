/**
 * Folders that a comparison copies for each run, looked at before the first: a person who names a whole disk shall be told
 * so at once, and not find it full.
 */

import { constants } from 'node:fs'
import { access, lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { CommandError } from './exit.ts'
import type { Directory } from './options.ts'

const copiedBytesMax = 256 * 2 ** 20
const copiedEntriesMax = 20_000

/** Throws a CommandError for a folder that is too large to be copied for each run, or holds what cannot be copied. */
export async function checkCopies (directories: readonly Directory[]): Promise<void> {
  for (const { hostPath } of directories.filter(directory => directory.writable)) {
    const reason = await whyNotCopied(hostPath)
    if (reason === undefined) continue
    throw new CommandError(`--dir ${hostPath}: ${reason}, and a folder that may be written is copied for each run`,
      `Share it read-only (--dir ${hostPath}:ro), or name a folder within it.`)
  }
}

async function whyNotCopied (folder: string): Promise<string | undefined> {
  let bytes = 0
  let entries = 0
  const waiting = [folder]
  try {
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      for (const name of await readdir(path)) {
        const entry = join(path, name)
        const status = await lstat(entry)
        bytes += status.isFile() ? status.size : 0
        if (++entries > copiedEntriesMax) return `it holds more than ${copiedEntriesMax.toLocaleString('en')} files`
        if (bytes > copiedBytesMax) return `it holds more than ${copiedBytesMax / 2 ** 20} MiB`
        if (status.isDirectory()) waiting.push(entry)
        else if (status.isFile()) await access(entry, constants.R_OK)
        else if (!status.isSymbolicLink()) return `${entry} is neither file nor folder`
      }
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
  return undefined
}
