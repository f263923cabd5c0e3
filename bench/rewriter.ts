// Questions: how fast are programs rewritten, and how much slower does a rewritten program run than the original?
//
// Units: MB of input per second of processor time; milliseconds a run, and per cent more than the original in the same run.
// Held fixed: each program's input; fuel of `grant` units at a time, given back at once, so only the checks are measured
// and no switch. Original, live and exact run in turn, so that what else the machine does falls on all of them;
// the fastest run of each counts, and the spread (median / fastest) is shown. The results must be the same.
// `node bench/rewriter.ts [rounds]`; one round is a trial that the tests run.

import { createHash } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { WASI } from 'node:wasi'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { FUEL_EXPORT, rewrite, YIELD_EXPORT } from '../src/walls/wasm/rewriter/index.ts'
import { assembler } from '../src/walls/wasm/rewriter/testing/assemble.ts'
import { nullaryFunction } from '../src/walls/wasm/rewriter/testing/start.ts'

const grant = 20_000
const modes = ['original', 'live', 'exact'] as const
type Mode = typeof modes[number]

interface Subject {
  name: string
  bytes: Uint8Array
  /** Runs an instance's work once and says what came out. */
  run(module: WebAssembly.Module): string
}

const rounds = Number(process.argv[2] ?? 12)
const size = rounds > 1 ? 1 : 1 / 100
const assemble = assembler({ wabt: await loadWabt(), binaryen })
const programs = fileURLToPath(new URL('../programs/wasm/', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'rewriter-bench-'))

try {
  rewriting()
  console.log('\nprogram          mode        fastest ms   spread   against the original')
  for (const subject of subjects()) running(subject)
} finally {
  rmSync(folder, { recursive: true })
}

/** Throughput of the rewriter itself, once it is warm. */
function rewriting(): void {
  const bytes = readFileSync(createRequire(import.meta.url).resolve('@ruby/3.4-wasm-wasi/dist/ruby.wasm'))
  for (const mode of ['live', 'exact'] as const) {
    let fastest = Infinity
    let out = 0
    for (let round = 0; round < Math.min(rounds, 6); round++) {
      const before = process.cpuUsage()
      const result = rewrite(bytes, { mode })
      const { user, system } = process.cpuUsage(before)
      if ('kind' in result) throw new Error(result.message)
      fastest = Math.min(fastest, user + system)
      out = result.bytes.length
    }
    const growth = ((out / bytes.length - 1) * 100).toFixed(1)
    console.log(`rewriting CRuby, ${mode}: ${(bytes.length / fastest).toFixed(0)} MB/s, ${growth} % larger`)
  }
}

function running({ name, bytes, run }: Subject): void {
  const modules = new Map<Mode, WebAssembly.Module>()
  for (const mode of modes) modules.set(mode, new WebAssembly.Module(mode === 'original' ? bytes.slice() : rewritten(bytes, mode)))
  const times = new Map<Mode, number[]>(modes.map((mode) => [mode, []]))
  const results = new Set<string>()
  for (let round = 0; round < rounds; round++) {
    for (const mode of modes) {
      const before = performance.now()
      results.add(run(modules.get(mode)!))
      times.get(mode)!.push(performance.now() - before)
    }
  }
  if (results.size !== 1) throw new Error(`${name}: not the same results: ${[...results].join(' and ')}`)
  const fastest = (mode: Mode): number => Math.min(...times.get(mode)!)
  for (const mode of modes) {
    const sorted = times.get(mode)!.sort((left, right) => left - right)
    const spread = sorted[sorted.length >> 1]! / sorted[0]!
    const more = mode === 'original' ? `work ${digest([...results][0]!)}` : `${((fastest(mode) / fastest('original') - 1) * 100).toFixed(0)} % more`
    console.log(`${name.padEnd(16)} ${mode.padEnd(10)} ${fastest(mode).toFixed(1).padStart(11)} ${spread.toFixed(2).padStart(8)}   ${more}`)
  }
}

function rewritten(bytes: Uint8Array, mode: 'live' | 'exact'): Uint8Array<ArrayBuffer> {
  const result = rewrite(bytes, { mode })
  if ('kind' in result) throw new Error(result.message)
  return result.bytes
}

function subjects(): Subject[] {
  const lines = Array.from({ length: 30_000 * size }, (_item, index) => createHash('md5').update(String(index)).digest('hex'))
  const text = join(folder, 'text')
  writeFileSync(text, lines.join('\n'))
  return [
    small('tight loop', 100e6, `(func (export "run") (param i32) (result i32) (local i32) (loop
      (local.set 1 (i32.add (i32.rotl (local.get 1) (i32.const 5)) (local.get 0)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1))`),
    small('loop on memory', 50e6, `(memory 16) (func (export "run") (param i32) (result i32) (local i32) (loop
      (i32.store (i32.and (i32.mul (local.get 0) (i32.const 68)) (i32.const 0xffffc)) (i32.add (local.get 1)
        (i32.load (i32.and (local.get 0) (i32.const 0xffffc))))) (local.set 1 (i32.add (local.get 1) (i32.const 3)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1))`),
    small('recursion', rounds > 1 ? 32 : 20, `(func $f (export "run") (param i32) (result i32)
      (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
        (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))))`),
    small('short copies', 10e6, `(memory 16) (func (export "run") (param i32) (result i32) (loop
      (memory.copy (i32.and (local.get 0) (i32.const 0xfff0)) (i32.const 0x20000) (i32.add (i32.and (local.get 0) (i32.const 15)) (i32.const 8)))
      (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (i32.load (i32.const 0)))`),
    program('primes', ['primes', String(Math.ceil(2e6 * size)), '3'], text),
    program('sort', ['sort'], text),
    program('sha256sum', ['sha256sum'], text),
  ]
}

/** A module of one function of a number. */
function small(name: string, count: number, text: string): Subject {
  const times = count > 1000 ? Math.ceil(count * size) : count
  return {
    name, bytes: assemble('wabt', `(module ${text})`),
    run: (module) => {
      const { exports } = new WebAssembly.Instance(module)
      fill(exports)
      return String((exports['run'] as (count: number) => number)(times))
    },
  }
}

/** A program of this repository, from start to exit, with the host's own WASI. */
function program(name: string, args: string[], input: string): Subject {
  return {
    name, bytes: readFileSync(`${programs}${name}.wasm`),
    run: (module) => {
      const output = join(folder, 'output')
      const [stdin, stdout] = [openSync(input, 'r'), openSync(output, 'w')]
      const wasi = new WASI({ version: 'preview1', args, stdin, stdout, returnOnExit: true })
      const instance = new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports)
      fill(instance.exports)
      wasi.start(instance)
      closeSync(stdin)
      closeSync(stdout)
      return digest(readFileSync(output))
    },
  }
}

/** Gives fuel and gives it back whenever it is used up, where there is any. */
function fill(exports: WebAssembly.Exports): void {
  const fuel = exports[FUEL_EXPORT]
  const table = exports[YIELD_EXPORT]
  if (!(fuel instanceof WebAssembly.Global) || !(table instanceof WebAssembly.Table)) return
  fuel.value = grant
  table.set(0, nullaryFunction(() => { fuel.value = grant }))
}

function digest(what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('hex').slice(0, 12)
}
