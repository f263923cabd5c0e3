/** cut, tr, sort, uniq, paste, fold, comm, shuf, split: lines and their fields. Source: POSIX.1-2024; GNU coreutils. */

import { UsageError } from '../library/options.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { HELD_BYTES_MAX } from '../limits.ts'
import { decodeText, encodeText } from '../text/bytes.ts'
import { characterClasses } from '../text/pattern.ts'
import { unescape } from '../text/printf.ts'

type Range = readonly [from: number, to: number]

function rangesOf (list: string): Range[] {
  return list.split(',').map(part => {
    const found = /^(\d*)(-?)(\d*)$/.exec(part)
    if (found === null || (found[1] === '' && found[3] === '')) throw new UsageError(`invalid field value '${part}'`)
    const from = found[1] === '' ? 1 : Number(found[1])
    const to = found[2] === '' ? from : found[3] === '' ? Infinity : Number(found[3])
    if (from === 0) throw new UsageError('fields are numbered from 1')
    if (to < from) throw new UsageError('invalid decreasing range')
    return [from, to] as const
  }).toSorted((a, b) => a[0] - b[0])
}

export const cut: Command = async tool => {
  const options = tool.options({ letters: 'f:d:c:b:sn', long: { fields: 'f', delimiter: 'd', characters: 'c', bytes: 'b', 'only-delimited': 's', complement: 'complement', 'output-delimiter': 'output:' } })
  const list = options.value('f') ?? options.value('c') ?? options.value('b')
  if (list === undefined) throw new UsageError('you must specify a list of bytes, characters, or fields')
  const ranges = rangesOf(list)
  const chosen = (at: number): boolean => ranges.some(([from, to]) => at >= from && at <= to) !== options.has('complement')
  const delimiter = options.value('d') ?? '\t'
  if (options.has('f') && [...delimiter].length !== 1) throw new UsageError('the delimiter must be a single character')
  await tool.forEach(options.operands, async path => {
    for await (const line of tool.lines(path)) {
      if (options.has('f')) {
        if (!line.includes(delimiter)) {
          if (!options.has('s')) await tool.print(`${line}\n`)
          continue
        }
        await tool.print(`${line.split(delimiter).filter((_, at) => chosen(at + 1)).join(delimiter)}\n`)
      } else if (options.has('b')) {
        await tool.print(encodeText(line).filter((_, at) => chosen(at + 1)))
        await tool.print('\n')
      } else {
        await tool.print(`${[...line].filter((_, at) => chosen(at + 1)).join('')}\n`)
      }
    }
  })
  return 0
}

/** The characters of a set of `tr`. */
function trSet (text: string): { characters: string[], classes: boolean } {
  const plain = decodeText(Uint8Array.from(unescape(text.replaceAll('\\-', '\\055'), 'any').bytes))
  const out: string[] = []
  let classes = false
  const chars = [...plain]
  for (let at = 0; at < chars.length; at++) {
    const rest = chars.slice(at).join('')
    const named = /^\[:(\w+):\]/.exec(rest)
    if (named !== null && named[1]! in characterClasses) {
      const member = new RegExp(`[${characterClasses[named[1]!]!}]`)
      for (let code = 0; code < 128; code++) if (member.test(String.fromCharCode(code))) out.push(String.fromCharCode(code))
      classes = true
      at += named[0].length - 1
      continue
    }
    const repeated = /^\[(.)\*(\d*)\]/s.exec(rest)
    if (repeated !== null) {
      out.push(...Array<string>(Math.min(65536, Number(repeated[2] === '' ? 1 : repeated[2]))).fill(repeated[1]!))
      at += repeated[0].length - 1
      continue
    }
    if (chars[at + 1] === '-' && at + 2 < chars.length) {
      const [from, to] = [chars[at]!.codePointAt(0)!, chars[at + 2]!.codePointAt(0)!]
      if (from > to) throw new Failure(`range-endpoints of '${chars[at]!}-${chars[at + 2]!}' are in reverse collating sequence order`)
      for (let code = from; code <= to; code++) out.push(String.fromCodePoint(code))
      at += 2
      continue
    }
    out.push(chars[at]!)
  }
  return { characters: out, classes }
}

