/** cp, mv, rm, mkdir, rmdir, ln, touch, truncate, mktemp, readlink, realpath, basename, dirname. Source: POSIX.1-2024, Utilities; GNU coreutils. */

import { describe } from '../library/errors.ts'
import { parseMoment } from '../library/moment.ts'
import { UsageError } from '../library/options.ts'
import { baseName, directoryName, joined, normalized } from '../library/path.ts'
import { resolvePath } from '../library/resolve.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { copyTree, removeTree, statOrNull } from '../library/tree.ts'

async function isDirectory (tool: Tool, path: string): Promise<boolean> {
  return (await statOrNull(tool, path))?.type === 'directory'
}

/** Sources, and where each of them goes: into a directory, or to the one name. */
async function destinations (tool: Tool, operands: readonly string[], into: string | undefined): Promise<[string, string][]> {
  const target = into ?? operands.at(-1)
  const sources = into === undefined ? operands.slice(0, -1) : operands
  if (target === undefined || (operands.length === 0)) throw new UsageError('missing file operand')
  if (sources.length === 0) throw new UsageError(`missing destination file operand after '${operands[0]!}'`)
  if (await isDirectory(tool, target)) return sources.map(source => [source, joined(target, baseName(source))])
  if (sources.length > 1 || into !== undefined) throw new Failure(`target '${target}' is not a directory`)
  return [[sources[0]!, target]]
}

export const cp: Command = async tool => {
  const options = tool.options({
    letters: 'rRafpvnTt:dLPi',
    long: { recursive: 'r', archive: 'a', force: 'f', verbose: 'v', 'no-clobber': 'n', 'target-directory': 't', 'no-target-directory': 'T', preserve: 'p' }
  })
  const archive = options.has('a')
  const recursive = archive || options.has('r') || options.has('R')
  const pairs: [string, string][] = options.has('T') ? [[options.operands[0]!, options.operands[1]!]] : await destinations(tool, options.operands, options.value('t'))
  for (const [from, to] of pairs) {
    if (options.has('n') && await statOrNull(tool, to, false) !== null) continue
    if (recursive && `${normalized(to)}/`.startsWith(`${normalized(from)}/`) && await isDirectory(tool, from)) {
      tool.complain(`cannot copy a directory, '${from}', into itself, '${to}'`)
      continue
    }
    try {
      await copyTree(tool, from, to, {
        recursive, keepLinks: archive || options.has('d') || options.has('P') || (recursive && !options.has('L')), keepTimes: archive || options.has('p'),
        told: async (a, b) => { if (options.has('v')) await tool.print(`'${a}' -> '${b}'\n`) }
      })
    } catch (error) {
      if (error instanceof Failure) tool.complain(error.message)
      else tool.complainOf(await statOrNull(tool, from) === null ? `cannot stat '${from}'` : `cannot create '${to}'`, error)
    }
  }
  return 0
}

export const mv: Command = async tool => {
  const options = tool.options({ letters: 'fvnTt:i', long: { force: 'f', verbose: 'v', 'no-clobber': 'n', 'target-directory': 't', 'no-target-directory': 'T' } })
  const pairs: [string, string][] = options.has('T') ? [[options.operands[0]!, options.operands[1]!]] : await destinations(tool, options.operands, options.value('t'))
  for (const [from, to] of pairs) {
    if (options.has('n') && await statOrNull(tool, to, false) !== null) continue
    try {
      await move(tool, from, to)
      if (options.has('v')) await tool.print(`renamed '${from}' -> '${to}'\n`)
    } catch (error) {
      if (error instanceof Failure) tool.complain(error.message)
      else tool.complainOf(await statOrNull(tool, from, false) === null ? `cannot stat '${from}'` : `cannot move '${from}' to '${to}'`, error)
    }
  }
  return 0
}

/** Another file system cannot take over a name: there it is copied, then removed. */
async function move (tool: Tool, from: string, to: string): Promise<void> {
  try {
    await tool.calls.rename(from, to)
  } catch (error) {
    if ((error as { code?: string }).code !== 'EXDEV') throw error
    const nothing = async (): Promise<void> => {}
    await copyTree(tool, from, to, { recursive: true, keepLinks: true, keepTimes: true, told: nothing })
    await removeTree(tool, from, nothing)
  }
}

