/** The live machine on Node. For a page: browser.ts. */

import type { Host } from '../host.ts'
import { addressSpacesMax } from './address-spaces-node.ts'
import { collect } from './collect-node.ts'
import { nodeEventLoop } from './event-loop-node.ts'
import { NodeFolders } from './folders-node.ts'
import { sha256 } from './digest-node.ts'
import { identityOf } from './identity.ts'
import { keptIn } from './kept-bytes-node.ts'
import { liveMachine } from './live-machine-node.ts'
import { liveMemories } from './memories.ts'

export { liveMachine }
export type { Input } from './input.ts'
export type { LiveMachineOptions } from './live-machine-node.ts'
export type { Share } from './folders-node.ts'

export const nodeHost: Host = {
  machine: ({ shares, console }) => liveMachine({ shares, ...(console ? { stdin: 0, stdout: 1, stderr: 2 } : {}) }),
  holdings (shares) {
    const folders = new NodeFolders(shares)
    return { folders, memories: liveMemories(addressSpacesMax().value, collect), close: () => { folders.closeAll() } }
  },
  turn: callback => { nodeEventLoop.turn(callback) },
  identityOf: bytes => identityOf(bytes, sha256),
  digestOf: sha256,
  keptIn: folder => keptIn(folder)
}
