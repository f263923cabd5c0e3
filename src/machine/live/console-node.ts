/**
 * The console on Node: three units, each a descriptor, a stream, an input of the caller's own making, or nothing.
 *
 * Nothing (null) is what /dev/null is: input has ended, output is taken and gone. A machine whose units are all null
 * touches none of the process's own streams.
 */

import type { Readable, Writable } from 'node:stream'
import type { Line } from '../machine.ts'
import { kindOf, sameFile } from './descriptors-node.ts'
import { consoleOf } from './console.ts'
import type { LiveConsole } from './console.ts'
import { noInput } from './input.ts'
import type { Input } from './input.ts'
import { descriptorInput, streamInput } from './input-node.ts'
import { noOutput } from './output.ts'
import type { Output } from './output.ts'
import { descriptorOutput, streamOutput } from './output-node.ts'

/** An input that the caller made: `arrived` is to be called as `Input.await` says. */
export type InputMaker = (arrived: () => void) => Input

export interface ConsoleOptions {
  readonly stdin?: number | Readable | InputMaker | null
  readonly stdout?: number | Writable | null
  readonly stderr?: number | Writable | null
}

export function nodeConsole (options: ConsoleOptions, raise: (line: Line) => void): LiveConsole {
  const { stdin = null, stdout = null, stderr = null } = options
  return consoleOf(raise, arrived => openInput(stdin, arrived), room => {
    const standardOutput = openOutput(stdout, room)
    return [standardOutput, oneOutput(stdout, stderr) ? standardOutput : openOutput(stderr, room)]
  })
}

/** Two units on one pipe or terminal (`2>&1`) are one output: what one has pending must not be overtaken by the other. */
function oneOutput (a: number | Writable | null, b: number | Writable | null): boolean {
  if (a === b) return true
  if (typeof a !== 'number' || typeof b !== 'number') return false
  const kind = kindOf(a)
  return kind !== 'closed' && kind !== 'direct' && kindOf(b) === kind && sameFile(a, b)
}

function openInput (from: number | Readable | InputMaker | null, arrived: () => void): Input {
  if (from === null) return noInput
  if (typeof from === 'function') return from(arrived)
  if (typeof from === 'number') return descriptorInput(from, arrived)
  return streamInput(() => from, (from as { isTTY?: boolean }).isTTY === true, arrived)
}

function openOutput (to: number | Writable | null, room: () => void): Output {
  if (to === null) return noOutput
  return typeof to === 'number' ? descriptorOutput(to, room) : streamOutput(to, room)
}
