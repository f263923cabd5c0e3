/** A system in a process of its own. What hangs is killed and started anew; nothing that one does slows another down later. */

import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { join } from 'node:path'
import type { Output } from './peer.ts'

export interface Started {
  /** Runs the program. Throws if that takes too long, or if the system fails; the next run finds it started anew, without files. */
  run (args: readonly string[], timeoutMs: number): Promise<Output>
  /** How often it was started. */
  starts (): number
  stop (): void
}

const startTimeoutMs = 120_000

/** Starts the system with a label, for a program, as soon as it is used. */
export function started (label: string, programPath: string): Started {
  let child: ChildProcess | null = null
  let starts = 0
  const stop = (): void => {
    child?.kill('SIGKILL')
    child = null
  }
  const run = (args: readonly string[], timeoutMs: number): Promise<Output> => new Promise((resolve, reject) => {
    const fresh = child === null
    if (fresh) starts++
    const running = child ??= fork(join(import.meta.dirname, 'serve.ts'), [label, programPath], {
      execArgv: ['--no-warnings'], stdio: ['ignore', 'ignore', 'pipe', 'ipc']
    })
    let words = ''
    const listen = (text: Buffer): void => { words += String(text) }
    const end = (failure: string | null, output?: Output): void => {
      clearTimeout(timer)
      running.off('message', answer).off('exit', died)
      running.stderr!.off('data', listen)
      if (failure === null) resolve(output!)
      else {
        stop()
        reject(new Error(failure))
      }
    }
    const answer = (message: Output | { readonly failure: string } | { readonly ready: true }): void => {
      if ('ready' in message) {
        // Starting is not what is measured, and takes long where many start at once.
        clearTimeout(timer)
        timer = setTimeout(late, timeoutMs)
      } else if ('failure' in message) {
        end(message.failure)
      } else {
        end(null, message)
      }
    }
    const died = (status: number | null): void => { end(words.trim().split('\n').at(-1) || `its process ended with ${status}`) }
    const late = (): void => { end(`takes more than ${timeoutMs / 1000} s`) }
    let timer = fresh ? setTimeout(() => { end(`does not start in ${startTimeoutMs / 1000} s`) }, startTimeoutMs) : setTimeout(late, timeoutMs)
    running.on('message', answer).on('exit', died)
    running.stderr!.on('data', listen)
    running.send(args)
  })
  return { run, stop, starts: () => starts }
}
