/** What /proc says, as values. Source: src/services/procfs/README.md. */

import { failedWith } from './errors.ts'
import { Failure } from './tool.ts'
import type { Tool } from './tool.ts'

export interface ProcessFacts {
  readonly process: number
  readonly parent: number
  /** Null where it has ended meanwhile. */
  readonly group: number | null
  /** `R` runs or could, `S` waits, `Z` has ended. */
  readonly state: string
  readonly priority: number
  readonly ranNs: number
  readonly memoryBytes: number
  readonly name: string
  /** With its arguments; in brackets where those are not known. */
  readonly command: string
}

/** Every process there is; those that end while it looks are left out. */
export async function processes (tool: Tool): Promise<ProcessFacts[]> {
  let entries
  try {
    entries = await tool.calls.readdir('/proc')
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ENOTDIR')) throw new Failure('/proc is not there: this system tells nothing of its processes')
    throw error
  }
  const numbers = entries.map(entry => entry.name).filter(name => /^\d+$/.test(name)).map(Number).toSorted((a, b) => a - b)
  const found = await Promise.all(numbers.map(number => facts(tool, number)))
  return found.filter(process => process !== null)
}

async function facts (tool: Tool, process: number): Promise<ProcessFacts | null> {
  try {
    const status = fields(await tool.calls.readText(`/proc/${process}/status`))
    const line = (await tool.calls.readText(`/proc/${process}/cmdline`)).replace(/\0$/, '').replaceAll('\0', ' ')
    const name = status.get('Name') ?? '?'
    return {
      process,
      parent: Number(status.get('PPid') ?? 0),
      group: await tool.calls.group(process).catch(() => null),
      state: status.get('State')?.slice(0, 1) ?? '?',
      priority: Number(status.get('Priority') ?? 0),
      ranNs: Number(status.get('CpuTimeNs') ?? 0),
      memoryBytes: Number.parseInt(status.get('VmRSS') ?? '0') * 1024,
      name,
      command: line === '' ? `[${name}]` : line
    }
  } catch (error) {
    if (failedWith(error, 'ENOENT', 'ESRCH')) return null
    throw error
  }
}

/** `Name:\tvalue` lines. */
export function fields (text: string): Map<string, string> {
  return new Map(text.split('\n').filter(line => line !== '').map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  }))
}

/** A table of /proc/kaleidos: its rows, by the names in its first line. */
export function table (text: string): Readonly<Record<string, string>>[] {
  const [head, ...rows] = text.split('\n').filter(line => line !== '').map(line => line.split('\t'))
  return rows.map(row => Object.fromEntries((head ?? []).map((name, at) => [name, row[at] ?? '-'])))
}

/** `name value` lines. */
export function counters (text: string): Map<string, number> {
  return new Map(text.split('\n').filter(line => line !== '').map(line => {
    const space = line.lastIndexOf(' ')
    return [line.slice(0, space), Number(line.slice(space + 1))]
  }))
}

export interface Mount {
  readonly fileSystem: string
  readonly path: string
  readonly type: string
  readonly options: string
}

export function mounts (text: string): Mount[] {
  return text.split('\n').filter(line => line !== '').map(line => {
    const [fileSystem = '', path = '', type = '', options = ''] = line.split(' ').map(word => word.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))))
    return { fileSystem, path, type, options }
  })
}
