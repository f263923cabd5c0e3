/** `kaleidos run`: one program under a kernel, with this process's standard streams as the machine's console. */

import { boot } from '../index.ts'
import type { Exit, Process } from '../os/index.ts'
import { kernelNamed } from './architectures.ts'
import { CommandError, onSignals, statusOfSignal, type Ending } from './exit.ts'
import { folders, readProgram } from './library.ts'
import { limitsOf, type LimitOptions } from './limit-options.ts'
import type { MachineOptions } from './machine-option.ts'
import type { Directory } from './options.ts'
import { guardStandardStreams } from './standard-streams.ts'
import type { Walls } from './wall-option.ts'

export interface RunOptions extends LimitOptions, MachineOptions {
  readonly kernel: string
  readonly wall?: Walls
  readonly supervised?: boolean
  readonly dir?: readonly Directory[]
  readonly env?: Readonly<Record<string, string>>
  readonly json?: boolean
  readonly trace?: string
  readonly traceEvents?: number
  readonly record?: string
  readonly snapshot?: string
}

/** Ends that need no words: somebody asked for them, or the reader of the output went away. */
const quiet = new Set<string | null>(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGPIPE', 'SIGKILL'])

export async function run (path: string, args: readonly string[], options: RunOptions): Promise<Ending> {
  const kernel = kernelNamed(options.kernel, options.wall, options.supervised)
  const { machine = 'live', processors, seed, record, snapshot } = options
  if (machine !== 'live' || processors !== undefined || seed !== undefined || record !== undefined) {
    if (snapshot !== undefined) throw new CommandError('--snapshot saves a system on the live machine', 'On a model machine a run is its record: use --record, and kaleidos replay.')
    return await (await import('./run-modelled.ts')).runModelled(path, args, kernel, { ...options, machine })
  }
  const { shares, preopens } = folders(options.dir ?? [])
  const program = readProgram(path)

  // `performance` would have to be loaded.
  const startedNs = process.hrtime.bigint()
  const trace = options.trace === undefined ? null : (await import('./trace-file.ts')).traceFile(options.trace, kernel, 'live', options.traceEvents)
  await using os = await boot({ kernel, shares, program, console: true, ...(options.snapshot === undefined ? {} : { snapshots: true }), ...(trace === null ? {} : { trace: trace.record }) })
  const child = os.spawn(program, {
    args: [path, ...args], env: options.env ?? {}, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit', preopens,
    limits: limitsOf(options)
  })
  const signals = passSignals(child)
  const saving = options.snapshot === undefined ? null : (await import('./snapshot.ts')).savingTo(options.snapshot, os)
  let exit: Exit | null
  try {
    exit = await Promise.race([child.wait(), ...(saving === null ? [] : [saving.saved.then(() => null)])])
  } finally {
    signals.stop()
    saving?.stop()
  }
  // It was saved, and goes on there.
  if (exit === null) return 0
  const stats = os.stats()
  await os.close()
  trace?.finish()
  return endingOf(path, exit, signals.received(), options, {
    kernel: kernel.name, program: path, exit, machine, bootNs: Math.round(stats.bootNs), elapsedNs: Number(process.hrtime.bigint() - startedNs),
    counters: stats.counters
  })
}

/** Says how it ended and what it cost, and how this process shall end. */
export function endingOf (path: string, exit: Exit, received: string | undefined, { json }: RunOptions, summary: object): Ending {
  if (exit.kind === 'signal' && !quiet.has(exit.signal)) say(`kaleidos: ${path}: ${describe(exit)}\n`)
  if (json === true) say(`${JSON.stringify(summary)}\n`)
  // The program died of the signal that this process got: so shall this process be seen to.
  return exit.signal !== null && exit.signal === received ? { signal: exit.signal as NodeJS.Signals } : exit.status
}

function describe ({ signal, message }: Exit): string {
  return message === '' ? `ended by ${signal}` : message.includes(String(signal)) ? message : `${message} (${signal})`
}

/** Passes this process's signals on to the program, `told` of each first; the second of them ends this process at once. */
export function passSignals (target: Process, told: (signal: NodeJS.Signals) => void = () => {}): { readonly stop: () => void, readonly received: () => string | undefined } {
  let received: string | undefined
  const { stop } = onSignals(signal => {
    if (received !== undefined) process.exit(statusOfSignal(signal))
    received = signal
    told(signal)
    target.kill(signal).catch(() => process.exit(statusOfSignal(signal)))
  })
  return { stop, received: () => received }
}

export function say (text: string): void {
  guardStandardStreams()
  process.stderr.write(text)
}
