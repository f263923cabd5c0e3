/**
 * Redirections: `<`, `>`, `>>`, `<>`, `>|`, `&>`, `n>&m`, `n<&-`, here-documents and here-strings.
 *
 * Source: POSIX.1-2024, Shell Command Language 2.7; bash(1), REDIRECTION.
 */

import type { Redirect, Redirection } from 'unbash'
import { describe } from '../library/errors.ts'
import type { OpenOptions } from '../../os/index.ts'
import { ShellError } from './faults.ts'
import type { Interpreter } from './interpreter.ts'
import type { Io } from './streams.ts'

/** The largest number of a descriptor that a script may use. */
const FD_MAX = 255
/** Bytes of a here-document that go through a pipe; longer ones through a file. */
const PIPED_BYTES_MAX = 4096

/** The table after the redirections; the same one when there are none. Its `close` closes what was opened. */
export async function redirected (shell: Interpreter, redirections: readonly Redirection[], io: Io): Promise<Io> {
  if (redirections.length === 0) return io
  const own: number[] = []
  let table = io
  try {
    for (const redirection of redirections) {
      const changes = await changesOf(shell, redirection, table, own)
      table = table.with(changes, own)
    }
    return table
  } catch (error) {
    for (const fd of own) await shell.system.close(fd).catch(() => {})
    throw error
  }
}

async function changesOf (shell: Interpreter, redirection: Redirection, io: Io, own: number[]): Promise<[number, number][]> {
  const number = await numberOf(shell, redirection)
  if (redirection.type === 'HereDoc') {
    const text = await shell.expansion(io).hereDocument(redirection)
    return [[number ?? 0, await document(shell, text, own)]]
  }
  if (redirection.type === 'HereString') {
    const text = redirection.target === undefined ? '' : await shell.expansion(io).text(redirection.target)
    return [[number ?? 0, await document(shell, `${text}\n`, own)]]
  }
  if (redirection.target === undefined) throw new ShellError('syntax error: a redirection without a target')
  const { operator } = redirection
  const target = await shell.expansion(io).target(redirection.target)
  if (operator === '>&' || operator === '<&') return await duplicated(shell, redirection, target, number, io, own)
  const fd = await opened(shell, target, operator, own)
  if (operator === '&>' || operator === '&>>') return [[1, fd], [2, fd]]
  return [[number ?? (operator.startsWith('<') ? 0 : 1), fd]]
}

async function numberOf (shell: Interpreter, { descriptor }: Redirection): Promise<number | undefined> {
  if (descriptor === undefined) return undefined
  if (descriptor.type === 'FileDescriptorVariable') throw new ShellError(`{${descriptor.name}}: not supported`)
  if (descriptor.value > FD_MAX) throw new ShellError(`${descriptor.value}: Bad file descriptor`)
  return descriptor.value
}

async function duplicated (
  shell: Interpreter, { operator }: Redirect, target: string, number: number | undefined, io: Io, own: number[]
): Promise<[number, number][]> {
  const to = number ?? (operator === '<&' ? 0 : 1)
  if (target === '-') return [[to, -1]]
  const moved = /^(\d+)(-?)$/.exec(target)
  if (moved === null) {
    if (operator === '<&' || number !== undefined) throw new ShellError(`${target}: ambiguous redirect`)
    const fd = await opened(shell, target, '>', own)
    return [[1, fd], [2, fd]]
  }
  const from = Number(moved[1])
  const fd = io.fd(from)
  if (fd === undefined) throw new ShellError(`${from}: Bad file descriptor`)
  return moved[2] === '-' ? [[to, fd], [from, -1]] : [[to, fd]]
}

const modes: Readonly<Record<string, OpenOptions>> = {
  '<': { read: true },
  '<>': { read: true, write: true, create: true },
  '>': { write: true, create: true, truncate: true },
  '>|': { write: true, create: true, truncate: true },
  '&>': { write: true, create: true, truncate: true },
  '>>': { write: true, create: true, append: true },
  '&>>': { write: true, create: true, append: true }
}

async function opened (shell: Interpreter, path: string, operator: string, own: number[]): Promise<number> {
  const { system, state } = shell
  if (state.options.noclobber && (operator === '>' || operator === '&>')) {
    const there = await system.stat(path).catch(() => null)
    if (there?.type === 'file') throw new ShellError(`${path}: cannot overwrite existing file`)
  }
  try {
    const fd = await system.open(path, modes[operator]!)
    own.push(fd)
    return fd
  } catch (error) {
    throw new ShellError(`${path}: ${describe(error)}`)
  }
}

/** A descriptor from which a text is read. */
async function document (shell: Interpreter, text: string, own: number[]): Promise<number> {
  const { system } = shell
  const bytes = new TextEncoder().encode(text)
  if (bytes.length <= PIPED_BYTES_MAX) {
    const pipe = await system.pipe()
    own.push(pipe.read)
    try {
      if (bytes.length > 0) await system.write(pipe.write, bytes)
    } finally {
      await system.close(pipe.write)
    }
    return pipe.read
  }
  const name = [...await system.random(8)].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const path = `/tmp/.here-${name}`
  const fd = await system.open(path, { read: true, write: true, create: true, exclusive: true })
  own.push(fd)
  await system.unlink(path)
  await system.write(fd, bytes)
  await system.seek(fd, 0)
  return fd
}
