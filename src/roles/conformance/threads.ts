/** What every Threads does: images, threads and their ends, each named by a slot of who was given it. */

import { settle } from '../../fiber/index.ts'
import { PRIORITY_DEFAULT, Signal } from '../index.ts'
import type { Threads } from '../index.ts'
import { equal, fails, holds, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface ThreadsSubject extends Client {
  readonly threads: Threads
  /** Bytes of a program that computes for ever. */
  readonly program: Uint8Array
}

export type ThreadsFeature = 'images' | 'threads' | 'slots'

export function threadsConformance (suite: Suite<ThreadsSubject, ThreadsFeature>): void {
  registerCases('Threads', cases, suite)
}

/** A badge that no process has. */
const BADGE = 900
const cases: readonly Case<ThreadsSubject, ThreadsFeature>[] = [
  {
    feature: 'images',
    name: 'bytes that are no program make none',
    * body ({ threads }, hand) {
      fails(yield * settle(threads.load(hand.text('#!/bin/sh'))), 'ENOEXEC', 'load of a text')
      fails(yield * settle(threads.load(hand.room(0))), 'ENOEXEC', 'load of nothing')
    }
  },
  {
    feature: 'threads',
    name: 'a thread is made, started once, and ended once',
    * body ({ threads, program }, hand, driver) {
      const image = works(yield * settle(threads.load(hand.bytes(program))), 'load')
      const thread = works(threads.create(image, BADGE, PRIORITY_DEFAULT), 'create')
      equal(threads.start(thread), 0, 'start')
      fails(threads.start(thread), 'EINVAL', 'a second start')
      holds(works(threads.ranNs(thread), 'ranNs') >= 0, 'a time from 0 up')
      equal(threads.end(thread, Signal.KILL), 0, 'end')
      equal(threads.end(thread, Signal.KILL), 0, 'end of what is about to end')
      yield * driver.settleDown()
      equal(threads.drop(thread), 0, 'drop')
      equal(threads.drop(image), 0, 'drop of the image')
    }
  },
  {
    feature: 'slots',
    name: 'a slot of another kind, given back or never given is refused',
    * body ({ threads, program }, hand) {
      const image = works(yield * settle(threads.load(hand.bytes(program))), 'load')
      fails(threads.start(image), 'ENOTCAPABLE', 'start of an image')
      fails(threads.end(image, Signal.KILL), 'ENOTCAPABLE', 'end of an image')
      fails(threads.ranNs(image), 'ENOTCAPABLE', 'time of an image')
      fails(threads.create(4711, BADGE, PRIORITY_DEFAULT), 'ENOTCAPABLE', 'create from nothing')
      equal(threads.drop(image), 0, 'drop')
      fails(threads.create(image, BADGE, PRIORITY_DEFAULT), 'ENOTCAPABLE', 'create from what was dropped')
      fails(threads.drop(image), 'ENOTCAPABLE', 'drop of what was dropped')
    }
  }
]
