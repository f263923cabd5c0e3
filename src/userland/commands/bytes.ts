/** hexdump, xxd, od, base64, cmp, cksum, strings, dd, expr: bytes and small sums. Source: POSIX.1-2024; GNU coreutils; vim's xxd. */

import { UsageError } from '../library/options.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { describe } from '../library/errors.ts'
import { posixRegExp } from '../text/posix-regex.ts'

const hex = (value: number, width: number): string => value.toString(16).padStart(width, '0')
const visible = (bytes: Uint8Array): string => [...bytes].map(byte => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : '.').join('')

/** Pieces of exactly `size` bytes, the last one shorter, of all operands together. */
async function * rows (tool: Tool, operands: readonly string[], size: number, skip = 0, most = Infinity): AsyncGenerator<Uint8Array> {
  let [rest, left, passed] = [new Uint8Array(0) as Uint8Array, most, skip]
  for (const path of operands.length === 0 ? ['-'] : operands) {
    for await (const piece of tool.read(path)) {
      const from = Math.min(passed, piece.length)
      passed -= from
      const part = piece.subarray(from, Math.min(piece.length, from + left))
      left -= part.length
      const whole = new Uint8Array(rest.length + part.length)
      whole.set(rest)
      whole.set(part, rest.length)
      let at = 0
      for (; at + size <= whole.length; at += size) yield whole.subarray(at, at + size)
      rest = whole.slice(at)
      if (left === 0) break
    }
  }
  if (rest.length > 0) yield rest
}

export const hexdump: Command = async tool => {
  const options = tool.options({ letters: 'Cn:s:v', long: { canonical: 'C', length: 'n', skip: 's' } })
  const skip = Number(options.value('s') ?? 0)
  let at = skip
  let before = ''
  let starred = false
  for await (const row of rows(tool, options.operands, 16, skip, Number(options.value('n') ?? Infinity))) {
    const text = options.has('C')
      ? `  ${[...row].map((byte, index) => `${hex(byte, 2)}${index === 7 ? ' ' : ''}`).join(' ').padEnd(49)} |${visible(row)}|`
      : ` ${Array.from({ length: Math.ceil(row.length / 2) }, (_, index) => hex(row[2 * index]! | (row[2 * index + 1] ?? 0) << 8, 4)).join(' ')}`
    if (row.length === 16 && text === before && !options.has('v')) {
      if (!starred) await tool.print('*\n')
      starred = true
    } else {
      await tool.print(`${hex(at, options.has('C') ? 8 : 7)}${text}\n`)
      starred = false
    }
    before = text
    at += row.length
  }
  if (at > skip) await tool.print(`${hex(at, options.has('C') ? 8 : 7)}\n`)
  return 0
}

export const xxd: Command = async tool => {
  const options = tool.options({ letters: 'pl:s:c:rug:', long: {} })
  if (options.has('r')) {
    for await (const line of tool.lines(options.operands[0] ?? '-')) {
      const digits = (options.has('p') ? line : line.replace(/^[0-9a-f]+:/i, '').split('  ')[0]!).replace(/\s/g, '')
      await tool.print(Uint8Array.from(digits.match(/../g) ?? [], pair => parseInt(pair, 16)))
    }
    return 0
  }
  const size = Math.max(1, Number(options.value('c') ?? (options.has('p') ? 30 : 16)))
  let at = Number(options.value('s') ?? 0)
  for await (const row of rows(tool, options.operands, size, at, Number(options.value('l') ?? Infinity))) {
    const digits = [...row].map(byte => options.has('u') ? hex(byte, 2).toUpperCase() : hex(byte, 2))
    if (options.has('p')) await tool.print(`${digits.join('')}\n`)
    else {
      const pairs = Array.from({ length: Math.ceil(digits.length / 2) }, (_, index) => `${digits[2 * index]!}${digits[2 * index + 1] ?? ''}`)
      await tool.print(`${hex(at, 8)}: ${pairs.join(' ').padEnd(Math.ceil(size / 2) * 5 - 1)}  ${visible(row)}\n`)
    }
    at += row.length
  }
  return 0
}

