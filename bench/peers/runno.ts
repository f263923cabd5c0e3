/** @runno/wasi: its file system, an object of paths; without the debugging hook. */

import type { WASIFS } from '@runno/wasi'
import type { Peer } from './peer.ts'
import { memoryOf, withStopwatch } from './stopwatch.ts'

export const runno: Peer = {
  name: '@runno/wasi', setUp: 'its object of paths', folder: '/', keepsFiles: true,
  async open (bytes) {
    const { WASI } = await import('@runno/wasi')
    const module = new WebAssembly.Module(bytes)
    let fs: WASIFS = {}
    return async args => {
      let stdout = ''
      let stderr = ''
      const wasi = new WASI({
        args: [...args], env: {}, fs, isTTY: false, stdin: () => null,
        stdout: text => { stdout += text },
        stderr: text => { stderr += text }
      })
      const imports = withStopwatch(wasi.getImportObject().wasi_snapshot_preview1, args, () => memoryOf(instance))
      const instance: WebAssembly.Instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports })
      const result = wasi.start({ instance, module })
      fs = result.fs
      return { status: result.exitCode, stdout, stderr }
    }
  }
}
