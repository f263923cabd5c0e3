/** Assignments: of variables, of elements, of whole arrays, for good or for one command. Source: POSIX.1-2024, Shell Command Language 2.9.1. */

import type { Assignment } from 'unbash'
import { quoteWord } from '../text/quoting.ts'
import { ShellError } from './faults.ts'
import type { Interpreter } from './interpreter.ts'
import type { Io } from './streams.ts'

/** Variables for one command, in a scope of their own. */
export async function scopeWith (shell: Interpreter, assignments: readonly Assignment[], io: Io): Promise<void> {
  const values: [string, string][] = []
  for (const assignment of assignments) values.push([assignment.name, await assigned(shell, assignment, io)])
  shell.state.variables.push()
  for (const [name, value] of values) {
    const variable = shell.state.variables.local(name)
    variable.value = value
    variable.exported = true
  }
}

export async function assign (shell: Interpreter, assignments: readonly Assignment[], io: Io): Promise<void> {
  const { variables, options } = shell.state
  for (const assignment of assignments) {
    const { name, value, append } = assignment
    const expansion = shell.expansion(io)
    if (value.type === 'ArrayValue') {
      const elements = await expansion.elements(name, value.elements, append === true ? variables.elements(name) : undefined)
      variables.setElements(name, elements)
    } else {
      const text = await assigned(shell, assignment, io)
      const index = assignment.index === undefined ? undefined : expansion.index(name, await expansion.text(assignment.index))
      variables.set(name, text, index)
    }
    if (options.allexport) variables.writable(name).exported = true
    if (options.xtrace) await shell.writeTo(io, 2, `+ ${name}=${quoteWord(variables.get(name) ?? '')}\n`)
  }
}

/** The text that an assignment gives. */
export async function assigned (shell: Interpreter, { name, value, append, index }: Assignment, io: Io): Promise<string> {
  const expansion = shell.expansion(io)
  if (value.type === 'ArrayValue') throw new ShellError(`${name}: cannot assign an array to a command's variable`)
  const text = await expansion.text(value)
  const variable = shell.state.variables.find(name)
  if (append !== true) return variable?.integer === true ? String(await expansion.arithmetic(text)) : text
  const before = index === undefined ? shell.state.variables.get(name) : shell.state.variables.elements(name)?.get(expansion.index(name, index.text))
  if (variable?.integer === true) return String(await expansion.arithmetic(before ?? '0') + await expansion.arithmetic(text))
  return `${before ?? ''}${text}`
}
