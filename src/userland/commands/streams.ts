/** cat, head, tail, tee, yes, seq, nl, tac, rev, wc, sleep: bytes and lines as they come. Source: POSIX.1-2024; GNU coreutils. */

import { durationOf } from '../library/moment.ts'
import { UsageError } from '../library/options.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { HELD_BYTES_MAX } from '../limits.ts'
import { concatenated, encodeText } from '../text/bytes.ts'
import { general, printf } from '../text/printf.ts'

export const cat: Command = async tool => {
  const options = tool.options({ letters: 'nbsAETuve', long: { number: 'n', 'number-nonblank': 'b', 'squeeze-blank': 's', 'show-all': 'A', 'show-ends': 'E', 'show-tabs': 'T' } })
  const plain = options.order.every(([letter]) => letter === 'u')
  let number = 0
  let blank = false
  await tool.forEach(options.operands, async path => {
    if (plain) {
      for await (const piece of tool.read(path)) await tool.print(piece)
      return
    }
    for await (const text of tool.texts(path)) {
      for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
        const empty = line === '\n'
        if (options.has('s') && empty && blank) continue
        blank = empty
        const body = line.replace(/\n$/, '')
        const shown = options.has('T') || options.has('A') ? body.replaceAll('\t', '^I') : body
        const numbered = options.has('b') ? !empty : options.has('n')
        await tool.print(`${numbered ? `${String(++number).padStart(6)}\t` : ''}${shown}${options.has('E') || options.has('A') || options.has('e') ? '$' : ''}${line.endsWith('\n') ? '\n' : ''}`)
      }
    }
  })
  return 0
}

/** `5`, `5K`, `-5`, `+5`: a count with the sign told apart. */
function countOf (word: string): { sign: string, count: number } {
  const found = /^([+-]?)(\d+)([bkKMG]?)B?$/.exec(word)
  if (found === null) throw new UsageError(`invalid number of lines or bytes: '${word}'`)
  return { sign: found[1]!, count: Number(found[2]) * (found[3] === '' ? 1 : found[3] === 'b' ? 512 : 1024 ** ['', 'K', 'M', 'G'].indexOf(found[3]!.toUpperCase())) }
}

/** A title before each of several files. */
function titles (tool: Tool, several: boolean): (path: string) => Promise<void> {
  let first = true
  return async path => {
    if (several) await tool.print(`${first ? '' : '\n'}==> ${path === '-' ? 'standard input' : path} <==\n`)
    first = false
  }
}

export const head: Command = async tool => {
  const options = tool.options({ letters: 'n:c:qv', long: { lines: 'n', bytes: 'c', quiet: 'q', verbose: 'v' }, number: 'n' })
  const byBytes = options.value('c') !== undefined
  const { sign, count } = countOf(options.value('c') ?? options.value('n') ?? '10')
  const title = titles(tool, (options.operands.length > 1 || options.has('v')) && !options.has('q'))
  await tool.forEach(options.operands, async path => {
    // Opened before the title is written: a file that is not there has none.
    const pieces = tool.read(path)
    const first = await pieces.next()
    await title(path)
    const all = async function * (): AsyncGenerator<Uint8Array> {
      if (first.done === true) return
      yield first.value
      yield * pieces
    }
    if (sign === '-') return await allButLast(tool, all(), count, byBytes)
    let left = count
    if (left === 0) {
      await pieces.return(undefined)
      return
    }
    for await (const piece of all()) {
      const end = byBytes ? Math.min(left, piece.length) : lineEnd(piece, left)
      await tool.print(piece.subarray(0, end))
      left -= byBytes ? end : newlines(piece.subarray(0, end))
      if (left > 0) continue
      // What was read too far of a shared file is left to who reads next.
      if (path === '-' && end < piece.length) await tool.calls.seek(0, end - piece.length, 'current').catch(() => {})
      break
    }
  })
  return 0
}

