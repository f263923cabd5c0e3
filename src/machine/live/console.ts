/** The console of the live machine: three units, unit 0 an input, 1 and 2 outputs, by whatever the host has for them. */

import { Errno } from '../../fiber/index.ts'
import type { Line, MachineConsole } from '../machine.ts'
import type { Input } from './input.ts'
import type { Output } from './output.ts'

export interface LiveConsole extends MachineConsole {
  close (): void
}

/** `openOutputs` gives the units 1 and 2, which may be one and the same. */
export function consoleOf (
  raise: (line: Line) => void, openInput: (arrived: () => void) => Input, openOutputs: (room: () => void) => readonly [Output, Output]
): LiveConsole {
  const input = openInput(() => raise('console-in'))
  const [standardOutput, errorOutput] = openOutputs(() => raise('console-out'))
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
