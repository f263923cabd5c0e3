/** node:wasi (uvwasi): files are the host's. In its favour they lie in memory, where the host has a folder for that. */

import { accessSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Peer } from './peer.ts'

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

export const nodeWasi: Peer = {
  name: 'node:wasi', setUp: memoryFolder() === null ? 'the host\'s temporary folder' : 'tmpfs', folder: '/', keepsFiles: true,
  async open (bytes) {
    const { WASI } = await import('node:wasi')
    const module = new WebAssembly.Module(bytes)
    const [root, own] = [scratchFolder(), scratchFolder()]
    const [out, err] = [join(own, 'out'), join(own, 'err')]
    return async args => {
      const [stdin, stdout, stderr] = [openSync('/dev/null', 'r'), openSync(out, 'w'), openSync(err, 'w')]
      const wasi = new WASI({ version: 'preview1', args: [...args], preopens: { '/': root }, stdin, stdout, stderr, returnOnExit: true })
      const status = wasi.start(new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports))
      for (const fd of [stdin, stdout, stderr]) closeSync(fd)
      return { status, stdout: readFileSync(out, 'utf8'), stderr: readFileSync(err, 'utf8') }
    }
  }
}
