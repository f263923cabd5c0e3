/** How the shell starts programs: by name, by path, and as scripts. */

import type { ChildOptions } from '../../os/index.ts'
import { codeOf, describe } from '../library/errors.ts'
import { ShellError } from './faults.ts'
import type { Interpreter } from './interpreter.ts'
import type { Io } from './streams.ts'

const SCRIPT_START_BYTES = 256

/** Starts a program by name. Throws a ShellError with the status that a shell gives when there is none. */
export async function startProgram (shell: Interpreter, words: readonly string[], env: Readonly<Record<string, string>>, io: Io, group: number | undefined): Promise<number> {
  const name = words[0]!
  const path = await shell.paths.find(name)
  if (path === undefined) {
    throw new ShellError(name.includes('/') ? `${name}: No such file or directory` : `${name}: command not found`, 'command', 127)
  }
  const request: ChildOptions = { args: words, env, descriptors: io.list(), group: groupOf(group) }
  try {
    return await shell.system.spawn(path, request)
  } catch (error) {
    switch (codeOf(error)) {
      case 'ENOEXEC': return await startScript(shell, path, words, request)
      case 'ENOENT': shell.paths.forget(name); throw new ShellError(`${name}: No such file or directory`, 'command', 127)
      case 'EISDIR': throw new ShellError(`${name}: Is a directory`, 'command', 126)
      case 'ENOTSUP': throw new ShellError(`${name}: this kernel runs one program, and the shell is it: only what is built in can be used`, 'command', 126)
      case '': throw error
      default: throw new ShellError(`${name}: ${describe(error)}`, 'command', 126)
    }
  }
}

/** What is no program may be a script. */
async function startScript (shell: Interpreter, path: string, words: readonly string[], request: ChildOptions): Promise<number> {
  const fd = await shell.system.open(path, { read: true })
  const start = await shell.system.read(fd, SCRIPT_START_BYTES).finally(() => shell.system.close(fd))
  if (start.includes(0)) throw new ShellError(`${words[0]!}: cannot execute binary file: Exec format error`, 'command', 126)
  const [, interpreter, option] = /^#! *(\S+)(?: +(\S+))?/.exec(new TextDecoder().decode(start)) ?? []
  const isShell = interpreter === undefined || /(^|\/)(ba|da|k)?sh$/.test(interpreter) || (/\/env$/.test(interpreter) && /^(ba|da)?sh$/.test(option ?? ''))
  if (isShell) return await shell.system.spawn(shell.host.path, { ...request, args: [words[0]!, path, ...words.slice(1)] })
  const program = await shell.paths.find(/\/env$/.test(interpreter) && option !== undefined ? option : interpreter)
  if (program === undefined) throw new ShellError(`${words[0]!}: ${interpreter}: bad interpreter: No such file or directory`, 'command', 126)
  const more = /\/env$/.test(interpreter) || option === undefined ? [] : [option]
  return await shell.system.spawn(program, { ...request, args: [program, ...more, path, ...words.slice(1)] })
}

/** A process group as the shell names it (0 a new one, undefined the shell's own) in the system's words. */
export function groupOf (group: number | undefined): 'same' | 'new' | number {
  return group === undefined ? 'same' : group === 0 ? 'new' : group
}
