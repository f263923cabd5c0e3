/** `kaleidos run` on a model machine: what came from outside is kept with its point of the run, and the whole may be recorded. */

import type { Plan } from '../link/index.ts'
import { CommandError, type Ending } from './exit.ts'
import { folders, moduleIn } from './library.ts'
import { limitsOf } from './limit-options.ts'
import { chosenModel } from './machine-option.ts'
import { runOnModel, type ModelRun, type Point } from './model-run.ts'
import type { Directory } from './options.ts'
import { drained } from './output.ts'
import { checkWritable, packed, resultOf, sha256, writeRecord, type Arrival } from './record.ts'
import { endingOf, passSignals, say, type RunOptions } from './run.ts'
import { TypedInput, WholeInput } from './standard-input.ts'
import { guardStandardStreams } from './standard-streams.ts'

export async function runModelled (path: string, args: readonly string[], kernel: Plan, options: RunOptions): Promise<Ending> {
  guardStandardStreams()
  const model = chosenModel(options)
  if (model === null) throw new CommandError('--record without a model machine: what the live one does cannot be done again', 'Give one: --machine model:skylake (kaleidos machines lists them).')
  if (options.record !== undefined) checkRecord(options.record, options.dir ?? [])
  const { shares, preopens } = folders(options.dir ?? [])
  const bytes = moduleIn(path)
  const given = {
    kernel, processors: model.processors, seed: model.seed, args: [path, ...args], env: options.env ?? {}, preopens, limits: limitsOf(options),
    terminal: process.stdin.isTTY === true && process.stdout.isTTY === true
  }
  const arrivals: Arrival[] = []
  let point: Point = { events: 0, atRest: true }
  let whole: WholeInput | null = null
  let typed: TypedInput | null = null
  let signals: ReturnType<typeof passSignals> | null = null
  const started = performance.now()
  const trace = options.trace === undefined ? null : (await import('./trace-file.ts')).traceFile(options.trace, kernel, `model:${model.profile.name}`, options.traceEvents)
  let run: ModelRun
  try {
    run = await runOnModel({
      ...given, json: model.json, shares, program: bytes, ...(trace === null ? {} : { trace: trace.record }),
      stdin: arrived => process.stdin.isTTY === true
        ? typed = new TypedInput(arrived, piece => { arrivals.push({ ...point, typed: piece === null ? null : packed(piece) }) })
        : whole = new WholeInput(arrived),
      output: (unit, piece) => { streamOf(unit).write(piece) },
      begun: child => { signals = passSignals(child, signal => { arrivals.push({ ...point, signal }) }) },
      open: () => process.stdin.isTTY === true,
      heard (now) {
        point = now
        return drained([process.stdout, process.stderr])
      }
    })
  } finally {
    (signals as ReturnType<typeof passSignals> | null)?.stop()
    ;(typed as TypedInput | null)?.close()
  }
  const { exit, machine, stats, stuck } = run
  const { timing } = machine
  if (stuck) say(`kaleidos: ${path} waits for what cannot come: no program can run, and no input, timer or device is due. It was ended.\n`)
  if (options.record !== undefined) {
    const read = (whole as WholeInput | null)?.bytes ?? null
    writeRecord(options.record, {
      ...given, profile: model.json, program: { sha256: sha256(bytes), bytes: packed(bytes) },
      stdin: read === null ? null : packed(read), arrivals, result: resultOf(run)
    })
  }
  trace?.finish()
  return endingOf(path, exit, (signals as ReturnType<typeof passSignals> | null)?.received(), options, {
    kernel: kernel.name, program: path, exit, machine: machine.name, profile: model.profile.name, processors: model.processors, seed: model.seed,
    traceHash: machine.traceHash, events: timing.hash.events, virtualNs: Math.round(timing.latestNs), cycles: Math.round(timing.busyCycles), missed: timing.missed,
    bootNs: Math.round(stats.bootNs), elapsedNs: Math.round((performance.now() - started) * 1e6), counters: stats.counters
  })
}

function checkRecord (path: string, directories: readonly Directory[]): void {
  if (directories.length > 0) {
    throw new CommandError('--record with --dir: what is in a folder changes, and is not in a record', 'Give the program what it needs as standard input, or record it without folders.')
  }
  checkWritable(path)
}

function streamOf (unit: number): NodeJS.WriteStream {
  return unit === 1 ? process.stdout : process.stderr
}
