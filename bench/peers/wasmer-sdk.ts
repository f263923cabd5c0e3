/** @wasmer/sdk: WASIX of Rust, compiled to WebAssembly; the program runs in a worker of its own. */

import type { Peer } from './peer.ts'

export const wasmerSdk: Peer = {
  name: '@wasmer/sdk', setUp: 'a sandbox\'s workspace', folder: '/workspace', keepsFiles: true,
  async open (bytes) {
    const { Wasmer } = await import('@wasmer/sdk/node')
    const wasmer = new Wasmer()
    const program = await wasmer.packages.load(bytes)
    const sandbox = await wasmer.sandboxes.create({ packages: [program] })
    return async args => {
      const output = await sandbox.command(program, args.slice(1)).run({ check: false })
      const decoder = new TextDecoder()
      return { status: output.exitCode ?? 1, stdout: decoder.decode(output.stdout.bytes), stderr: decoder.decode(output.stderr.bytes) }
    }
  }
}
