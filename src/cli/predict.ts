/** `kaleidos compare --machine model:NAME`: what the same workloads cost on modelled hardware, in cycles. */

import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { boot, modelMachine } from '../index.ts'
import {
  drawPlan, predict as predictKernels, predictionReport, predictionTables, programsOf, sweepProgram, workloads, type MachineSpec, type Prediction, type StoredProgram
} from '../lab/index.ts'
import type { Plan } from '../link/index.ts'
import { CommandError, exitWith, onSignals } from './exit.ts'
import { storedProgram } from './library.ts'
import { machineNamed } from './machine-option.ts'
import { columns, printJson } from './output.ts'
import { progress } from './progress.ts'
import { version } from './version.ts'

export interface PredictOptions {
  readonly machine?: string
  readonly machines?: readonly string[]
  readonly processors?: number
  readonly samples?: number
  readonly seed?: number
  readonly out: string
  readonly json?: boolean
}

const reportWidth = 96
const files = ['predict.html', 'predict.json'] as const

/** The machines that the options name; null when they name the live one, or none. */
export function modelledMachines ({ machine, machines = [] }: PredictOptions): MachineSpec[] | null {
  const names = [...machine === undefined ? [] : [machine], ...machines]
  const choices = names.map(name => ({ name, choice: machineNamed(name) }))
  const live = choices.filter(({ choice }) => choice.kind === 'live')
  if (choices.length === 0 || (choices.length === 1 && live.length === 1)) return null
  if (live.length > 0) {
    throw new CommandError('the live machine cannot stand beside modelled ones', 'What one takes is measured, what the others cost is modelled: compare them in two runs.')
  }
  const specs = choices.map(({ name, choice }) => ({ name: name.replace(/^model:/, ''), profile: choice.kind === 'model' ? choice.json as object : '' }))
  return [...new Map(specs.map(spec => [spec.name, spec])).values()]
}

export async function predict (machines: readonly MachineSpec[], kernels: readonly Plan[], options: PredictOptions): Promise<number> {
  const programs = new Map<string, StoredProgram>()
  for (const name of [...programsOf(workloads), sweepProgram]) programs.set(name, await storedProgram(name))
  const shown = progress()
  const signals = onSignals(signal => {
    shown.stop()
    exitWith({ signal })
  })
  let prediction: Prediction
  try {
    prediction = await predictKernels({ boot, modelMachine }, {
      version: version(), machines, kernels, workloads, programs,
      processors: options.processors ?? 1, seed: options.seed ?? 0, samples: options.samples ?? 0, progress: shown.update
    })
  } finally {
    shown.stop()
    signals.stop()
  }
  const [page, figures] = files.map(name => resolve(options.out, name)) as [string, string]
  await writeFile(page, await predictionReport(prediction, {
    drawings: new Map(kernels.map(kernel => [kernel.name, drawPlan(kernel, reportWidth)])),
    command: ['kaleidos', 'compare', ...process.argv.slice(process.argv.indexOf('compare') + 1)].join(' ')
  }))
  await writeFile(figures, `${JSON.stringify(prediction, null, 2)}\n`)
  if (options.json === true) printJson(prediction)
  else process.stdout.write(`${predictionTables(prediction, columns())}\n\nReport: ${pathToFileURL(page).href}\n`)
  return 0
}