export const tr: Command = async tool => {
  const options = tool.options({ letters: 'cCdst', long: { complement: 'c', delete: 'd', 'squeeze-repeats': 's', 'truncate-set1': 't' }, stopAtOperand: true })
  const [first, second] = options.operands
  if (first === undefined) throw new UsageError('missing operand')
  const remove = options.has('d')
  if (second === undefined && !remove && !options.has('s')) throw new UsageError(`missing operand after '${first}'`)
  const from = trSet(first)
  const to = second === undefined ? null : trSet(second)
  const inFirst = new Set(from.characters)
  const complement = options.has('c') || options.has('C')
  const matches = (char: string): boolean => inFirst.has(char) !== complement
  const table = new Map<string, string>()
  if (to !== null && !remove && !complement) {
    const last = to.characters.at(-1) ?? ''
    for (const [at, char] of from.characters.entries()) table.set(char, to.characters[at] ?? last)
  }
  const squeezed = options.has('s') ? new Set(to === null ? from.characters : to.characters) : null
  const squeezes = (char: string): boolean => squeezed !== null && (to === null && complement ? !squeezed.has(char) : squeezed.has(char))
  let before = ''
  for await (const text of charactersOf(tool)) {
    let out = ''
    for (const char of text) {
      if (remove && matches(char)) continue
      const changed = remove || to === null ? char : complement ? matches(char) ? to.characters.at(-1)! : char : table.get(char) ?? char
      if (changed === before && squeezes(changed)) continue
      before = changed
      out += changed
    }
    await tool.print(out)
  }
  return 0
}

/** Standard input as texts that end nowhere within a character. */
async function * charactersOf (tool: Tool): AsyncGenerator<string> {
  let rest = new Uint8Array(0)
  for await (const piece of tool.read('-')) {
    const whole = new Uint8Array(rest.length + piece.length)
    whole.set(rest)
    whole.set(piece, rest.length)
    // Up to three bytes at the end may be the beginning of a character.
    let end = whole.length
    for (let back = 1; back <= Math.min(3, whole.length); back++) {
      const byte = whole[whole.length - back]!
      if (byte < 0x80) break
      if (byte >= 0xc0) {
        if (back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2)) end = whole.length - back
        break
      }
    }
    yield decodeText(whole.subarray(0, end))
    rest = whole.slice(end)
  }
  if (rest.length > 0) yield decodeText(rest)
}

interface Key {
  readonly from: readonly [field: number, character: number]
  readonly to: readonly [field: number, character: number] | null
  readonly flags: string
}

function keyOf (text: string): Key {
  const found = /^(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*)(?:,(\d+)(?:\.(\d+))?([bdfgiMhnRrV]*))?$/.exec(text)
  if (found === null || found[1] === '0') throw new UsageError(`invalid number at field start: '${text}'`)
  return {
    from: [Number(found[1]), Number(found[2] ?? 1)],
    to: found[4] === undefined ? null : [Number(found[4]), Number(found[5] ?? 0)],
    flags: `${found[3] ?? ''}${found[6] ?? ''}`
  }
}

