/** ls, stat, du, tree, file: what files there are. Source: POSIX.1-2024, ls; GNU coreutils. */

import type { FileStat } from '../../os/index.ts'
import { describe } from '../library/errors.ts'
import { columns, formatTime, humanSize } from '../library/format.ts'
import { baseName, joined } from '../library/path.ts'
import { terminalSize } from '../library/terminal.ts'
import type { Command, Tool } from '../library/tool.ts'
import { statOrNull } from '../library/tree.ts'
import type { Parsed } from '../library/options.ts'
import { UsageError } from '../library/options.ts'
import { TREE_DEPTH_MAX } from '../limits.ts'
import { quoteWord } from '../text/quoting.ts'

interface Listed {
  readonly name: string
  readonly path: string
  readonly stat: FileStat
}

const letters: Readonly<Record<FileStat['type'], string>> = { file: '-', directory: 'd', symlink: 'l', device: 'c', other: 'p' }
const colours: Readonly<Record<FileStat['type'], string>> = { file: '', directory: '1;34', symlink: '1;36', device: '1;33', other: '33' }

export const ls: Command = async tool => {
  const options = tool.options({
    letters: 'alAd1CFrtSRhinpxUXmgGoskQNw:ZcuLHfT:', long: {
      all: 'a', 'almost-all': 'A', directory: 'd', 'human-readable': 'h', recursive: 'R', reverse: 'r', color: 'colour', inode: 'i', classify: 'F',
      size: 's', 'group-directories-first': 'first', 'full-time': 'full'
    }
  })
  const terminal = await tool.calls.isTerminal(1)
  const colour = options.has('colour') ? ['always', 'yes', undefined].includes(options.value('colour')) || (options.value('colour') === 'auto' && terminal) : terminal
  const width = Number(options.value('w') ?? (terminal ? (await terminalSize(tool)).columns : 80))
  const long = ['l', 'g', 'o', 'n', 'full'].some(letter => options.has(letter))
  const style: Style = { options, colour, long, one: !long && !options.has('m') && (options.has('1') || !(terminal || options.has('C') || options.has('x'))), width, nowMs: await tool.calls.now() }
  const files: Listed[] = []
  const folders: Listed[] = []
  for (const path of options.operands.length === 0 ? ['.'] : options.operands) {
    try {
      const plain = await tool.calls.lstat(path)
      // A link to a directory that is named is looked into, except in a long list.
      const followed = plain.type === 'symlink' && !long && !options.has('d') ? await statOrNull(tool, path) ?? plain : plain
      const listed = { name: path, path, stat: followed }
      if (followed.type === 'directory' && !options.has('d')) folders.push(listed)
      else files.push(listed)
    } catch (error) {
      tool.complain(`cannot access '${path}': ${describe(error)}`, 2)
    }
  }
  if (files.length > 0) await show(tool, sorted(files, options), style, false)
  let first = files.length === 0
  const titled = options.operands.length > 1 || options.has('R')
  const queue = sorted(folders, options).map(folder => ({ ...folder, depth: 0 }))
  for (let folder = queue.shift(); folder !== undefined; folder = queue.shift()) {
    if (titled) await tool.print(`${first ? '' : '\n'}${folder.path}:\n`)
    first = false
    const entries = await contents(tool, folder.path, options)
    if (entries === null) continue
    const order = sorted(entries, options)
    await show(tool, order, style, true)
    if (options.has('R') && folder.depth < TREE_DEPTH_MAX) {
      const inner = order.filter(entry => entry.stat.type === 'directory' && entry.name !== '.' && entry.name !== '..')
      queue.unshift(...inner.map(entry => ({ ...entry, depth: folder!.depth + 1 })))
    }
  }
  return 0
}

async function contents (tool: Tool, path: string, options: Parsed): Promise<Listed[] | null> {
  try {
    const names = (await tool.calls.readdir(path)).map(entry => entry.name)
    const all = options.has('a') || options.has('f') ? ['.', '..', ...names] : options.has('A') ? names : names.filter(name => !name.startsWith('.'))
    const out: Listed[] = []
    for (const name of all) {
      const stat = await statOrNull(tool, joined(path, name), false)
      if (stat !== null) out.push({ name, path: joined(path, name), stat })
    }
    return out
  } catch (error) {
    tool.complain(`cannot open directory '${path}': ${describe(error)}`, 2)
    return null
  }
}

