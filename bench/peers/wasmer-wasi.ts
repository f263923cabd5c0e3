/** @wasmer/wasi: WASI and a file system in memory of Rust, compiled to WebAssembly. */

import { createRequire } from 'node:module'
import type * as WasmerWasi from '@wasmer/wasi'
import type { Peer } from './peer.ts'
import { memoryOf, withStopwatch } from './stopwatch.ts'

export const wasmerWasi: Peer = {
  name: '@wasmer/wasi', setUp: 'its MemFS', folder: '/', keepsFiles: true,
  async open (bytes) {
    const { WASI, init } = createRequire(import.meta.url)('@wasmer/wasi') as typeof WasmerWasi
    await init()
    const module = new WebAssembly.Module(bytes)
    // It takes a file system for itself; the getter gives another handle of the same.
    let last: WasmerWasi.WASI | null = null
    return async args => {
      const wasi = new WASI({ args: [...args], env: {}, preopens: { '/': '/' }, ...(last === null ? {} : { fs: last.fs }) })
      last = wasi
      const { wasi_snapshot_preview1: functions } = wasi.getImports(module) as { wasi_snapshot_preview1: WebAssembly.ModuleImports }
      const imports = withStopwatch(functions, args, () => memoryOf(instance))
      const instance: WebAssembly.Instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports })
      const status = wasi.start(instance)
      return { status, stdout: wasi.getStdoutString(), stderr: wasi.getStderrString() }
    }
  }
}
