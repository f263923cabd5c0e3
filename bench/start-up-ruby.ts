// One start of CRuby for bench/start-up.ts: `node start-up-ruby.ts kaleidos CACHE` or `… node:wasi` evaluates 1+1 and prints, as
// JSON, what each stage took in ms and how many pages of memory it was the first to touch, from the module's bytes in memory to
// the result. The stages of both are of one name where they do the same work.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { RubyVM } from '@ruby/wasm-wasi/dist/vm'

/** What a stage took: ms, and page faults that the host served without its disk. */
export type Stages = Readonly<Record<string, readonly [ms: number, faults: number]>>

const args = ['ruby.wasm', '-EUTF-8', '-e_=0']
const bytes = readFileSync(createRequire(import.meta.url).resolve('@ruby/3.4-wasm-wasi/dist/ruby.wasm'))
const system = process.argv[2]
const stages: Record<string, readonly [number, number]> = {}
let last: readonly [number, number] = [0, 0]

if (system === 'kaleidos') {
  // What is imported is part of what starting costs, and is outside of what the bytes wait for.
  const { boot, kernels, loadProgram } = await import('../src/index.ts')
  last = now()
  const program = loadProgram(bytes, { name: 'ruby', hostModules: ['rb-js-abi-host', 'canonical_abi'], cache: process.argv[3]! })
  ended('compile')
  const os = await boot({ kernel: kernels.monolithic() })
  ended('system')
  const vm = new RubyVM()
  const imports: WebAssembly.Imports = {}
  vm.addToImports(imports)
  const reactor = await os.react(program, { args, imports, stdin: null, sliceMs: 60_000 })
  ended('instantiate')
  await vm.setInstance(reactor.instance)
  reactor.initialize()
  finish(vm)
  await os.close()
} else if (system === 'node:wasi') {
  const { WASI } = await import('node:wasi')
  last = now()
  const wasi = new WASI({ version: 'preview1', args, returnOnExit: true })
  const imports = wasi.getImportObject() as WebAssembly.Imports
  ended('system')
  const module = await WebAssembly.compile(bytes)
  ended('compile')
  const vm = new RubyVM()
  vm.addToImports(imports)
  const instance = await WebAssembly.instantiate(module, imports)
  ended('instantiate')
  await vm.setInstance(instance)
  wasi.initialize(instance)
  finish(vm)
} else {
  throw new Error('kaleidos or node:wasi?')
}

function finish (vm: RubyVM): void {
  ended('initialize C')
  vm.initialize(args)
  ended('initialize Ruby')
  const result = vm.eval('1+1').toString()
  if (result !== '2') throw new Error(`1+1 is ${result}`)
  ended('evaluate')
  console.log(JSON.stringify(stages satisfies Stages))
}

function now (): readonly [number, number] {
  return [performance.now(), process.resourceUsage().minorPageFault]
}

function ended (stage: string): void {
  const at = now()
  stages[stage] = [at[0] - last[0], at[1] - last[1]]
  last = now()
}