export const sort: Command = async tool => {
  const options = tool.options({
    letters: 'rnufbdghiVRcCmso:k:t:zS:T:M', long: {
      reverse: 'r', 'numeric-sort': 'n', unique: 'u', 'ignore-case': 'f', 'ignore-leading-blanks': 'b', 'human-numeric-sort': 'h', 'version-sort': 'V',
      output: 'o', key: 'k', 'field-separator': 't', 'zero-terminated': 'z', check: 'c', stable: 's', 'random-sort': 'R'
    }
  })
  const end = options.has('z') ? '\0' : '\n'
  const keys = options.values('k').map(keyOf)
  const separator = options.value('t') === '\\0' ? '\0' : options.value('t')
  const globalFlags = ['n', 'f', 'g', 'h', 'V', 'b', 'd', 'i', 'M'].filter(letter => options.has(letter)).join('')
  const reverse = options.has('r')
  const compareKeys = keys.length === 0
    ? [comparison(globalFlags, reverse, line => line)]
    : keys.map(key => {
        const flags = /[a-zA-Z]/.test(key.flags.replace('r', '').replace('b', '')) || key.flags.includes('r') ? key.flags : `${globalFlags}${key.flags}`
        return comparison(flags, key.flags.includes('r') || (key.flags === '' && reverse), line => keyText(line, key, separator, flags.includes('b')))
      })
  const byKeys = (a: string, b: string): number => {
    for (const compare of compareKeys) {
      const order = compare(a, b)
      if (order !== 0) return order
    }
    return 0
  }
  const compare = (a: string, b: string): number => {
    const order = byKeys(a, b)
    if (order !== 0 || options.has('s') || options.has('u')) return order
    return reverse ? byBytes(b, a) : byBytes(a, b)
  }
  const lines: string[] = []
  let size = 0
  for (const path of options.operands.length === 0 ? ['-'] : options.operands) {
    try {
      for await (const line of tool.lines(path, end)) {
        lines.push(line)
        size += line.length
        if (size > HELD_BYTES_MAX) throw new Failure(`more than ${HELD_BYTES_MAX} bytes to sort`, 2)
      }
    } catch (error) {
      if (error instanceof Failure) throw error
      tool.complainOf(`cannot read: ${path}`, error, 2)
      return 2
    }
  }
  if (options.has('c') || options.has('C')) {
    const at = lines.findIndex((line, index) => index > 0 && (options.has('u') ? byKeys(lines[index - 1]!, line) >= 0 : compare(lines[index - 1]!, line) > 0))
    if (at < 0) return 0
    if (options.has('c')) tool.complain(`${options.operands[0] ?? '-'}:${at + 1}: disorder: ${lines[at]!}`)
    return 1
  }
  if (options.has('R')) {
    const words = new Uint32Array((await tool.calls.random(4 * lines.length)).buffer)
    const order = lines.map((line, at) => [words[at]!, line] as const).toSorted((a, b) => a[0] - b[0]).map(([, line]) => line)
    return await write(tool, options.value('o'), order, end)
  }
  lines.sort(compare)
  const kept = options.has('u') ? lines.filter((line, at) => at === 0 || byKeys(lines[at - 1]!, line) !== 0) : lines
  return await write(tool, options.value('o'), kept, end)
}

async function write (tool: Tool, path: string | undefined, lines: readonly string[], end: string): Promise<number> {
  const fd = path === undefined ? 1 : await tool.calls.open(path, { write: true, create: true, truncate: true })
  for (let at = 0; at < lines.length; at += LINES_PER_WRITE) {
    await tool.calls.write(fd, encodeText(lines.slice(at, at + LINES_PER_WRITE).map(line => `${line}${end}`).join('')))
  }
  return 0
}

const LINES_PER_WRITE = 1024

/** The order of the C locale: by bytes, which for texts of UTF-8 is by code points. */
function byBytes (a: string, b: string): number {
  if (a === b) return 0
  for (let at = 0; at < a.length && at < b.length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (x !== y) {
      // A surrogate stands for what is above all others.
      const high = (code: number): number => code >= 0xd800 && code <= 0xdfff ? code + 0x10000 : code
      return high(x) - high(y)
    }
  }
  return a.length - b.length
}

function comparison (flags: string, reverse: boolean, key: (line: string) => string): (a: string, b: string) => number {
  const sign = reverse ? -1 : 1
  const prepared = (line: string): string => {
    let text = key(line)
    if (flags.includes('b')) text = text.trimStart()
    if (flags.includes('d')) text = text.replace(/[^\w\s]|_/g, '')
    if (flags.includes('f')) text = text.toUpperCase()
    return text
  }
  if (flags.includes('n') || flags.includes('h')) return (a, b) => sign * (numeric(prepared(a), flags) - numeric(prepared(b), flags))
  if (flags.includes('g')) return (a, b) => sign * (general(prepared(a)) - general(prepared(b)) || 0)
  if (flags.includes('M')) return (a, b) => sign * (monthOf(prepared(a)) - monthOf(prepared(b)))
  if (flags.includes('V')) return (a, b) => sign * byVersion(prepared(a), prepared(b))
  return (a, b) => sign * byBytes(prepared(a), prepared(b))
}

function numeric (text: string, flags: string): number {
  const found = /^\s*(-?\d*\.?\d*)([KMGTPE]?)/.exec(text)
  const value = Number(found?.[1] === '' || found?.[1] === '-' || found?.[1] === '.' ? 0 : found?.[1] ?? 0)
  if (!flags.includes('h') || found === null || found[2] === '') return Number.isNaN(value) ? 0 : value
  return value * 1024 ** ('KMGTPE'.indexOf(found[2]!) + 1)
}

function general (text: string): number {
  const value = Number.parseFloat(text)
  return Number.isNaN(value) ? -Infinity : value
}

