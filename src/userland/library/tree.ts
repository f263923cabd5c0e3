/** Walks over trees of files: copies and removes them. */

import type { FileStat } from '../../os/index.ts'
import { TREE_DEPTH_MAX } from '../limits.ts'
import { failedWith } from './errors.ts'
import { joined } from './path.ts'
import { Failure } from './tool.ts'
import type { Tool } from './tool.ts'

export interface Visited {
  readonly path: string
  readonly name: string
  readonly depth: number
  readonly stat: FileStat
}

/** Attributes, or null where there is nothing of that name. */
export async function statOrNull (tool: Tool, path: string, follow = true): Promise<FileStat | null> {
  try {
    return await (follow ? tool.calls.stat(path) : tool.calls.lstat(path))
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return null
    throw error
  }
}

/** Removes a file, or a directory with all that is in it. */
export async function removeTree (tool: Tool, path: string, told: (path: string) => Promise<void>, depth = 0): Promise<void> {
  if (depth > TREE_DEPTH_MAX) throw new Failure(`${path}: more than ${TREE_DEPTH_MAX} directories within one another`)
  const { calls } = tool
  const stat = await calls.lstat(path)
  if (stat.type !== 'directory') {
    await calls.unlink(path)
  } else {
    for (const { name } of await calls.readdir(path)) await removeTree(tool, joined(path, name), told, depth + 1)
    await calls.rmdir(path)
  }
  await told(path)
}

export interface CopyOptions {
  readonly recursive: boolean
  /** Copies links as links. */
  readonly keepLinks: boolean
  readonly keepTimes: boolean
  told (from: string, to: string): Promise<void>
}

/** Copies a file, or with `recursive` a tree. */
export async function copyTree (tool: Tool, from: string, to: string, options: CopyOptions, depth = 0): Promise<void> {
  if (depth > TREE_DEPTH_MAX) throw new Failure(`${from}: more than ${TREE_DEPTH_MAX} directories within one another`)
  const { calls } = tool
  const stat = await (options.keepLinks ? calls.lstat(from) : calls.stat(from))
  if (stat.type === 'symlink') {
    await calls.symlink(await calls.readlink(from), to)
  } else if (stat.type === 'directory') {
    if (!options.recursive) throw new Failure(`-r not specified; omitting directory '${from}'`)
    const entries = await calls.readdir(from)
    if (await statOrNull(tool, to) === null) await calls.mkdir(to)
    for (const { name } of entries) await copyTree(tool, joined(from, name), joined(to, name), options, depth + 1)
  } else {
    await copyFile(tool, from, to)
  }
  if (options.keepTimes && stat.type !== 'symlink') await calls.utimes(to, { accessedMs: stat.accessedMs, modifiedMs: stat.modifiedMs })
  await options.told(from, to)
}

async function copyFile (tool: Tool, from: string, to: string): Promise<void> {
  const { calls } = tool
  const [a, b] = [await calls.stat(from), await statOrNull(tool, to)]
  if (b !== null && a.inode === b.inode && a.device === b.device) throw new Failure(`'${from}' and '${to}' are the same file`)
  const source = await calls.open(from)
  try {
    const target = await calls.open(to, { write: true, create: true, truncate: true })
    try {
      for await (const piece of tool.readFrom(source)) await calls.write(target, piece)
    } finally {
      await calls.close(target)
    }
  } finally {
    await calls.close(source)
  }
}
