/** The words and assignments of a command, as the parser gives them. */

import type { Assignment, Command, Word } from 'unbash'

export function commandWords (node: Command): Word[] {
  // What looks like an assignment after the command's name is a word.
  return [node.name!, ...node.args.map(argument => argument.type === 'Word' ? argument : wordOf(argument))]
}

function wordOf (assignment: Assignment): Word {
  const value = assignment.value.type === 'Word' ? assignment.value : undefined
  const prefix = assignment.text.slice(0, value === undefined ? undefined : value.pos - assignment.pos)
  if (value?.parts === undefined) return { type: 'Word', text: assignment.text, value: `${prefix}${value?.value ?? ''}`, pos: assignment.pos, end: assignment.end }
  const before = { type: 'Literal', pos: assignment.pos, end: value.pos, value: prefix, text: prefix } as const
  return { type: 'Word', text: assignment.text, value: assignment.text, pos: assignment.pos, end: assignment.end, parts: [before, ...value.parts] }
}

export function assignmentsOf (node: Command): Assignment[] {
  return node.prefix.filter(item => item.type === 'Assignment')
}

export function isDeclaration (name: string): boolean {
  return ['export', 'readonly', 'local', 'declare', 'typeset'].includes(name)
}

export function textOf (source: string, { pos, end }: { readonly pos: number, readonly end: number }): string {
  return source.slice(pos, end)
}
