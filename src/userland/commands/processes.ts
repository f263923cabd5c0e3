/** ps, kill, pgrep, pkill, timeout, env, nice, nohup, time: processes, by what /proc says of them. Source: POSIX.1-2024, ps, kill, env; procps. */

import { cpuTime, kilobytes } from '../library/format.ts'
import { durationOf } from '../library/moment.ts'
import { UsageError } from '../library/options.ts'
import { processes } from '../library/proc.ts'
import type { ProcessFacts } from '../library/proc.ts'
import { findCommand } from '../library/run.ts'
import { signalNames, signalNumber } from '../library/signals.ts'
import { terminalSize } from '../library/terminal.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { codeOf, describe } from '../library/errors.ts'
import { posixRegExp } from '../text/posix-regex.ts'

interface Column {
  readonly title: string
  readonly left?: boolean
  readonly value: (process: ProcessFacts) => string
}

const columns: Readonly<Record<string, Column>> = {
  pid: { title: 'PID', value: process => String(process.process) },
  ppid: { title: 'PPID', value: process => String(process.parent) },
  pgid: { title: 'PGID', value: process => process.group === null ? '-' : String(process.group) },
  stat: { title: 'STAT', left: true, value: process => process.state },
  state: { title: 'S', left: true, value: process => process.state },
  time: { title: 'TIME', value: process => cpuTime(process.ranNs) },
  pri: { title: 'PRI', value: process => String(process.priority) },
  rss: { title: 'RSS', value: process => kilobytes(process.memoryBytes) },
  vsz: { title: 'VSZ', value: process => kilobytes(process.memoryBytes) },
  comm: { title: 'COMMAND', left: true, value: process => process.name },
  args: { title: 'COMMAND', left: true, value: process => process.command },
  cmd: { title: 'CMD', left: true, value: process => process.command },
  command: { title: 'COMMAND', left: true, value: process => process.command }
}

/** Every process is everybody's: `ps` shows all, with or without `-e`, `aux`. */
export const ps: Command = async tool => {
  const format = formatOf(tool.args)
  const wanted = /^\d+(,\d+)*$/.test(format.operands[0] ?? '') ? new Set(format.operands.flatMap(word => word.split(',').map(Number))) : null
  const all = (await processes(tool)).filter(process => wanted === null || wanted.has(process.process))
  const chosen = format.columns.map(({ name, title }) => {
    const column = columns[name]
    if (column === undefined) throw new UsageError(`unknown column '${name}'; there are ${Object.keys(columns).join(', ')}`)
    return { ...column, title: title ?? column.title }
  })
  const rows = [chosen.every(column => column.title === '') ? null : chosen.map(column => column.title), ...all.map(process => chosen.map(column => column.value(process)))].filter(row => row !== null)
  const widths = chosen.map((_, at) => Math.max(...rows.map(row => [...row[at]!].length)))
  const width = await tool.calls.isTerminal(1) ? (await terminalSize(tool)).columns : Infinity
  for (const row of rows) {
    const line = row.map((text, at) => chosen[at]!.left === true ? at === row.length - 1 ? text : text.padEnd(widths[at]!) : text.padStart(widths[at]!)).join(' ')
    await tool.print(`${line.length > width ? line.slice(0, width) : line}\n`)
  }
  return Number(wanted !== null && all.length === 0)
}

function formatOf (args: readonly string[]): { columns: { name: string, title?: string }[], operands: string[] } {
  let names: { name: string, title?: string }[] = []
  const operands: string[] = []
  let extended = false
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!
    if (word === '-o' || word.startsWith('-o')) {
      const list = word === '-o' ? args[++at] ?? '' : word.slice(2)
      names = [...names, ...list.split(',').map(one => {
        const [name, title] = one.split('=')
        return title === undefined ? { name: name! } : { name: name!, title }
      })]
    } else if (word === '-p' || word === '--pid') operands.push(args[++at] ?? '')
    else if (/^\d/.test(word)) operands.push(word)
    else if (/^-?[aAxefwlHu]+$/.test(word)) extended ||= /[lu]/.test(word)
    else throw new UsageError(`unknown option '${word}': give -o COLUMNS, -p PID or nothing`)
  }
  if (names.length > 0) return { columns: names, operands }
  const shown = extended ? ['pid', 'ppid', 'pgid', 'stat', 'pri', 'rss', 'time', 'args'] : ['pid', 'ppid', 'pgid', 'stat', 'time', 'args']
  return { columns: shown.map(name => ({ name })), operands }
}

/** The command; the shell has one of its own, which knows jobs. */
export const kill: Command = async tool => {
  const args = [...tool.args]
  let signal = 15
  if (args[0] === '-l') {
    await tool.print(`${signalNames().join(' ')}\n`)
    return 0
  }
  if (args[0] === '-s' || /^-[A-Z0-9]/i.test(args[0] ?? '')) {
    const word = args[0] === '-s' ? args.splice(0, 2)[1] ?? '' : args.shift()!.slice(1)
    const number = signalNumber(word)
    if (number === undefined) throw new Failure(`unknown signal '${word}'; kill -l lists them`)
    signal = number
  }
  if (args.length === 0) throw new UsageError('give process numbers')
  for (const word of args.filter(one => one !== '--')) {
    if (!/^-?\d+$/.test(word)) {
      tool.complain(`'${word}' is no process number`)
      continue
    }
    try {
      await (word.startsWith('-') ? tool.calls.killGroup(Number(word.slice(1)), signal) : tool.calls.kill(Number(word), signal))
    } catch (error) {
      tool.complainOf(`(${word})`, error)
    }
  }
  return 0
}

