import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { evaluate } from '../shell/arithmetic.ts'
import { expandBraces } from '../shell/braces.ts'
import { decodeText, encodeText } from './bytes.ts'
import { escapePattern, matchesPattern } from './pattern.ts'
import { RegexError, posixRegExp } from './posix-regex.ts'
import { printf } from './printf.ts'
import { quoteWord } from './quoting.ts'

const expressions: readonly [pattern: string, extended: boolean, text: string, match: string | null][] = [
  ['a.c', false, 'xabcx', 'abc'], ['a*', false, 'aab', 'aa'], ['*a', false, '*a', '*a'], ['a\\{2\\}', false, 'aaa', 'aa'], ['a{2}', false, 'a{2}', 'a{2}'],
  ['a{2}', true, 'aaa', 'aa'], ['a+b?', false, 'a+b?', 'a+b?'], ['a\\+b\\?', false, 'aab', 'aab'], ['a|b', false, 'a|b', 'a|b'], ['a\\|b', false, 'b', 'b'],
  ['(a)(b)', true, 'ab', 'ab'], ['\\(a\\)\\1', false, 'aa', 'aa'], ['[]a]', false, ']', ']'], ['[^]a]', false, ']b', 'b'], ['[[:digit:]]+', true, 'x42', '42'], ['[a\\]', false, '\\', '\\'],
  ['^a$', true, 'a', 'a'], ['a^b', false, 'a^b', 'a^b'], ['a$b', false, 'a$b', 'a$b'], ['\\<b', false, 'ab b', 'b'], ['^*', false, '*', '*'], ['()', true, 'x', ''], ['{', true, '{', '{']
]

test('expressions of POSIX match what they do there', () => {
  for (const [pattern, extended, text, match] of expressions) {
    assert.equal(posixRegExp(pattern, { extended }).exec(text)?.[0] ?? null, match, pattern)
  }
  assert.match('ÀB', posixRegExp('[a-b]b\\|b', { ignoreCase: true }))
  assert.doesNotMatch('T', posixRegExp('[[:blank:]]', { ignoreCase: true }))
  assert.match('a.b*', posixRegExp('a.b*', { fixed: true }))
  assert.doesNotMatch('axbb', posixRegExp('^a.b*$', { fixed: true }))
})

test('what is no expression is told', () => {
  for (const [pattern, extended] of [['[a', false], ['\\(a', false], ['(a', true], ['a\\', false], ['\\)', false], ['\\1', false], ['a\\{3,1\\}', false], ['a{99999}', true]] as const) {
    assert.throws(() => posixRegExp(pattern, { extended }), RegexError, pattern)
  }
})

test('an escaped text matches itself alone, and * everything', () => {
  fc.assert(fc.property(fc.string(), fc.string(), (text, other) => {
    assert.ok(matchesPattern(escapePattern(text), text))
    assert.equal(matchesPattern(escapePattern(text), other), text === other)
    assert.ok(matchesPattern('*', text))
  }))
  for (const [pattern, text, expected] of [['a?c', 'abc', true], ['[!a]', 'b', true], ['[!a]', 'a', false], ['[a-c]x', 'bx', true], ['a[', 'a[', true], ['@(a|bc)d', 'bcd', true], ['!(a)', 'b', true], ['!(a)', 'a', false], ['*.{c}', 'x.{c}', true]] as const) {
    assert.equal(matchesPattern(pattern, text), expected, `${pattern} ${text}`)
  }
})

test('bytes are texts and bytes again, whatever they are', () => {
  fc.assert(fc.property(fc.uint8Array(), bytes => { assert.deepEqual(encodeText(decodeText(bytes)), bytes) }))
})

test('arithmetic is that of 64 bits', () => {
  const none = { get: () => undefined, set: () => {} }
  const whole = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  const operators = { '+': (a: bigint, b: bigint) => a + b, '-': (a: bigint, b: bigint) => a - b, '*': (a: bigint, b: bigint) => a * b, '^': (a: bigint, b: bigint) => a ^ b } as const
  fc.assert(fc.property(whole, whole, fc.constantFrom(...Object.keys(operators) as (keyof typeof operators)[]), (a, b, operator) => {
    assert.equal(evaluate(`(${a}) ${operator} (${b})`, none), BigInt.asIntN(64, operators[operator](a, b)))
  }))
  assert.throws(() => evaluate('1/0', none), /division by 0/)
  assert.throws(() => evaluate('1 +', none), /syntax error/)
})

test('a quoted word is one word of bash\'s printf and of ours', () => {
  fc.assert(fc.property(fc.string().filter(text => !text.includes('\0')), text => {
    assert.equal(new TextDecoder().decode(printf('%s', [text]).bytes), text)
    assert.ok(!/[\n ]/.test(quoteWord(text).replace(/^\$?'[^]*'$/, '')))
  }))
})

test('braces make words, and leave what is none', () => {
  assert.deepEqual(expandBraces('a{b,c}{1..2}'), ['ab1', 'ab2', 'ac1', 'ac2'])
  for (const text of ['{a}', '{}', '"{a,b}"', '${a,b}', '\\{a,b}', '{a,b', '{1..999999999}']) assert.deepEqual(expandBraces(text), [text])
})
