/** A booted system with the userland, for the tests of the shell. */

import { boot, kernels } from '../../src/index.ts'
import type { Exit, OperatingSystem, Process } from '../../src/index.ts'
import { shellOf, userland } from '../../src/userland/index.ts'

export type KernelName = keyof typeof kernels

export async function bootShell (kernel: KernelName): Promise<OperatingSystem> {
  const os = await boot({ kernel: kernels[kernel](), executables: userland() })
  await os.fs.mkdir('/tmp', { recursive: true })
  return os
}

export interface Result extends Exit {
  readonly stdout: string
  readonly stderr: string
}

export function start (os: OperatingSystem, script: string, options: { cwd?: string, input?: Uint8Array | string | null } = {}): Process {
  return os.spawn(shellOf(), {
    args: ['sh', '-c', script], env: { PATH: '/bin', HOME: '/', LC_ALL: 'C.UTF-8' }, cwd: options.cwd ?? '/tmp', stdin: options.input ?? null
  })
}

/** What a script writes and how it ends; one that takes longer than `limitMs` is killed with all that it started. */
export async function run (os: OperatingSystem, script: string, options: { cwd?: string, input?: Uint8Array | string | null, limitMs?: number } = {}): Promise<Result> {
  const process = start(os, script, options)
  const timer = setTimeout(() => { void process.kill('SIGKILL') }, options.limitMs ?? 60_000)
  try {
    const output = await process.output()
    return { ...output, stdout: output.text, stderr: new TextDecoder().decode(output.stderr) }
  } finally {
    clearTimeout(timer)
  }
}
