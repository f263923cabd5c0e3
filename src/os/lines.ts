/** A stream of bytes as lines of text. */

/**
 * Lines without their ends, which are `\n` or `\r\n`; a last one that has no end too. Bytes that are no UTF-8 are read as
 * U+FFFD. Whoever leaves the loop before the end lets go of the stream.
 */
export async function * linesOf (stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  const reader = stream.getReader()
  let begun = ''
  let ended = false
  try {
    for (;;) {
      const { done, value } = await reader.read()
      const lines = (begun + decoder.decode(value, { stream: !done })).split('\n')
      begun = lines.pop()!
      for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line
      if (!done) continue
      ended = true
      if (begun !== '') yield begun
      return
    }
  } finally {
    if (!ended) await reader.cancel()
    reader.releaseLock()
  }
}
