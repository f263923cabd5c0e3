/** KaleidOS as a library in a page: index.ts with a machine that needs nothing but what browsers have. Runs in a worker, too. */

import { libraryOn } from './os/index.ts'
import { browserHost } from './machine/live/browser.ts'

export * from './library.ts'
export { liveMachine } from './machine/live/browser.ts'
export const { boot, loadProgram, modelMachine } = libraryOn(browserHost)
