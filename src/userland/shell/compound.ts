/**
 * Compound commands: choices, loops, `case`, `select` and `[[ … ]]`.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.9.4; bash(1), Compound Commands.
 */

import type { ArithmeticFor, Case, CompoundCommand, CompoundList, For, If, Select, TestExpression, While, Word } from 'unbash'
import { matchesPattern } from '../text/pattern.ts'
import { posixRegExp } from '../text/posix-regex.ts'
import { builtins } from './builtins/index.ts'
import type { Expansion } from './expansion.ts'
import { LoopExit } from './faults.ts'
import type { Interpreter, Place } from './interpreter.ts'
import { testBinary, testUnary } from './tests.ts'
import { textOf } from './words.ts'

export async function compound (shell: Interpreter, node: CompoundCommand, place: Place): Promise<number> {
  switch (node.type) {
    case 'BraceGroup': return await shell.statements(node.body.commands, place)
    case 'Subshell': return await shell.inSubshell(node.body, place)
    case 'If': return await ifCommand(shell, node, place)
    case 'For': return await forCommand(shell, node, place)
    case 'ArithmeticFor': return await arithmeticFor(shell, node, place)
    case 'While': return await whileCommand(shell, node, place)
    case 'Case': return await caseCommand(shell, node, place)
    case 'Select': return await selectCommand(shell, node, place)
    case 'TestCommand': return Number(!await testCommand(shell, node.expression, place))
    case 'ArithmeticCommand': return Number(await shell.expansion(place.io).arithmetic(node.body) === 0n)
  }
}

async function ifCommand (shell: Interpreter, node: If, place: Place): Promise<number> {
  const asked = { ...place, guarded: true }
  if (await shell.statements(node.clause.commands, asked) === 0) return await shell.statements(node.then.commands, place)
  for (const branch of node.elif) {
    if (await shell.statements(branch.clause.commands, asked) === 0) return await shell.statements(branch.then.commands, place)
  }
  return node.else === undefined ? 0 : await shell.statements(node.else.commands, place)
}

async function forCommand (shell: Interpreter, node: For, place: Place): Promise<number> {
  const values = node.wordlist === undefined ? shell.state.positional : await shell.expansion(place.io).words(node.wordlist)
  let status = 0
  for (const value of values) {
    await shell.turn()
    shell.state.variables.set(node.name.value, value)
    const round = await oneRound(shell, node.body, place)
    status = round.status
    if (round.leave) break
  }
  return status
}

async function arithmeticFor (shell: Interpreter, node: ArithmeticFor, place: Place): Promise<number> {
  const part = (expression: { pos: number, end: number } | undefined): string => expression === undefined ? '' : textOf(place.source, expression)
  const number = async (text: string): Promise<bigint> => await shell.expansion(place.io).arithmetic(text)
  let status = 0
  await number(part(node.initialize))
  while (node.test === undefined || await number(part(node.test)) !== 0n) {
    await shell.turn()
    const round = await oneRound(shell, node.body, place)
    status = round.status
    if (round.leave) break
    await number(part(node.update))
  }
  return status
}

async function whileCommand (shell: Interpreter, node: While, place: Place): Promise<number> {
  let status = 0
  for (;;) {
    await shell.turn()
    let leave = false
    let met = true
    shell.loops++
    try {
      met = (await shell.statements(node.clause.commands, { ...place, guarded: true }) === 0) === (node.kind === 'while')
    } catch (error) {
      leave = leavesHere(error)
    } finally {
      shell.loops--
    }
    if (leave || !met) return status
    const round = await oneRound(shell, node.body, place)
    status = round.status
    if (round.leave) return status
  }
}

/** One round of a loop. */
async function oneRound (shell: Interpreter, body: CompoundList, place: Place): Promise<{ status: number, leave: boolean }> {
  shell.loops++
  try {
    return { status: await shell.statements(body.commands, place), leave: false }
  } catch (error) {
    return { status: 0, leave: leavesHere(error) }
  } finally {
    shell.loops--
  }
}

