// Question: how fast are programs rewritten?
//
// Units: MB of input per second of processor time, on the first call of a process and once the rewriter is warm.
// Held fixed: the modules, of 1 MB and more: CRuby without and with its library, and SQLite. The first call is measured in a
// process of its own each time, since that is how a command line meets it. What the rewriting costs a program that
// runs is bench/metering.ts.
// `node bench/rewriter.ts [rounds]`; one round is a trial that the tests run.

import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { rewrite } from '../src/walls/wasm/rewriter/index.ts'
import { realProgram, skipWithout } from '../test/real/programs.ts'
import type { RealProgram } from '../test/real/programs.ts'

const names = ['sqlite3', 'ruby', 'rubyWithLibrary'] as const satisfies readonly RealProgram[]
const modes = ['live', 'exact'] as const
type Mode = typeof modes[number]

export interface RewriterRow {
  readonly name: string
  readonly mode: Mode
  readonly sizeBytes: number
  /** MB of input a second: the first of a process, and the median of later calls. */
  readonly first: number
  readonly warm: number
  /** Rewritten / original size. */
  readonly growth: number
}

export async function rewriting (rounds: number): Promise<RewriterRow[]> {
  const rows: RewriterRow[] = []
  for (const name of names) {
    if (skipWithout(name) !== false) continue
    for (const mode of modes) {
      const runs = Array.from({ length: Math.ceil(rounds / 4) }, () => inOwnProcess(name, mode))
      rows.push({
        name, mode, sizeBytes: runs[0]!.sizeBytes, growth: runs[0]!.growth,
        first: median(runs.map(({ speeds }) => speeds[0]!)), warm: median(runs.flatMap(({ speeds }) => speeds.slice(1)))
      })
    }
  }
  return rows
}

interface Run { sizeBytes: number, growth: number, speeds: number[] }

function inOwnProcess (name: RealProgram, mode: Mode): Run {
  return JSON.parse(execFileSync(process.execPath, ['--no-warnings', fileURLToPath(import.meta.url), '--one', name, mode], { encoding: 'utf8' })) as Run
}

/** Rewrites one module a few times in this process. */
async function one (name: RealProgram, mode: Mode): Promise<Run> {
  const bytes = await realProgram(name)
  const speeds: number[] = []
  let size = 0
  for (let call = 0; call < 4; call++) {
    const before = process.cpuUsage()
    const result = rewrite(bytes, { mode })
    const { user, system } = process.cpuUsage(before)
    if ('kind' in result) throw new Error(result.message)
    speeds.push(bytes.length / (user + system))
    size = result.bytes.length
  }
  return { sizeBytes: bytes.length, growth: size / bytes.length, speeds }
}

function median (values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[values.length >> 1]!
}

if (import.meta.main) {
  if (process.argv[2] === '--one') {
    console.log(JSON.stringify(await one(process.argv[3] as RealProgram, process.argv[4] as Mode)))
  } else {
    console.log('rewriting: MB of input a second of processor time')
    console.log('module            MB   mode   first call   warm   growth')
    for (const { name, mode, sizeBytes, first, warm, growth } of await rewriting(Number(process.argv[2] ?? 12))) {
      console.log(`${name.padEnd(15)} ${(sizeBytes / 1e6).toFixed(1).padStart(4)}   ${mode.padEnd(5)} ${first.toFixed(0).padStart(11)} ${warm.toFixed(0).padStart(6)} ${`${((growth - 1) * 100).toFixed(1)} %`.padStart(8)}`)
    }
  }
}
