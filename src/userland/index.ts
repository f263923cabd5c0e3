/**
 * The userland: a shell and the commands that people type, as tasks over the system calls of their own processes.
 *
 * Nothing here is part of a kernel, and nothing reaches past the task API: a command can do what its process can.
 */

import type { Task } from '../os/index.ts'
import type { BorrowedName } from './commands/borrowed.ts'
import { commandTask } from './library/tool.ts'
import type { Command } from './library/tool.ts'
import { shellTask } from './shell/main.ts'
import type { Session } from './shell/host.ts'

export type { Completion, Session } from './shell/host.ts'
export { PATH_DEFAULT } from './shell/paths.ts'
export { HISTORY_LINES_MAX } from './limits.ts'

/** Where the shell lies. */
export const SHELL_PATH = '/bin/sh'

interface Module {
  readonly load: () => Promise<Readonly<Record<string, Command>>>
  readonly names: readonly string[]
}

/** Commands by the module that holds them; each is exported by its name. */
const modules: readonly Module[] = [
  { load: () => import('./commands/bytes.ts'), names: ['base64', 'cksum', 'cmp', 'dd', 'expr', 'hexdump', 'od', 'strings', 'xxd'] },
  { load: () => import('./commands/files.ts'), names: ['basename', 'cp', 'dirname', 'ln', 'mkdir', 'mktemp', 'mv', 'readlink', 'realpath', 'rm', 'rmdir', 'touch', 'truncate'] },
  { load: () => import('./commands/find.ts'), names: ['find', 'xargs'] },
  { load: () => import('./commands/grep.ts'), names: ['grep'] },
  { load: () => import('./commands/lines.ts'), names: ['comm', 'cut', 'fold', 'paste', 'shuf', 'sort', 'split', 'tr', 'uniq'] },
  { load: () => import('./commands/ls.ts'), names: ['du', 'file', 'ls', 'stat', 'tree'] },
  { load: () => import('./commands/processes.ts'), names: ['env', 'kill', 'nohup', 'pgrep', 'pkill', 'printenv', 'ps', 'timeout'] },
  { load: () => import('./commands/sed.ts'), names: ['sed'] },
  { load: () => import('./commands/streams.ts'), names: ['cat', 'head', 'nl', 'rev', 'seq', 'sleep', 'tac', 'tail', 'tee', 'wc', 'yes'] },
  { load: () => import('./commands/system.ts'), names: ['clear', 'date', 'df', 'free', 'hostname', 'id', 'mount', 'nproc', 'tty', 'uname', 'uptime', 'which', 'whoami'] },
  { load: () => import('./commands/top.ts'), names: ['top'] }
]

/** Those that the package just-bash has, if it is installed. */
const borrowedNames: readonly BorrowedName[] = [
  'awk', 'column', 'diff', 'expand', 'gunzip', 'gzip', 'join', 'jq', 'md5sum', 'rg', 'sha1sum', 'tar', 'unexpand', 'xan', 'yq', 'zcat'
]

/** Other names of the same command. */
const aliases: Readonly<Record<string, string>> = { egrep: 'grep', fgrep: 'grep', bash: 'sh' }

/** Statuses for a wrong command line, where they are not 1. */
const usageStatus: Readonly<Record<string, number>> = { env: 125, expr: 2, grep: 2, egrep: 2, fgrep: 2, ls: 2, sort: 2, test: 2, timeout: 125, tty: 2 }

/** Every command by its path, for `boot`'s `executables`. Each is loaded when it is started first. */
export function userland (): Readonly<Record<string, Task>> {
  const out: Record<string, Task> = { [SHELL_PATH]: shellTask(SHELL_PATH) }
  for (const { load, names } of modules) {
    for (const name of names) out[`/bin/${name}`] = commandTask(name, async () => (await load())[name]!, usageStatus[name])
  }
  for (const name of borrowedNames) out[`/bin/${name}`] = commandTask(name, async () => (await import('./commands/borrowed.ts')).borrowed(name))
  for (const name of ['true', 'false', 'echo', 'printf', 'test', '[', 'pwd']) out[`/bin/${name}`] = builtinTask(name)
  for (const [name, target] of Object.entries(aliases)) out[`/bin/${name}`] = target === 'sh' ? out[SHELL_PATH]! : commandTask(name, async () => (await import('./commands/grep.ts')).grep, usageStatus[name])
  return out
}

/** The shell of scripts. */
export function shellOf (): Task {
  return shellTask(SHELL_PATH)
}

/** The shell of a person. */
export function interactiveShell (session: Session): Task {
  return shellTask(SHELL_PATH, session)
}

/** What the shell does itself, for those who start it as a program: `env echo`, `xargs printf`. */
function builtinTask (name: string): Task {
  return async calls => {
    const { builtins } = await import('./shell/builtins/index.ts')
    const { Interpreter } = await import('./shell/interpreter.ts')
    const { newState } = await import('./shell/state.ts')
    const { Io } = await import('./shell/streams.ts')
    const shell = new Interpreter(calls, newState(name, await calls.pid(), false), { path: SHELL_PATH, session: null }, Io.standard())
    return await shell.toEnd(() => builtins[name]!(shell, calls.args.slice(1), { io: shell.io, source: '', guarded: true }))
  }
}
