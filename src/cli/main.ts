/**
 * The command `kaleidos`, run when this module is imported: reads `process.argv`, sets the exit status.
 *
 * The process ends when nothing is left to do, so that what was written is delivered whole; only a second Ctrl-C, or a
 * reader that has gone away, ends it at once.
 *
 * A program that is simply run is started without what else the command can do: without Commander, and without Node's
 * streams for standard output and error, which the program's output does not go through. Each takes its time to load.
 */

import { exitWith, report, standardStreams, type Ending } from './exit.ts'
import { readRun, type RunRequest } from './run-options.ts'
import { guardStandardStreams } from './standard-streams.ts'

const words = process.argv.slice(2)
const request = readRun(words)
/** Rejects where the command itself is broken: for whoever started it, to say so. */
export const ended: Promise<void> = (request === null ? anyCommand() : plainRun(request)).then(exitWith)

async function anyCommand (): Promise<Ending> {
  guardStandardStreams()
  const { commandLine } = await import('./command-line.ts')
  return await commandLine(words)
}

async function plainRun ({ path, args, options }: RunRequest): Promise<Ending> {
  try {
    const { run } = await import('./run.ts')
    return await run(path, args, options)
  } catch (error) {
    guardStandardStreams()
    return report(error, standardStreams.err)
  }
}
