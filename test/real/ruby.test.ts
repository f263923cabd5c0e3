// CRuby under every kernel, by the JavaScript glue that its authors publish: a reactor, called by host code.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RubyVM } from '@ruby/wasm-wasi/dist/vm'
import { boot, kernels, loadProgram } from 'kaleidos'
import type { Program } from 'kaleidos'
import { realProgram, skipWithout } from './programs.ts'

/** The modules of its imports that the glue fills. */
const glue = ['rb-js-abi-host', 'canonical_abi']

let loaded: Promise<Program> | undefined

function ruby(): Promise<Program> {
  loaded ??= realProgram('ruby').then(bytes => loadProgram(bytes, { name: 'ruby', hostModules: glue }))
  return loaded
}

for (const [kernel, plan] of Object.entries(kernels)) {
  test(`ruby, ${kernel}: evaluates, prints, and keeps files in the kernel`, { skip: skipWithout('ruby') }, async () => {
    await using os = await boot({ kernel: plan(), program: await ruby() })
    await os.fs.writeFile('/in', 'from outside')
    const vm = new RubyVM()
    const imports: WebAssembly.Imports = {}
    vm.addToImports(imports)
    const reactor = await os.react(await ruby(), { args: ['ruby.wasm', '-e_=0'], env: { WHERE: 'here' }, imports, stdin: null })
    await vm.setInstance(reactor.instance)
    reactor.initialize()
    vm.initialize(['ruby.wasm', '-EUTF-8', '-e_=0'])

    assert.match(vm.eval('RUBY_VERSION').toString(), /^3\.4\./)
    assert.equal(vm.eval('(1..20).inject(:*).to_s + ENV["WHERE"]').toString(), '2432902008176640000here')
    assert.equal(vm.eval('File.write("/out", File.read("/in").upcase); Dir.children("/").sort.join(" ")').toString().includes('out'), true)
    assert.equal(await os.fs.readText('/out'), 'FROM OUTSIDE')
    assert.equal(vm.eval('begin; File.read("/nothing"); rescue => e; e.class.name; end').toString(), 'Errno::ENOENT')
    // Fibers switch stacks by rewinding WebAssembly, and back.
    assert.equal(vm.eval('f = Fiber.new { Fiber.yield 1; 2 }; [f.resume, f.resume].sum.to_s').toString(), '3')
    assert.throws(() => vm.eval('raise "a Ruby error"'), /a Ruby error/)
    vm.eval('puts "printed"; $stdout.flush')
    await reactor.process.kill()
    const { text } = await reactor.process.output()
    assert.equal(text, 'printed\n')
  })
}
