/** KaleidOS as a library: `boot` a kernel of `kernels`, or a plan of one's own, and spawn programs on it. */

import { libraryOn } from './os/index.ts'
import { nodeHost } from './machine/live/index.ts'

export * from './library.ts'
export { liveMachine } from './machine/live/index.ts'
export const { boot, loadProgram, modelMachine } = libraryOn(nodeHost)
