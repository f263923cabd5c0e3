/** The suites of Clock, Entropy and Console, run by the services that drive the live machine. */

import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { liveMachine } from '../../machine/live/index.ts'
import { clock as clockService } from '../../services/clock/index.ts'
import { console as consoleService } from '../../services/console/index.ts'
import { entropy as entropyService } from '../../services/entropy/index.ts'
import { startService, testArena } from '../../services/testing.ts'
import type { Clock, Console, Entropy } from '../index.ts'
import { clockConformance, consoleConformance, entropyConformance } from './index.ts'

/** A client on a live machine, whose interrupts are delivered whenever everything waits. */
function client (machine = liveMachine()) {
  return {
    machine,
    arena: testArena('client'),
    counter: { bytesCopied: 0 },
    async idle () {
      await pass(1)
      machine.interrupts.deliver()
    },
    close: () => machine.close()
  }
}

clockConformance({
  name: 'clock on the live machine',
  test,
  skip: { time: null, sleeping: null },
  make () {
    const made = client()
    return { ...made, clock: startService(clockService, { devices: { ...made.machine } })['clock'] as unknown as Clock }
  }
})

entropyConformance({
  name: 'entropy on the live machine',
  test,
  skip: { 'random bytes': null },
  make () {
    const made = client()
    return { ...made, entropy: startService(entropyService, { devices: { ...made.machine } })['entropy'] as unknown as Entropy }
  }
})

consoleConformance({
  name: 'console on the live machine',
  test,
  skip: { input: null, output: null, readiness: null },
  make () {
    const input = new PassThrough()
    const shown = ['', '', '']
    const screen = (unit: number): Writable => new Writable({
      write (chunk: Buffer, _encoding, done) {
        shown[unit] += chunk.toString('latin1')
        done()
      }
    })
    const made = client(liveMachine({ stdin: input, stdout: screen(1), stderr: screen(2) }))
    return {
      ...made,
      console: startService(consoleService, { devices: { ...made.machine } })['console'] as unknown as Console,
      type: text => { input.write(text) },
      end: () => { input.end() },
      shown: unit => shown[unit]!
    }
  }
})