function monthOf (text: string): number {
  return ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'].indexOf(text.trimStart().slice(0, 3).toUpperCase())
}

function byVersion (a: string, b: string): number {
  const parts = (text: string): string[] => text.match(/\d+|\D+/g) ?? []
  const [x, y] = [parts(a), parts(b)]
  for (let at = 0; at < Math.min(x.length, y.length); at++) {
    const numbers = /^\d/.test(x[at]!) && /^\d/.test(y[at]!)
    const order = numbers ? Number(x[at]) - Number(y[at]) : byBytes(x[at]!, y[at]!)
    if (order !== 0) return order
  }
  return x.length - y.length
}

/** The part of a line that a key names. */
function keyText (line: string, { from, to }: Key, separator: string | undefined, skipBlanks: boolean): string {
  const fields = separator === undefined ? line.match(/\s*\S+|\s+$/g) ?? [] : line.split(separator)
  const start = (field: number): number => separator === undefined
    ? fields.slice(0, field - 1).reduce((sum, text) => sum + text.length, 0)
    : fields.slice(0, field - 1).reduce((sum, text) => sum + text.length + 1, 0)
  let begin = Math.min(line.length, start(from[0]))
  if (skipBlanks) while (/\s/.test(line[begin] ?? '')) begin++
  begin += from[1] - 1
  if (to === null) return line.slice(begin)
  const end = to[1] === 0 ? start(to[0]) + (fields[to[0] - 1]?.length ?? 0) : start(to[0]) + to[1]
  return line.slice(begin, Math.max(begin, end))
}

export const uniq: Command = async tool => {
  const options = tool.options({ letters: 'cduif:s:w:z', long: { count: 'c', repeated: 'd', unique: 'u', 'ignore-case': 'i', 'skip-fields': 'f', 'skip-chars': 's', 'check-chars': 'w' } })
  const key = (line: string): string => {
    let text = line
    for (let skip = Number(options.value('f') ?? 0); skip > 0; skip--) text = text.replace(/^\s*\S+/, '')
    text = text.slice(Number(options.value('s') ?? 0), options.value('w') === undefined ? undefined : Number(options.value('s') ?? 0) + Number(options.value('w')))
    return options.has('i') ? text.toLowerCase() : text
  }
  const out = options.operands[1] === undefined ? 1 : await tool.calls.open(options.operands[1], { write: true, create: true, truncate: true })
  const put = async (text: string): Promise<void> => { await (out === 1 ? tool.print(text) : tool.calls.write(out, encodeText(text))) }
  let held: string | null = null
  let count = 0
  const release = async (): Promise<void> => {
    if (held === null || (options.has('d') && count < 2) || (options.has('u') && count > 1)) return
    await put(`${options.has('c') ? `${String(count).padStart(7)} ` : ''}${held}\n`)
  }
  for await (const line of tool.lines(options.operands[0] ?? '-')) {
    if (held !== null && key(line) === key(held)) {
      count++
      continue
    }
    await release()
    held = line
    count = 1
  }
  await release()
  return 0
}

export const paste: Command = async tool => {
  const options = tool.options({ letters: 'd:sz', long: { delimiters: 'd', serial: 's' } })
  const given = decodeText(Uint8Array.from(unescape((options.value('d') ?? '\t').replaceAll('\\0', ''), 'any').bytes))
  const delimiters = [...given]
  const between = (at: number): string => delimiters.length === 0 ? '' : delimiters[at % delimiters.length]!
  const operands = options.operands.length === 0 ? ['-'] : options.operands
  if (options.has('s')) {
    await tool.forEach(operands, async path => {
      let at = 0
      for await (const line of tool.lines(path)) await tool.print(`${at++ === 0 ? '' : between(at - 2)}${line}`)
      await tool.print('\n')
    })
    return 0
  }
  const shared = tool.lines('-')
  const sources = operands.map(path => path === '-' ? shared : tool.lines(path))
  for (;;) {
    const row: (string | undefined)[] = []
    for (const source of sources) {
      const next = await source.next()
      row.push(next.done === true ? undefined : next.value)
    }
    if (row.every(line => line === undefined)) return 0
    await tool.print(`${row.map((line, at) => `${at === 0 ? '' : between(at - 1)}${line ?? ''}`).join('')}\n`)
  }
}