/** `od`, as far as people use it: -c, -x, -d, -o, and -A and -t with sizes of a byte or two. */
export const od: Command = async tool => {
  const options = tool.options({ letters: 'cxdobA:t:N:j:vw:a', long: { 'address-radix': 'A', format: 't', 'read-bytes': 'N', 'skip-bytes': 'j' } })
  const radix = options.value('A') ?? 'o'
  const format = options.has('c') ? 'c' : options.has('x') ? 'x2' : options.has('b') ? 'o1' : options.has('d') ? 'u2' : options.value('t') ?? 'o2'
  const address = (value: number): string => radix === 'n' ? '' : radix === 'x' ? hex(value, 6) : String(radix === 'd' ? value : value.toString(8)).padStart(7, '0')
  let at = Number(options.value('j') ?? 0)
  for await (const row of rows(tool, options.operands, 16, at, Number(options.value('N') ?? Infinity))) {
    await tool.print(`${address(at)}${odRow(row, format)}\n`)
    at += row.length
  }
  if (radix !== 'n') await tool.print(`${address(at)}\n`)
  return 0
}

const named: Readonly<Record<number, string>> = { 0: '\\0', 7: '\\a', 8: '\\b', 9: '\\t', 10: '\\n', 11: '\\v', 12: '\\f', 13: '\\r' }

function odRow (row: Uint8Array, format: string): string {
  if (format === 'c') return [...row].map(byte => (named[byte] ?? (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : byte.toString(8).padStart(3, '0'))).padStart(4)).join('')
  const found = /^([xodu])([124C]?)/.exec(format)
  if (found === null) throw new UsageError(`invalid type string '${format}'`)
  const size = found[2] === '' ? 4 : found[2] === 'C' ? 1 : Number(found[2])
  const base = { x: 16, o: 8, d: 10, u: 10 }[found[1]!]!
  const width = { x: 2 * size, o: Math.ceil(8 * size / 3), d: [0, 4, 6, 0, 11][size]!, u: [0, 3, 5, 0, 10][size]! }[found[1]!]!
  const values: string[] = []
  for (let at = 0; at < row.length; at += size) {
    let value = 0
    for (let byte = size - 1; byte >= 0; byte--) value = value * 256 + (row[at + byte] ?? 0)
    if (found[1] === 'd' && value >= 2 ** (8 * size - 1)) value -= 2 ** (8 * size)
    values.push(` ${found[1] === 'd' || found[1] === 'u' ? String(value).padStart(width) : value.toString(base).padStart(width, '0')}`)
  }
  return values.join('')
}

export const base64: Command = async tool => {
  const options = tool.options({ letters: 'diw:', long: { decode: 'd', 'ignore-garbage': 'i', wrap: 'w' } })
  if (options.has('d')) {
    let rest = ''
    for await (const text of tool.texts(options.operands[0] ?? '-')) {
      const clean = rest + text.replace(options.has('i') ? /[^A-Za-z0-9+/=]/g : /\s/g, '')
      const end = clean.length - clean.length % 4
      rest = clean.slice(end)
      await tool.print(decoded(clean.slice(0, end)))
    }
    if (rest !== '') throw new Failure('invalid input')
    return 0
  }
  const wrap = Number(options.value('w') ?? 76)
  let line = ''
  for await (const row of rows(tool, options.operands, 3 * 1024)) {
    line += btoa(Array.from(row, byte => String.fromCharCode(byte)).join(''))
    while (wrap > 0 && line.length > wrap) {
      await tool.print(`${line.slice(0, wrap)}\n`)
      line = line.slice(wrap)
    }
    if (wrap === 0) {
      await tool.print(line)
      line = ''
    }
  }
  if (line !== '') await tool.print(`${line}\n`)
  return 0
}

function decoded (text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), char => char.charCodeAt(0))
  } catch {
    throw new Failure('invalid input')
  }
}

