/** What every Console does. A subject is also the user of the terminal: it types, ends the input, and sees what is shown. */

import { settle } from '../../fiber/index.ts'
import { Ready } from '../index.ts'
import type { Console } from '../index.ts'
import { equal, fails, holds, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface ConsoleSubject extends Client {
  readonly console: Console
  /** Types a text at the terminal. */
  readonly type: (text: string) => void
  /** Ends the input. */
  readonly end: () => void
  /** What unit 1 or 2 has shown so far. */
  readonly shown: (unit: number) => string
}

export type ConsoleFeature = 'input' | 'output' | 'readiness'

export function consoleConformance (suite: Suite<ConsoleSubject, ConsoleFeature>): void {
  registerCases('Console', cases, suite)
}

const INPUT = 0
const OUTPUT = 1
const ERROR = 2

const cases: readonly Case<ConsoleSubject, ConsoleFeature>[] = [
  {
    feature: 'input',
    name: 'is waited for, and comes in order',
    * body (subject, hand, driver) {
      const into = hand.room(4)
      const reading = driver.spawn(settle(subject.console.read(INPUT, into)))
      yield * driver.settleDown()
      holds(!reading.done, 'the reader waits')
      subject.type('hello')
      equal(yield * reading.join(), 4, 'bytes read')
      equal(hand.read(into), 'hell', 'what was read')
      equal(yield * settle(subject.console.read(INPUT, into)), 1, 'the rest')
      equal(hand.read(into, 1), 'o', 'what was read')
    }
  },
  {
    feature: 'input',
    name: 'ends with 0, after all that was typed',
    * body (subject, hand) {
      const into = hand.room(10)
      subject.type('last')
      subject.end()
      equal(yield * settle(subject.console.read(INPUT, into)), 4, 'bytes read')
      equal(yield * settle(subject.console.read(INPUT, into)), 0, 'the end')
      equal(yield * settle(subject.console.read(INPUT, into)), 0, 'the end again')
    }
  },
  {
    feature: 'output',
    name: 'is shown on the unit that it was written to',
    * body (subject, hand) {
      for (const [unit, text] of [[OUTPUT, 'out\n'], [ERROR, 'error\xff\x00\n'], [OUTPUT, 'more\n']] as const) {
        const from = hand.text(text)
        for (let done = 0; done < text.length;) {
          const count: number = works(yield * settle(subject.console.write(unit, from.slice(done))), 'write')
          holds(count > 0, 'a write writes something')
          done += count
        }
      }
      equal(subject.shown(OUTPUT), 'out\nmore\n', 'output')
      equal(subject.shown(ERROR), 'error\xff\x00\n', 'error output')
    }
  },
  {
    feature: 'output',
    name: 'units are what they are',
    * body (subject, hand) {
      const window = hand.room(1)
      for (const unit of [OUTPUT, ERROR, 3, -1]) fails(yield * settle(subject.console.read(unit, window)), 'EBADF', `read of ${unit}`)
      for (const unit of [INPUT, 3, -1]) fails(yield * settle(subject.console.write(unit, window)), 'EBADF', `write to ${unit}`)
      for (const unit of [INPUT, OUTPUT, ERROR]) {
        const terminal = works(yield * settle(subject.console.terminal(unit)), 'terminal')
        holds(terminal === 0 || terminal === 1, 'terminal is 0 or 1')
      }
    }
  },
  {
    feature: 'readiness',
    name: 'of input comes with it',
    * body (subject, hand, driver) {
      equal(yield * settle(subject.console.ready(INPUT, Ready.READABLE)), 0, 'before')
      const waiting = driver.spawn(settle(subject.console.awaitReady(INPUT, Ready.READABLE)))
      yield * driver.settleDown()
      holds(!waiting.done, 'it is waited for')
      subject.type('x')
      equal(yield * waiting.join(), Ready.READABLE, 'what came')
      equal(yield * settle(subject.console.ready(INPUT, Ready.READABLE)), Ready.READABLE, 'now')
      equal(yield * settle(subject.console.read(INPUT, hand.room(5))), 1, 'read')
    }
  },
  {
    feature: 'readiness',
    name: 'of output is there while there is room',
    * body (subject) {
      equal(yield * settle(subject.console.ready(OUTPUT, Ready.READABLE | Ready.WRITABLE)), Ready.WRITABLE, 'ready')
      equal(yield * settle(subject.console.awaitReady(OUTPUT, Ready.WRITABLE)), Ready.WRITABLE, 'awaitReady')
    }
  }
]
