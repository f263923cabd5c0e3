/**
 * The grammar of the shell: source to syntax tree, by the parser `unbash`.
 *
 * That parser goes on after errors; here what is wrong is an error, and what only breaks off is told apart, so that a
 * person is asked for more.
 */

import { parse } from 'unbash'
import type { ParsedScript, Word } from 'unbash'
import { SOURCE_LENGTH_MAX } from '../limits.ts'

export class SyntaxFault extends Error {
  /** Whether more input could make it right. */
  readonly incomplete: boolean

  constructor (message: string, incomplete: boolean) {
    super(message)
    this.incomplete = incomplete
  }
}

/** A script, and the text that its positions are of. */
export interface Source {
  readonly script: ParsedScript
  readonly text: string
}

/** The tree of a whole source. Throws a SyntaxFault. */
export function parseSource (text: string): Source {
  if (text.length > SOURCE_LENGTH_MAX) throw new SyntaxFault(`script is longer than ${SOURCE_LENGTH_MAX} characters`, false)
  const script = parse(text)
  // A shell that did not get the rest of the line takes the backslash for one; a person has not finished.
  if (/(^|[^\\])(\\\\)*\\\n?$/.test(text) && !/\n$/.test(text.replace(/\\\n$/, ''))) throw new SyntaxFault('unexpected end of line', true)
  const [error] = script.errors ?? []
  if (error !== undefined) {
    const broken = error.message.startsWith('unterminated') || text.slice(error.pos).trim() === ''
    throw new SyntaxFault(broken ? `syntax error: unexpected end of file (${error.message})` : describe(text, error.pos, error.message), broken)
  }
  if (text.includes('<<') && opensHereDocument(script, text)) throw new SyntaxFault('here-document: its end is missing', true)
  return { script, text }
}

/** A single word from its source text, for what is put together at run time. */
export function parseWord (text: string): Word | undefined {
  const [statement] = parse(`: ${text}`).commands
  const command = statement?.command
  if (command?.type !== 'Command' || command.args.length !== 1) return undefined
  const [word] = command.args
  return word?.type === 'Word' ? word : undefined
}

function describe (text: string, at: number, message: string): string {
  const line = text.slice(0, at).split('\n').length
  const near = text.slice(at).split('\n')[0]!.trim().slice(0, 20)
  return `line ${line}: syntax error${near === '' ? '' : ` near '${near}'`}: ${message}`
}

/** Whether the last here-document has no end. */
function opensHereDocument (script: ParsedScript, text: string): boolean {
  const seen = new Set<unknown>()
  const search = (node: unknown): boolean => {
    if (typeof node !== 'object' || node === null || seen.has(node)) return false
    seen.add(node)
    const { type, closing } = node as { type?: string, closing?: unknown }
    if (type === 'HereDoc' && closing === undefined) return true
    return Object.values(node).some(value => Array.isArray(value) ? value.some(search) : search(value))
  }
  return text.length > 0 && script.commands.some(search)
}