export const cmp: Command = async tool => {
  const options = tool.options({ letters: 'slb', long: { silent: 's', quiet: 's', verbose: 'l' } })
  const [a, b = '-'] = options.operands
  if (a === undefined) throw new UsageError('give two files')
  const [left, right] = [rows(tool, [a], 4096), rows(tool, [b], 4096)]
  let [at, line, status] = [0, 1, 0]
  try {
    for (;;) {
      const [x, y] = [await left.next(), await right.next()]
      const [p, q] = [x.done === true ? none : x.value, y.done === true ? none : y.value]
      for (let index = 0; index < Math.min(p.length, q.length); index++) {
        if (p[index] !== q[index]) {
          status = 1
          if (options.has('l')) await tool.print(`${at + index + 1} ${p[index]!.toString(8).padStart(3)} ${q[index]!.toString(8).padStart(3)}\n`)
          else {
            if (!options.has('s')) await tool.print(`${a} ${b} differ: byte ${at + index + 1}, line ${line}\n`)
            return 1
          }
        }
        if (p[index] === 10) line++
      }
      at += Math.min(p.length, q.length)
      if (p.length !== q.length) {
        if (!options.has('s')) tool.complain(`EOF on ${p.length < q.length ? a : b} after byte ${at}`)
        return 1
      }
      if (p.length === 0) return status
    }
  } catch (error) {
    tool.complain(describe(error), 2)
    return 2
  }
}

const none = new Uint8Array(0)

/** Source: POSIX.1-2024, cksum: the CRC of ISO/IEC 8802-3, then the length. */
export const cksum: Command = async tool => {
  const table = Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte << 24
    for (let bit = 0; bit < 8; bit++) value = value < 0 ? value << 1 ^ 0x04c11db7 : value << 1
    return value >>> 0
  })
  await tool.forEach(tool.args, async path => {
    let [crc, length] = [0, 0]
    for await (const piece of tool.read(path)) {
      length += piece.length
      for (const byte of piece) crc = (crc << 8 ^ table[(crc >>> 24 ^ byte) & 255]!) >>> 0
    }
    for (let left = length; left > 0; left = Math.floor(left / 256)) crc = (crc << 8 ^ table[(crc >>> 24 ^ left) & 255]!) >>> 0
    await tool.print(`${~crc >>> 0} ${length}${path === '-' ? '' : ` ${path}`}\n`)
  })
  return 0
}

export const strings: Command = async tool => {
  const options = tool.options({ letters: 'n:a', long: { bytes: 'n', all: 'a' }, number: 'n' })
  const least = Number(options.value('n') ?? 4)
  await tool.forEach(options.operands, async path => {
    let run = ''
    for await (const piece of tool.read(path)) {
      for (const byte of piece) {
        if (byte === 9 || (byte >= 32 && byte < 127)) run += String.fromCharCode(byte)
        else {
          if (run.length >= least) await tool.print(`${run}\n`)
          run = ''
        }
      }
    }
    if (run.length >= least) await tool.print(`${run}\n`)
  })
  return 0
}

const BLOCK_BYTES_MAX = 16 * 1024 * 1024