function sorted (list: readonly Listed[], options: Parsed): Listed[] {
  const byName = (a: Listed, b: Listed): number => a.name < b.name ? -1 : a.name > b.name ? 1 : 0
  const extension = ({ name }: Listed): string => /[^.](\.[^.]*)$/.exec(name)?.[1] ?? ''
  const order = options.has('U') || options.has('f')
    ? [...list]
    : list.toSorted((a, b) =>
        (options.has('S') ? b.stat.size - a.stat.size : options.has('t') ? b.stat.modifiedMs - a.stat.modifiedMs : options.has('X') ? (extension(a) < extension(b) ? -1 : Number(extension(a) > extension(b))) : 0) || byName(a, b))
  if (options.has('r')) order.reverse()
  return options.has('first') ? [...order.filter(one => one.stat.type === 'directory'), ...order.filter(one => one.stat.type !== 'directory')] : order
}

interface Style {
  readonly options: Parsed
  readonly colour: boolean
  readonly long: boolean
  readonly one: boolean
  readonly width: number
  readonly nowMs: number
}

async function show (tool: Tool, list: readonly Listed[], style: Style, inFolder: boolean): Promise<void> {
  const { options } = style
  if (style.long) {
    await showLong(tool, list, style, inFolder)
    return
  }
  const names = list.map(entry => label(entry, style))
  if (style.one) await tool.print(names.map(({ shown }) => `${shown}\n`).join(''))
  else if (options.has('m')) await tool.print(list.length === 0 ? '' : `${names.map(({ shown }) => shown).join(', ')}\n`)
  else await tool.print(columns(names.map(({ shown }) => shown), style.width, names.map(({ width }) => width)))
}