export const rm: Command = async tool => {
  const options = tool.options({ letters: 'rRfvdiI', long: { recursive: 'r', force: 'f', verbose: 'v', dir: 'd' } })
  const recursive = options.has('r') || options.has('R')
  const force = options.has('f')
  if (options.operands.length === 0 && !force) throw new UsageError('missing operand')
  for (const path of options.operands) {
    if (/^\.{1,2}$/.test(baseName(path))) {
      tool.complain(`refusing to remove '.' or '..' directory: skipping '${path}'`)
      continue
    }
    if (normalized(path) === '/') {
      tool.complain('it is dangerous to operate recursively on \'/\'')
      continue
    }
    try {
      const stat = await tool.calls.lstat(path)
      const told = async (gone: string): Promise<void> => { if (options.has('v')) await tool.print(`removed '${gone}'\n`) }
      if (stat.type === 'directory' && !recursive) {
        if (!options.has('d')) throw new Failure(`cannot remove '${path}': Is a directory`)
        await tool.calls.rmdir(path)
        await told(path)
      } else await removeTree(tool, path, told)
    } catch (error) {
      if (error instanceof Failure) tool.complain(error.message)
      else if (!(force && (error as { code?: string }).code === 'ENOENT')) tool.complainOf(`cannot remove '${path}'`, error)
    }
  }
  return 0
}

export const mkdir: Command = async tool => {
  const options = tool.options({ letters: 'pvm:', long: { parents: 'p', verbose: 'v', mode: 'm' } })
  if (options.operands.length === 0) throw new UsageError('missing operand')
  for (const path of options.operands) {
    try {
      if (options.has('p')) await makeAll(tool, path)
      else await tool.calls.mkdir(path)
      if (options.has('v')) await tool.print(`mkdir: created directory '${path}'\n`)
    } catch (error) {
      tool.complainOf(`cannot create directory '${path}'`, error)
    }
  }
  return 0
}

async function makeAll (tool: Tool, path: string): Promise<void> {
  const parts = path.split('/')
  for (let count = 1; count <= parts.length; count++) {
    const part = parts.slice(0, count).join('/')
    if (part === '' || await isDirectory(tool, part)) continue
    try {
      await tool.calls.mkdir(part)
    } catch (error) {
      // Somebody else may have made it meanwhile.
      if (!await isDirectory(tool, part)) throw error
    }
  }
}

export const rmdir: Command = async tool => {
  const options = tool.options({ letters: 'pv', long: { parents: 'p', verbose: 'v', 'ignore-fail-on-non-empty': 'i' } })
  if (options.operands.length === 0) throw new UsageError('missing operand')
  for (const operand of options.operands) {
    for (let path = operand; path !== '.' && path !== '/'; path = directoryName(path)) {
      try {
        await tool.calls.rmdir(path)
      } catch (error) {
        if (!(options.has('i') && (error as { code?: string }).code === 'ENOTEMPTY')) tool.complainOf(`failed to remove '${path}'`, error)
        break
      }
      if (!options.has('p')) break
    }
  }
  return 0
}

export const ln: Command = async tool => {
  const options = tool.options({ letters: 'sfvnTt:r', long: { symbolic: 's', force: 'f', verbose: 'v', 'no-dereference': 'n', 'no-target-directory': 'T', 'target-directory': 't' } })
  const pairs: [string, string][] = options.operands.length === 1 && options.value('t') === undefined
    ? [[options.operands[0]!, baseName(options.operands[0]!)]]
    : options.has('T') || options.has('n')
      ? [[options.operands[0]!, options.operands[1]!]]
      : await destinations(tool, options.operands, options.value('t'))
  for (const [target, path] of pairs) {
    try {
      if (options.has('f') && await statOrNull(tool, path, false) !== null) await tool.calls.unlink(path)
      if (options.has('s')) await tool.calls.symlink(target, path)
      else await tool.calls.link(target, path)
      if (options.has('v')) await tool.print(`'${path}' -> '${target}'\n`)
    } catch (error) {
      tool.complainOf(`failed to create ${options.has('s') ? 'symbolic' : 'hard'} link '${path}'`, error)
    }
  }
  return 0
}

export const touch: Command = async tool => {
  const options = tool.options({ letters: 'camr:d:t:', long: { 'no-create': 'c', reference: 'r', date: 'd' } })
  if (options.operands.length === 0) throw new UsageError('missing file operand')
  const reference = options.value('r')
  const given = options.value('d')
  const time = reference !== undefined ? (await tool.calls.stat(reference)).modifiedMs : given !== undefined ? parseMoment(given, await tool.calls.now()) : 'now'
  if (time === null) throw new Failure(`invalid date format '${given!}'`)
  for (const path of options.operands) {
    try {
      if (await statOrNull(tool, path) === null) {
        if (options.has('c')) continue
        await tool.calls.close(await tool.calls.open(path, { write: true, create: true }))
      }
      await tool.calls.utimes(path, {
        ...(options.has('m') && !options.has('a') ? {} : { accessedMs: time }), ...(options.has('a') && !options.has('m') ? {} : { modifiedMs: time })
      })
    } catch (error) {
      tool.complainOf(`cannot touch '${path}'`, error)
    }
  }
  return 0
}

