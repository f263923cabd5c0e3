/**
 * awk, jq, diff, tar, gzip and others that the package `just-bash` has: each run by it in a process of its own, with files
 * by that process's system calls.
 *
 * What that means: it reads all of its input before it writes anything, so these do not work on streams that never end; and
 * it stops by counts of its own where it would go on for long, since a task is not preempted. The package is large and
 * optional: without it these say what to install.
 */

import type { IFileSystem } from 'just-bash'
import type { FileStat, TaskCalls } from '../../os/index.ts'
import { joined as joinedPath, normalized } from '../library/path.ts'
import { copyTree, removeTree } from '../library/tree.ts'
import { Failure } from '../library/tool.ts'
import type { Command, Tool } from '../library/tool.ts'
import { BORROWED_STEPS_MAX } from '../limits.ts'
import { encodeText } from '../text/bytes.ts'

/** The names; what they do is the package's matter. */
export type BorrowedName =
  'awk' | 'column' | 'diff' | 'expand' | 'gunzip' | 'gzip' | 'join' | 'jq' | 'md5sum' | 'rg' | 'sha1sum' | 'tar' | 'unexpand' | 'xan' | 'yq' | 'zcat'

/** Those that read standard input only when a file is not named, or is `-`, are not asked: all there is is read. */
const readsNoInput = new Set<string>(['diff', 'rg', 'tar'])

export function borrowed (name: BorrowedName): Command {
  return async tool => {
    const { Bash } = await import('just-bash').catch(() => {
      throw new Failure('comes with the package just-bash, which is not installed: npm install just-bash', 127)
    })
    const piped = !readsNoInput.has(name) || tool.args.includes('-')
    const input = piped && !await tool.calls.isTerminal(0) ? await tool.readAll('-') : new Uint8Array(0)
    const cwd = await tool.calls.cwd()
    const bash = new Bash({
      fs: new ProcessFiles(tool), commands: [name], cwd, env: { ...tool.env },
      // It would take functions away from the whole host, and so from the kernel.
      defenseInDepth: false,
      executionLimits: { maxAwkIterations: BORROWED_STEPS_MAX, maxJqIterations: BORROWED_STEPS_MAX, maxWorkUnits: BORROWED_STEPS_MAX }
    })
    const result = await bash.exec(name, { args: [...tool.args], stdin: latin1(input), stdinKind: 'bytes', rawScript: true })
    if (result.stderr !== '') await tool.calls.write(2, result.stderr)
    await tool.print(result.stdoutKind === 'text' || (result.stdoutKind === undefined && /[^\0-\xff]/.test(result.stdout)) ? encodeText(result.stdout) : fromLatin1(result.stdout))
    return result.exitCode
  }
}

function latin1 (bytes: Uint8Array): string {
  let out = ''
  for (let at = 0; at < bytes.length; at += 8192) out += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return out
}

function fromLatin1 (text: string): Uint8Array {
  return Uint8Array.from(text, char => char.charCodeAt(0))
}

type PackageStat = Awaited<ReturnType<IFileSystem['stat']>>

/** The files of a process as the package asks for them. */
class ProcessFiles implements IFileSystem {
  readonly #tool: Tool
  readonly #calls: TaskCalls

  constructor (tool: Tool) {
    this.#tool = tool
    this.#calls = tool.calls
  }

  async readFile (path: string): Promise<string> {
    return await this.#asked(path, async () => await this.#calls.readText(path))
  }

  async readFileBuffer (path: string): Promise<Uint8Array> {
    return await this.#asked(path, async () => await this.#calls.readFile(path))
  }

  async writeFile (path: string, content: string | Uint8Array): Promise<void> {
    await this.#asked(path, async () => { await this.#calls.writeFile(path, content) })
  }

