/** date, uname, mount, df, free, uptime, which, hostname, whoami, id, tty, clear, nproc, sync, true, false: the system itself. */

import { formatTime, humanSize } from '../library/format.ts'
import { parseMoment } from '../library/moment.ts'
import { UsageError } from '../library/options.ts'
import { fields, mounts } from '../library/proc.ts'
import { Failure } from '../library/tool.ts'
import type { Command } from '../library/tool.ts'

export const date: Command = async tool => {
  const options = tool.options({ letters: 'ud:Rr:I', long: { utc: 'u', date: 'd', 'iso-8601': 'I', 'rfc-email': 'R', reference: 'r' } })
  const now = await tool.calls.now()
  const given = options.value('d')
  const reference = options.value('r')
  const moment = reference !== undefined ? (await tool.calls.stat(reference)).modifiedMs : given === undefined ? now : parseMoment(given, now)
  if (moment === null) throw new Failure(`invalid date '${given!}'`)
  const [format] = options.operands
  if (format !== undefined && !format.startsWith('+')) throw new UsageError(`'${format}': a format begins with +`)
  const initial = options.has('I') ? '%Y-%m-%d' : options.has('R') ? '%a, %d %b %Y %H:%M:%S %z' : '%a %b %e %H:%M:%S UTC %Y'
  await tool.print(`${formatTime(format?.slice(1) ?? initial, moment)}\n`)
  return 0
}

export const uname: Command = async tool => {
  const options = tool.options({ letters: 'asnrvmpio', long: { all: 'a', 'kernel-name': 's', nodename: 'n', 'kernel-release': 'r', 'kernel-version': 'v', machine: 'm', 'operating-system': 'o' } })
  const [, release = '?', kernel = '?', core = '?'] = /version (\S+) \((.*)\) core (\S+)/.exec(await tool.calls.readText('/proc/version').catch(() => '')) ?? []
  const parts: readonly [string, string][] = [['s', 'KaleidOS'], ['n', 'kaleidos'], ['r', release], ['v', `${kernel} core=${core}`], ['m', 'wasm32'], ['o', 'KaleidOS']]
  const wanted = options.has('a') ? parts : parts.filter(([letter]) => options.has(letter))
  await tool.print(`${(wanted.length === 0 ? [parts[0]!] : wanted).map(([, value]) => value).join(' ')}\n`)
  return 0
}

export const mount: Command = async tool => {
  if (tool.args.length > 0) throw new Failure('what is mounted is settled when the system boots: `kaleidos shell --dir HOST:GUEST[:ro]`')
  for (const { fileSystem, path, options } of mounts(await tool.calls.readText('/proc/mounts'))) await tool.print(`${fileSystem} on ${path} (${options})\n`)
  return 0
}

export const df: Command = async tool => {
  tool.options({ letters: 'hakTi', long: { 'human-readable': 'h' } })
  const list = mounts(await tool.calls.readText('/proc/mounts'))
  const rows = [['Filesystem', 'Mode', 'Mounted on'], ...list.map(({ fileSystem, options, path }) => [fileSystem, options, path])]
  const widths = [0, 1].map(at => Math.max(...rows.map(row => row[at]!.length)))
  // How full they are nobody can ask: there is no statfs in WASI.
  for (const row of rows) await tool.print(`${row[0]!.padEnd(widths[0]!)} ${row[1]!.padEnd(widths[1]!)} ${row[2]!}\n`)
  return 0
}

export const free: Command = async tool => {
  const options = tool.options({ letters: 'hkmb', long: { human: 'h' } })
  const known = fields(await tool.calls.readText('/proc/meminfo'))
  const shown = (name: string): string => {
    const bytes = Number.parseInt(known.get(name) ?? '0') * 1024
    return (options.has('h') ? humanSize(bytes) : options.has('m') ? String(Math.round(bytes / 1024 ** 2)) : options.has('b') ? String(bytes) : String(bytes / 1024)).padStart(12)
  }
  await tool.print(`${' '.repeat(8)}${['total', 'free', 'arenas', 'programs'].map(title => title.padStart(12)).join('')}\nMem:    ${['MemTotal', 'MemFree', 'Arenas', 'Programs'].map(shown).join('')}\n`)
  return 0
}

export const uptime: Command = async tool => {
  const [up = 0, idle = 0] = (await tool.calls.readText('/proc/uptime')).trim().split(' ').map(Number)
  const [hours, minutes, seconds] = [Math.floor(up / 3600), Math.floor(up / 60) % 60, Math.floor(up % 60)]
  await tool.print(`${formatTime('%H:%M:%S', await tool.calls.now())} up ${hours}:${String(minutes).padStart(2, '0')}:${String(seconds).padStart(2, '0')}, ${up > 0 ? Math.round(100 * (1 - idle / up)) : 0} % busy since boot\n`)
  return 0
}

export const which: Command = async tool => {
  const options = tool.options({ letters: 'as', long: { all: 'a' } })
  let missing = false
  for (const name of options.operands) {
    let found = false
    for (const folder of name.includes('/') ? [''] : (tool.env['PATH'] ?? '').split(':')) {
      for (const path of folder === '' ? [name] : [`${folder}/${name}`, `${folder}/${name}.wasm`]) {
        if (found && !options.has('a')) continue
        if ((await tool.calls.stat(path).catch(() => null))?.type !== 'file') continue
        found = true
        if (!options.has('s')) await tool.print(`${path}\n`)
      }
    }
    missing ||= !found
  }
  return Number(missing)
}

export const hostname: Command = async tool => {
  await tool.print('kaleidos\n')
  return 0
}

/** There are no users: whoever has a descriptor has what it stands for. */
export const whoami: Command = async tool => {
  await tool.print(`${tool.env['USER'] ?? 'root'}\n`)
  return 0
}

export const id: Command = async tool => {
  const options = tool.options({ letters: 'ugnG' })
  await tool.print(options.has('n') ? 'root\n' : options.has('u') || options.has('g') || options.has('G') ? '0\n' : 'uid=0(root) gid=0(root) groups=0(root)\n')
  return 0
}

export const tty: Command = async tool => {
  const terminal = await tool.calls.isTerminal(0)
  await tool.print(terminal ? '/dev/tty\n' : 'not a tty\n')
  return Number(!terminal)
}

export const clear: Command = async tool => {
  await tool.print('\x1b[H\x1b[2J\x1b[3J')
  return 0
}

export const nproc: Command = async tool => {
  await tool.print('1\n')
  return 0
}

