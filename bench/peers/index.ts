/** The systems that are compared: ours under each kernel, and whoever else runs WASI in JavaScript. */

import { browserWasiShim } from './browser-wasi-shim.ts'
import { byHand } from './by-hand.ts'
import { microkernel, monolithic, unikernel } from './kaleidos.ts'
import { layers } from './layers.ts'
import { nodeWasi } from './node-wasi.ts'
import type { Peer } from './peer.ts'
import { runno } from './runno.ts'
import { wasmUtilInMemory, wasmUtilOnHost } from './wasm-util.ts'
import { wasmerSdk } from './wasmer-sdk.ts'
import { wasmerWasi } from './wasmer-wasi.ts'

export { started } from './started.ts'
export type { Started } from './started.ts'
export type { Output, Peer } from './peer.ts'

export const ours: readonly Peer[] = [monolithic, microkernel, unikernel]
export const peers: readonly Peer[] = [nodeWasi, browserWasiShim, runno, wasmerWasi, wasmerSdk, wasmUtilInMemory, wasmUtilOnHost]

/** What ours is taken apart with: the same work by hand, and the way of a read, layer by layer. */
export { byHand, layers }

export const everySystem: readonly Peer[] = [...ours, ...peers, byHand, ...layers]

/** What tells two of them apart. */
export function labelOf ({ name, setUp }: Peer): string {
  return `${name} (${setUp})`
}
