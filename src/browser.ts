/** KaleidOS as a library in a page: index.ts with a machine that needs nothing but what browsers have. Runs in a worker, too. */

import { libraryOn, modelMachineOn } from './os/index.ts'
import type { Library } from './os/index.ts'
import { browserHost } from './machine/live/browser.ts'

export * from './library.ts'
export { liveMachine } from './machine/live/browser.ts'
export const { boot, loadProgram, restore } = libraryOn(browserHost)
// No part of what `libraryOn` gives, so that a bundler can leave out what it needs.
export const modelMachine: Library['modelMachine'] = options => modelMachineOn(browserHost, options)
