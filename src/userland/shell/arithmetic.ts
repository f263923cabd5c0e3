/**
 * Arithmetic of the shell: whole numbers of 64 bits, C's operators, variables by name.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.6.4; bash(1), ARITHMETIC EVALUATION.
 */

import { parse } from 'unbash'
import type { ArithmeticExpression } from 'unbash'
import { ARITHMETIC_DEPTH_MAX } from '../limits.ts'

export class ArithmeticError extends Error {}

/** What an expression can reach. */
export interface Names {
  get (name: string, index: string | undefined): string | undefined
  set (name: string, index: string | undefined, value: string): void
}

/** The value of an expression whose `$…` have been expanded. Throws an ArithmeticError. */
export function evaluate (text: string, names: Names, depth = 0): bigint {
  if (text.trim() === '') return 0n
  if (depth > ARITHMETIC_DEPTH_MAX) throw new ArithmeticError(`${text}: expression recursion level exceeded`)
  const plain = number(text.trim())
  if (plain !== null) return plain
  const script = parse(`((${text}))`)
  const command = script.commands[0]?.command
  if (script.errors !== undefined || script.commands.length !== 1 || command?.type !== 'ArithmeticCommand' || command.expression === undefined) {
    throw new ArithmeticError(`${text.trim()}: syntax error in expression`)
  }
  return new Evaluation(names, depth).value(command.expression)
}

class Evaluation {
  readonly #names: Names
  readonly #depth: number

  constructor (names: Names, depth: number) {
    this.#names = names
    this.#depth = depth
  }

  value (node: ArithmeticExpression): bigint {
    switch (node.type) {
      case 'ArithmeticWord': return this.#word(node.value)
      case 'ArithmeticGroup': return this.value(node.expression)
      case 'ArithmeticTernary': return this.value(node.test) !== 0n ? this.value(node.consequent) : this.value(node.alternate)
      case 'ArithmeticUnary': return this.#unary(node.operator, node.operand, node.prefix)
      case 'ArithmeticBinary': return this.#binary(node.operator, node.left, node.right)
      case 'ArithmeticCommandExpansion': throw new ArithmeticError(`${node.text}: syntax error in expression`)
    }
  }

  #unary (operator: string, operand: ArithmeticExpression, prefix: boolean): bigint {
    if (operator === '++' || operator === '--') {
      const before = this.value(operand)
      const after = wrap(operator === '++' ? before + 1n : before - 1n)
      this.#assign(operand, after)
      return prefix ? after : before
    }
    const value = this.value(operand)
    switch (operator) {
      case '-': return wrap(-value)
      case '+': return value
      case '!': return truth(value === 0n)
      case '~': return ~value
      default: throw new ArithmeticError(`${operator}: unknown operator`)
    }
  }

  #binary (operator: string, left: ArithmeticExpression, right: ArithmeticExpression): bigint {
    if (operator === '&&') return truth(this.value(left) !== 0n && this.value(right) !== 0n)
    if (operator === '||') return truth(this.value(left) !== 0n || this.value(right) !== 0n)
    if (operator === ',') {
      this.value(left)
      return this.value(right)
    }
    if (operator === '=') return this.#assign(left, this.value(right))
    if (/^(\*\*|[-+*/%&^|]|<<|>>)=$/.test(operator)) {
      return this.#assign(left, wrap(calculate(operator.slice(0, -1), this.value(left), this.value(right))))
    }
    return wrap(calculate(operator, this.value(left), this.value(right)))
  }

  #assign (to: ArithmeticExpression, value: bigint): bigint {
    if (to.type !== 'ArithmeticWord') throw new ArithmeticError('attempted assignment to non-variable')
    const [name, index] = this.#place(to.value)
    if (name === null) throw new ArithmeticError(`${to.value}: attempted assignment to non-variable`)
    this.#names.set(name, index, String(value))
    return value
  }

  #word (text: string): bigint {
    const plain = number(text)
    if (plain !== null) return plain
    const [name, index] = this.#place(text)
    if (name === null) throw new ArithmeticError(`${text}: syntax error: invalid arithmetic operand`)
    return evaluate(this.#names.get(name, index) ?? '', this.#names, this.#depth + 1)
  }

  #place (text: string): [string | null, string | undefined] {
    const found = /^([A-Za-z_][A-Za-z0-9_]*)(?:\[([^]*)\])?$/.exec(text.trim())
    return found === null ? [null, undefined] : [found[1]!, found[2]]
  }
}

function calculate (operator: string, a: bigint, b: bigint): bigint {
  switch (operator) {
    case '+': return a + b
    case '-': return a - b
    case '*': return a * b
    case '/': case '%':
      if (b === 0n) throw new ArithmeticError('division by 0')
      return operator === '/' ? a / b : a % b
    case '**': return power(a, b)
    case '<<': return a << (b & 63n)
    case '>>': return a >> (b & 63n)
    case '&': return a & b
    case '|': return a | b
    case '^': return a ^ b
    case '<': return truth(a < b)
    case '<=': return truth(a <= b)
    case '>': return truth(a > b)
    case '>=': return truth(a >= b)
    case '==': return truth(a === b)
    case '!=': return truth(a !== b)
    default: throw new ArithmeticError(`${operator}: unknown operator`)
  }
}

/** By squaring, within 64 bits all the way: a large exponent costs nothing. */
function power (base: bigint, exponent: bigint): bigint {
  if (exponent < 0n) throw new ArithmeticError('exponent less than 0')
  let out = 1n
  for (let factor = base, left = exponent; left > 0n; left >>= 1n, factor = wrap(factor * factor)) {
    if ((left & 1n) === 1n) out = wrap(out * factor)
  }
  return out
}

function truth (value: boolean): bigint {
  return value ? 1n : 0n
}

function wrap (value: bigint): bigint {
  return BigInt.asIntN(64, value)
}

/** A literal: decimal, octal, hexadecimal, or `base#digits`; null when it is none. */
function number (text: string): bigint | null {
  if (/^[1-9]\d*$|^0$/.test(text)) return wrap(BigInt(text))
  if (/^0[xX][0-9a-fA-F]+$/.test(text)) return wrap(BigInt(text))
  if (/^0\d+$/.test(text)) {
    if (/[89]/.test(text)) throw new ArithmeticError(`${text}: value too great for base`)
    return wrap(BigInt(`0o${text.slice(1)}`))
  }
  const based = /^(\d{1,2})#([0-9a-zA-Z@_]+)$/.exec(text)
  if (based === null) return null
  const base = Number(based[1])
  if (base < 2 || base > 64) throw new ArithmeticError(`${text}: invalid arithmetic base`)
  let out = 0n
  for (const char of based[2]!) {
    const digit = digitOf(char, base)
    if (digit >= base) throw new ArithmeticError(`${text}: value too great for base`)
    out = wrap(out * BigInt(base) + BigInt(digit))
  }
  return out
}

function digitOf (char: string, base: number): number {
  if (/\d/.test(char)) return Number(char)
  if (/[a-z]/.test(char)) return char.charCodeAt(0) - 87
  if (/[A-Z]/.test(char)) return base <= 36 ? char.charCodeAt(0) - 55 : char.charCodeAt(0) - 29
  return char === '@' ? 62 : 63
}
