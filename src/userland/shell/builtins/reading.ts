/** read and mapfile: lines of input to variables. */

import { readAll } from '../substitution.ts'
import type { Interpreter, Place } from '../interpreter.ts'
import { isName } from '../variables.ts'
import { numberOf, wrong } from './builtin.ts'

export async function read (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const { system, state } = shell
  let raw = false
  let delimiter = '\n'
  let array: string | undefined
  let count = Infinity
  let number = 0
  let timeoutMs: number | undefined
  let prompt: string | undefined
  let at = 0
  for (; args[at]?.startsWith('-') === true && args[at] !== '-'; at++) {
    const word = args[at]!
    if (word === '--') {
      at++
      break
    }
    for (let i = 1; i < word.length; i++) {
      const option = word[i]!
      if (option === 'r') raw = true
      else if (option === 's' || option === 'e') continue
      else if ('danNtup'.includes(option)) {
        const value = word.slice(i + 1) || (args[++at] ?? '')
        if (option === 'd') delimiter = value === '' ? '\0' : value[0]!
        else if (option === 'a') array = value
        else if (option === 'n' || option === 'N') count = numberOf('read', value, 0)
        else if (option === 'u') number = numberOf('read', value, 0)
        else if (option === 'p') prompt = value
        else timeoutMs = Number(value) * 1000
        break
      } else return await wrong(shell, place, `read: -${option}: invalid option`, 2)
    }
  }
  const fd = place.io.fd(number)
  if (fd === undefined) return await wrong(shell, place, `read: ${number}: Bad file descriptor`)
  if (prompt !== undefined && await system.isTerminal(fd)) await shell.writeTo(place.io, 2, prompt)
  const names = args.slice(at)
  for (const name of names) if (!isName(name.replace(/\[.*\]$/, ''))) return await wrong(shell, place, `read: \`${name}': not a valid identifier`)
  const line = await readLine(shell, fd, delimiter, raw, count, timeoutMs)
  if (array !== undefined) {
    const values = splitLine(line.text, state.variables.get('IFS') ?? ' \t\n', Infinity)
    state.variables.setElements(array, new Map(values.map((value, index) => [String(index), value])))
  } else if (names.length === 0) {
    state.variables.set('REPLY', line.text.map(({ char }) => char).join(''))
  } else {
    const values = splitLine(line.text, state.variables.get('IFS') ?? ' \t\n', names.length)
    for (const [index, name] of names.entries()) setPlace(shell, name, values[index] ?? '', place)
  }
  return line.timedOut ? 142 : line.ended ? 1 : 0
}

function setPlace (shell: Interpreter, name: string, value: string, place: Place): void {
  const indexed = /^(\w+)\[(.*)\]$/.exec(name)
  if (indexed === null) shell.state.variables.set(name, value)
  else shell.state.variables.set(indexed[1]!, value, shell.expansion(place.io).index(indexed[1]!, indexed[2]!))
}

interface ReadCharacter {
  readonly char: string
  readonly quoted: boolean
}

/**
 * A line, byte by byte where the input is shared, so that nothing is taken that belongs to who reads next. A file's
 * position is put back instead.
 */
async function readLine (
  shell: Interpreter, fd: number, delimiter: string, raw: boolean, count: number, timeoutMs: number | undefined
): Promise<{ text: ReadCharacter[], ended: boolean, timedOut: boolean }> {
  const { system } = shell
  const seekable = timeoutMs === undefined && await system.seek(fd, 0, 'current').then(() => true, () => false)
  const bytes: number[] = []
  const stop = delimiter.charCodeAt(0)
  let ended = false
  let timedOut = false
  let quoting = false
  const deadline = timeoutMs === undefined ? null : system.sleep(timeoutMs).then(() => null)
  outer: for (;;) {
    const reading = system.read(fd, seekable ? 4096 : 1)
    const piece = deadline === null ? await reading : await Promise.race([reading, deadline])
    if (piece === null) {
      timedOut = true
      break
    }
    if (piece.length === 0) {
      ended = true
      break
    }
    for (const [at, byte] of piece.entries()) {
      const escaped: boolean = quoting
      quoting = !raw && byte === 92 && !escaped
      if (byte === stop && !escaped) {
        if (at + 1 < piece.length) await system.seek(fd, at + 1 - piece.length, 'current')
        break outer
      }
      bytes.push(byte)
      if (bytes.length >= count) {
        if (at + 1 < piece.length) await system.seek(fd, at + 1 - piece.length, 'current')
        break outer
      }
    }
  }
  const out: ReadCharacter[] = []
  const text = new TextDecoder().decode(Uint8Array.from(bytes)).replaceAll('\0', '')
  let escaped = false
  for (const char of text) {
    if (!raw && char === '\\' && !escaped) {
      escaped = true
      continue
    }
    if (!(escaped && char === '\n')) out.push({ char, quoted: escaped })
    escaped = false
  }
  return { text: out, ended, timedOut }
}

/** At most `most` pieces; the last one is the rest of the line. */
function splitLine (text: readonly ReadCharacter[], ifs: string, most: number): string[] {
  const isDelimiter = (at: number): boolean => at < text.length && !text[at]!.quoted && ifs.includes(text[at]!.char)
  const isSpace = (at: number): boolean => isDelimiter(at) && ' \t\n'.includes(text[at]!.char)
  const out: string[] = []
  let at = 0
  while (isSpace(at)) at++
  while (at < text.length) {
    if (out.length === most - 1) {
      let end = text.length
      while (end > at && isSpace(end - 1)) end--
      const rest = text.slice(at, end)
      // One delimiter at the end of the last piece belongs to it no more, if it is the only one.
      const only = rest.findIndex((_, index) => isDelimiter(at + index))
      const cut = only >= 0 && only === rest.length - 1 && !isSpace(at + only) ? rest.slice(0, -1) : rest
      out.push(cut.map(({ char }) => char).join(''))
      return out
    }
    let end = at
    while (end < text.length && !isDelimiter(end)) end++
    out.push(text.slice(at, end).map(({ char }) => char).join(''))
    at = end
    while (isSpace(at)) at++
    if (isDelimiter(at) && !isSpace(at)) {
      at++
      while (isSpace(at)) at++
    }
  }
  return out
}

export async function mapfile (shell: Interpreter, args: readonly string[], place: Place): Promise<number> {
  const trim = args.includes('-t')
  const name = args.findLast(word => !word.startsWith('-')) ?? 'MAPFILE'
  const fd = place.io.fd(0)
  if (fd === undefined) return await wrong(shell, place, 'mapfile: 0: Bad file descriptor')
  const text = await readAll(shell, fd)
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? []
  shell.state.variables.setElements(name, new Map(lines.map((line, at) => [String(at), trim ? line.replace(/\n$/, '') : line])))
  return 0
}