  async appendFile (path: string, content: string | Uint8Array): Promise<void> {
    await this.#asked(path, async () => {
      const fd = await this.#calls.open(path, { append: true, create: true })
      await this.#calls.write(fd, content).finally(() => this.#calls.close(fd))
    })
  }

  async exists (path: string): Promise<boolean> {
    return await this.#calls.stat(path).then(() => true, () => false)
  }

  async stat (path: string): Promise<PackageStat> {
    return await this.#asked(path, async () => packageStat(await this.#calls.stat(path)))
  }

  async lstat (path: string): Promise<PackageStat> {
    return await this.#asked(path, async () => packageStat(await this.#calls.lstat(path)))
  }

  async mkdir (path: string, options?: { recursive?: boolean }): Promise<void> {
    await this.#asked(path, async () => {
      if (options?.recursive !== true) return await this.#calls.mkdir(path)
      const names = path.split('/')
      for (let count = 2; count <= names.length; count++) {
        const part = names.slice(0, count).join('/')
        if (!await this.exists(part)) await this.#calls.mkdir(part)
      }
    })
  }

  async readdir (path: string): Promise<string[]> {
    return await this.#asked(path, async () => (await this.#calls.readdir(path)).map(entry => entry.name))
  }

  async readdirWithFileTypes (path: string): Promise<{ name: string, isFile: boolean, isDirectory: boolean, isSymbolicLink: boolean }[]> {
    return await this.#asked(path, async () => (await this.#calls.readdir(path)).map(({ name, type }) => ({
      name, isFile: type === 'file', isDirectory: type === 'directory', isSymbolicLink: type === 'symlink'
    })))
  }

  async rm (path: string, options?: { recursive?: boolean, force?: boolean }): Promise<void> {
    if (options?.force === true && !await this.exists(path)) return
    await this.#asked(path, async () => {
      if (options?.recursive === true) await removeTree(this.#tool, path, async () => {})
      else await this.#calls.unlink(path)
    })
  }

  async cp (from: string, to: string, options?: { recursive?: boolean }): Promise<void> {
    await this.#asked(from, () => copyTree(this.#tool, from, to, { recursive: options?.recursive === true, keepLinks: true, keepTimes: false, told: async () => {} }))
  }

  async mv (from: string, to: string): Promise<void> {
    await this.#asked(from, () => this.#calls.rename(from, to))
  }

  resolvePath (base: string, path: string): string {
    return normalized(path.startsWith('/') ? path : joinedPath(base, path))
  }

  getAllPaths (): string[] {
    return []
  }

  async chmod (): Promise<void> {
    // Files have no modes here.
  }

  async symlink (target: string, path: string): Promise<void> {
    await this.#asked(path, () => this.#calls.symlink(target, path))
  }

  async link (from: string, to: string): Promise<void> {
    await this.#asked(from, () => this.#calls.link(from, to))
  }

  async readlink (path: string): Promise<string> {
    return await this.#asked(path, () => this.#calls.readlink(path))
  }

  async realpath (path: string): Promise<string> {
    const { resolvePath } = await import('../library/resolve.ts')
    return await resolvePath(this.#tool, path, 'none')
  }

  async utimes (path: string, accessed: Date, modified: Date): Promise<void> {
    await this.#asked(path, () => this.#calls.utimes(path, { accessedMs: accessed.getTime(), modifiedMs: modified.getTime() }))
  }

  /** The package looks for the error's name at the start of a message. */
  async #asked<T> (path: string, call: () => Promise<T>): Promise<T> {
    try {
      return await call()
    } catch (error) {
      const code: unknown = (error as { code?: unknown }).code
      if (typeof code !== 'string') throw error
      throw Object.assign(new Error(`${code}: ${code === 'ENOENT' ? 'no such file or directory' : code === 'EISDIR' ? 'illegal operation on a directory' : 'operation failed'}, '${path}'`), { code })
    }
  }
}

function packageStat (stat: FileStat): PackageStat {
  return {
    isFile: stat.type === 'file', isDirectory: stat.type === 'directory', isSymbolicLink: stat.type === 'symlink', mode: stat.type === 'directory' ? 0o777 : 0o666,
    // eslint-disable-next-line no-restricted-globals -- its type is the package's; the time is the file's.
    size: stat.size, mtime: new Date(stat.modifiedMs), ino: stat.inode, dev: stat.device
  }
}
