/**
 * How the command ends: statuses and errors as a shell knows them.
 *
 * 0 good; 1 it was tried and failed; 2 the command line was wrong; 126 the program is no program that can run; 127 there
 * is no such program; 128 + n ended by signal n. Source: POSIX.1-2017, Shell Command Language, 2.8.2.
 */

import { constants } from 'node:os'

export const failed = 1
export const usage = 2
export const notExecutable = 126
export const notFound = 127

/** An error of the person's making: `message` says what was wrong, `advice` what to do. Printed without a stack. */
export class CommandError extends Error {
  readonly advice: string
  readonly status: number

  constructor (message: string, advice: string, status: number = usage) {
    super(message)
    this.advice = advice
    this.status = status
  }
}

/** How a command ended: a status, or the signal that ended it and that its own process should be seen to die of. */
export type Ending = number | { readonly signal: NodeJS.Signals }

export function exitWith (ending: Ending): void {
  if (typeof ending === 'number') {
    process.exitCode = ending
    return
  }
  // A shell stops a loop on Ctrl-C only when the command died of the signal, not when it exits with 130.
  process.exitCode = statusOfSignal(ending.signal)
  process.removeAllListeners(ending.signal)
  process.kill(process.pid, ending.signal)
}

/** Signals by which people and systems end a command. */
const ending = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const

/** Calls `act` for each signal that would end this process, in place of that; until `stop`. */
export function onSignals (act: (signal: NodeJS.Signals) => void): { readonly stop: () => void } {
  const present = ending.filter(signal => signal in constants.signals)
  for (const signal of present) process.on(signal, act)
  return { stop: () => { for (const signal of present) process.off(signal, act) } }
}

export function statusOfSignal (signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}

/** Where help and errors go. */
export interface Says {
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

export const standardStreams: Says = {
  out: text => { process.stdout.write(text) },
  err: text => { process.stderr.write(text) }
}

/** Says what a command threw; returns the status to end with. */
export function report (error: unknown, err: Says['err']): number {
  if (error instanceof CommandError) {
    err(`kaleidos: ${error.message}\n${error.advice === '' ? '' : `${error.advice}\n`}`)
    return error.status
  }
  // By name: the library that throws them is not loaded for every command.
  if (error instanceof Error && (error.name === 'ProgramError' || error.name === 'SystemError' || error.name === 'PlanError')) {
    err(`kaleidos: ${error.message}\n`)
    return error.name === 'ProgramError' ? notExecutable : error.name === 'PlanError' ? usage : failed
  }
  err(`kaleidos: ${error instanceof Error ? error.stack ?? error.message : String(error)}\n`)
  return failed
}
