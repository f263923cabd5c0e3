/**
 * `printf` and the backslash escapes of `echo -e` and `$'…'`, to bytes.
 *
 * Source: POSIX.1-2024, printf; bash(1).
 */

import { escapeWord } from './quoting.ts'

const encoder = new TextEncoder()

const simple: Readonly<Record<string, number>> = { a: 7, b: 8, e: 27, E: 27, f: 12, n: 10, r: 13, t: 9, v: 11, '\\': 92 }

export interface Unescaped {
  readonly bytes: number[]
  /** Whether `\c` asked for no more output. */
  readonly stop: boolean
}

/** The bytes of a text with escapes. `octal`: whether only `\0nnn` is octal, and `\c` ends the output (`echo`, `%b`), or `\nnn` is (`printf`). */
export function unescape (text: string, octal: 'zero' | 'any'): Unescaped {
  const bytes: number[] = []
  for (let at = 0; at < text.length;) {
    const plain = text.indexOf('\\', at)
    const end = plain < 0 ? text.length : plain
    if (end > at) bytes.push(...encoder.encode(text.slice(at, end)))
    if (plain < 0) break
    at = end
    const rest = text.slice(at + 1, at + 12)
    const char = rest[0] ?? ''
    if (char in simple) {
      bytes.push(simple[char]!)
      at += 2
      continue
    }
    if (char === 'c' && octal === 'zero') return { bytes, stop: true }
    const hex = /^x([0-9a-fA-F]{1,2})/.exec(rest)
    const unicode = /^(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8}))/.exec(rest)
    const number = (octal === 'any' ? /^([0-7]{1,3})/ : /^0([0-7]{0,3})/).exec(rest)
    if (hex !== null) {
      bytes.push(parseInt(hex[1]!, 16))
      at += 1 + hex[0].length
    } else if (unicode !== null) {
      bytes.push(...encoder.encode(String.fromCodePoint(Math.min(0x10ffff, parseInt((unicode[1] ?? unicode[2])!, 16)))))
      at += 1 + unicode[0].length
    } else if (number !== null) {
      bytes.push(parseInt(number[1] === '' ? '0' : number[1]!, 8) & 255)
      at += 1 + number[0].length
    } else {
      bytes.push(92)
      at += 1
    }
  }
  return { bytes, stop: false }
}

export interface Printed {
  readonly bytes: Uint8Array
  /** What was wrong with arguments; the output goes on all the same. */
  readonly errors: readonly string[]
}

/** What `printf` writes. The format is used again while arguments are left. */
export function printf (format: string, args: readonly string[]): Printed {
  const out: number[] = []
  const errors: string[] = []
  const left = [...args]
  do {
    const before = left.length
    if (!once(format, left, out, errors)) break
    if (left.length === before) break
  } while (left.length > 0)
  return { bytes: Uint8Array.from(out), errors }
}

