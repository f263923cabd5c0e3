// Question: how long until a program says its first word, and until CRuby knows what 1+1 is?
//
// Units: ms of wall time; the difference to `node -e 0` of the same Node, and the quotient with node:wasi.
// Held fixed: Node's compile cache and ours are warm; the command is started without its launcher. A start is from the
// creation of the process to the first byte of its output. CRuby is a reactor of 17 MB, started from its bytes in memory (and,
// for the whole, from the creation of the process), to the result, here and under node:wasi. All take turns, in an order drawn
// from a seed, and medians count; beside them stands the fastest tenth, which other work on the machine disturbs less.
// `node bench/start-up.ts [--quick | --trial] [--json] [NAME…]`

import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { atMost, benchmark, inTurns, median, progress, wanted } from './harness.ts'
import type { Finding, Scale, Table, Target } from './harness.ts'
import type { Stages } from './start-up-ruby.ts'

const root = join(import.meta.dirname, '..')
const hello = join(root, 'programs', 'wasm', 'hello.wasm')
const helloMsMax = 60

interface Contestant {
  readonly name: string
  readonly args: readonly string[]
  /** From the creation of the process to its first byte, or to its end where it has no output, ms. */
  readonly wholeMs: number[]
  /** What it says it took, stage by stage. */
  readonly told: Stages[]
}

await benchmark(async scale => {
  const folder = mkdtempSync(join(tmpdir(), 'start-up-'))
  try {
    return await measure(folder, scale)
  } finally {
    rmSync(folder, { recursive: true })
  }
})

async function measure (folder: string, scale: Scale): Promise<Finding> {
  const contestant = (name: string, ...args: string[]): Contestant => ({ name, args, wholeMs: [], told: [] })
  const ruby = (...args: string[]): string[] => [join(import.meta.dirname, 'start-up-ruby.ts'), ...args]
  const all = [
    contestant('node -e 0', '-e', '0'),
    contestant('hello from sources', join(root, 'src', 'cli', 'main.ts'), 'run', hello),
    contestant('ruby, kaleidos', ...ruby('kaleidos', join(folder, 'rewritten'))),
    contestant('ruby, node:wasi', ...ruby('node:wasi'))
  ]
  if (wanted(scale, 'hello from the package') && scale.name !== 'trial') {
    progress('building the package')
    all.splice(2, 0, contestant('hello from the package', join(built(folder), 'dist', 'command', 'run.cjs'), 'run', hello))
  }
  const contestants = all.filter(({ name }) => name === 'node -e 0' || wanted(scale, name))
  const rounds = { ...scale, rounds: scale.name === 'full' ? scale.rounds * 4 : scale.rounds }
  // The first rounds fill the caches.
  await inTurns(contestants, rounds, 2, async (contestant, round) => {
    progress(`start-up: ${contestant.name}, round ${round}`)
    const { wholeMs, text } = await start(contestant.args, folder)
    if (round < 0) return
    contestant.wholeMs.push(wholeMs)
    if (contestant.name.startsWith('ruby')) contestant.told.push(JSON.parse(text) as Stages)
  })
  return finding(contestants)
}

/** The package as it is published, with this checkout's packages beside it. */
function built (folder: string): string {
  const staged = join(folder, 'package')
  execFileSync(process.execPath, [join(root, 'scripts', 'build-package.mjs'), staged], { stdio: ['ignore', 'ignore', 'inherit'] })
  symlinkSync(join(root, 'node_modules'), join(staged, 'node_modules'), 'junction')
  return staged
}

async function start (args: readonly string[], folder: string): Promise<{ wholeMs: number, text: string }> {
  const begun = performance.now()
  const child = spawn(process.execPath, ['--no-warnings', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, NODE_COMPILE_CACHE: join(folder, 'compiled'), KALEIDOS_CACHE: join(folder, 'cache') }
  })
  let wholeMs = 0
  let text = ''
  child.stdout.on('data', (data: Buffer) => {
    if (text === '') wholeMs = performance.now() - begun
    text += String(data)
  })
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (status !== 0) throw new Error(`${args.join(' ')}: status ${String(status)}`)
  return { wholeMs: text === '' ? performance.now() - begun : wholeMs, text }
}

