/**
 * The WASI personality: the calls of unmodified programs as calls on the roles of the system.
 *
 * One instance may serve one program or many: it keeps nothing about a caller between calls. A call takes numbers as
 * WebAssembly has them and gives an errno from 0 up, or a fiber when it must wait. It checks every pointer and every
 * flag before it changes anything, results' places too: a call that fails with EFAULT or EINVAL has done nothing.
 * `proc_exit` is not here: it ends the program in the trampoline.
 * Source: `wasi_snapshot_preview1.witx`; where that says nothing, POSIX and Linux, and what wasi-libc expects.
 */

import { unreachable } from '../../fiber/index.ts'
import { SystemCalls, service } from '../../roles/index.ts'
import { argumentCalls } from './arguments.ts'
import { clockCalls } from './clocks.ts'
import { descriptorCalls } from './descriptors.ts'
import { directoryCalls } from './directories.ts'
import { pathCalls } from './paths.ts'
import { requirements } from './personality.ts'
import { pollCalls } from './poll.ts'
import { processCalls } from './processes.ts'
import { socketCalls } from './sockets.ts'
import { systemCalls } from './system.ts'
import { transferCalls } from './transfers.ts'
import { directoryStateCalls } from './working-directory.ts'

/** What a call uses of the neighbours: by its name, or by the first word of it. */
const used: Readonly<Record<string, readonly (keyof typeof requirements)[]>> = {
  args: ['processes'],
  chdir: ['files', 'processes'],
  environ: ['processes'],
  clock: ['clock', 'processes'],
  dup: ['files'],
  dup2: ['files'],
  fd: ['files'],
  getcwd: ['processes'],
  path: ['files'],
  pipe: ['files'],
  poll: ['files', 'clock'],
  proc: ['processes'],
  random: ['entropy'],
  sched: [],
  sock: ['files'],
  tty: ['files', 'processes'],
  // A write that nobody will read raises a signal.
  fd_write: ['files', 'processes'],
  fd_pwrite: ['files', 'processes'],
  sock_send: ['files', 'processes'],
  proc_spawn: ['files', 'processes']
}

export const wasi = service({
  name: 'wasi',
  summary: 'serves the calls of WASI preview 1 programs',
  provides: { calls: SystemCalls },
  requires: requirements,
  uses: call => used[call] ?? used[call.split('_')[0]!] ?? unreachable(`no call ${call}`),
  keeps: 'nothing',
  costs: async () => (await import('./costs.ts')).costs,
  start: personality => ({
    calls: {
      ...argumentCalls(personality),
      ...clockCalls(personality),
      ...descriptorCalls(personality),
      ...directoryStateCalls(personality),
      ...directoryCalls(personality),
      ...pathCalls(personality),
      ...pollCalls(personality),
      ...processCalls(personality),
      ...socketCalls(personality),
      ...systemCalls(personality),
      ...transferCalls(personality)
    }
  })
})
