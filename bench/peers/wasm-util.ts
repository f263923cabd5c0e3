/** @tybys/wasm-util: WASI over a module like node:fs. That is memfs as a rule; over Node's own, files lie in the host. */

import hostFs from 'node:fs'
import type { IFs } from '@tybys/wasm-util'
import { memoryFolder, scratchFolder } from './node-wasi.ts'
import type { Peer } from './peer.ts'
import { memoryOf, withStopwatch } from './stopwatch.ts'

function over (setUp: string, make: () => Promise<{ readonly fs: IFs, readonly root: string }>): Peer {
  return {
    name: '@tybys/wasm-util', setUp, folder: '/', keepsFiles: true,
    async open (bytes) {
      const { WASI } = await import('@tybys/wasm-util')
      const module = new WebAssembly.Module(bytes)
      const { fs, root } = await make()
      return async args => {
        let stdout = ''
        let stderr = ''
        const wasi = new WASI({
          version: 'preview1', args: [...args], preopens: { '/': root }, fs, returnOnExit: true,
          print: line => { stdout += `${line}\n` },
          printErr: line => { stderr += `${line}\n` }
        })
        const imports = withStopwatch(wasi.wasiImport, args, () => memoryOf(instance))
        const instance: WebAssembly.Instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: imports })
        const status = await wasi.start(instance)
        return { status: status ?? 0, stdout, stderr }
      }
    }
  }
}

export const wasmUtilInMemory = over('memfs', async () => {
  const { Volume, createFsFromVolume } = await import('memfs')
  const volume = new Volume()
  volume.mkdirSync('/root', { recursive: true })
  return { fs: createFsFromVolume(volume) as unknown as IFs, root: '/root' }
})

export const wasmUtilOnHost = over(memoryFolder() === null ? 'node:fs' : 'node:fs on tmpfs', async () => {
  return { fs: hostFs as unknown as IFs, root: scratchFolder() }
})
