/** Words as a shell would read them again. */

/** The text as one word of shell source. `always`: in quotes even where it needs none. */
export function quoteWord (text: string, always = false): string {
  if (!always && /^[A-Za-z0-9_@%+=:,./^-]+$/.test(text)) return text
  if (/[\x00-\x1f\x7f]/.test(text)) return `$'${[...text].map(ansiC).join('')}'`
  return `'${text.replaceAll('\'', '\'\\\'\'')}'`
}

/** The same with backslashes, as `printf %q` writes it. */
export function escapeWord (text: string): string {
  if (/[\x00-\x1f\x7f]/.test(text)) return quoteWord(text)
  return text.replace(/[^A-Za-z0-9_@%+=:./\u0080-\uffff-]/g, '\\$&')
}

const named: Readonly<Record<string, string>> = {
  '\n': '\\n', '\t': '\\t', '\r': '\\r', '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\v': '\\v', '\x1b': '\\E', '\\': '\\\\', '\'': '\\\''
}

function ansiC (char: string): string {
  const code = char.charCodeAt(0)
  return named[char] ?? (code < 0x20 || code === 0x7f ? `\\${code.toString(8).padStart(3, '0')}` : char)
}
