/**
 * A program's run on a model machine, with all that it depends on named: what `kaleidos run` makes of a command line, and
 * `kaleidos replay` of a record.
 *
 * What comes from outside while it runs (signals, lines that a person types) comes at a *point*: where the machine heard the
 * host, by the number of events before it. Given again at the same points it does the same.
 */

import { createHash } from 'node:crypto'
import { boot, modelMachine } from '../index.ts'
import type { Exit, Limits, Process, Share, Stats } from '../os/index.ts'
import type { Plan, TraceSink } from '../link/index.ts'
import type { ModelMachine, ModelMachineOptions, ModelInput } from '../machine/model/index.ts'
import { programIn } from './library.ts'
import type { ChosenModel } from './machine-option.ts'

/** Where the host was heard: after how many events of the trace, and whether the machine was at rest. */
export interface Point {
  readonly events: number
  readonly atRest: boolean
}

export interface ModelRunOptions extends Pick<ChosenModel, 'json' | 'processors' | 'seed'> {
  readonly kernel: Plan
  readonly shares?: readonly Share[]
  readonly preopens: Readonly<Record<string, string>>
  readonly program: Uint8Array
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly limits: Limits
  readonly stdin: Uint8Array | null | ((arrived: () => void) => ModelInput)
  /** Whether programs are told that a terminal is at the other end. */
  readonly terminal: boolean
  /** Takes what is written to the console: unit 1 or 2. */
  readonly output: (unit: number, bytes: Uint8Array) => void
  /** Called with the program once it was started, before the machine goes on. */
  readonly begun?: (program: Process) => void
  /** Told at each point of the run; where the machine is not at rest it waits for what is returned. */
  readonly heard?: (point: Point) => void | Promise<void>
  /** Whether something may still come to a machine that is at rest. Default false. */
  readonly open?: () => boolean
  readonly trace?: TraceSink
  /** Takes the events of the trace: for who wants to see them. */
  readonly hash?: ModelMachineOptions['hash']
}

export interface ModelRun {
  readonly exit: Exit
  readonly machine: ModelMachine
  readonly stats: Stats
  /** SHA-256 of what was written to either unit. */
  readonly stdout: string
  readonly stderr: string
  /** It would have waited for ever: nothing was to come that could have woken it. Then it was killed. */
  readonly stuck: boolean
}

/** Runs it to its end. Throws what `boot`, `loadProgram` and `spawn` throw. */
export async function runOnModel (options: ModelRunOptions): Promise<ModelRun> {
  const written = [createHash('sha256'), createHash('sha256')]
  const output = (unit: number, bytes: Uint8Array): void => {
    written[unit - 1]!.update(bytes)
    options.output(unit, bytes)
  }
  let points = 0
  let child: Process | null = null
  let stuck = false
  /** Whoever was told of something says what it does about it within a turn. */
  const watch = (): void => {
    const seen = points
    setImmediate(() => setImmediate(() => {
      if (seen !== points || child === null || options.open?.() === true) return
      stuck = true
      void child.kill('SIGKILL')
    }))
  }
  const machine = modelMachine({
    profile: options.json, processors: options.processors, seed: options.seed, stdin: options.stdin, terminal: options.terminal,
    stdout: bytes => { output(1, bytes) }, stderr: bytes => { output(2, bytes) },
    shares: (options.shares ?? []).map(({ hostPath, writable }) => ({ hostPath, writable: writable ?? true })),
    ...(options.hash === undefined ? {} : { hash: options.hash }),
    heard (events, atRest) {
      points++
      if (atRest) watch()
      return options.heard?.({ events, atRest })
    }
  })
  try {
    const program = programIn(options.args[0]!, options.program, machine)
    await using os = await boot({
      kernel: options.kernel, machine, program,
      ...(options.shares === undefined ? {} : { shares: options.shares }), ...(options.trace === undefined ? {} : { trace: options.trace })
    })
    child = os.spawn(program, {
      args: options.args, env: options.env, preopens: options.preopens, limits: options.limits, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit'
    })
    options.begun?.(child)
    const exit = await child.wait()
    child = null
    const stats = os.stats()
    await os.close()
    return { exit, machine, stats, stdout: written[0]!.digest('hex'), stderr: written[1]!.digest('hex'), stuck }
  } finally {
    machine.close()
  }
}