async function matching (tool: Tool, pattern: string, options: { full: boolean, exact: boolean }): Promise<ProcessFacts[]> {
  const expression = posixRegExp(options.exact ? `^(${pattern})$` : pattern, { extended: true })
  const own = await tool.calls.pid()
  return (await processes(tool)).filter(process => process.process !== own && process.state !== 'Z' && expression.test(options.full ? process.command : process.name))
}

export const pgrep: Command = async tool => {
  const options = tool.options({ letters: 'flaxc', long: { full: 'f', 'list-name': 'l', 'list-full': 'a', exact: 'x', count: 'c' } })
  const found = await matching(tool, options.operands[0] ?? '', { full: options.has('f'), exact: options.has('x') })
  if (options.has('c')) await tool.print(`${found.length}\n`)
  else for (const process of found) await tool.print(`${process.process}${options.has('a') ? ` ${process.command}` : options.has('l') ? ` ${process.name}` : ''}\n`)
  return Number(found.length === 0)
}

export const pkill: Command = async tool => {
  const args = [...tool.args]
  const signal = /^-[A-Z0-9]+$/.test(args[0] ?? '') ? signalNumber(args.shift()!.slice(1)) : 15
  if (signal === undefined) throw new Failure('unknown signal; kill -l lists them')
  const full = args[0] === '-f' ? args.shift() !== undefined : false
  const exact = args[0] === '-x' ? args.shift() !== undefined : false
  if (args[0] === undefined) throw new UsageError('give a pattern')
  const found = await matching(tool, args[0], { full, exact })
  for (const process of found) await tool.calls.kill(process.process, signal).catch(error => { tool.complainOf(`(${process.process})`, error) })
  return Number(found.length === 0)
}

/** Starts a command as this one's child. Throws a Failure with the status of what cannot be started. */
async function start (tool: Tool, words: readonly string[], env?: Readonly<Record<string, string>>): Promise<number> {
  const [name] = words
  if (name === undefined) throw new UsageError('give a command')
  const path = await findCommand(tool.calls, name)
  if (path === undefined) throw new Failure(`'${name}': No such file or directory`, 127)
  await tool.flush()
  try {
    return await tool.calls.spawn(path, { args: words, ...(env === undefined ? {} : { env }) })
  } catch (error) {
    if (codeOf(error) === '') throw error
    throw new Failure(`'${name}': ${describe(error)}`, codeOf(error) === 'ENOENT' ? 127 : 126)
  }
}

export const timeout: Command = async tool => {
  const options = tool.options({ letters: 's:k:v', long: { signal: 's', 'kill-after': 'k', 'preserve-status': 'preserve', foreground: 'foreground' }, stopAtOperand: true })
  const [word, ...words] = options.operands
  const ms = word === undefined ? null : durationOf(word)
  if (ms === null) throw new Failure(`invalid time interval '${word ?? ''}'`, 125)
  const signal = signalNumber(options.value('s') ?? 'TERM')
  if (signal === undefined) throw new Failure(`'${options.value('s')!}': invalid signal`, 125)
  const process = await start(tool, words)
  const ended = tool.calls.wait(process)
  const late = ms === 0 ? null : tool.calls.sleep(ms).then(() => null)
  const first = late === null ? await ended : await Promise.race([ended, late])
  if (first !== null) return first.status
  await tool.calls.kill(process, signal).catch(() => {})
  const again = options.value('k') === undefined ? null : durationOf(options.value('k')!)
  if (again !== null && await Promise.race([ended, tool.calls.sleep(again).then(() => null)]) === null) await tool.calls.kill(process, 9).catch(() => {})
  const status = (await ended).status
  return options.has('preserve') ? status : signal === 9 ? 137 : 124
}

export const env: Command = async tool => {
  const options = tool.options({ letters: 'iu:0', long: { 'ignore-environment': 'i', unset: 'u', null: '0' }, stopAtOperand: true })
  const words = [...options.operands]
  if (words[0] === '-') words.shift()
  const variables: Record<string, string> = options.has('i') || options.operands[0] === '-' ? {} : { ...tool.env }
  for (const name of options.values('u')) delete variables[name]
  while (/^[^=]+=/.test(words[0] ?? '')) {
    const word = words.shift()!
    variables[word.slice(0, word.indexOf('='))] = word.slice(word.indexOf('=') + 1)
  }
  if (words.length > 0) return (await tool.calls.wait(await start(tool, words, variables))).status
  for (const [name, value] of Object.entries(variables)) await tool.print(`${name}=${value}${options.has('0') ? '\0' : '\n'}`)
  return 0
}

export const printenv: Command = async tool => {
  if (tool.args.length === 0) for (const [name, value] of Object.entries(tool.env)) await tool.print(`${name}=${value}\n`)
  let missing = false
  for (const name of tool.args) {
    const value = tool.env[name]
    if (value === undefined) missing = true
    else await tool.print(`${value}\n`)
  }
  return Number(missing)
}

export const nohup: Command = async tool => {
  await tool.calls.signal('SIGHUP', 'ignore')
  return (await tool.calls.wait(await start(tool, tool.args))).status
}