async function allButLast (tool: Tool, pieces: AsyncIterable<Uint8Array>, count: number, byBytes: boolean): Promise<void> {
  const whole = await held(pieces)
  await tool.print(whole.subarray(0, byBytes ? Math.max(0, whole.length - count) : startOfLast(whole, count)))
}

/** Where the first `count` lines end, or the piece does. */
function lineEnd (piece: Uint8Array, count: number): number {
  let at = 0
  for (let left = count; left > 0; left--) {
    const found = piece.indexOf(10, at)
    if (found < 0) return piece.length
    at = found + 1
  }
  return at
}

function newlines (piece: Uint8Array): number {
  let count = 0
  for (let at = piece.indexOf(10); at >= 0; at = piece.indexOf(10, at + 1)) count++
  return count
}

/** Where the last `count` lines begin. */
function startOfLast (bytes: Uint8Array, count: number): number {
  if (count === 0) return bytes.length
  let at = bytes.length - 1
  for (let left = count; ; left--) {
    const found = at <= 0 ? -1 : bytes.lastIndexOf(10, at - 1)
    if (found < 0) return 0
    if (left === 1) return found + 1
    at = found
  }
}

async function held (pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = []
  let total = 0
  for await (const piece of pieces) {
    all.push(piece)
    total += piece.length
    if (total > HELD_BYTES_MAX) throw new Failure(`more than ${HELD_BYTES_MAX} bytes have to be held`)
  }
  return all.length === 0 ? new Uint8Array(0) : concatenated(all)
}

const FOLLOW_MS = 250

export const tail: Command = async tool => {
  const options = tool.options({ letters: 'n:c:fFqvs:', long: { lines: 'n', bytes: 'c', follow: 'f', quiet: 'q', verbose: 'v' }, number: 'n' })
  const byBytes = options.value('c') !== undefined
  const { sign, count } = countOf(options.value('c') ?? options.value('n') ?? '10')
  const several = (options.operands.length > 1 || options.has('v')) && !options.has('q')
  const title = titles(tool, several)
  const opened: { path: string, fd: number }[] = []
  await tool.forEach(options.operands, async path => {
    const fd = path === '-' ? 0 : await tool.calls.open(path)
    await title(path)
    await lastOf(tool, fd, sign, count, byBytes)
    if (options.has('f') || options.has('F')) opened.push({ path, fd })
    else if (fd !== 0) await tool.calls.close(fd)
  })
  let shown = opened.at(-1)
  while (opened.length > 0) {
    await tool.flush()
    await tool.calls.sleep(Number(options.value('s') ?? 0) * 1000 || FOLLOW_MS)
    for (const file of opened) {
      for (;;) {
        const piece = await tool.calls.read(file.fd)
        if (piece.length === 0) break
        if (file !== shown) await title(file.path)
        shown = file
        await tool.print(piece)
      }
    }
  }
  return 0
}

async function lastOf (tool: Tool, fd: number, sign: string, count: number, byBytes: boolean): Promise<void> {
  if (sign === '+') {
    let skip = Math.max(0, count - 1)
    for await (const piece of tool.readFrom(fd)) {
      const from = byBytes ? Math.min(skip, piece.length) : skip === 0 ? 0 : lineEnd(piece, skip)
      skip -= byBytes ? from : newlines(piece.subarray(0, from))
      await tool.print(piece.subarray(from))
    }
    return
  }
  // What can no longer be among the last is let go.
  let kept: Uint8Array = new Uint8Array(0)
  let pieces: Uint8Array[] = []
  let size = 0
  const reduce = (): void => {
    const whole = concatenated([kept, ...pieces])
    kept = whole.slice(byBytes ? Math.max(0, whole.length - count) : startOfLast(whole, count))
    pieces = []
    size = 0
  }
  for await (const piece of tool.readFrom(fd)) {
    pieces.push(piece)
    size += piece.length
    if (size > Math.max(kept.length, 1 << 20)) reduce()
    if (kept.length > HELD_BYTES_MAX) throw new Failure(`more than ${HELD_BYTES_MAX} bytes have to be held`)
  }
  reduce()
  await tool.print(kept)
}

