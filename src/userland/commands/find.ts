/** find and xargs. Source: POSIX.1-2024, find, xargs; GNU findutils. */

import type { FileStat, TaskCalls } from '../../os/index.ts'
import { codeOf, describe } from '../library/errors.ts'
import { UsageError } from '../library/options.ts'
import { baseName, joined } from '../library/path.ts'
import { findCommand } from '../library/run.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { TREE_DEPTH_MAX } from '../limits.ts'
import { matchesPattern, patternSource } from '../text/pattern.ts'
import { posixRegExp } from '../text/posix-regex.ts'
import { printf } from '../text/printf.ts'
import { formatTime } from '../library/format.ts'

interface Found {
  readonly path: string
  readonly name: string
  readonly stat: FileStat
  readonly depth: number
  readonly start: string
}

type Test = (found: Found) => Promise<boolean>

interface Expression {
  readonly test: Test
  readonly deepestFirst: boolean
  readonly minDepth: number
  readonly maxDepth: number
  /** What is run for many at once, at the end. */
  readonly finish: () => Promise<void>
}

export const find: Command = async tool => {
  const args = [...tool.args]
  let follow = false
  while (args[0] === '-L' || args[0] === '-H' || args[0] === '-P') follow = args.shift() === '-L'
  const starts: string[] = []
  while (args.length > 0 && !/^(-.|[(!,])/.test(args[0]!)) starts.push(args.shift()!)
  const pruned = new Set<string>()
  const quit = { now: false }
  const expression = await new Parser(tool, args, pruned, quit).whole()
  const visit = async (path: string, depth: number, start: string): Promise<void> => {
    if (quit.now) return
    let stat: FileStat
    try {
      stat = follow ? await tool.calls.stat(path).catch(() => tool.calls.lstat(path)) : await tool.calls.lstat(path)
    } catch (error) {
      tool.complain(`'${path}': ${describe(error)}`)
      return
    }
    const found: Found = { path, name: baseName(path), stat, depth, start }
    const wanted = depth >= expression.minDepth
    if (wanted && !expression.deepestFirst) await expression.test(found)
    if (stat.type === 'directory' && depth < expression.maxDepth && !pruned.delete(path) && !quit.now) {
      if (depth >= TREE_DEPTH_MAX) throw new Failure(`${path}: more than ${TREE_DEPTH_MAX} directories within one another`)
      try {
        for (const { name } of await tool.calls.readdir(path)) await visit(joined(path, name), depth + 1, start)
      } catch (error) {
        if (codeOf(error) === '') throw error
        tool.complain(`'${path}': ${describe(error)}`)
      }
    }
    if (wanted && expression.deepestFirst) await expression.test(found)
  }
  for (const start of starts.length === 0 ? ['.'] : starts) await visit(start, 0, start)
  await expression.finish()
  return 0
}

const typeLetters: Readonly<Record<string, FileStat['type']>> = { f: 'file', d: 'directory', l: 'symlink', c: 'device', p: 'other', s: 'other' }

class Parser {
  readonly #tool: Tool
  readonly #args: readonly string[]
  readonly #pruned: Set<string>
  readonly #quit: { now: boolean }
  #at = 0
  #acts = false
  #deepestFirst = false
  #minDepth = 0
  #maxDepth = Infinity
  readonly #finishes: (() => Promise<void>)[] = []

  constructor (tool: Tool, args: readonly string[], pruned: Set<string>, quit: { now: boolean }) {
    this.#tool = tool
    this.#args = args
    this.#pruned = pruned
    this.#quit = quit
  }

  async whole (): Promise<Expression> {
    let test: Test = this.#args.length === 0 ? async () => true : await this.#either()
    if (this.#at < this.#args.length) throw new UsageError(`unexpected '${this.#args[this.#at]!}'`)
    if (!this.#acts) {
      const asked = test
      test = async found => {
        if (await asked(found)) await this.#tool.print(`${found.path}\n`)
        return true
      }
    }
    return {
      test, deepestFirst: this.#deepestFirst, minDepth: this.#minDepth, maxDepth: this.#maxDepth,
      finish: async () => { for (const finish of this.#finishes) await finish() }
    }
  }

  async #either (): Promise<Test> {
    const tests = [await this.#both()]
    while (['-o', '-or'].includes(this.#args[this.#at] ?? '')) {
      this.#at++
      tests.push(await this.#both())
    }
    if (tests.length === 1) return tests[0]!
    return async found => {
      for (const test of tests) if (await test(found)) return true
      return false
    }
  }

  async #both (): Promise<Test> {
    const tests = [await this.#one()]
    for (;;) {
      const next = this.#args[this.#at]
      if (next === undefined || next === '-o' || next === '-or' || next === ')') break
      if (next === '-a' || next === '-and') this.#at++
      tests.push(await this.#one())
    }
    if (tests.length === 1) return tests[0]!
    return async found => {
      for (const test of tests) if (!await test(found)) return false
      return true
    }
  }

  #value (name: string): string {
    const value = this.#args[this.#at++]
    if (value === undefined) throw new UsageError(`missing argument to '${name}'`)
    return value
  }

  async #one (): Promise<Test> {
    const word = this.#args[this.#at++]
    if (word === undefined) throw new UsageError('an expression is missing')
    if (word === '!' || word === '-not') {
      const test = await this.#one()
      return async found => !await test(found)
    }
    if (word === '(') {
      const test = await this.#either()
      if (this.#args[this.#at++] !== ')') throw new UsageError('a `)\' is missing')
      return test
    }
    const { calls } = this.#tool
    switch (word) {
      case '-name': case '-iname': {
        const matches = matcher(this.#value(word), word === '-iname')
        return async ({ name }) => matches(name)
      }
      case '-path': case '-wholename': case '-ipath': {
        const matches = matcher(this.#value(word), word === '-ipath')
        return async ({ path }) => matches(path)
      }
      case '-regex': {
        const expression = posixRegExp(`^\\(${this.#value(word)}\\)$`)
        return async ({ path }) => expression.test(path)
      }
      case '-type': {
        const types = this.#value(word).split(',').map(letter => {
          const type = typeLetters[letter]
          if (type === undefined) throw new UsageError(`unknown argument to -type: ${letter}`)
          return type
        })
        return async ({ stat }) => types.includes(stat.type)
      }
      case '-empty': return async ({ stat, path }) => stat.type === 'directory' ? (await calls.readdir(path)).length === 0 : stat.type === 'file' && stat.size === 0
      case '-size': {
        const found = /^([+-]?)(\d+)([bcwkMG]?)$/.exec(this.#value(word))
        if (found === null) throw new UsageError('invalid argument to -size')
        const unit = { '': 512, b: 512, c: 1, w: 2, k: 1024, M: 1024 ** 2, G: 1024 ** 3 }[found[3]!]!
        return async ({ stat }) => compared(Math.ceil(stat.size / unit), found[1]!, Number(found[2]))
      }
      case '-mtime': case '-mmin': case '-atime': case '-amin': {
        const found = /^([+-]?)(\d+)$/.exec(this.#value(word))
        if (found === null) throw new UsageError(`invalid argument to ${word}`)
        const now = await calls.now()
        const unit = word.endsWith('min') ? 60_000 : 86_400_000
        return async ({ stat }) => compared(Math.floor((now - (word[1] === 'm' ? stat.modifiedMs : stat.accessedMs)) / unit), found[1]!, Number(found[2]))
      }
      case '-newer': {
        const other = await calls.stat(this.#value(word))
        return async ({ stat }) => stat.modifiedMs > other.modifiedMs
      }
      case '-links': case '-inum': {
        const found = /^([+-]?)(\d+)$/.exec(this.#value(word))
        if (found === null) throw new UsageError(`invalid argument to ${word}`)
        return async ({ stat }) => compared(word === '-links' ? stat.links : stat.inode, found[1]!, Number(found[2]))
      }
      case '-true': return async () => true
      case '-false': return async () => false
      case '-maxdepth': this.#maxDepth = Number(this.#value(word)); return async () => true
      case '-mindepth': this.#minDepth = Number(this.#value(word)); return async () => true
      case '-depth': this.#deepestFirst = true; return async () => true
      case '-xdev': case '-mount': case '-noleaf': case '-follow': return async () => true
      case '-prune': return async found => {
        this.#pruned.add(found.path)
        return true
      }
      default: return await this.#action(word)
    }
  }

  async #action (word: string): Promise<Test> {
    const tool = this.#tool
    this.#acts = true
    switch (word) {
      case '-print': return async ({ path }) => {
        await tool.print(`${path}\n`)
        return true
      }
      case '-print0': return async ({ path }) => {
        await tool.print(`${path}\0`)
        return true
      }
      case '-printf': {
        const format = this.#value(word)
        return async found => {
          await tool.print(printf(formatted(format, found), []).bytes)
          return true
        }
      }
      case '-ls': return async ({ path, stat }) => {
        await tool.print(`${String(stat.inode).padStart(6)} ${String(Math.ceil(stat.size / 1024)).padStart(6)} ${stat.type === 'directory' ? 'd' : '-'} ${String(stat.size).padStart(10)} ${formatTime('%b %e %H:%M', stat.modifiedMs)} ${path}\n`)
        return true
      }
      case '-delete':
        this.#deepestFirst = true
        return async ({ path, stat }) => {
          try {
            await (stat.type === 'directory' ? tool.calls.rmdir(path) : tool.calls.unlink(path))
            return true
          } catch (error) {
            tool.complainOf(`cannot delete '${path}'`, error)
            return false
          }
        }
      case '-quit': return async () => {
        this.#quit.now = true
        return true
      }
      case '-exec': case '-ok': case '-execdir': return this.#exec(word)
      default: throw new UsageError(`unknown predicate '${word}'`)
    }
  }

  #exec (word: string): Test {
    const command: string[] = []
    for (;;) {
      const next = this.#value(word)
      if (next === ';') break
      if (next === '+' && command.at(-1) === '{}') return this.#execMany(command.slice(0, -1))
      command.push(next)
    }
    if (command.length === 0) throw new UsageError(`missing argument to '${word}'`)
    return async ({ path }) => {
      await this.#tool.flush()
      return await runCommand(this.#tool, command.map(part => part.replaceAll('{}', path))) === 0
    }
  }

  #execMany (command: readonly string[]): Test {
    let paths: string[] = []
    const release = async (): Promise<void> => {
      if (paths.length === 0) return
      await this.#tool.flush()
      const status = await runCommand(this.#tool, [...command, ...paths])
      if (status !== 0) this.#tool.complain(`${command[0]!} failed with ${status}`)
      paths = []
    }
    this.#finishes.push(release)
    return async ({ path }) => {
      paths.push(path)
      if (paths.length >= ARGUMENTS_AT_ONCE) await release()
      return true
    }
  }
}

const ARGUMENTS_AT_ONCE = 1000

function matcher (pattern: string, ignoreCase: boolean): (text: string) => boolean {
  if (!ignoreCase) return text => matchesPattern(pattern, text)
  const expression = new RegExp(`^(?:${patternSource(pattern.toLowerCase())})$`, 's')
  return text => expression.test(text.toLowerCase())
}

function compared (value: number, sign: string, other: number): boolean {
  return sign === '+' ? value > other : sign === '-' ? value < other : value === other
}

function formatted (format: string, { path, name, stat, depth, start }: Found): string {
  const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('%', '%%')
  return format.replace(/%([pfhsdyPTtmni%])(@|[A-Z])?/g, (whole, letter: string, more: string | undefined) => {
    const rest = letter === 'T' ? '' : more ?? ''
    switch (letter) {
      case 'p': return escaped(path) + rest
      case 'f': return escaped(name) + rest
      case 'h': return escaped(path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.') + rest
      case 'P': return escaped(path === start ? '' : path.slice(start.length + (start.endsWith('/') ? 0 : 1))) + rest
      case 's': return String(stat.size) + rest
      case 'd': return String(depth) + rest
      case 'i': return String(stat.inode) + rest
      case 'n': return String(stat.links) + rest
      case 'm': return (stat.type === 'directory' ? '777' : '666') + rest
      case 'y': return ({ file: 'f', directory: 'd', symlink: 'l', device: 'c', other: 'p' } as const)[stat.type] + rest
      case 't': return formatTime('%c', stat.modifiedMs) + rest
      case 'T': return more === '@' ? String(stat.modifiedMs / 1000) : more === undefined ? whole : formatTime(`%${more}`, stat.modifiedMs)
      default: return `%%${rest}`
    }
  })
}

/** Runs a command to its end; its status. */
async function runCommand (tool: Tool, words: readonly string[], input?: number): Promise<number> {
  const { calls } = tool
  const path = await findCommand(calls, words[0]!)
  if (path === undefined) {
    tool.complain(`${words[0]!}: No such file or directory`, 127)
    return 127
  }
  try {
    const process = await spawnWith(calls, path, words, input)
    return (await calls.wait(process)).status
  } catch (error) {
    tool.complainOf(words[0]!, error, 126)
    return 126
  }
}

async function spawnWith (calls: TaskCalls, path: string, words: readonly string[], input: number | undefined): Promise<number> {
  return await calls.spawn(path, { args: words, descriptors: [input ?? 0, 1, 2] })
}

export const xargs: Command = async tool => {
  const options = tool.options({
    letters: 'n:L:I:i0rtP:d:s:a:x', long: { 'max-args': 'n', 'max-lines': 'L', replace: 'I', null: '0', 'no-run-if-empty': 'r', verbose: 't', 'max-procs': 'P', delimiter: 'd', 'arg-file': 'a' },
    stopAtOperand: true
  })
  const command = options.operands.length === 0 ? ['echo'] : options.operands
  const replace = options.value('I') ?? (options.has('i') ? '{}' : undefined)
  const delimiter = options.has('0') ? '\0' : options.value('d')?.replace('\\n', '\n').replace('\\t', '\t').replace('\\0', '\0')
  const most = replace !== undefined ? 1 : Number(options.value('n') ?? options.value('L') ?? ARGUMENTS_AT_ONCE)
  const parallel = Math.max(1, Number(options.value('P') ?? 1))
  const nothing = await tool.calls.open('/dev/null')
  const running = new Set<Promise<void>>()
  let status = 0
  let started = 0
  const start = async (words: readonly string[]): Promise<void> => {
    started++
    const whole = replace === undefined ? [...command, ...words] : command.map(word => word.replaceAll(replace, words[0]!))
    if (options.has('t')) await tool.calls.write(2, `${whole.join(' ')}\n`)
    while (running.size >= parallel) await Promise.race(running)
    const one: Promise<void> = runCommand(tool, whole, nothing).then(ended => {
      running.delete(one)
      if (ended !== 0) status = ended >= 126 && ended <= 127 ? ended : 123
    })
    running.add(one)
    if (parallel === 1) await one
  }
  const words: string[] = []
  for await (const item of itemsOf(tool, options.value('a') ?? '-', delimiter, replace !== undefined || options.has('L'))) {
    words.push(...item)
    while (words.length >= most) await start(words.splice(0, most))
  }
  if (words.length > 0 || (started === 0 && !options.has('r') && replace === undefined)) await start(words)
  await Promise.all(running)
  return status
}

/** The arguments that standard input gives, a line at a time. */
async function * itemsOf (tool: Tool, path: string, delimiter: string | undefined, whole: boolean): AsyncGenerator<string[]> {
  if (delimiter !== undefined) {
    for await (const item of tool.lines(path, delimiter)) yield [delimiter === '\n' ? item : item]
    return
  }
  for await (const line of tool.lines(path)) {
    if (whole) {
      if (line.trim() !== '') yield [line.trimStart()]
      continue
    }
    const items: string[] = []
    for (const found of line.matchAll(/(?:'[^']*'|"[^"]*"|\\[^]|[^\s'"\\])+/g)) {
      items.push(found[0].replace(/'([^']*)'|"([^"]*)"|\\([^])/g, (_, a?: string, b?: string, c?: string) => a ?? b ?? c ?? ''))
    }
    yield items
  }
}