function label (entry: Listed, { options, colour }: Style): { shown: string, width: number } {
  const { name, stat } = entry
  const quoted = options.has('Q') ? `"${name}"` : colour && /[\s'"*?[\]$&|;<>()\\]/.test(name) ? quoteWord(name) : name
  const mark = options.has('F') ? { file: '', directory: '/', symlink: '@', device: '', other: '|' }[stat.type] : options.has('p') && stat.type === 'directory' ? '/' : ''
  const prefix = `${options.has('i') ? `${stat.inode} ` : ''}${options.has('s') ? `${Math.ceil(stat.size / 1024)} ` : ''}`
  const code = colours[stat.type]
  const painted = colour && code !== '' ? `\x1b[${code}m${quoted}\x1b[0m` : quoted
  return { shown: `${prefix}${painted}${mark}`, width: [...`${prefix}${quoted}${mark}`].length }
}

/** Nobody owns files and none has a mode here: what is shown says what can be done. */
function permissions ({ stat }: Listed): string {
  return `${letters[stat.type]}${stat.type === 'directory' || stat.type === 'symlink' ? 'rwxrwxrwx' : 'rw-rw-rw-'}`
}

const HALF_YEAR_MS = 182 * 86_400_000

async function showLong (tool: Tool, list: readonly Listed[], style: Style, inFolder: boolean): Promise<void> {
  const { options, nowMs } = style
  const sizes = list.map(({ stat }) => options.has('h') ? humanSize(stat.size) : String(stat.size))
  const sizeWidth = Math.max(1, ...sizes.map(size => size.length))
  const linkWidth = Math.max(1, ...list.map(({ stat }) => String(stat.links).length))
  if (inFolder) await tool.print(`total ${list.reduce((sum, { stat }) => sum + Math.ceil(stat.size / 1024), 0)}\n`)
  for (const [at, entry] of list.entries()) {
    const { stat } = entry
    const recent = nowMs - stat.modifiedMs < HALF_YEAR_MS && stat.modifiedMs <= nowMs + 3_600_000
    const time = formatTime(options.has('full') ? '%Y-%m-%d %H:%M:%S.%N %z' : recent ? '%b %e %H:%M' : '%b %e  %Y', stat.modifiedMs)
    const owner = `${options.has('g') ? '' : ' root'}${options.has('o') || options.has('G') ? '' : ' root'}`
    const target = stat.type === 'symlink' ? ` -> ${await tool.calls.readlink(entry.path).catch(() => '?')}` : ''
    await tool.print(`${permissions(entry)} ${String(stat.links).padStart(linkWidth)}${owner} ${sizes[at]!.padStart(sizeWidth)} ${time} ${label(entry, style).shown}${target}\n`)
  }
}

export const stat: Command = async tool => {
  const options = tool.options({ letters: 'c:Lft', long: { format: 'c', printf: 'printf:', dereference: 'L' } })
  if (options.operands.length === 0) throw new UsageError('missing operand')
  for (const path of options.operands) {
    try {
      const found = options.has('L') ? await tool.calls.stat(path) : await tool.calls.lstat(path)
      const format = options.value('c')
      if (format !== undefined) await tool.print(`${statFormat(format, path, found)}\n`)
      else await tool.print(await statText(tool, path, found))
    } catch (error) {
      tool.complain(`cannot statx '${path}': ${describe(error)}`)
    }
  }
  return 0
}

const typeWords: Readonly<Record<FileStat['type'], string>> = {
  file: 'regular file', directory: 'directory', symlink: 'symbolic link', device: 'character special file', other: 'fifo'
}

function typeWord (found: FileStat): string {
  return found.type === 'file' && found.size === 0 ? 'regular empty file' : typeWords[found.type]
}

function statFormat (format: string, path: string, found: FileStat): string {
  return format.replace(/%(.)/g, (_, letter: string) => {
    switch (letter) {
      case 'n': return path
      case 's': return String(found.size)
      case 'F': return typeWord(found)
      case 'i': return String(found.inode)
      case 'h': return String(found.links)
      case 'd': return String(found.device)
      case 'Y': return String(Math.floor(found.modifiedMs / 1000))
      case 'X': return String(Math.floor(found.accessedMs / 1000))
      case 'Z': return String(Math.floor(found.changedMs / 1000))
      case 'y': return formatTime('%Y-%m-%d %H:%M:%S.%N %z', found.modifiedMs)
      case 'x': return formatTime('%Y-%m-%d %H:%M:%S.%N %z', found.accessedMs)
      case 'z': return formatTime('%Y-%m-%d %H:%M:%S.%N %z', found.changedMs)
      case 'U': case 'G': return 'root'
      case 'u': case 'g': return '0'
      case 'a': return found.type === 'directory' ? '777' : '666'
      case 'A': return permissions({ name: path, path, stat: found })
      case 'b': return String(Math.ceil(found.size / 512))
      case '%': return '%'
      default: return `%${letter}`
    }
  })
}

async function statText (tool: Tool, path: string, found: FileStat): Promise<string> {
  const time = (ms: number): string => formatTime('%Y-%m-%d %H:%M:%S.%N %z', ms)
  const target = found.type === 'symlink' ? ` -> ${await tool.calls.readlink(path).catch(() => '?')}` : ''
  return `  File: ${path}${target}\n  Size: ${String(found.size).padEnd(15)} ${typeWord(found)}\nDevice: ${String(found.device).padEnd(15)} Inode: ${String(found.inode).padEnd(11)} Links: ${found.links}\n` +
    `Access: ${time(found.accessedMs)}\nModify: ${time(found.modifiedMs)}\nChange: ${time(found.changedMs)}\n`
}

export const du: Command = async tool => {
  const options = tool.options({ letters: 'shabckmd:', long: { summarize: 's', 'human-readable': 'h', all: 'a', bytes: 'b', total: 'c', 'max-depth': 'd' } })
  const deepest = options.has('s') ? 0 : Number(options.value('d') ?? Infinity)
  const shown = (bytes: number): string => options.has('h') ? humanSize(bytes) : options.has('b') ? String(bytes) : String(Math.ceil(bytes / (options.has('m') ? 1024 * 1024 : 1024)))
  const measure = async (path: string, depth: number): Promise<number> => {
    const found = await tool.calls.lstat(path)
    let total = found.type === 'file' ? found.size : 0
    if (found.type === 'directory' && depth < TREE_DEPTH_MAX) {
      for (const { name } of await tool.calls.readdir(path)) {
        try {
          total += await measure(joined(path, name), depth + 1)
        } catch (error) {
          tool.complain(`cannot access '${joined(path, name)}': ${describe(error)}`)
        }
      }
    }
    if (depth <= deepest && (found.type === 'directory' || options.has('a') || depth === 0)) await tool.print(`${shown(total)}\t${path}\n`)
    return total
  }
  let sum = 0
  for (const path of options.operands.length === 0 ? ['.'] : options.operands) {
    try {
      sum += await measure(path, 0)
    } catch (error) {
      tool.complain(`cannot access '${path}': ${describe(error)}`)
    }
  }
  if (options.has('c')) await tool.print(`${shown(sum)}\ttotal\n`)
  return 0
}

export const tree: Command = async tool => {
  const options = tool.options({ letters: 'adL:', long: {} })
  const deepest = Number(options.value('L') ?? TREE_DEPTH_MAX)
  let [folders, files] = [0, 0]
  const walk = async (path: string, indent: string, depth: number): Promise<void> => {
    if (depth >= deepest) return
    const entries = (await tool.calls.readdir(path)).filter(({ name, type }) => (options.has('a') || !name.startsWith('.')) && (!options.has('d') || type === 'directory'))
    for (const [at, { name, type }] of entries.entries()) {
      const last = at === entries.length - 1
      const target = type === 'symlink' ? ` -> ${await tool.calls.readlink(joined(path, name)).catch(() => '?')}` : ''
      await tool.print(`${indent}${last ? '└── ' : '├── '}${name}${target}\n`)
      if (type === 'directory') {
        folders++
        await walk(joined(path, name), `${indent}${last ? '    ' : '│   '}`, depth + 1)
      } else files++
    }
  }
  for (const path of options.operands.length === 0 ? ['.'] : options.operands) {
    await tool.print(`${path}\n`)
    await walk(path, '', 0)
  }
  await tool.print(`\n${folders} director${folders === 1 ? 'y' : 'ies'}${options.has('d') ? '' : `, ${files} file${files === 1 ? '' : 's'}`}\n`)
  return 0
}

const HEAD_BYTES = 4096

export const file: Command = async tool => {
  const options = tool.options({ letters: 'bL', long: { brief: 'b' } })
  const width = Math.max(0, ...options.operands.map(path => path.length)) + 1
  for (const path of options.operands) {
    const found = await statOrNull(tool, path, options.has('L'))
    const kind = found === null ? 'cannot open (No such file or directory)' : found.type === 'file' ? await fileKind(tool, path, found) : found.type === 'symlink' ? `symbolic link to ${await tool.calls.readlink(path)}` : typeWord(found)
    await tool.print(options.has('b') ? `${kind}\n` : `${`${path}:`.padEnd(width)} ${kind}\n`)
  }
  return 0
}

async function fileKind (tool: Tool, path: string, found: FileStat): Promise<string> {
  if (found.size === 0) return 'empty'
  const fd = await tool.calls.open(path)
  const bytes = await tool.calls.read(fd, HEAD_BYTES).finally(() => tool.calls.close(fd))
  const starts = (...start: readonly number[]): boolean => start.every((byte, at) => bytes[at] === byte)
  if (starts(0, 0x61, 0x73, 0x6d)) return `WebAssembly (wasm) binary module version 0x${bytes[4]!.toString(16)}`
  if (starts(0x1f, 0x8b)) return 'gzip compressed data'
  if (starts(0x89, 0x50, 0x4e, 0x47)) return 'PNG image data'
  if (starts(0x7f, 0x45, 0x4c, 0x46)) return 'ELF executable'
  if (starts(0x50, 0x4b, 3, 4)) return 'Zip archive data'
  if (starts(0x25, 0x50, 0x44, 0x46)) return 'PDF document'
  const text = new TextDecoder().decode(bytes)
  if (text.startsWith('#task ')) return 'KaleidOS task'
  const script = /^#! *(\S+)/.exec(text)
  if (script !== null) return `${baseName(script[1]!)} script, ASCII text executable`
  if (bytes.includes(0) || text.includes('�')) return 'data'
  return /[^\t\n\r\x20-\x7e]/.test(text) ? 'Unicode text, UTF-8 text' : 'ASCII text'
}
