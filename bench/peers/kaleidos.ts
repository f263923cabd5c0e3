/** Ours: a process of a system that `boot` made, under each kernel. */

import { boot, kernels, loadProgram } from '../../src/index.ts'
import type { OperatingSystem, Plan, Process } from '../../src/index.ts'
import type { Peer } from './peer.ts'

const setUp = 'ramfs'

async function outputOf (process: Process): ReturnType<Awaited<ReturnType<Peer['open']>>> {
  const { status, text, stderr, message } = await process.output()
  return { status, stdout: text, stderr: new TextDecoder().decode(stderr) || message }
}

/** A kernel that runs one program after the other. */
function shared (name: string, plan: () => Plan): Peer {
  return {
    name, setUp, folder: '/', keepsFiles: true,
    async open (bytes) {
      const program = loadProgram(bytes)
      const os = await boot({ kernel: plan(), program })
      return args => outputOf(os.spawn(program, { args, stdin: null }))
    }
  }
}

export const monolithic = shared('monolithic', kernels.monolithic)
export const microkernel = shared('microkernel', kernels.microkernel)

/** An image of one program: booted for each run. */
export const unikernel: Peer = {
  name: 'unikernel', setUp, folder: '/', keepsFiles: false,
  async open (bytes) {
    const program = loadProgram(bytes)
    return async args => {
      await using os: OperatingSystem = await boot({ kernel: kernels.unikernel(), program })
      return await outputOf(os.spawn(program, { args, stdin: null }))
    }
  }
}
