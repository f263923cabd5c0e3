/**
 * Brace expansion: `a{b,c}d`, `{1..5}`, `{a..e..2}` to several words, before anything else is expanded.
 *
 * It works on the text of a word and knows only quotes. Source: bash(1), Brace Expansion.
 */

import { BRACE_WORDS_MAX } from '../limits.ts'

/** The words that a word's source text stands for; itself alone when there is nothing to expand, or too much. */
export function expandBraces (text: string): string[] {
  if (!text.includes('{')) return [text]
  const out = expand(text)
  return out.length > BRACE_WORDS_MAX ? [text] : out
}

function expand (text: string): string[] {
  for (let from = 0; from < text.length; from = skip(text, from)) {
    if (text[from] !== '{' || text[from - 1] === '$') continue
    const found = braceAt(text, from)
    if (found === null) continue
    const before = text.slice(0, from)
    const middles = found.parts.length > 1 ? found.parts.flatMap(part => expand(part)) : sequence(found.parts[0]!)
    if (middles === null) continue
    const after = expand(text.slice(found.end))
    if (middles.length * after.length > BRACE_WORDS_MAX) return [text]
    return middles.flatMap(middle => after.map(rest => `${before}${middle}${rest}`))
  }
  return [text]
}

/** The parts between the commas of the brace that opens at `from`, and where it ends. */
function braceAt (text: string, from: number): { parts: string[], end: number } | null {
  const parts: string[] = []
  let depth = 0
  let start = from + 1
  for (let at = from; at < text.length; at = skip(text, at)) {
    const char = text[at]
    if (char === '{') depth++
    else if (char === ',' && depth === 1) {
      parts.push(text.slice(start, at))
      start = at + 1
    } else if (char === '}' && --depth === 0) {
      parts.push(text.slice(start, at))
      return { parts, end: at + 1 }
    }
  }
  return null
}

/** Past what stands at `at`: a character, or something quoted, or a substitution, as a whole. */
function skip (text: string, at: number): number {
  const char = text[at]
  if (char === '\\') return at + 2
  if (char === '\'') return after(text.indexOf('\'', at + 1), text)
  if (char === '"') {
    let end = at + 1
    while (end < text.length && text[end] !== '"') end += text[end] === '\\' ? 2 : 1
    return end + 1
  }
  if (char === '`') return after(text.indexOf('`', at + 1), text)
  if (char === '$' && (text[at + 1] === '{' || text[at + 1] === '(')) {
    const [open, close] = text[at + 1] === '{' ? ['{', '}'] : ['(', ')']
    let depth = 0
    for (let end = at + 1; end < text.length; end++) {
      if (text[end] === open) depth++
      else if (text[end] === close && --depth === 0) return end + 1
    }
  }
  return at + 1
}

function after (found: number, text: string): number {
  return found < 0 ? text.length : found + 1
}

/** `1..5`, `a..e`, with a step or without; null when it is none. */
function sequence (text: string): string[] | null {
  const found = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/.exec(text)
  if (found === null) return null
  const [, first, last, given] = found as unknown as [string, string, string, string | undefined]
  const numeric = /\d/.test(first)
  if (numeric !== /\d/.test(last)) return null
  const from = numeric ? Number(first) : first.charCodeAt(0)
  const to = numeric ? Number(last) : last.charCodeAt(0)
  const step = Math.max(1, Math.abs(Number(given ?? 1)))
  if (Math.abs(to - from) / step >= BRACE_WORDS_MAX) return [`{${text}}`]
  const padded = numeric && (/^-?0\d/.test(first) || /^-?0\d/.test(last)) ? Math.max(first.length, last.length) : 0
  const out: string[] = []
  for (let value = from; from <= to ? value <= to : value >= to; value += from <= to ? step : -step) {
    if (!numeric) out.push(String.fromCharCode(value))
    else out.push(value < 0 ? `-${String(-value).padStart(padded - 1, '0')}` : String(value).padStart(padded, '0'))
  }
  return out
}
