/**
 * The live machine: real time, the host's devices, one processor, which is the host's thread.
 *
 * Clock, timer, interrupts, doorbells and entropy need nothing but the language and what all hosts have of the web's
 * interfaces. The rest is the host's, in files named `-node` and `-browser`: live-machine-node.ts and live-machine-browser.ts
 * put both together.
 */

import type { Line, Machine, MachineFolders } from '../machine.ts'
import { liveClock } from './clock.ts'
import type { TimeSource } from './clock.ts'
import type { LiveConsole } from './console.ts'
import { liveDoorbells } from './doorbells.ts'
import { liveEntropy } from './entropy.ts'
import type { EventLoop } from './event-loop.ts'
import { liveProcessor } from './interrupts.ts'
import { liveMemories } from './memories.ts'
import { livePlaces } from './places.ts'
import type { PlacesHost } from './places.ts'
import { liveTimer } from './timer.ts'

/** What a host brings. */
export interface HostParts {
  readonly time: TimeSource
  readonly loop: EventLoop
  readonly console: (raise: (line: Line) => void) => LiveConsole
  readonly folders: MachineFolders
  readonly addressSpacesMax: Machine['addressSpacesMax']
  /** Looks for memories that are used no more; null where the host does so by itself when it is full. */
  readonly collect: (() => void) | null
  /** How threads and processes are started beside the kernel's; null where there are none. */
  readonly places: PlacesHost | null
  /** Gives back what the folders hold. */
  close (): void
}

export function assembleMachine (parts: HostParts): Machine {
  const clock = liveClock(parts.time)
  const timer = liveTimer(clock, parts.loop, () => interrupts.raise('timer'))
  const places = livePlaces(clock, parts.places, line => { interrupts.raise(line) })
  const { interrupts, processor, close } = liveProcessor(clock, parts.loop, timer.poll, places)
  const console = parts.console(interrupts.raise)
  let closed = false
  return {
    name: 'live',
    timing: null,
    get closed () { return closed },
    clock, timer, interrupts, processor, console, places,
    folders: parts.folders,
    doorbells: liveDoorbells(),
    entropy: liveEntropy(),
    memories: liveMemories(parts.addressSpacesMax.value, parts.collect),
    addressSpacesMax: parts.addressSpacesMax,
    setClock (monotonicNs, stands) {
      clock.set(monotonicNs, stands)
      timer.again()
    },
    close () {
      closed = true
      places?.close()
      close()
      timer.close()
      console.close()
      parts.close()
    }
  }
}
