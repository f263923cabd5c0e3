/**
 * The console on Node: three units, each a descriptor, a stream, or nothing.
 *
 * Nothing (null) is what /dev/null is: input has ended, output is taken and gone. A machine whose units are all null
 * touches none of the process's own streams.
 */

import type { Readable, Writable } from 'node:stream'
import { Errno } from '../../fiber/index.ts'
import type { Line, MachineConsole } from '../machine.ts'
import { kindOf, sameFile } from './descriptors-node.ts'
import { descriptorInput, noInput, streamInput } from './input-node.ts'
import type { Input } from './input-node.ts'
import { descriptorOutput, noOutput, streamOutput } from './output-node.ts'
import type { Output } from './output-node.ts'

export interface ConsoleOptions {
  readonly stdin?: number | Readable | null
  readonly stdout?: number | Writable | null
  readonly stderr?: number | Writable | null
}

export interface NodeConsole extends MachineConsole {
  close (): void
}

export function nodeConsole (options: ConsoleOptions, raise: (line: Line) => void): NodeConsole {
  const { stdin = null, stdout = null, stderr = null } = options
  const arrived = (): void => raise('console-in')
  const room = (): void => raise('console-out')
  const input = openInput(stdin, arrived)
  const standardOutput = openOutput(stdout, room)
  const errorOutput = oneOutput(stdout, stderr) ? standardOutput : openOutput(stderr, room)
  const outputs: readonly (Output | undefined)[] = [undefined, standardOutput, errorOutput]

  return {
    read: input.read,
    readable: input.readable,
    awaitInput: input.await,
    write (unit, bytes, at, length) {
      return outputs[unit]?.write(bytes, at, length) ?? -Errno.EBADF
    },
    writable: unit => outputs[unit]?.writable() ?? false,
    hungUp: unit => unit === 0 ? input.hungUp() : outputs[unit]?.hungUp() ?? false,
    terminal: unit => unit === 0 ? input.terminal : outputs[unit]?.terminal ?? false,
    async flush () {
      await Promise.all([standardOutput.flush(), errorOutput.flush()])
    },
    close () {
      input.close()
      standardOutput.close()
      if (errorOutput !== standardOutput) errorOutput.close()
    }
  }
}

/** Two units on one pipe or terminal (`2>&1`) are one output: what one has pending must not be overtaken by the other. */
function oneOutput (a: number | Writable | null, b: number | Writable | null): boolean {
  if (a === b) return true
  if (typeof a !== 'number' || typeof b !== 'number') return false
  const kind = kindOf(a)
  return kind !== 'closed' && kind !== 'direct' && kindOf(b) === kind && sameFile(a, b)
}

function openInput (from: number | Readable | null, arrived: () => void): Input {
  if (from === null) return noInput
  if (typeof from === 'number') return descriptorInput(from, arrived)
  return streamInput(() => from, (from as { isTTY?: boolean }).isTTY === true, arrived)
}

function openOutput (to: number | Writable | null, room: () => void): Output {
  if (to === null) return noOutput
  return typeof to === 'number' ? descriptorOutput(to, room) : streamOutput(to, room)
}