export const fold: Command = async tool => {
  const options = tool.options({ letters: 'w:sb', long: { width: 'w', spaces: 's', bytes: 'b' }, number: 'w' })
  const width = Math.max(1, Number(options.value('w') ?? 80))
  await tool.forEach(options.operands, async path => {
    for await (const line of tool.lines(path)) {
      let rest = [...line]
      while (rest.length > width) {
        const space = options.has('s') ? rest.slice(0, width).lastIndexOf(' ') : -1
        const cutAt = space > 0 ? space + 1 : width
        await tool.print(`${rest.slice(0, cutAt).join('')}\n`)
        rest = rest.slice(cutAt)
      }
      await tool.print(`${rest.join('')}\n`)
    }
  })
  return 0
}

export const comm: Command = async tool => {
  const options = tool.options({ letters: '123' })
  const [a, b] = options.operands
  if (a === undefined || b === undefined) throw new UsageError('give two files')
  const [left, right] = [tool.lines(a), tool.lines(b)]
  const indent = (column: 1 | 2 | 3): string => ([1, 2, 3] as const).filter(one => one < column && !options.has(String(one))).map(() => '\t').join('')
  const put = async (column: 1 | 2 | 3, line: string): Promise<void> => { if (!options.has(String(column))) await tool.print(`${indent(column)}${line}\n`) }
  let [x, y] = [await left.next(), await right.next()]
  while (x.done !== true || y.done !== true) {
    const order = x.done === true ? 1 : y.done === true ? -1 : byBytes(x.value, y.value)
    if (order < 0) await put(1, x.value as string)
    else if (order > 0) await put(2, y.value as string)
    else await put(3, x.value as string)
    if (order <= 0) x = await left.next()
    if (order >= 0) y = await right.next()
  }
  return 0
}

export const shuf: Command = async tool => {
  const options = tool.options({ letters: 'n:i:e', long: { 'head-count': 'n', 'input-range': 'i', echo: 'e' } })
  const range = /^(\d+)-(\d+)$/.exec(options.value('i') ?? '')
  const lines: string[] = []
  if (range !== null) for (let value = Number(range[1]); value <= Number(range[2]); value++) lines.push(String(value))
  else if (options.has('e')) lines.push(...options.operands)
  else for await (const line of tool.lines(options.operands[0] ?? '-')) lines.push(line)
  for (let at = lines.length - 1; at > 0; at--) {
    const other = new DataView((await tool.calls.random(4)).buffer).getUint32(0) % (at + 1)
    ;[lines[at], lines[other]] = [lines[other]!, lines[at]!]
  }
  return await write(tool, undefined, lines.slice(0, Number(options.value('n') ?? lines.length)), '\n')
}

const SPLIT_FILES_MAX = 676

export const split: Command = async tool => {
  const options = tool.options({ letters: 'l:b:a:d', long: { lines: 'l', bytes: 'b', 'numeric-suffixes': 'd' }, number: 'l' })
  const prefix = options.operands[1] ?? 'x'
  const bytes = /^(\d+)([KMk]?)$/.exec(options.value('b') ?? '')
  const limit = bytes === null ? Number(options.value('l') ?? 1000) : Number(bytes[1]) * (bytes[2] === '' ? 1 : bytes[2]!.toUpperCase() === 'K' ? 1024 : 1024 * 1024)
  const name = (at: number): string => `${prefix}${options.has('d') ? String(at).padStart(2, '0') : String.fromCharCode(97 + Math.floor(at / 26), 97 + at % 26)}`
  let [at, used, fd] = [0, 0, -1]
  const put = async (piece: Uint8Array, weight: number): Promise<void> => {
    if (fd < 0 || used >= limit) {
      if (fd >= 0) await tool.calls.close(fd)
      if (at >= SPLIT_FILES_MAX) throw new Failure('output file suffixes exhausted')
      fd = await tool.calls.open(name(at++), { write: true, create: true, truncate: true })
      used = 0
    }
    await tool.calls.write(fd, piece)
    used += weight
  }
  if (bytes === null) for await (const line of tool.lines(options.operands[0] ?? '-')) await put(encodeText(`${line}\n`), 1)
  else {
    for await (const piece of tool.read(options.operands[0] ?? '-')) {
      for (let from = 0; from < piece.length;) {
        const room = fd < 0 || used >= limit ? limit : limit - used
        await put(piece.subarray(from, from + room), Math.min(room, piece.length - from))
        from += room
      }
    }
  }
  return 0
}
