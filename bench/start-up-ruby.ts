// One start of CRuby for bench/start-up.ts: `node start-up-ruby.ts kaleidos CACHE` or `… node:wasi` evaluates 1+1 and prints how long it
// took, in ms, from the module's bytes in memory to the result.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import process from 'node:process'
import { RubyVM } from '@ruby/wasm-wasi/dist/vm'

const args = ['ruby.wasm', '-EUTF-8', '-e_=0']
const bytes = readFileSync(createRequire(import.meta.url).resolve('@ruby/3.4-wasm-wasi/dist/ruby.wasm'))
const system = process.argv[2]

if (system === 'kaleidos') {
  // What is imported is part of what starting costs, and is outside of what the bytes wait for.
  const { boot, kernels, loadProgram } = await import('../src/index.ts')
  const begun = performance.now()
  const program = loadProgram(bytes, { name: 'ruby', hostModules: ['rb-js-abi-host', 'canonical_abi'], cache: process.argv[3]! })
  const os = await boot({ kernel: kernels.monolithic() })
  const vm = new RubyVM()
  const imports: WebAssembly.Imports = {}
  vm.addToImports(imports)
  const reactor = await os.react(program, { args, imports, stdin: null, sliceMs: 60_000 })
  await vm.setInstance(reactor.instance)
  reactor.initialize()
  finish(vm, begun)
  await os.close()
} else if (system === 'node:wasi') {
  const { WASI } = await import('node:wasi')
  const begun = performance.now()
  const wasi = new WASI({ version: 'preview1', args, returnOnExit: true })
  const vm = new RubyVM()
  const imports = wasi.getImportObject() as WebAssembly.Imports
  vm.addToImports(imports)
  const { instance } = await WebAssembly.instantiate(bytes, imports)
  await vm.setInstance(instance)
  wasi.initialize(instance)
  finish(vm, begun)
} else {
  throw new Error('kaleidos or node:wasi?')
}

function finish (vm: RubyVM, begun: number): void {
  vm.initialize(args)
  const result = vm.eval('1+1').toString()
  if (result !== '2') throw new Error(`1+1 is ${result}`)
  console.log(performance.now() - begun)
}
