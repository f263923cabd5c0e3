/**
 * A trace written to a file while the system runs, in bounded memory: whoever is traced waits for what is written.
 *
 * A file is valid JSON from one write to the next, also after this process was killed: each write ends with what closes the
 * text, over which the next begins. Whoever is killed within one leaves that torn. Where nothing can be written over (a pipe),
 * what closes the text stands at the end alone.
 */

import { closeSync, fstatSync, openSync, writeSync } from 'node:fs'
import { CHROME_TRACE_TAIL, chromeTrace } from '../index.ts'
import type { Plan, TraceSink } from '../index.ts'
import { CommandError } from './exit.ts'

/** Characters that are gathered before they are written. */
const PIECE = 64 * 1024
/** Events of a trace in a file, unless it is told otherwise: about 300 MB of text. */
export const FILE_EVENTS_MAX = 2_000_000

export interface TraceFile {
  readonly record: TraceSink
  /** Writes the rest and closes the file; says on stderr what it lacks. Throws a CommandError where it could not be written. */
  finish (): void
}

/** Begins a file. Throws a CommandError when it cannot be made. */
export function traceFile (path: string, kernel: Plan, machine: string, eventsMax = FILE_EVENTS_MAX): TraceFile {
  const file = openFile(path)
  let text = ''
  let failure: Error | null = null
  const trace = chromeTrace(piece => {
    text += piece
    if (text.length >= PIECE) flush()
  }, { kernel: kernel.name, machine, domains: kernel.domains })
  let [events, lost] = [0, 0]

  function flush (): void {
    try {
      if (failure === null) file.write(text)
    } catch (error) {
      failure = error as Error
    }
    text = ''
  }

  return {
    record (event) {
      if (events >= eventsMax || failure !== null) {
        if (lost++ === 0) trace.end()
        return
      }
      events++
      trace.record(event)
    },
    finish () {
      trace.end()
      flush()
      try {
        if (failure === null) file.close()
      } catch (error) {
        failure = error as Error
      }
      if (failure !== null) throw new CommandError(`the trace ${path} is not whole: ${failure.message}`, 'Name a file where there is room.')
      if (lost > 0) process.stderr.write(`kaleidos: ${path} has the first ${counted(events)} of ${counted(events + lost)} events; --trace-events sets how many\n`)
    }
  }
}

function counted (count: number): string {
  return count.toLocaleString('en')
}

interface GrowingFile {
  write (text: string): void
  close (): void
}

function openFile (path: string): GrowingFile {
  try {
    const file = openSync(path, 'w')
    return fstatSync(file).isFile() ? closedText(file) : plainText(file)
  } catch (error) {
    throw new CommandError(`--trace ${path}: ${(error as Error).message}`, 'Name a file that can be written.')
  }
}

function closedText (file: number): GrowingFile {
  let end = 0
  return {
    write (text) {
      const bytes = Buffer.from(text + CHROME_TRACE_TAIL)
      writeAll(file, bytes, end)
      end += bytes.length - CHROME_TRACE_TAIL.length
    },
    close: () => { closeSync(file) }
  }
}

function plainText (file: number): GrowingFile {
  return {
    write: text => { writeAll(file, Buffer.from(text), null) },
    close () {
      writeAll(file, Buffer.from(CHROME_TRACE_TAIL), null)
      closeSync(file)
    }
  }
}

function writeAll (file: number, bytes: Uint8Array, at: number | null): void {
  for (let done = 0; done < bytes.length;) done += writeSync(file, bytes, done, bytes.length - done, at === null ? null : at + done)
}
