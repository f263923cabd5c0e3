/**
 * top: processes, domains and gates, and what the system counts each second, live.
 *
 * On a terminal it takes the alternate screen, redraws each second and ends at q; elsewhere it prints once. All it shows
 * comes from /proc: differences of counters between two looks, over the time between them.
 */

import { counters, processes, table } from '../library/proc.ts'
import type { ProcessFacts } from '../library/proc.ts'
import { terminalSize } from '../library/terminal.ts'
import type { Size } from '../library/terminal.ts'
import type { Command, Tool } from '../library/tool.ts'
import { UsageError } from '../library/options.ts'
import { cpuTime, humanSize, kilobytes } from '../library/format.ts'

/** What was found at one moment. */
interface Look {
  readonly atNs: number
  readonly uptime: number
  readonly idle: number
  readonly version: string
  readonly processes: readonly ProcessFacts[]
  readonly counters: ReadonlyMap<string, number>
  readonly domains: readonly Readonly<Record<string, string>>[]
  readonly gates: readonly Readonly<Record<string, string>>[]
}

const ENTER = '\x1b[?1049h\x1b[?25l'
const LEAVE = '\x1b[?25h\x1b[?1049l'
const ASK_SIZE = '\x1b[18t'

export const top: Command = async tool => {
  const options = tool.options({ letters: 'bn:d:', long: { batch: 'b', iterations: 'n', delay: 'd' } })
  const delayMs = Number(options.value('d') ?? 1) * 1000
  if (!(delayMs >= 50)) throw new UsageError('-d takes a number of seconds, 0.05 at least')
  const live = !options.has('b') && await tool.calls.isTerminal(1) && await tool.calls.isTerminal(0)
  const rounds = Number(options.value('n') ?? (live || options.has('b') ? Infinity : 1))
  if (!(rounds >= 1)) throw new UsageError('-n takes a number of rounds')
  let before = await look(tool)
  if (!live) {
    for (let round = 0; round < rounds; round++) {
      await tool.calls.sleep(delayMs)
      const now = await look(tool)
      await tool.print(`${screen(before, now, { columns: 100, rows: Infinity }, false).join('\n')}\n${round + 1 < rounds ? '\n' : ''}`)
      await tool.flush()
      before = now
    }
    return 0
  }
  const keys = new Keys(tool)
  let size = await terminalSize(tool)
  await tool.calls.write(1, ENTER + ASK_SIZE)
  try {
    await keys.within(Math.min(250, delayMs))
    for (let round = 0; round < rounds; round++) {
      size = keys.size ?? size
      const now = await look(tool)
      const lines = screen(before, now, size, true)
      await tool.calls.write(1, `\x1b[H${lines.map(line => `${line}\x1b[K`).join('\r\n')}\x1b[J${ASK_SIZE}`)
      before = now
      if (await keys.within(delayMs)) break
    }
  } finally {
    await tool.calls.write(1, LEAVE)
  }
  return 0
}

/** What is typed meanwhile: q ends; the terminal's answers to what it was asked are taken out. */
class Keys {
  readonly #tool: Tool
  #text = ''
  size: Size | null = null

  constructor (tool: Tool) {
    this.#tool = tool
  }

  /** Waits so long; true as soon as it shall end. */
  async within (ms: number): Promise<boolean> {
    const { calls } = this.#tool
    const end = await calls.monotonicNs() + ms * 1e6
    for (;;) {
      const left = (end - await calls.monotonicNs()) / 1e6
      if (left <= 0) return false
      const ready = await calls.poll([{ fd: 0, for: 'read' }], left)
      if (ready.length === 0) return false
      const piece = await calls.read(0, 256)
      if (piece.length === 0) return true
      this.#text += new TextDecoder().decode(piece)
      this.#text = this.#text.replace(/\x1b\[8;(\d+);(\d+)t/g, (_, rows: string, columns: string) => {
        this.size = { rows: Number(rows), columns: Number(columns) }
        return ''
      })
      if (/[qQ\x03\x04]/.test(this.#text)) return true
      // A key that means nothing redraws; an answer that is not whole yet is kept.
      if (!this.#text.includes('\x1b')) {
        this.#text = ''
      }
    }
  }
}

async function look (tool: Tool): Promise<Look> {
  const read = async (path: string): Promise<string> => await tool.calls.readText(path).catch(() => '')
  const [uptime = 0, idle = 0] = (await read('/proc/uptime')).trim().split(' ').map(Number)
  return {
    atNs: await tool.calls.monotonicNs(), uptime, idle,
    version: await read('/proc/version'),
    processes: await processes(tool),
    counters: counters(await read('/proc/kaleidos/counters')),
    domains: table(await read('/proc/kaleidos/domains')),
    gates: table(await read('/proc/kaleidos/gates'))
  }
}

/** The lines of a screen, none wider than it is. */
function screen (before: Look, now: Look, size: Size, colour: boolean): string[] {
  const seconds = Math.max(1e-3, (now.atNs - before.atNs) / 1e9)
  const paint = (code: string, text: string): string => colour ? `\x1b[${code}m${text}\x1b[0m` : text
  const rate = (name: string): number => ((now.counters.get(name) ?? 0) - (before.counters.get(name) ?? 0)) / seconds
  const [, kernel = '?', core = '?'] = /\((.*)\) core (\S+)/.exec(now.version) ?? []
  const busy = Math.max(0, Math.min(100, 100 * (1 - (now.idle - before.idle) / Math.max(1e-3, now.uptime - before.uptime))))
  const head = [
    `${paint('1', `kaleidos ${kernel}`)}  core ${core} · up ${clock(now.uptime)} · ${now.processes.length} processes, ${now.processes.filter(one => one.state === 'R').length} running · ${Math.round(busy)} % busy${colour ? paint('2', ' · q quits') : ''}`,
    [
      ...['calls', 'crossings', 'switches', 'grants'].map(name => `${paint('1', perSecond(rate(name)))} ${name}/s`),
      `${paint('1', `${humanSize(rate('bytesCopied'))}B`)} copied/s`, `${paint('1', perSecond(rate('preemptions')))} preemptions/s`
    ].join('  ')
  ]
  const shares = new Map(before.processes.map(process => [process.process, process.ranNs]))
  const running = now.processes
    .map(process => ({ process, share: Math.max(0, process.ranNs - (shares.get(process.process) ?? process.ranNs)) / (now.atNs - before.atNs) * 100 }))
    .toSorted((a, b) => Math.round(b.share * 10) - Math.round(a.share * 10) || a.process.process - b.process.process)
  const processRows = [
    ['PID', 'PPID', 'PGID', 'S', '%CPU', 'TIME', 'MEM', 'COMMAND'],
    ...running.map(({ process, share }) => [
      String(process.process), String(process.parent), process.group === null ? '-' : String(process.group), process.state, share.toFixed(1), cpuTime(process.ranNs), kilobytes(process.memoryBytes), process.command
    ])
  ]
  const callsOf = new Map(before.domains.map(domain => [domain['SPACE'], Number(domain['CALLS'])]))
  // A program's own domain has a line above already.
  const domains = now.domains.filter(domain => (domain['SERVICES'] !== '-' && domain['WALL'] !== 'wasm') || domain['MODE'] === 'supervisor')
  const domainRows = [
    ['DOMAIN', 'MODE', 'WALL', 'STATE', 'RESTARTS', 'CALLS/s', 'ARENA', 'USED', 'SERVICES'],
    ...domains.map(domain => [
      domain['DOMAIN']!, domain['MODE']!, domain['WALL']!, domain['STATE']!, domain['RESTARTS']!, perSecond((Number(domain['CALLS']) - (callsOf.get(domain['SPACE']) ?? Number(domain['CALLS']))) / seconds),
      kilobytes(Number(domain['ARENA'])), kilobytes(Number(domain['ALLOCATED'])), domain['SERVICES']!.replaceAll(',', ' ')
    ])
  ]
  const key = (gate: Readonly<Record<string, string>>): string => `${gate['GATE']} ${gate['FROM']} ${gate['TO']} ${gate['ROLE']}`
  const crossed = new Map(before.gates.map(gate => [key(gate), Number(gate['CALLS'])]))
  const gates = now.gates
    .filter(gate => gate['CALLS'] !== '-')
    .map(gate => ({ gate, rate: (Number(gate['CALLS']) - (crossed.get(key(gate)) ?? Number(gate['CALLS']))) / seconds }))
    .toSorted((a, b) => b.rate - a.rate)
  const gateRows = [['GATE', 'FROM', 'TO', 'ROLE', 'CALLS/s'], ...gates.map(({ gate, rate: calls }) => [gate['GATE']!, gate['FROM']!, gate['TO']!, gate['ROLE']!, perSecond(calls)])]
  const room = size.rows - head.length - 3
  // Domains first have what they need, within a third; then gates; processes have the rest.
  const domainCount = Math.min(domainRows.length, Math.max(2, Math.floor(room / 3)))
  const gateCount = gateRows.length === 1 ? 0 : Math.min(gateRows.length, Math.max(2, Math.floor(room / 3)))
  const processCount = Math.min(processRows.length, Math.max(2, room - domainCount - gateCount))
  const spare = Math.max(0, room - processCount - domainCount - gateCount)
  const all = [
    ...head, '',
    ...rendered(processRows.slice(0, processCount), [0, 1, 2, 4, 5, 6], size.columns, paint), '',
    ...rendered(domainRows.slice(0, domainCount + spare), [4, 5, 6, 7], size.columns, paint),
    ...(gateCount === 0 ? [] : ['', ...rendered(gateRows.slice(0, Math.min(gateRows.length, gateCount + Math.max(0, spare - (domainRows.length - domainCount)))), [4], size.columns, paint)])
  ]
  return (Number.isFinite(size.rows) ? all.slice(0, size.rows) : all).map(line => clipped(line, size.columns))
}

function rendered (rows: readonly (readonly string[])[], right: readonly number[], width: number, paint: (code: string, text: string) => string): string[] {
  const widths = rows[0]!.map((_, at) => Math.max(...rows.map(row => [...row[at]!].length)))
  return rows.map((row, index) => {
    const last = row.length - 1
    const text = row.map((cell, at) => right.includes(at) ? cell.padStart(widths[at]!) : at === last ? cell : cell.padEnd(widths[at]!)).join('  ')
    return index === 0 ? paint('7', clipped(text, width).padEnd(Math.min(width, 200))) : text
  })
}

/** At most so many columns of a line; what colours it takes none. */
function clipped (line: string, width: number): string {
  let [out, used] = ['', 0]
  for (const [piece] of line.matchAll(/\x1b\[[\d;?]*[A-Za-z]|[^]/gu)) {
    if (piece.startsWith('\x1b')) out += piece
    else if (used < width) {
      out += piece
      used++
    }
  }
  return out
}

function perSecond (value: number): string {
  const whole = Math.max(0, Math.round(value))
  return whole >= 10_000_000 ? `${Math.round(whole / 1e6)}M` : whole >= 100_000 ? `${Math.round(whole / 1000)}k` : String(whole)
}

function clock (seconds: number): string {
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds % 60)].map((part, at) => at === 0 ? String(part) : String(part).padStart(2, '0')).join(':')
}
