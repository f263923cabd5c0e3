/**
 * `kaleidos trace`: what a system call goes through, step by step and with what each costs, under one kernel or several; or all
 * calls that a program makes.
 */

import { basename } from 'node:path'
import { boot, modelMachine } from '../index.ts'
import {
  NoSuchCalls, builtInCalls, callsOf, callsTable, measureCall, measureCalls, receiptLegend, receiptText, receiptsBeside, wrap,
  type BuiltInCall, type CallsOfRun, type Receipt, type TracedRun
} from '../lab/index.ts'
import type { Plan } from '../link/index.ts'
import { SystemCalls } from '../roles/index.ts'
import { allKernels, kernelNamed } from './architectures.ts'
import { CommandError, failed } from './exit.ts'
import { folders, readProgram, standardInput, storedProgram } from './library.ts'
import { chosenModel, type ChosenModel } from './machine-option.ts'
import type { Directory } from './options.ts'
import { columns, printJson } from './output.ts'
import { suggestion } from './suggestion.ts'
import { traceFile } from './trace-file.ts'

export interface TraceOptions {
  readonly kernel?: readonly string[]
  readonly machine: string
  readonly processors?: number
  readonly seed?: number
  readonly call?: string
  readonly out?: string
  readonly traceEvents?: number
  readonly dir?: readonly Directory[]
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly json?: boolean
}

/** What is traced where nothing is named. */
const callDefault = 'fd_read'

export async function trace (path: string | undefined, args: readonly string[], options: TraceOptions): Promise<number> {
  if (options.call !== undefined) checkCall(options.call)
  if (path === undefined) refuseProgramOptions(options)
  const kernels = kernelsOf(path, options)
  const machine = chosenModel(options)
  if (options.call === undefined && path !== undefined) return await traceCalls(path, await ownRun(path, args, machine, options), kernels, options)
  if (options.out !== undefined) {
    throw new CommandError('--out with --call, or without a program', 'A file has a whole run in it: kaleidos trace --out trace.json PROGRAM.wasm …')
  }
  const call = options.call ?? callDefault
  if (path !== undefined) return await traceCall(call, `of ${basename(path)}`, await ownRun(path, args, machine, options), kernels, options)
  const found = builtInCalls.find(other => other.call === call)
  if (found === undefined) {
    throw new CommandError(`no program that comes with KaleidOS makes ${call} over and over`, `Name one that does: kaleidos trace --call ${call} PROGRAM.wasm …\nWithout a program there are: \
${builtInCalls.map(other => other.call).join(', ')}.`)
  }
  return await traceCall(call, found.what, await builtInRun(found, machine), kernels, options)
}

/** A program of one's own runs once for each kernel that is named, so there is one unless more are. */
function kernelsOf (path: string | undefined, { kernel }: TraceOptions): readonly Plan[] {
  if (kernel !== undefined) return [...new Set(kernel)].map(name => kernelNamed(name))
  return path === undefined ? [...allKernels().values()] : [kernelNamed('monolithic')]
}

/** One call, step by step. A kernel in which the program cannot run says so, and the others go on. */
async function traceCall (call: string, what: string, run: TracedRun, kernels: readonly Plan[], options: TraceOptions): Promise<number> {
  const receipts: Receipt[] = []
  const refused: string[] = []
  for (const kernel of kernels) {
    try {
      const receipt = await measureCall({ boot }, kernel, call, run)
      receipts.push(receipt)
      if (options.json !== true) process.stdout.write(`${receiptText(receipt, what, columns())}\n\n`)
    } catch (error) {
      if (!(error instanceof NoSuchCalls)) throw error
      refused.push(`${kernel.name}: ${error.message}${error.made.length === 0 ? '' : `, but ${error.made.join(', ')}`}`)
    }
  }
  if (receipts.length === 0) throw new CommandError(refused.join('\n'), '', failed)
  if (options.json === true) return printJson(receipts)
  if (receipts.length > 1) process.stdout.write(`${receiptsBeside(receipts)}\n\n`)
  process.stdout.write(`${[...wrap(receiptLegend, columns() - 1), ...refused.map(line => `– ${line}`)].join('\n')}\n`)
  return 0
}

/** All calls that a program makes, and where it is asked for the run in a file. */
async function traceCalls (path: string, run: TracedRun, kernels: readonly Plan[], options: TraceOptions): Promise<number> {
  if (options.out !== undefined && kernels.length > 1) throw new CommandError('--out with several kernels', 'A file has one run in it: name one --kernel.')
  const runs: (CallsOfRun & { readonly status: number })[] = []
  for (const kernel of kernels) {
    const file = options.out === undefined ? null : traceFile(options.out, kernel, options.machine, options.traceEvents)
    let measured
    try {
      measured = await measureCalls({ boot }, kernel, run, file === null ? () => {} : file.record)
    } finally {
      file?.finish()
    }
    const { meter, exit } = measured
    const calls = { ...callsOf(kernel.name, basename(path), meter), status: exit.status }
    runs.push(calls)
    if (options.json === true) continue
    process.stdout.write(`${callsTable(calls, columns())}\n${exit.status === 0 ? '' : `Exit status ${exit.status}${exit.message === '' ? '' : `: ${exit.message}`}.\n`}\n`)
  }
  if (options.json === true) return printJson(runs)
  if (options.out !== undefined) process.stdout.write(`Trace: ${options.out}; open it at ui.perfetto.dev, which keeps it in the page.\n`)
  return 0
}

async function ownRun (path: string, args: readonly string[], machine: ChosenModel | null, options: TraceOptions): Promise<TracedRun> {
  const { shares, preopens } = await folders(options.dir ?? [])
  return {
    program: await readProgram(path), shares, ...machineOf(machine, shares),
    spawn: { args: [path, ...args], env: options.env ?? {}, preopens, stdin: await standardInput(options.stdin) }
  }
}

async function builtInRun ({ program, args, children = [] }: BuiltInCall, machine: ChosenModel | null): Promise<TracedRun> {
  const files = await Promise.all(children.map(async child => [`/${child}.wasm`, (await storedProgram(child)).bytes] as const))
  return { program: (await storedProgram(program)).program, spawn: { args: [program, ...args], stdin: null }, files: Object.fromEntries(files), ...machineOf(machine, []) }
}

function machineOf (choice: ChosenModel | null, shares: TracedRun['shares'] & {}): Pick<TracedRun, 'machine'> {
  if (choice === null) return {}
  const { json, processors, seed } = choice
  return { machine: () => modelMachine({ profile: json, processors, seed, shares }) }
}

function checkCall (call: string): void {
  const calls = Object.keys(SystemCalls.operations)
  if (!calls.includes(call)) throw new CommandError(`there is no system call ${call}`, `${suggestion(call, calls)}The calls are those of WASI preview 1 and of the module kaleidos.`)
}

function refuseProgramOptions ({ dir, env, stdin }: TraceOptions): void {
  const given = [...(dir === undefined ? [] : ['--dir']), ...(env === undefined ? [] : ['--env']), ...(stdin === undefined ? [] : ['--stdin'])]
  if (given.length > 0) throw new CommandError(`${given.join(', ')} without a program`, 'Name one: kaleidos trace PROGRAM.wasm …')
}

