/** What a worker of a page begins with that is a place: it loads the occupant, and lets it have the thread. */

import type { PlaceEnd } from '../places.ts'
import { liveClock } from './clock.ts'
import { liveEntropy } from './entropy.ts'
import { browserTime } from './time-browser.ts'

interface PlaceScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null
  close (): void
  reportError (error: unknown): void
}

const scope = globalThis as unknown as PlaceScope
const clock = liveClock(browserTime)
const entropy = liveEntropy()

scope.onmessage = event => {
  // What is told before the occupant is there waits for it.
  const early: unknown[] = []
  scope.onmessage = ({ data }) => { early.push(data) }
  const { occupant, data } = event.data as { readonly occupant: string, readonly data: unknown }
  void import(occupant).then((module: { occupy: (data: unknown, end: PlaceEnd) => unknown }) => {
    return module.occupy(data, {
      kind: 'thread',
      nowNs: () => clock.monotonicNs(),
      entropy: bytes => { entropy.fill(bytes) },
      receive: () => null,
      send () {},
      onMessage: handler => {
        scope.onmessage = ({ data }) => { handler(data) }
        for (const message of early.splice(0)) handler(message)
      },
      exit: () => { scope.close() }
    })
  }).catch((error: unknown) => { scope.reportError(error) })
}
