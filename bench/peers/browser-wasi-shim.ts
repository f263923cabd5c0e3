/** @bjorn3/browser_wasi_shim: its tree of maps and byte arrays; debugging off. */

import type { ConsoleStdout as Stdout, Inode } from '@bjorn3/browser_wasi_shim'
import type { Peer } from './peer.ts'

export const browserWasiShim: Peer = {
  name: '@bjorn3/browser_wasi_shim', setUp: 'its tree in memory', folder: '/', keepsFiles: true,
  async open (bytes) {
    const { ConsoleStdout, Directory, File, OpenFile, PreopenDirectory, WASI } = await import('@bjorn3/browser_wasi_shim')
    const module = new WebAssembly.Module(bytes)
    const root = new Map<string, Inode>([['tmp', new Directory(new Map())]])
    return async args => {
      const output = ['', '']
      const stream = (which: 0 | 1): Stdout => {
        const decoder = new TextDecoder()
        return new ConsoleStdout(bytes => { output[which] += decoder.decode(bytes, { stream: true }) })
      }
      const fds = [new OpenFile(new File([])), stream(0), stream(1), new PreopenDirectory('/', root)]
      const wasi = new WASI([...args], [], fds, { debug: false })
      const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: wasi.wasiImport })
      const status = wasi.start(instance as Parameters<typeof wasi.start>[0])
      return { status, stdout: output[0]!, stderr: output[1]! }
    }
  }
}
