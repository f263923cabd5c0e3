/** The thread of `kaleidos faults` that carries out experiments, one after the other, as it is told. */

import { parentPort } from 'node:worker_threads'
import type { MessagePort } from 'node:worker_threads'
import { readFileSync } from 'node:fs'
import { boot, liveMachine, loadProgram, modelMachine } from '../index.ts'
import { Laboratory, faultPrograms } from '../lab/index.ts'
import type { Experiment } from '../lab/index.ts'
import { faultKernels } from './fault-kernels.ts'

/** What it is asked. */
export type BenchRequest = { readonly survey: string, readonly machine: string } | { readonly experiment: Experiment }
/** What it answers: what was asked for, or why that failed. */
export type BenchAnswer = { readonly value: unknown } | { readonly failed: string }

/** The programs of the workload, as they are rewritten for a machine. */
export function laboratory (machine: string): Laboratory {
  const programs = new Map(faultPrograms.map(name => {
    const bytes = readFileSync(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))
    return [name as string, { bytes, program: loadProgram(bytes, { name, ...(machine === 'live' ? {} : { machine: modelMachine({ profile: machine.replace(/^model:/, '') }) }) }) }]
  }))
  return new Laboratory({ boot, liveMachine, modelMachine }, programs, faultKernels())
}

function serve (port: MessagePort): void {
  let lab: Laboratory | null = null
  // What a kernel throws where nobody can catch it would end the host: the run under way has failed by that.
  process.on('uncaughtException', error => { lab?.fell(`${error.name}: ${error.message}`) })
  process.on('unhandledRejection', error => { lab?.fell(String(error)) })
  port.on('message', (request: BenchRequest) => {
    const own = lab ??= laboratory('experiment' in request ? request.experiment.machine : request.machine)
    const answer = 'experiment' in request ? own.carryOut(request.experiment) : own.survey(request.survey, request.machine)
    void answer.then((value): BenchAnswer => ({ value }), (error: unknown): BenchAnswer => ({ failed: error instanceof Error ? error.stack ?? error.message : String(error) }))
      .then(message => { port.postMessage(message) })
  })
}

if (parentPort !== null) serve(parentPort)
