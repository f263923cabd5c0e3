/** What becomes of the command when its output cannot be delivered. Called before the first word is written by Node's streams. */

import { failed } from './exit.ts'

let guarded = false

export function guardStandardStreams (): void {
  if (guarded) return
  guarded = true
  // A reader that went away (`| head`) is no error of ours to talk about: end as SIGPIPE would. A full disk is one to tell.
  process.stdout.on('error', error => {
    if ('code' in error && error.code === 'EPIPE') process.exit(141)
    process.stderr.write(`kaleidos: standard output cannot be written: ${error.message}\n`, () => process.exit(failed))
  })
  // Nobody is left to tell.
  process.stderr.on('error', () => {})
}
