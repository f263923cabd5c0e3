/** What built-in commands have in common. */

import { ShellError } from '../faults.ts'
import type { Interpreter, Place } from '../interpreter.ts'

/** A built-in command: its arguments without the name; its status. */
export type Builtin = (shell: Interpreter, args: readonly string[], place: Place) => Promise<number>

export async function print (shell: Interpreter, place: Place, text: string | Uint8Array): Promise<void> {
  await shell.writeTo(place.io, 1, text)
}

export async function wrong (shell: Interpreter, place: Place, message: string, status = 1): Promise<number> {
  await shell.complain(message, place.io)
  return status
}

/** Numbers of levels, statuses and so on. */
export function numberOf (name: string, word: string | undefined, initial: number): number {
  if (word === undefined) return initial
  if (!/^[+-]?\d+$/.test(word)) throw new ShellError(`${name}: ${word}: numeric argument required`, 'command', 2)
  return Number(word)
}

export const keywords = ['!', '[[', '{', '}', 'case', 'do', 'done', 'elif', 'else', 'esac', 'fi', 'for', 'function', 'if', 'in', 'select', 'then', 'time', 'until', 'while'] as const