export const truncate: Command = async tool => {
  const options = tool.options({ letters: 's:c', long: { size: 's', 'no-create': 'c' } })
  const size = /^([+-]?)(\d+)([KMG]?)B?$/.exec(options.value('s') ?? '')
  if (size === null) throw new UsageError('you must specify a size: -s NUMBER[K|M|G]')
  const amount = Number(size[2]) * 1024 ** ['', 'K', 'M', 'G'].indexOf(size[3]!)
  for (const path of options.operands) {
    try {
      const stat = await statOrNull(tool, path)
      if (stat === null && options.has('c')) continue
      const fd = await tool.calls.open(path, { write: true, create: true })
      const before = stat?.size ?? 0
      await tool.calls.truncate(fd, size[1] === '+' ? before + amount : size[1] === '-' ? Math.max(0, before - amount) : amount).finally(() => tool.calls.close(fd))
    } catch (error) {
      tool.complainOf(`cannot open '${path}' for writing`, error)
    }
  }
  return 0
}

const MKTEMP_TRIES = 64

export const mktemp: Command = async tool => {
  const options = tool.options({ letters: 'dqp:tu', long: { directory: 'd', quiet: 'q', tmpdir: 'p' } })
  const template = options.operands[0] ?? 'tmp.XXXXXXXXXX'
  const marks = /X{3,}$/.exec(template)
  if (marks === null) throw new Failure(`too few X's in template '${template}'`)
  const folder = options.value('p') ?? tool.env['TMPDIR'] ?? '/tmp'
  const base = options.operands.length === 0 || options.has('p') || options.has('t') ? joined(folder, template) : template
  for (let tries = 0; tries < MKTEMP_TRIES; tries++) {
    const letters = [...await tool.calls.random(marks[0].length)].map(byte => 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'[byte % 62]!).join('')
    const path = `${base.slice(0, -marks[0].length)}${letters}`
    try {
      if (options.has('d')) await tool.calls.mkdir(path)
      else await tool.calls.close(await tool.calls.open(path, { write: true, create: true, exclusive: true }))
      await tool.print(`${path}\n`)
      return 0
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw new Failure(`failed to create ${options.has('d') ? 'directory' : 'file'} via template '${base}': ${describe(error)}`)
    }
  }
  return 1
}

export const realpath: Command = async tool => {
  const options = tool.options({ letters: 'emqs', long: { 'canonicalize-existing': 'e', 'canonicalize-missing': 'm', quiet: 'q' } })
  if (options.operands.length === 0) throw new UsageError('missing operand')
  for (const path of options.operands) {
    try {
      await tool.print(`${await resolvePath(tool, path, options.has('m') ? 'any' : options.has('e') ? 'none' : 'last')}\n`)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      tool.complain(error.message)
    }
  }
  return 0
}

export const readlink: Command = async tool => {
  const options = tool.options({ letters: 'fnem', long: { canonicalize: 'f', 'no-newline': 'n' } })
  let status = 0
  for (const path of options.operands) {
    try {
      const target = options.has('f') || options.has('e') || options.has('m')
        ? await resolvePath(tool, path, options.has('m') ? 'any' : options.has('e') ? 'none' : 'last')
        : await tool.calls.readlink(path)
      await tool.print(options.has('n') ? target : `${target}\n`)
    } catch {
      // It says nothing: scripts ask by it whether something is a link.
      status = 1
    }
  }
  return status
}

export const basename: Command = async tool => {
  const options = tool.options({ letters: 'as:z', long: { multiple: 'a', suffix: 's' } })
  const many = options.has('a') || options.has('s')
  const [first, second] = options.operands
  if (first === undefined) throw new UsageError('missing operand')
  const suffix = options.value('s') ?? (many ? undefined : second)
  for (const path of many ? options.operands : [first]) {
    const name = baseName(path)
    await tool.print(`${suffix !== undefined && name.endsWith(suffix) && name !== suffix ? name.slice(0, -suffix.length) : name}\n`)
  }
  return 0
}

export const dirname: Command = async tool => {
  const { operands } = tool.options({ letters: 'z' })
  if (operands.length === 0) throw new UsageError('missing operand')
  for (const path of operands) await tool.print(`${directoryName(path)}\n`)
  return 0
}