export const tee: Command = async tool => {
  const options = tool.options({ letters: 'ai', long: { append: 'a', 'ignore-interrupts': 'i' } })
  if (options.has('i')) await tool.calls.signal('SIGINT', 'ignore')
  const outputs: number[] = [1]
  for (const path of options.operands) {
    try {
      outputs.push(await tool.calls.open(path, options.has('a') ? { append: true, create: true } : { write: true, create: true, truncate: true }))
    } catch (error) {
      tool.complainOf(path, error)
    }
  }
  for await (const piece of tool.readFrom(0)) for (const fd of outputs) await tool.calls.write(fd, piece)
  return 0
}

const YES_BYTES = 16 * 1024

export const yes: Command = async tool => {
  const line = encodeText(`${tool.args.length === 0 ? 'y' : tool.args.join(' ')}\n`)
  const block = concatenated(Array<Uint8Array>(Math.max(1, Math.floor(YES_BYTES / line.length))).fill(line))
  for (;;) await tool.calls.write(1, block)
}

export const seq: Command = async tool => {
  const args = [...tool.args]
  let separator = '\n'
  let format: string | undefined
  let wide = false
  while (/^-[swf]/.test(args[0] ?? '')) {
    const word = args.shift()!
    if (word === '-w') wide = true
    else if (word.startsWith('-s')) separator = word.slice(2) || (args.shift() ?? '')
    else format = word.slice(2) || (args.shift() ?? '')
  }
  if (args[0] === '--') args.shift()
  if (args.length === 0 || args.length > 3) throw new UsageError('give one to three numbers: [FIRST [STEP]] LAST')
  for (const word of args) if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) throw new UsageError(`invalid floating point argument: '${word}'`)
  const [first, step, last] = args.length === 1 ? [1, 1, Number(args[0])] : args.length === 2 ? [Number(args[0]), 1, Number(args[1])] : args.map(Number) as [number, number, number]
  if (step === 0) throw new UsageError(`invalid Zero increment value: '${args[1]!}'`)
  const places = Math.max(0, ...args.slice(0, args.length === 3 ? 2 : 1).map(word => /\.(\d+)/.exec(word)?.[1]?.length ?? 0))
  const count = Math.floor((last - first) / step + 1e-10) + 1
  const width = wide ? Math.max(first.toFixed(places).length, (first + step * (count - 1)).toFixed(places).length) : 0
  for (let at = 0; at < count; at++) {
    const value = first + at * step
    const text = format === undefined ? zeroPadded(value.toFixed(places), width) : new TextDecoder().decode(printf(format, [general(value, 17)]).bytes)
    await tool.print(`${text}${at === count - 1 ? '' : separator}`)
  }
  if (count > 0) await tool.print('\n')
  return 0
}

function zeroPadded (text: string, width: number): string {
  return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0')
}

export const nl: Command = async tool => {
  const options = tool.options({ letters: 'b:w:s:v:n:i:', long: { 'body-numbering': 'b', 'number-width': 'w', 'number-separator': 's' } })
  const width = Number(options.value('w') ?? 6)
  const all = (options.value('b') ?? 't') === 'a'
  const separator = options.value('s') ?? '\t'
  const format = options.value('n') ?? 'rn'
  let number = Number(options.value('v') ?? 1)
  await tool.forEach(options.operands, async path => {
    for await (const line of tool.lines(path)) {
      if (line === '' && !all) {
        await tool.print(`${' '.repeat(width + separator.length)}\n`)
        continue
      }
      const text = format === 'ln' ? String(number).padEnd(width) : String(number).padStart(width, format === 'rz' ? '0' : ' ')
      await tool.print(`${text}${separator}${line}\n`)
      number += Number(options.value('i') ?? 1)
    }
  })
  return 0
}

