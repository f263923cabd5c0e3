/** The live machine in a page or worker. For Node: index.ts. */

import type { Host, MachineWishes } from '../host.ts'
import { noFolders } from '../no-folders.ts'
import { addressSpacesMax } from './address-spaces-browser.ts'
import { browserEventLoop } from './event-loop-browser.ts'
import { liveMemories } from './memories.ts'
import { identityOf } from './identity.ts'
import { sha256 } from './sha256.ts'
import { liveMachine } from './live-machine-browser.ts'

export { liveMachine }
export type { LiveMachineOptions } from './live-machine-browser.ts'
export type { Sink } from './console-browser.ts'

export const browserHost: Host = {
  machine ({ shares, console }) {
    checkNoShares(shares)
    if (console) {
      throw new TypeError('boot: console is a process\'s standard streams, and a page has none; ' +
        'pass a machine with functions or streams in their place: machine: liveMachine({ stdout: bytes => … })')
    }
    return liveMachine()
  },
  holdings (shares) {
    checkNoShares(shares)
    return { folders: noFolders, memories: liveMemories(addressSpacesMax.value, null), close () {} }
  },
  turn: callback => { browserEventLoop().turn(callback) },
  identityOf: bytes => identityOf(bytes, sha256),
  digestOf: sha256,
  keptIn () {
    throw new TypeError('loadProgram: cache is a folder of a host, and a page has none')
  }
}

function checkNoShares (shares: MachineWishes['shares']): void {
  if (shares.length > 0) {
    throw new TypeError('boot: shares are folders of a host, and a page has none; bring files in by os.fs.writeFile(path, bytes)')
  }
}
