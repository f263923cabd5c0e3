/** The live machine on Node: its event loop, streams, folders, and what it can hold of programs. */

import type { Machine } from '../machine.ts'
import { addressSpacesMax } from './address-spaces-node.ts'
import { collect } from './collect-node.ts'
import { nodeConsole } from './console-node.ts'
import type { ConsoleOptions } from './console-node.ts'
import { nodeEventLoop } from './event-loop-node.ts'
import { NodeFolders } from './folders-node.ts'
import type { Share } from './folders-node.ts'
import { assembleMachine } from './live-machine.ts'
import { nodePlaces } from './places-node.ts'
import { nodeTime } from './time-node.ts'

/**
 * Shares are the host folders that services may open, by number; none by default. Units of the console are descriptors
 * (0, 1, 2 for the process's own), streams, or null, the default: then nothing of the process's own is touched.
 */
export interface LiveMachineOptions extends ConsoleOptions {
  readonly shares?: readonly Share[]
}

/** A share that cannot be opened is told when it is used, by the error number of `openShare`. */
export function liveMachine (options: LiveMachineOptions = {}): Machine {
  const folders = new NodeFolders(options.shares ?? [])
  return assembleMachine({
    time: nodeTime,
    loop: nodeEventLoop,
    console: raise => nodeConsole(options, raise),
    folders,
    addressSpacesMax: addressSpacesMax(),
    collect,
    places: nodePlaces,
    close: () => folders.closeAll()
  })
}
