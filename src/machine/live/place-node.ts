/** What a thread or process of Node begins with that is a place: it loads the occupant, and lets it have the thread. */

import { readSync, writeSync } from 'node:fs'
import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { PlaceEnd } from '../places.ts'
import { liveClock } from './clock.ts'
import { liveEntropy } from './entropy.ts'
import { nodeTime } from './time-node.ts'

/** The descriptor of the socket that leads to the kernel's process, and bytes that are read of it at once. */
const SOCKET = 3
const READ_BYTES = 2 ** 18
const NEWLINE = 10

const clock = liveClock(nodeTime)
const entropy = liveEntropy()
const end: PlaceEnd = {
  kind: isMainThread ? 'process' : 'thread',
  nowNs: () => clock.monotonicNs(),
  entropy: bytes => { entropy.fill(bytes) },
  receive, send,
  onMessage: handler => { parentPort?.on('message', handler) },
  exit: () => { process.exit() }
}

function receive (): Uint8Array | null {
  const bytes = new Uint8Array(READ_BYTES)
  const count = readSync(SOCKET, bytes)
  return count === 0 ? null : bytes.subarray(0, count)
}

function send (bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) at += writeSync(SOCKET, bytes, at)
}

/** A process is told by its first line what a thread was given along. */
function firstLine (): { given: unknown, rest: Uint8Array } {
  let line = new Uint8Array(0)
  for (;;) {
    const more = receive()
    if (more === null) process.exit()
    const both = new Uint8Array(line.length + more.length)
    both.set(line)
    both.set(more, line.length)
    line = both
    const at = line.indexOf(NEWLINE)
    if (at >= 0) return { given: JSON.parse(new TextDecoder().decode(line.subarray(0, at))), rest: line.subarray(at + 1) }
  }
}

const { given, rest } = isMainThread ? firstLine() : { given: workerData as unknown, rest: new Uint8Array(0) }
const { occupant, data } = given as { readonly occupant: string, readonly data: unknown }
let first = rest.length === 0 ? null : rest
const { occupy } = await import(occupant) as { occupy: (data: unknown, end: PlaceEnd) => unknown }
await occupy(data, {
  ...end,
  receive: () => {
    const bytes = first ?? receive()
    first = null
    return bytes
  }
})
