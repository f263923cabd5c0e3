/**
 * grep: lines that match, as they come.
 *
 * Source: POSIX.1-2024, grep; GNU grep manual. Not there: -P, -f with binary patterns, --include of a path with slashes.
 */

import { describe } from '../library/errors.ts'
import { UsageError } from '../library/options.ts'
import type { Parsed } from '../library/options.ts'
import { baseName, joined } from '../library/path.ts'
import type { Command, Tool } from '../library/tool.ts'
import { TREE_DEPTH_MAX } from '../limits.ts'
import { matchesPattern } from '../text/pattern.ts'
import { posixRegExp, regexSource } from '../text/posix-regex.ts'

export const grep: Command = async tool => await run(tool, tool.name === 'egrep' ? 'E' : tool.name === 'fgrep' ? 'F' : '')

const longOptions = {
  'extended-regexp': 'E', 'fixed-strings': 'F', 'basic-regexp': 'G', regexp: 'e', file: 'f', 'ignore-case': 'i', 'word-regexp': 'w', 'line-regexp': 'x',
  'invert-match': 'v', count: 'c', 'files-with-matches': 'l', 'files-without-match': 'L', 'max-count': 'm', 'only-matching': 'o', quiet: 'q', silent: 'q',
  'no-messages': 's', 'line-number': 'n', 'with-filename': 'H', 'no-filename': 'h', recursive: 'r', 'after-context': 'A', 'before-context': 'B', context: 'C',
  color: 'colour', colour: 'colour', include: 'include:', exclude: 'exclude:', 'exclude-dir': 'exclude-dir:', text: 'a', 'byte-offset': 'b', null: 'Z', 'line-buffered': 'buffered'
}

interface Search {
  readonly expression: RegExp
  readonly options: Parsed
  readonly named: boolean
  readonly before: number
  readonly after: number
  readonly most: number
  readonly colour: boolean
}

async function run (tool: Tool, preset: string): Promise<number> {
  const options = tool.options({ letters: 'EFGe:f:iwxvclLm:oqsnHhrRA:B:C:aIbZyTU', long: longOptions, number: 'C' })
  const operands = [...options.operands]
  const patterns = options.values('e').flatMap(text => text.split('\n'))
  for (const path of options.values('f')) for await (const line of tool.lines(path)) patterns.push(line)
  if (!options.has('e') && !options.has('f')) {
    const first = operands.shift()
    if (first === undefined) throw new UsageError('usage: grep [OPTION]... PATTERNS [FILE]...')
    patterns.push(...first.split('\n'))
  }
  const recursive = options.has('r') || options.has('R')
  if (operands.length === 0) operands.push(recursive ? '.' : '-')
  const context = options.value('C')
  const colour = options.value('colour')
  const search: Search = {
    expression: expressionOf(patterns, options, preset),
    options,
    named: options.has('H') || (!options.has('h') && (operands.length > 1 || recursive)),
    before: Number(options.value('B') ?? context ?? 0),
    after: Number(options.value('A') ?? context ?? 0),
    most: Number(options.value('m') ?? Infinity),
    colour: colour === 'always' || (colour !== 'never' && (options.has('colour') || tool.env['TERM'] !== undefined) && await tool.calls.isTerminal(1))
  }
  let found = false
  let failed = false
  const one = async (path: string): Promise<boolean> => {
    try {
      if (await searchFile(tool, path, search)) found = true
      return found && options.has('q')
    } catch (error) {
      failed = true
      if (!options.has('s')) tool.complainOf(path, error, 2)
      return false
    }
  }
  for (const operand of operands) {
    const stat = operand === '-' ? null : await tool.calls.stat(operand).catch(() => null)
    if (stat?.type === 'directory') {
      if (!recursive) {
        if (!options.has('s')) tool.complain(`${operand}: Is a directory`, 2)
        failed = true
      } else if (await walk(tool, operand, options, one, 0)) break
    } else if (await one(operand)) break
  }
  if (found && options.has('q')) return 0
  return failed ? 2 : found ? 0 : 1
}


function expressionOf (patterns: readonly string[], options: Parsed, preset: string): RegExp {
  const extended = options.has('E') || (preset === 'E' && !options.has('G'))
  const fixed = options.has('F') || (preset === 'F' && !options.has('G') && !options.has('E'))
  const ignoreCase = options.has('i') || options.has('y')
  const sources = patterns.map(pattern => {
    // Each is checked alone, so that a message is about it, and its groups end in it.
    posixRegExp(pattern, { extended, fixed, ignoreCase })
    return regexSource(pattern, { extended, fixed, ignoreCase })
  })
  const any = sources.length === 1 ? sources[0]! : sources.map(source => `(?:${source})`).join('|')
  const whole = options.has('x') ? `^(?:${any})$` : options.has('w') ? `(?<![\\w])(?:${any})(?![\\w])` : any
  // No pattern at all matches nothing.
  return new RegExp(patterns.length === 0 ? '(?!)' : whole, 'g')
}