const directive = /^%([-+ #0']*)(\*|\d+)?(?:\.(\*|\d*))?(?:hh|h|ll|l|j|z|t|L)?([diouxXcsbqeEfFgGaA%])/

function once (format: string, args: string[], out: number[], errors: string[]): boolean {
  for (let at = 0; at < format.length;) {
    const percent = format.indexOf('%', at)
    const end = percent < 0 ? format.length : percent
    if (end > at) {
      const { bytes, stop } = unescape(format.slice(at, end), 'any')
      for (const byte of bytes) out.push(byte)
      if (stop) return false
    }
    if (percent < 0) break
    const found = directive.exec(format.slice(percent, percent + 64))
    if (found === null) {
      errors.push(`\`${format[percent + 1] ?? '%'}': invalid format character`)
      return false
    }
    at = percent + found[0].length
    const [, flags, width, precision, conversion] = found as unknown as [string, string, string | undefined, string | undefined, string]
    if (conversion === '%') {
      out.push(37)
      continue
    }
    const wide = width === '*' ? Number(args.shift() ?? 0) : Number(width ?? 0)
    const exact = precision === '*' ? Number(args.shift() ?? 0) : precision === undefined ? undefined : Number(precision)
    const given = args.shift()
    const left = flags.includes('-') || wide < 0
    const { bytes, stop } = converted(conversion, given, flags, exact, errors)
    const padding = Math.min(PADDING_MAX, Math.max(0, Math.abs(wide) - bytes.length))
    const zero = flags.includes('0') && !left && 'diouxXeEfFgG'.includes(conversion) && (exact === undefined || 'eEfFgG'.includes(conversion))
    if (zero) {
      const sign = bytes[0] === 45 || bytes[0] === 43 || bytes[0] === 32 ? 1 : 0
      out.push(...bytes.slice(0, sign), ...Array<number>(padding).fill(48), ...bytes.slice(sign))
    } else {
      const spaces = Array<number>(padding).fill(32)
      for (const byte of left ? [...bytes, ...spaces] : [...spaces, ...bytes]) out.push(byte)
    }
    if (stop) return false
  }
  return true
}

/** Columns that one conversion is filled up to. */
const PADDING_MAX = 65536

function converted (conversion: string, given: string | undefined, flags: string, precision: number | undefined, errors: string[]): Unescaped {
  switch (conversion) {
    case 's': return { bytes: cut([...encoder.encode(given ?? '')], precision), stop: false }
    case 'b': {
      const { bytes, stop } = unescape(given ?? '', 'zero')
      return { bytes: cut(bytes, precision), stop }
    }
    case 'q': return { bytes: [...encoder.encode(given === undefined || given === '' ? '\'\'' : escapeWord(given))], stop: false }
    case 'c': return { bytes: [...encoder.encode([...given ?? ''][0] ?? '')], stop: false }
    case 'd': case 'i': case 'o': case 'u': case 'x': case 'X':
      return { bytes: [...encoder.encode(integer(conversion, given, flags, precision, errors))], stop: false }
    default: return { bytes: [...encoder.encode(floating(conversion, given, flags, precision, errors))], stop: false }
  }
}

function cut (bytes: number[], precision: number | undefined): number[] {
  return precision === undefined ? bytes : bytes.slice(0, precision)
}

function integer (conversion: string, given: string | undefined, flags: string, precision: number | undefined, errors: string[]): string {
  const value = BigInt.asIntN(64, wholeOf(given, errors))
  const signed = conversion === 'd' || conversion === 'i'
  const magnitude = signed ? value < 0n ? -value : value : BigInt.asUintN(64, value)
  const base = conversion === 'o' ? 8 : conversion === 'x' || conversion === 'X' ? 16 : 10
  let digits = magnitude.toString(base).padStart(precision ?? 1, '0')
  if (flags.includes('#') && base === 16 && magnitude !== 0n) digits = `0x${digits}`
  if (flags.includes('#') && base === 8 && !digits.startsWith('0')) digits = `0${digits}`
  if (conversion === 'X') digits = digits.toUpperCase()
  const sign = !signed ? '' : value < 0n ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  return sign + digits
}

function wholeOf (given: string | undefined, errors: string[]): bigint {
  if (given === undefined || given === '') return 0n
  // A quote before a character gives its code.
  if (/^['"]/.test(given)) return BigInt([...given.slice(1)][0]?.codePointAt(0) ?? 0)
  const found = /^\s*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)/.exec(given)
  if (found === null || found[0].length !== given.length) errors.push(`${given}: invalid number`)
  if (found === null) return 0n
  const digits = found[2]!
  const value = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits.slice(1)}` : digits)
  return found[1] === '-' ? -value : value
}

function floating (conversion: string, given: string | undefined, flags: string, precision: number | undefined, errors: string[]): string {
  const value = given === undefined || given === '' ? 0 : /^['"]/.test(given) ? Number(wholeOf(given, errors)) : Number(given)
  if (Number.isNaN(value)) errors.push(`${given}: invalid number`)
  const number = Number.isNaN(value) ? 0 : value
  const digits = Math.min(100, precision ?? 6)
  const magnitude = Math.abs(number)
  const lower = conversion.toLowerCase()
  let text: string
  if (!Number.isFinite(magnitude)) text = 'inf'
  else if (lower === 'f') text = magnitude.toFixed(digits)
  else if (lower === 'e') text = exponent(magnitude.toExponential(digits))
  else text = general(magnitude, digits === 0 ? 1 : digits, flags.includes('#'))
  if (conversion !== lower) text = text.toUpperCase()
  const sign = number < 0 || Object.is(number, -0) ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
  return sign + text
}

export function general (value: number, digits: number, keepZeros = false): string {
  if (value === 0) return '0'
  const power = Math.floor(Math.log10(Number(value.toPrecision(digits))))
  const text = power < -4 || power >= digits ? exponent(value.toExponential(digits - 1)) : value.toFixed(Math.max(0, digits - 1 - power))
  return keepZeros ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
}

function exponent (text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}
