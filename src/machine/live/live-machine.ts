/**
 * The live machine on Node: real time, this host's devices, one processor, which is the host's thread.
 *
 * Its parts that need nothing but the language and the web's APIs (clock, timer, interrupts, doorbells, entropy) are
 * those of a browser's machine too; the files named `-node` are not.
 */

import type { Machine } from '../machine.ts'
import { addressSpacesMax } from './address-spaces-node.ts'
import { liveClock } from './clock.ts'
import { nodeConsole } from './console-node.ts'
import type { ConsoleOptions } from './console-node.ts'
import { liveDoorbells } from './doorbells.ts'
import { liveEntropy } from './entropy.ts'
import { NodeFolders } from './folders-node.ts'
import type { Share } from './folders-node.ts'
import { liveProcessor } from './interrupts.ts'
import { liveTimer } from './timer.ts'

/**
 * Shares are the host folders that services may open, by number; none by default. Units of the console are descriptors
 * (0, 1, 2 for the process's own), streams, or null, the default: then nothing of the process's own is touched.
 */
export interface LiveMachineOptions extends ConsoleOptions {
  readonly shares?: readonly Share[]
}

/** A share that cannot be opened is told when it is used, by the error number of `openShare`. */
export function liveMachine (options: LiveMachineOptions = {}): Machine {
  const clock = liveClock()
  const timer = liveTimer(clock, () => interrupts.raise('timer'))
  const { interrupts, processor, close } = liveProcessor(clock, timer.poll)
  const console = nodeConsole(options, interrupts.raise)
  const folders = new NodeFolders(options.shares ?? [])
  let closed = false
  return {
    name: 'live',
    get closed () { return closed },
    clock, timer, interrupts, processor, console, folders,
    doorbells: liveDoorbells(),
    entropy: liveEntropy(),
    addressSpacesMax: addressSpacesMax(),
    close () {
      closed = true
      close()
      timer.close()
      console.close()
      folders.closeAll()
    }
  }
}