function finding (contestants: readonly Contestant[]): Finding {
  const named = (name: string): Contestant | undefined => contestants.find(contestant => contestant.name === name)
  const base = median(named('node -e 0')!.wholeMs)
  const ms = (value: number): string => `${value.toFixed(0)} ms`
  const targets: Target[] = []
  for (const name of ['hello from sources', 'hello from the package']) {
    const found = named(name)
    if (found !== undefined) targets.push(atMost(`${name}: first byte after node -e 0`, median(found.wholeMs) - base, helloMsMax, ms))
  }
  const [ours, theirs] = [named('ruby, kaleidos'), named('ruby, node:wasi')]
  if (ours !== undefined && theirs !== undefined) {
    const times = (value: number): string => `${value.toFixed(2)} times`
    targets.push(atMost('CRuby 1+1 from its bytes, beside node:wasi', median(totals(ours)) / median(totals(theirs)), 1, times))
    targets.push(atMost('CRuby 1+1 from process start, beside node:wasi', median(ours.wholeMs) / median(theirs.wholeMs), 1, times))
  }
  const figures = Object.fromEntries(contestants.map(contestant => [contestant.name, {
    wholeMs: median(contestant.wholeMs), fastestTenthMs: tenth(contestant.wholeMs),
    ...(contestant.told.length === 0 ? {} : { fromBytesMs: median(totals(contestant)), fastestTenthFromBytesMs: tenth(totals(contestant)) })
  }]))
  return {
    title: 'Starting',
    question: 'How long until a program says its first word, and until CRuby knows what 1+1 is?',
    held: 'caches warm, no launcher, wall time, turns in an order drawn from the seed',
    targets,
    tables: [{
      title: 'From the creation of the process to its first byte',
      columns: [{ name: 'what', words: true }, { name: 'median ms' }, { name: 'fastest tenth' }, { name: 'from bytes ms' }, { name: 'fastest tenth' }],
      rows: Object.entries(figures).map(([name, { wholeMs, fastestTenthMs, fromBytesMs, fastestTenthFromBytesMs }]) =>
        [name, ...[wholeMs, fastestTenthMs, fromBytesMs, fastestTenthFromBytesMs].map(value => value === undefined ? '' : value.toFixed(0))]),
      notes: ['node -e 0 has no output: its time is to its end.']
    }, ...(ours === undefined || theirs === undefined ? [] : [stageTable(ours, theirs)])],
    figures
  }
}

/** From its bytes to its result, ms. */
function totals ({ told }: Contestant): number[] {
  return told.map(stages => Object.values(stages).reduce((sum, [ms]) => sum + ms, 0))
}

function stageTable (ours: Contestant, theirs: Contestant): Table {
  const medians = ({ told }: Contestant, stage: string, which: 0 | 1): number => median(told.map(stages => stages[stage]![which]))
  return {
    title: 'CRuby from its bytes to 1+1, stage by stage',
    columns: [{ name: 'stage', words: true }, { name: 'kaleidos ms' }, { name: 'node:wasi ms' }, { name: 'difference' }, { name: 'pages, kaleidos' }, { name: 'pages, node:wasi' }],
    rows: Object.keys(ours.told[0]!).map(stage => {
      const [one, other] = [medians(ours, stage, 0), medians(theirs, stage, 0)]
      return [stage, one.toFixed(1), other.toFixed(1), (one - other).toFixed(1), medians(ours, stage, 1).toFixed(0), medians(theirs, stage, 1).toFixed(0)]
    }),
    notes: ['compile: for kaleidos the digest of the module, and what is kept of it read and summed, besides.', 'pages: first touched in this stage (minor page faults).']
  }
}

function tenth (values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 10)]!
}