async function caseCommand (shell: Interpreter, node: Case, place: Place): Promise<number> {
  const expansion = shell.expansion(place.io)
  const text = await expansion.text(node.word)
  let status = 0
  let through = false
  for (const item of node.items) {
    let matched = through
    for (const pattern of item.pattern) {
      if (matched) break
      matched = matchesPattern(await expansion.pattern(pattern), text)
    }
    if (!matched) continue
    status = await shell.statements(item.body.commands, place)
    if (item.terminator === ';&') through = true
    else if (item.terminator === ';;&') through = false
    else return status
  }
  return status
}

async function selectCommand (shell: Interpreter, node: Select, place: Place): Promise<number> {
  const values = node.wordlist === undefined ? shell.state.positional : await shell.expansion(place.io).words(node.wordlist)
  let status = 0
  for (;;) {
    await shell.writeTo(place.io, 2, values.map((value, at) => `${at + 1}) ${value}\n`).join('') + (shell.state.variables.get('PS3') ?? '#? '))
    if (await builtins['read']!(shell, ['REPLY'], place) !== 0) return status
    const choice = values[Number(shell.state.variables.get('REPLY')) - 1]
    shell.state.variables.set(node.name.value, choice ?? '')
    const round = await oneRound(shell, node.body, place)
    status = round.status
    if (round.leave) return status
  }
}

async function testCommand (shell: Interpreter, node: TestExpression, place: Place): Promise<boolean> {
  const expansion = shell.expansion(place.io)
  switch (node.type) {
    case 'TestGroup': return await testCommand(shell, node.expression, place)
    case 'TestNot': return (await testCommand(shell, node.operand, place)) === (node.negations.length % 2 === 0)
    case 'TestLogical':
      for (const operand of node.operands) if (await testCommand(shell, operand, place) === (node.operator === '||')) return node.operator === '||'
      return node.operator !== '||'
    case 'TestUnary': return await testUnary(shell, node.operator, await expansion.text(node.operand), place.io)
    case 'TestBinary': {
      const left = await expansion.text(node.left)
      if (node.operator === '=' || node.operator === '==') return matchesPattern(await expansion.pattern(node.right), left)
      if (node.operator === '!=') return !matchesPattern(await expansion.pattern(node.right), left)
      if (node.operator === '=~') return matches(shell, left, await expressionOf(shell, node.right, expansion))
      const right = await expansion.text(node.right)
      if (/^-(eq|ne|lt|le|gt|ge)$/.test(node.operator)) {
        return await testBinary(shell, String(await expansion.arithmetic(left)), node.operator, String(await expansion.arithmetic(right)))
      }
      return await testBinary(shell, left, node.operator, right)
    }
  }
}

/** The right side of `=~`: what is quoted in it stands for itself. */
async function expressionOf (shell: Interpreter, word: Word, expansion: Expansion): Promise<string> {
  if (word.parts === undefined) return word.text
  let out = ''
  for (const part of word.parts) {
    const inner = { ...word, text: part.text, value: part.text, parts: [part] } as Word
    const text = await expansion.text(inner)
    if (part.type === 'SingleQuoted' || part.type === 'DoubleQuoted' || part.type === 'AnsiCQuoted') out += text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
    else out += part.type === 'Literal' || part.type === 'Glob' || part.type === 'ExtendedGlob' || part.type === 'BraceExpansion' ? part.text : text
  }
  return out
}

function matches (shell: Interpreter, text: string, expression: string): boolean {
  const found = posixRegExp(expression, { extended: true }).exec(text)
  shell.state.variables.setElements('BASH_REMATCH', new Map((found ?? []).map((group: string | undefined, at) => [String(at), group ?? ''])))
  return found !== null
}

/** Whether a loop is left here; `continue` goes on with it. Anything that is no way out of this loop is thrown on. */
function leavesHere (error: unknown): boolean {
  if (!(error instanceof LoopExit)) throw error
  if (error.levels > 1) {
    error.levels--
    throw error
  }
  return error.kind === 'break'
}
