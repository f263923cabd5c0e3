// Question: how fast are programs rewritten?
//
// Units: MB of input per second of processor time, on the first call of a process and once the rewriter is warm.
// Held fixed: the modules, of 1 MB and more: CRuby without and with its library, and SQLite. The first call is measured in a
// process of its own each time, since that is how a command line meets it: most of it is what the engine takes to compile the
// rewriter, which is warm when so many MB were rewritten. What the rewriting costs a program that runs is bench/metering.ts.
// `node bench/rewriter.ts [--quick | --trial] [--json]`; one round is a trial that the tests run.

import { execFileSync } from 'node:child_process'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { atLeast, benchmark, median } from './harness.ts'
import type { Finding } from './harness.ts'
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
  /** MB of input a second: the first of a process, and the median of the later half of the calls. */
  readonly first: number
  readonly warm: number
  /** Rewritten / original size. */
  readonly growth: number
}

export async function rewriting (rounds: number): Promise<RewriterRow[]> {
  const rows: RewriterRow[] = []
  // A trial leaves the largest one out.
  for (const name of rounds > 1 ? names : names.slice(0, 2)) {
    if (skipWithout(name) !== false) continue
    for (const mode of modes) {
      const runs = Array.from({ length: Math.ceil(rounds / 4) }, () => inOwnProcess(name, mode))
      rows.push({
        name, mode, sizeBytes: runs[0]!.sizeBytes, growth: runs[0]!.growth,
        first: median(runs.map(({ speeds }) => speeds[0]!)), warm: median(runs.flatMap(({ speeds }) => speeds.slice(speeds.length >> 1)))
      })
    }
  }
  return rows
}

interface Run { sizeBytes: number, growth: number, speeds: number[] }

function inOwnProcess (name: RealProgram, mode: Mode): Run {
  return JSON.parse(execFileSync(process.execPath, ['--no-warnings', fileURLToPath(import.meta.url), '--one', name, mode], { encoding: 'utf8' })) as Run
}

/** Bytes that are rewritten in a process, by mode: exact mode writes more than twice as much. */
const bytesInProcess = { live: 60e6, exact: 20e6 }

/** Rewrites one module a few times in this process. */
async function one (name: RealProgram, mode: Mode): Promise<Run> {
  const bytes = await realProgram(name)
  const speeds: number[] = []
  let size = 0
  const calls = Math.max(2, Math.ceil(bytesInProcess[mode] / bytes.length))
  for (let call = 0; call < calls; call++) {
    const before = process.cpuUsage()
    const result = rewrite(bytes, { mode })
    const { user, system } = process.cpuUsage(before)
    if ('kind' in result) throw new Error(result.message)
    speeds.push(bytes.length / (user + system))
    size = result.bytes.length
  }
  return { sizeBytes: bytes.length, growth: size / bytes.length, speeds }
}

if (import.meta.main) {
  if (process.argv[2] === '--one') {
    console.log(JSON.stringify(await one(process.argv[3] as RealProgram, process.argv[4] as Mode)))
  } else {
    await benchmark(async scale => finding(await rewriting(scale.rounds * 2)))
  }
}

function finding (rows: readonly RewriterRow[]): Finding {
  const speed = (value: number): string => `${value.toFixed(0)} MB/s`
  return {
    title: 'Rewriting',
    question: 'How fast are programs rewritten?',
    held: 'modules of 1 MB and more; processor time, that of the engine\'s compiler included; the first call in a process of its own',
    targets: rows.filter(({ mode }) => mode === 'live').flatMap(({ name, first, warm }) =>
      [atLeast(`${name}, once warm`, warm, 50, speed), atLeast(`${name}, first call of a process`, first, 50, speed)]),
    tables: [{
      title: 'MB of input a second of processor time',
      columns: [{ name: 'module', words: true }, { name: 'MB' }, { name: 'mode', words: true }, { name: 'first call' }, { name: 'warm' }, { name: 'growth' }],
      rows: rows.map(({ name, mode, sizeBytes, first, warm, growth }) =>
        [name, (sizeBytes / 1e6).toFixed(1), mode, first.toFixed(0), warm.toFixed(0), `${((growth - 1) * 100).toFixed(1)} %`])
    }],
    figures: rows
  }
}