async function walk (tool: Tool, path: string, options: Parsed, one: (path: string) => Promise<boolean>, depth: number): Promise<boolean> {
  if (depth > TREE_DEPTH_MAX) return false
  let entries
  try {
    entries = await tool.calls.readdir(path)
  } catch (error) {
    tool.complain(`${path}: ${describe(error)}`, 2)
    return false
  }
  for (const { name, type } of entries) {
    const inner = path === '.' && options.operands.length <= 1 && !options.operands.includes('.') ? name : joined(path, name)
    if (type === 'directory') {
      if (options.values('exclude-dir').some(pattern => matchesPattern(pattern, baseName(name)))) continue
      if (await walk(tool, inner, options, one, depth + 1)) return true
    } else if (type === 'file') {
      const included = options.values('include')
      if (included.length > 0 && !included.some(pattern => matchesPattern(pattern, name))) continue
      if (options.values('exclude').some(pattern => matchesPattern(pattern, name))) continue
      if (await one(inner)) return true
    }
  }
  return false
}

async function searchFile (tool: Tool, path: string, search: Search): Promise<boolean> {
  const { expression, options, before, after, most } = search
  const invert = options.has('v')
  const quiet = options.has('q') || options.has('l') || options.has('L')
  const counting = options.has('c')
  const shownName = path === '-' ? '(standard input)' : path
  let [number, count, left, printedAt] = [0, 0, 0, 0]
  const earlier: [number, string][] = []
  const prefix = (line: number, separator: string): string =>
    `${search.named ? `${paint(shownName, '35', search)}${paint(separator, '36', search)}` : ''}${options.has('n') ? `${paint(String(line), '32', search)}${paint(separator, '36', search)}` : ''}`
  const put = async (line: number, text: string, separator: string): Promise<void> => {
    if ((before > 0 || after > 0) && printedAt > 0 && line > printedAt + 1) await tool.print(`${paint('--', '36', search)}\n`)
    printedAt = line
    await tool.print(`${prefix(line, separator)}${text}\n`)
  }
  for await (const text of tool.lines(path)) {
    number++
    if (number === 1 && text.includes('\0') && !options.has('a')) {
      return await searchBinary(tool, path, search)
    }
    expression.lastIndex = 0
    if (expression.test(text) !== invert) {
      count++
      if (quiet) break
      if (!counting) {
        for (const [at, line] of earlier.splice(0)) await put(at, line, '-')
        expression.lastIndex = 0
        if (!options.has('o')) await put(number, search.colour && !invert ? painted(text, search) : text, ':')
        else if (!invert) {
          for (const match of text.matchAll(expression)) if (match[0] !== '') await tool.print(`${prefix(number, ':')}${paint(match[0], '1;31', search)}\n`)
        }
        left = after
      }
      if (count >= most) break
    } else if (left > 0 && !counting && !quiet) {
      left--
      await put(number, text, '-')
    } else if (before > 0) {
      earlier.push([number, text])
      if (earlier.length > before) earlier.shift()
    }
  }
  if (counting && !quiet) await tool.print(`${search.named ? `${shownName}:` : ''}${count}\n`)
  if ((options.has('l') && count > 0) || (options.has('L') && count === 0)) await tool.print(`${shownName}${options.has('Z') ? '\0' : '\n'}`)
  return options.has('L') ? count === 0 : count > 0
}

async function searchBinary (tool: Tool, path: string, { expression, options }: Search): Promise<boolean> {
  for await (const text of tool.lines(path)) {
    expression.lastIndex = 0
    if (expression.test(text) === options.has('v')) continue
    if (options.has('l')) await tool.print(`${path}\n`)
    else if (!options.has('q') && !options.has('c')) await tool.print(`grep: ${path}: binary file matches\n`)
    return true
  }
  return false
}

function paint (text: string, code: string, { colour }: Search): string {
  return colour ? `\x1b[${code}m${text}\x1b[0m` : text
}

function painted (text: string, search: Search): string {
  return text.replace(search.expression, match => match === '' ? '' : paint(match, '1;31', search))
}
