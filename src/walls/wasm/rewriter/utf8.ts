// UTF-8 for names in modules. The kernel depends on nothing but the language, which has no decoder of its own.
// Source: RFC 3629; refuses what the engine refuses (overlong forms, surrogates, beyond U+10FFFF).

/** The text in bytes[start, end), or undefined if it is not UTF-8. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = ''
  for (let at = start; at < end;) {
    const first = bytes[at++]!
    if (first < 0x80) {
      text += String.fromCharCode(first)
      continue
    }
    const extra = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1
    if (first < 0xc2 || first > 0xf4 || at + extra > end) return undefined
    let code = first & (0x3f >> extra)
    for (let index = 0; index < extra; index++) {
      const byte = bytes[at++]!
      if ((byte & 0xc0) !== 0x80) return undefined
      code = (code << 6) | (byte & 0x3f)
    }
    const least = extra === 3 ? 0x10000 : extra === 2 ? 0x800 : 0x80
    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return undefined
    text += String.fromCodePoint(code)
  }
  return text
}

/** The bytes of a name of plain ASCII, as all names that the rewriter adds are. */
export function encodeAscii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}
