/** Command and process substitution: what commands write, as text and as files. */

import type { CommandExpansionPart, ProcessSubstitutionPart, Statement } from 'unbash'
import { SUBSTITUTION_BYTES_MAX } from '../limits.ts'
import { concatenated } from '../text/bytes.ts'
import { Interrupt, ShellError } from './faults.ts'
import type { Interpreter } from './interpreter.ts'
import { childOf } from './jobs.ts'
import { redirected } from './redirections.ts'
import type { Io } from './streams.ts'

export async function substitute (shell: Interpreter, part: CommandExpansionPart, io: Io): Promise<string> {
  const { script } = part
  if (script?.errors !== undefined && script.errors.length > 0) throw new ShellError(`command substitution: syntax error: ${script.errors[0]!.message}`, 'fatal', 2)
  if (script === undefined || script.commands.length === 0) return ''
  // Descendants of an escaped backtick have positions in a source of their own; others in the one around them.
  const inner = script.source ?? part.text
  const offset = script.source === undefined ? part.pos : 0
  const source = ' '.repeat(Math.max(0, offset)) + inner
  const read = await redirectedInput(shell, script.commands, io)
  const text = read ?? await capture(shell, async inner => await inner.statements(script.commands, { io: inner.io, source, guarded: false }), io)
  shell.substitutions++
  return text.replace(/\n+$/, '')
}

/** `$(< file)` reads the file and starts nothing. */
async function redirectedInput (shell: Interpreter, commands: readonly Statement[], io: Io): Promise<string | undefined> {
  const command = commands.length === 1 ? commands[0]!.command : undefined
  if (command?.type !== 'Command' || command.name !== undefined || command.prefix.length + command.suffix.length !== command.redirects.length) return undefined
  const [redirect] = command.redirects
  if (command.redirects.length !== 1 || redirect?.type !== 'Redirect' || redirect.operator !== '<') return undefined
  const opened = await redirected(shell, command.redirects, io)
  try {
    shell.state.status = 0
    return await readAll(shell, opened.fd(0)!)
  } finally {
    await opened.close(shell.system)
  }
}

/** What a body writes in a process of its own. */
export async function capture (shell: Interpreter, body: (inner: Interpreter) => Promise<number>, io: Io): Promise<string> {
  const pipe = await shell.system.pipe()
  let process: number
  try {
    process = await shell.subshell(async inner => {
      // As bash has it, unless it is asked to be POSIX.
      inner.state.options.errexit = false
      return await body(inner)
    }, io.with([[1, pipe.write]], []))
  } catch (error) {
    await shell.system.close(pipe.read)
    throw error
  } finally {
    await shell.system.close(pipe.write)
  }
  const child = childOf(shell.system, process)
  const text = await readAll(shell, pipe.read).finally(() => shell.system.close(pipe.read))
  const end = await child.ended
  shell.state.status = end.status
  if (end.signal === 'SIGINT' && shell.host.session !== null) throw new Interrupt()
  return text
}

/** `<(…)`: the output of a command in a file that is there while the shell is. */
export async function substituteProcess (shell: Interpreter, part: ProcessSubstitutionPart, io: Io): Promise<string> {
  if (part.operator === '>') throw new ShellError('>(…): not supported')
  const { script } = part
  if (script === undefined) throw new ShellError('<(…): syntax error')
  const path = `/tmp/.sh-${shell.state.process}-${[...await shell.system.random(6)].map(byte => byte.toString(16).padStart(2, '0')).join('')}`
  const fd = await shell.system.open(path, { write: true, create: true, exclusive: true })
  try {
    const source = ' '.repeat(part.pos) + part.text
    const process = await shell.subshell(async inner => await inner.statements(script.commands, { io: inner.io, source, guarded: false }), io.with([[1, fd]], []))
    await childOf(shell.system, process).ended
  } finally {
    await shell.system.close(fd)
  }
  shell.temporary.push(path)
  return path
}

export async function readAll (shell: Interpreter, fd: number): Promise<string> {
  const pieces: Uint8Array[] = []
  let total = 0
  for (;;) {
    const piece = await shell.system.read(fd, 65536)
    if (piece.length === 0) break
    total += piece.length
    if (total > SUBSTITUTION_BYTES_MAX) throw new ShellError(`more than ${SUBSTITUTION_BYTES_MAX} bytes in a substitution`)
    pieces.push(piece)
  }
  // A variable holds no NUL.
  return new TextDecoder().decode(pieces.length === 0 ? new Uint8Array(0) : concatenated(pieces)).replaceAll('\0', '')
}
