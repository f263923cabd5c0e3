/** KaleidOS as a library: `boot` a kernel of `kernels`, or a plan of one's own, and spawn programs on it. */

import { libraryOn, modelMachineOn } from './os/index.ts'
import type { Library } from './os/index.ts'
import { nodeHost } from './machine/live/index.ts'

export * from './library.ts'
export { liveMachine } from './machine/live/index.ts'
export const { boot, loadProgram, restore } = libraryOn(nodeHost)
// No part of what `libraryOn` gives, so that a bundler can leave out what it needs.
export const modelMachine: Library['modelMachine'] = options => modelMachineOn(nodeHost, options)
