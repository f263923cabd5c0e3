/** The live machine in a page or worker: its event loop, streams and functions for the console, and no folders. */

import type { Machine } from '../machine.ts'
import { addressSpacesMax } from './address-spaces-browser.ts'
import { browserConsole } from './console-browser.ts'
import type { ConsoleOptions } from './console-browser.ts'
import { browserEventLoop } from './event-loop-browser.ts'
import { noFolders } from '../no-folders.ts'
import { assembleMachine } from './live-machine.ts'
import { browserTime } from './time-browser.ts'
import { browserPlaces } from './places-browser.ts'

export type LiveMachineOptions = ConsoleOptions

export function liveMachine (options: LiveMachineOptions = {}): Machine {
  return assembleMachine({
    time: browserTime,
    loop: browserEventLoop(),
    console: raise => browserConsole(options, raise),
    folders: noFolders,
    addressSpacesMax,
    collect: null,
    places: browserPlaces,
    close () {}
  })
}
