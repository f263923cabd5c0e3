/**
 * Lines of code of one source: lines with something other than blanks and comments on them.
 *
 * A scanner of TypeScript and JavaScript that knows strings, template literals and regular expressions, so that `//` in
 * one of them begins no comment. Types count: they are read and reviewed with the rest.
 */

/** After one of these a slash begins a regular expression and does not divide. */
const beforeExpression = /(?:^|[=(,:;!&|?{}[+\-*%<>~^]|\b(?:return|typeof|case|in|of|delete|void|yield|await|throw|new|else|do))$/

export function codeLines (text: string): number {
  return withoutComments(text).split('\n').filter(line => line.trim() !== '').length
}

/** The text with every comment blanked out; line ends stay. Text in templates goes through `template`. */
export function withoutComments (text: string, template: (text: string) => string = text => text): string {
  let out = ''
  let at = 0
  /** For each template literal that is open: how many braces are open within its current substitution. */
  const substitutions: number[] = []
  const take = (end: number, as: (text: string) => string = text => text): void => {
    out += as(text.slice(at, end))
    at = end
  }
  while (at < text.length) {
    const two = text.slice(at, at + 2)
    const character = text[at]!
    const open = substitutions.length - 1
    if (two === '//') at = endOf(text, '\n', at)
    else if (two === '/*') {
      const end = endOf(text, '*/', at + 2) + 2
      out += text.slice(at, end).replace(/[^\n]/g, '')
      at = end
    } else if (character === '"' || character === "'") take(literalEnd(text, at, character))
    else if (character === '`') take(templateEnd(text, at + 1, substitutions), template)
    else if (character === '/' && beforeExpression.test(out.slice(-100).trimEnd())) take(expressionEnd(text, at))
    else if (character === '}' && substitutions[open] === 0) {
      substitutions.pop()
      take(templateEnd(text, at + 1, substitutions), template)
    } else {
      if (open >= 0 && character === '{') substitutions[open]!++
      if (open >= 0 && character === '}') substitutions[open]!--
      take(at + 1)
    }
  }
  return out
}

function endOf (text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from)
  return end < 0 ? text.length : end
}

function literalEnd (text: string, from: number, quote: string): number {
  let at = from + 1
  while (at < text.length && text[at] !== quote && text[at] !== '\n') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** From inside a template literal to its end or the start of a substitution. */
function templateEnd (text: string, from: number, substitutions: number[]): number {
  let at = from
  while (at < text.length && text[at] !== '`') {
    if (text[at] === '$' && text[at + 1] === '{') {
      substitutions.push(0)
      return at + 2
    }
    at += text[at] === '\\' ? 2 : 1
  }
  return at + 1
}

function expressionEnd (text: string, from: number): number {
  let inClass = false
  let at = from + 1
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true
    if (text[at] === ']') inClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return at + 1
}
