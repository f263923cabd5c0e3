/** Aliases: texts put in the place of the names of commands, before a line that a person typed is run. */

import type { Word } from 'unbash'
import { ALIAS_DEPTH_MAX } from '../limits.ts'
import { parseSource } from './syntax.ts'

/** The source with the aliases at the head of its commands put in. */
export function withAliases (text: string, aliases: ReadonlyMap<string, string>): string {
  if (aliases.size === 0) return text
  let out = text
  const done = new Set<string>()
  for (let round = 0; round < ALIAS_DEPTH_MAX; round++) {
    let source
    try {
      source = parseSource(out)
    } catch {
      return out
    }
    const found = commandNames(source.script.commands)
      .filter(word => word.parts === undefined && word.text === word.value && aliases.has(word.value) && !done.has(word.value))
    if (found.length === 0) return out
    for (const word of found.toSorted((a, b) => b.pos - a.pos)) {
      done.add(word.value)
      out = out.slice(0, word.pos) + aliases.get(word.value)! + out.slice(word.end)
    }
  }
  return out
}

/** The first words of commands, wherever they stand. */
function commandNames (nodes: readonly unknown[]): Word[] {
  const out: Word[] = []
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { type, name } = node as { type?: string, name?: Word }
    if (type === 'Command' && name !== undefined) out.push(name)
    if (type === 'Word') return
    for (const value of Object.values(node)) {
      if (Array.isArray(value)) value.forEach(visit)
      else visit(value)
    }
  }
  nodes.forEach(visit)
  return out
}