export const tac: Command = async tool => {
  const { operands } = tool.options({ letters: '' })
  await tool.forEach(operands, async path => {
    const whole = await held(tool.read(path))
    for (let end = whole.length; end > 0;) {
      const start = whole.lastIndexOf(10, end - 2) + 1
      await tool.print(whole.subarray(end === 1 ? 0 : start, end))
      end = end === 1 ? 0 : start
    }
  })
  return 0
}

export const rev: Command = async tool => {
  const { operands } = tool.options({ letters: '' })
  await tool.forEach(operands, async path => {
    for await (const line of tool.lines(path)) await tool.print(`${[...line].reverse().join('')}\n`)
  })
  return 0
}

interface Counts { lines: number, words: number, characters: number, bytes: number, longest: number }

export const wc: Command = async tool => {
  const options = tool.options({ letters: 'lwcmL', long: { lines: 'l', words: 'w', bytes: 'c', chars: 'm', 'max-line-length': 'L' } })
  const which = (['l', 'w', 'm', 'c', 'L'] as const).filter(letter => options.has(letter))
  const shown = which.length === 0 ? ['l', 'w', 'c'] as const : which
  const needText = options.has('m') || options.has('L')
  const total: Counts = { lines: 0, words: 0, characters: 0, bytes: 0, longest: 0 }
  const rows: [Counts, string][] = []
  let largest = 0
  await tool.forEach(options.operands, async path => {
    const counts = await count(tool, path, needText)
    total.lines += counts.lines
    total.words += counts.words
    total.characters += counts.characters
    total.bytes += counts.bytes
    total.longest = Math.max(total.longest, counts.longest)
    rows.push([counts, options.operands.length === 0 ? '' : path])
  })
  if (options.operands.length > 1) rows.push([total, 'total'])
  for (const operand of options.operands) largest += (await tool.calls.stat(operand).catch(() => null))?.size ?? 0
  const fromInput = options.operands.length === 0 || options.operands.includes('-')
  const width = shown.length === 1 && rows.length === 1 ? 1 : Math.max(fromInput ? 7 : 1, String(Math.max(largest, total.bytes)).length)
  for (const [counts, name] of rows) {
    const numbers = shown.map(letter => letter === 'l' ? counts.lines : letter === 'w' ? counts.words : letter === 'm' ? counts.characters : letter === 'c' ? counts.bytes : counts.longest)
    await tool.print(`${numbers.map(number => String(number).padStart(width)).join(' ')}${name === '' ? '' : ` ${name}`}\n`)
  }
  return 0
}

async function count (tool: Tool, path: string, needText: boolean): Promise<Counts> {
  const counts: Counts = { lines: 0, words: 0, characters: 0, bytes: 0, longest: 0 }
  let inWord = false
  if (needText) {
    for await (const text of tool.texts(path)) {
      counts.bytes += encodeText(text).length
      counts.characters += [...text].length
      counts.words += text.match(/\S+/g)?.length ?? 0
      for (const line of text.split('\n')) counts.longest = Math.max(counts.longest, [...line].length)
      counts.lines += text.split('\n').length - 1
    }
    return counts
  }
  for await (const piece of tool.read(path)) {
    counts.bytes += piece.length
    for (const byte of piece) {
      if (byte === 10) counts.lines++
      const space = byte === 32 || (byte >= 9 && byte <= 13)
      if (!space && !inWord) counts.words++
      inWord = !space
    }
  }
  return counts
}

const SLEEP_MS_MAX = 2 ** 31

export const sleep: Command = async tool => {
  if (tool.args.length === 0) throw new UsageError('missing operand')
  let left = 0
  for (const word of tool.args) {
    const ms = word === 'infinity' ? Infinity : durationOf(word)
    if (ms === null) throw new Failure(`invalid time interval '${word}'`)
    left += ms
  }
  for (; left > 0; left -= SLEEP_MS_MAX) await tool.calls.sleep(Math.min(left, SLEEP_MS_MAX))
  return 0
}