export const dd: Command = async tool => {
  const given = new Map(tool.args.map(word => {
    const equals = word.indexOf('=')
    if (equals < 1) throw new UsageError(`unrecognized operand '${word}'`)
    return [word.slice(0, equals), word.slice(equals + 1)] as const
  }))
  const size = (name: string, initial: number): number => {
    const found = /^(\d+)([kKMGcwb]?)B?$/.exec(given.get(name) ?? String(initial))
    if (found === null) throw new UsageError(`invalid number: '${given.get(name)!}'`)
    return Number(found[1]) * ({ '': 1, c: 1, w: 2, b: 512, k: 1024, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[found[2]!] ?? 1)
  }
  const block = size('bs', size('ibs', 512))
  if (block < 1 || block > BLOCK_BYTES_MAX) throw new Failure(`a block of 1 to ${BLOCK_BYTES_MAX} bytes`)
  const count = given.has('count') ? size('count', 0) : Infinity
  const { calls } = tool
  const input = given.has('if') ? await calls.open(given.get('if')!) : 0
  const keep = (given.get('conv') ?? '').split(',').includes('notrunc') || given.has('seek')
  const output = given.has('of') ? await calls.open(given.get('of')!, { write: true, create: true, truncate: !keep }) : 1
  if (size('seek', 0) > 0) await calls.seek(output, size('seek', 0) * block)
  for (let left = size('skip', 0) * block; left > 0;) {
    const piece = await calls.read(input, Math.min(left, block))
    if (piece.length === 0) break
    left -= piece.length
  }
  let [whole, part, bytes] = [0, 0, 0]
  for (let at = 0; at < count; at++) {
    const piece = await calls.read(input, block)
    if (piece.length === 0) break
    await calls.write(output, piece)
    bytes += piece.length
    if (piece.length === block) whole++
    else part++
  }
  if (given.get('status') !== 'none') await calls.write(2, `${whole}+${part} records in\n${whole}+${part} records out\n${bytes} bytes copied\n`)
  return 0
}

/** `expr`: sums, comparisons and matches of words. */
export const expr: Command = async tool => {
  const words = [...tool.args]
  if (words[0] === '--') words.shift()
  if (words.length === 0) throw new UsageError('missing operand')
  let at = 0
  const operators: readonly (readonly string[])[] = [['|'], ['&'], ['<', '<=', '=', '==', '!=', '>=', '>'], ['+', '-'], ['*', '/', '%'], [':']]
  const level = (depth: number): string => {
    if (depth === operators.length) return primary()
    let left = level(depth + 1)
    while (operators[depth]!.includes(words[at] ?? '')) {
      const operator = words[at++]!
      left = operation(operator, left, level(depth + 1))
    }
    return left
  }
  const primary = (): string => {
    const word = words[at++]
    if (word === undefined) throw new Failure('syntax error: missing argument', 2)
    if (word === '(') {
      const value = level(0)
      if (words[at++] !== ')') throw new Failure('syntax error: expecting \')\'', 2)
      return value
    }
    if (word === 'length' && at < words.length) return String([...primary()].length)
    if (word === 'match' && at + 1 < words.length) return operation(':', primary(), primary())
    if (word === 'index' && at + 1 < words.length) {
      const [text, set] = [primary(), primary()]
      return String([...text].findIndex(char => set.includes(char)) + 1)
    }
    if (word === 'substr' && at + 2 < words.length) {
      const [text, from, length] = [primary(), Number(primary()), Number(primary())]
      return from < 1 || length < 1 ? '' : [...text].slice(from - 1, from - 1 + length).join('')
    }
    return word
  }
  const value = level(0)
  if (at < words.length) throw new Failure(`syntax error: unexpected argument '${words[at]!}'`, 2)
  await tool.print(`${value}\n`)
  return Number(isNull(value))
}

function isNull (text: string): boolean {
  return text === '' || /^-?0+$/.test(text)
}

function operation (operator: string, a: string, b: string): string {
  const numbers = /^-?\d+$/.test(a) && /^-?\d+$/.test(b)
  switch (operator) {
    case '|': return isNull(a) ? isNull(b) ? '0' : b : a
    case '&': return isNull(a) || isNull(b) ? '0' : a
    case ':': {
      const found = posixRegExp(`^${b}`).exec(a)
      if (b.includes('\\(')) return found?.[1] ?? ''
      return String(found === null ? 0 : [...found[0]].length)
    }
    case '+': case '-': case '*': case '/': case '%': {
      if (!numbers) throw new Failure('non-integer argument', 2)
      const [x, y] = [BigInt(a), BigInt(b)]
      if ((operator === '/' || operator === '%') && y === 0n) throw new Failure('division by zero', 2)
      return String(operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : operator === '/' ? x / y : x % y)
    }
    default: {
      const order = numbers ? (BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b))) : a < b ? -1 : Number(a > b)
      const holds = operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : operator === '>=' ? order >= 0 : operator === '!=' ? order !== 0 : order === 0
      return holds ? '1' : '0'
    }
  }
}
