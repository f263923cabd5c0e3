/** node:wasi (uvwasi): files are the host's. In its favour they lie in memory, where the host has a folder for that. */

import { accessSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Output, Peer } from './peer.ts'

/** A folder in memory if the host has one, else one for temporary files; removed when this process ends. */
export function scratchFolder (): string {
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), 'kaleidos-bench-'))
  process.once('exit', () => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}

/** Linux keeps one. */
export function memoryFolder (): string | null {
  const folder = '/dev/shm'
  try {
    accessSync(folder)
    return folder
  } catch {
    return null
  }
}

/** Runs `start` with standard streams that lie in files, and gives what came out. */
export async function withStreams (
  folder: string, start: (streams: { stdin: number, stdout: number, stderr: number }) => Promise<number>
): Promise<Output> {
  const [out, err] = [join(folder, 'out'), join(folder, 'err')]
  const streams = { stdin: openSync('/dev/null', 'r'), stdout: openSync(out, 'w'), stderr: openSync(err, 'w') }
  try {
    const status = await start(streams)
    return { status, stdout: readFileSync(out, 'utf8'), stderr: readFileSync(err, 'utf8') }
  } finally {
    for (const fd of Object.values(streams)) closeSync(fd)
  }
}

export const nodeWasi: Peer = {
  name: 'node:wasi', setUp: memoryFolder() === null ? 'the host\'s temporary folder' : 'tmpfs', folder: '/', keepsFiles: true,
  async open (bytes) {
    const { WASI } = await import('node:wasi')
    const module = new WebAssembly.Module(bytes)
    const [root, own] = [scratchFolder(), scratchFolder()]
    return args => withStreams(own, async streams => {
      const wasi = new WASI({ version: 'preview1', args: [...args], preopens: { '/': root }, returnOnExit: true, ...streams })
      return wasi.start(new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports))
    })
  }
}
