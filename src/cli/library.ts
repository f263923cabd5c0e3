/** Programs and folders of this host, as commands name them, and what can be wrong with them. */

import { readFileSync, statSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { basename } from 'node:path'
import { loadProgram } from '../index.ts'
import type { StoredProgram } from '../lab/index.ts'
import type { Machine } from '../machine/index.ts'
import type { Program, Share } from '../os/index.ts'
import { cacheFolder } from './cache-folder.ts'
import { CommandError, failed, notExecutable, notFound } from './exit.ts'
import type { Directory } from './options.ts'

const programFolder = (): URL => new URL('../../programs/wasm/', import.meta.url)

/** The program in a file. */
export function readProgram (path: string): Program {
  return programIn(path, moduleIn(path))
}

/** The bytes of a WebAssembly module in a file. */
export function moduleIn (path: string): Uint8Array {
  const bytes = bytesOf(path, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      throw new CommandError(`${path}: no such file`, 'Give the path of a WebAssembly module.', notFound)
    }
    if (error.code === 'EISDIR') throw new CommandError(`${path} is a folder`, 'Give the path of a WebAssembly module.', notExecutable)
    throw new CommandError(`${path} cannot be read: ${error.message}`, '', notExecutable)
  })
  if (startsModule(bytes)) return bytes
  throw new CommandError(`${path} is not a WebAssembly module`,
    'Compile the program for WASI preview 1 (for C: clang --target=wasm32-wasi).', notExecutable)
}

/** The program that a file's bytes are, for a machine; a live one by default. */
export function programIn (path: string, bytes: Uint8Array, machine?: Machine): Program {
  try {
    const cache = cacheFolder('rewritten')
    return loadProgram(bytes, { name: basename(path), ...(machine === undefined ? {} : { machine }), ...(cache === undefined ? {} : { cache }) })
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    // The library names the program first; the person knows it by its path.
    throw new CommandError(`${path} cannot run: ${message.replace(`${basename(path)}: `, '')}`, '', notExecutable)
  }
}

/** One of the small programs that come with KaleidOS. */
export function storedProgram (name: string): StoredProgram {
  const bytes = bytesOf(new URL(`${name}.wasm`, programFolder()), () => {
    throw new CommandError(`programs/wasm/${name}.wasm is missing from this installation`, 'Install KaleidOS again.', failed)
  })
  return { program: loadProgram(bytes, { name: `${name}.wasm` }), bytes }
}

/** At once, not through threads of the host's library: there is nothing else to do meanwhile, and starting them takes time. */
function bytesOf (path: string | URL, refuse: (error: NodeJS.ErrnoException) => never): Uint8Array<ArrayBuffer> {
  try {
    return readFileSync(path)
  } catch (error) {
    return refuse(error as NodeJS.ErrnoException)
  }
}

function statusOf (path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined
  }
}

/** The magic number and version 1 of the binary format. A component has another version. */
function startsModule (bytes: Uint8Array): boolean {
  return [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0].every((byte, at) => bytes[at] === byte)
}

export interface Folders {
  readonly shares: readonly Share[]
  /** What the program has open, guest name to path in the kernel's tree. */
  readonly preopens: Readonly<Record<string, string>>
}

/** Checks that the folders are there; the root of the tree is seen besides, unless a folder stands in its place. */
export function folders (directories: readonly Directory[]): Folders {
  for (const { hostPath } of directories) {
    const found = statusOf(hostPath)
    if (found === undefined) throw new CommandError(`--dir ${hostPath}: no such folder`, 'Make it, or name one that is there.')
    if (!found.isDirectory()) throw new CommandError(`--dir ${hostPath} is no folder`, 'Name the folder that holds it.')
  }
  const preopens = Object.fromEntries(directories.map(directory => [directory.guestName, directory.guestPath]))
  return {
    shares: directories.map(({ hostPath, guestPath, writable }) => ({ hostPath, guestPath, writable })),
    preopens: directories.some(directory => directory.guestPath === '/') ? preopens : { ...preopens, '/': '/' }
  }
}

/** What `--stdin` names: a file, - for this command's own; without, nothing. */
export async function standardInput (name: string | undefined): Promise<Uint8Array | null> {
  if (name === undefined) return null
  if (name === '-') return (await import('node:stream/consumers')).buffer(process.stdin)
  return bytesOf(name, error => { throw new CommandError(`--stdin ${name}: ${error.message}`, 'Name a file that can be read.') })
}
