/**
 * The command `kaleidos`, run when this module is imported: reads `process.argv`, sets the exit status.
 *
 * The process ends when nothing is left to do, so that what was written is delivered whole; only a second Ctrl-C, or a
 * reader that has gone away, ends it at once.
 */

import { commandLine } from './command-line.ts'
import { exitWith, failed } from './exit.ts'

// A reader that went away (`| head`) is no error of ours to talk about: end as SIGPIPE would. A full disk is one to tell.
process.stdout.on('error', error => {
  if ('code' in error && error.code === 'EPIPE') process.exit(141)
  process.stderr.write(`kaleidos: standard output cannot be written: ${error.message}\n`, () => process.exit(failed))
})
// Nobody is left to tell.
process.stderr.on('error', () => {})

exitWith(await commandLine(process.argv.slice(2)))
