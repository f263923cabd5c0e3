// What bench/metering.ts measures on: real programs, and kernels that do nothing but what a check is dearest in.
//
// A subject runs a compiled module once and says what came out, so that it can be told that a metered module computes
// the same. Programs run from start to exit under the host's own WASI; CRuby is started once and then given its script.

import { createHash } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { WASI } from 'node:wasi'
import { RubyVM } from '@ruby/wasm-wasi/dist/vm'
import { DRAIN_EXPORT, FUEL_EXPORT, YIELD_EXPORT } from '../src/walls/wasm/rewriter/index.ts'
import { nullaryFunction } from '../src/walls/wasm/rewriter/testing/start.ts'
import { realProgram, skipWithout } from '../test/real/programs.ts'
import type { RealProgram } from '../test/real/programs.ts'

export interface Subject {
  readonly name: string
  readonly kind: 'program' | 'kernel'
  /** Why it cannot be measured here, or false. */
  readonly missing: string | false
  readonly bytes: () => Promise<Uint8Array>
  /** Makes what one variant of the module is run with, outside of what is measured. */
  readonly prepare: (module: WebAssembly.Module) => Promise<() => string>
}

/** Fuel that a metered module gets at a time: about what the scheduler gives in 0.1 ms. */
const grant = 20_000

export function digest (what: string | Uint8Array): string {
  return createHash('sha256').update(what).digest('hex').slice(0, 12)
}

/** Gives fuel, and gives it back whenever it is used up; nothing where there is no meter. An exact one is drained, as it is on a model machine. */
function fill (exports: WebAssembly.Exports): void {
  const fuel = exports[FUEL_EXPORT]
  const table = exports[YIELD_EXPORT]
  if (!(fuel instanceof WebAssembly.Global) || !(table instanceof WebAssembly.Table)) return
  fuel.value = grant
  const drain = exports[DRAIN_EXPORT] as (() => number[]) | undefined
  table.set(0, nullaryFunction(() => {
    drain?.()
    fuel.value = grant
  }))
}

/** A program from start to exit. `input` and `folder` are of the host; the folder is its `/`. */
function runsIn (folder: string, args: string[], input: string | null): Subject['prepare'] {
  return async module => () => {
    const output = join(folder, 'stdout')
    const stdin = openSync(input === null ? '/dev/null' : join(folder, input), 'r')
    const stdout = openSync(output, 'w')
    try {
      const wasi = new WASI({ version: 'preview1', args, env: { HOME: '/' }, stdin, stdout, preopens: { '/': folder }, returnOnExit: true })
      const instance = new WebAssembly.Instance(module, wasi.getImportObject() as WebAssembly.Imports)
      fill(instance.exports)
      const status = wasi.start(instance)
      return `${status} ${digest(readFileSync(output))}`
    } finally {
      closeIfOpen(stdin)
      closeIfOpen(stdout)
    }
  }
}

/** A program may have closed its standard streams itself, and they are the host's. */
function closeIfOpen (descriptor: number): void {
  try {
    closeSync(descriptor)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EBADF') throw error
  }
}

/** Programs that nobody here wrote, with inputs written to `folder`. `size` is a share of the full work. */
export function realPrograms (folder: string, size: number): Subject[] {
  const some = (count: number): number => Math.ceil(count * size)
  writeFileSync(join(folder, 'script.lua'), luaScript(some(40)))
  writeFileSync(join(folder, 'queries.sql'), sqlScript(some(20_000)))
  writeFileSync(join(folder, 'text'), Array.from({ length: some(20_000) }, (_item, index) => `${index * 7919 % 1000} ${digest(String(index >> 2))}`).join('\n'))
  writeFileSync(join(folder, 'records.json'), JSON.stringify(Array.from({ length: some(3000) }, (_item, index) => ({
    id: index, group: `g${index * 31 % 97}`, value: index * 1.25, name: digest(String(index)), tags: ['a', `t${index % 5}`, { deep: index }]
  }))))
  const program = (name: RealProgram, args: string[], input: string | null = null): Subject => ({
    name, kind: 'program', missing: skipWithout(name), bytes: () => realProgram(name), prepare: runsIn(folder, [name, ...args], input)
  })
  return [
    { name: 'ruby', kind: 'program', missing: skipWithout('ruby'), bytes: () => realProgram('ruby'), prepare: rubyRuns(rubyScript(some(12))) },
    program('lua', ['/script.lua']),
    program('sqlite3', [':memory:'], 'queries.sql'),
    program('bzip2', ['-c', '/text']),
    program('jq', ['-c', 'group_by(.group) | map({ group: .[0].group, sum: (map(.value) | add), names: map(.name) | sort, deep: map(.tags[2].deep) | max })', '/records.json'])
  ]
}

function luaScript (passes: number): string {
  return `
    local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
    local total = 0
    for pass = 1, ${passes} do
      total = total + fib(14)
      local words = {}
      for i = 1, 400 do words[#words + 1] = string.format("%05d-%s", i * 7919 % 1000, ("x"):rep(i % 7)) end
      table.sort(words)
      local counts = setmetatable({}, { __index = function() return 0 end })
      for _, word in ipairs(words) do
        for letter in word:gmatch("%d") do counts[letter] = counts[letter] + 1 end
      end
      local object = { n = 0 }
      function object:add(k) self.n = self.n + k; return self end
      for i = 1, 3000 do object:add(i % 3) end
      total = total + counts["7"] + object.n + #table.concat(words)
    end
    print(total)`
}

function sqlScript (rows: number): string {
  return `
    create table item(id integer primary key, grp integer, name text, value real);
    insert into item with recursive c(n) as (select 1 union all select n + 1 from c where n < ${rows})
      select n, n * 7919 % 101, printf('name %06d', n * 31 % 7777), n * 1.5 from c;
    create index by_name on item(name);
    select count(*), sum(value), max(name) from item where grp between 10 and 40;
    select grp, count(*), avg(value) from item group by grp order by 2 desc, 1 limit 5;
    select count(*) from item a join item b on a.name = b.name where a.id < b.id and a.id < 2000;
    update item set value = value + length(name) where id % 3 = 0;
    select round(sum(value), 2), count(distinct name) from item where name like '%5%';`
}

function rubyScript (passes: number): string {
  return `
    def fib(n) = n < 2 ? n : fib(n - 1) + fib(n - 2)
    total = 0
    ${passes}.times do
      total += fib(14)
      words = (1..400).map { |i| format("%05d-%s", i * 7919 % 1000, "x" * (i % 7)) }
      counts = Hash.new(0)
      words.sort.each { |word| word.scan(/\\d/) { |digit| counts[digit] += 1 } }
      total += counts["7"] + words.group_by(&:size).sum { |size, all| size * all.uniq.length }
      total += (1..500).inject(1) { |product, k| product * k % 1_000_003 }
    end
    total.to_s`
}

/** CRuby is started once for each variant; what is measured is its script. */
function rubyRuns (script: string): Subject['prepare'] {
  return async module => {
    const vm = await startedRuby(module)
    return () => vm.eval(script).toString()
  }
}

async function startedRuby (module: WebAssembly.Module): Promise<RubyVM> {
  const wasi = new WASI({ version: 'preview1', args: ['ruby.wasm', '-EUTF-8', '-e_=0'], returnOnExit: true })
  const vm = new RubyVM()
  const imports = wasi.getImportObject() as WebAssembly.Imports
  vm.addToImports(imports)
  const instance = new WebAssembly.Instance(module, imports)
  fill(instance.exports)
  await vm.setInstance(instance)
  wasi.initialize(instance)
  vm.initialize(['ruby.wasm', '-EUTF-8', '--disable=gems,error_highlight,did_you_mean,syntax_suggest', '-e_=0'])
  return vm
}

/** Loops and recursions in which there is little beside the check. `assemble` makes a module of its text. */
export function kernels (folder: string, size: number, assemble: (text: string) => Uint8Array): Subject[] {
  const kernel = (name: string, count: number, text: string): Subject => ({
    name, kind: 'kernel', missing: false, bytes: async () => assemble(`(module ${text})`),
    prepare: async module => {
      const { exports } = new WebAssembly.Instance(module)
      fill(exports)
      const run = exports['run'] as (count: number) => number
      return () => String(run(count))
    }
  })
  writeFileSync(join(folder, 'hashed'), Buffer.alloc(Math.ceil(4_000_000 * size), 'KaleidOS'))
  return [
    kernel('fib', size < 0.1 ? 20 : 30, fib),
    kernel('matrix', size < 0.1 ? 20 : 200, matrix),
    kernel('sieve', Math.ceil(4e6 * size), sieve),
    {
      name: 'sha256', kind: 'kernel', missing: false, bytes: async () => readFileSync(fileURLToPath(new URL('../programs/wasm/sha256sum.wasm', import.meta.url))),
      prepare: runsIn(folder, ['sha256sum'], 'hashed')
    },
    kernel('memory', Math.ceil(20e6 * size), memory),
    kernel('numbers', Math.ceil(40e6 * size), numbers)
  ]
}

/** A function that does nothing but call itself twice. */
const fib = `(func $f (export "run") (param i32) (result i32)
  (if (result i32) (i32.lt_s (local.get 0) (i32.const 2)) (then (local.get 0))
    (else (i32.add (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 2)))))))`

/** C = A * B of doubles, n by n; the inner loop is one multiplication and two loads. */
const matrix = `(memory 40) (func (export "run") (param $n i32) (result i32)
  (local $i i32) (local $j i32) (local $k i32) (local $sum f64) (local $bytes i32)
  (local.set $bytes (i32.mul (i32.mul (local.get $n) (local.get $n)) (i32.const 8)))
  (loop $fill
    (f64.store (local.get $i) (f64.convert_i32_s (i32.rem_u (local.get $i) (i32.const 77))))
    (f64.store (i32.add (local.get $i) (local.get $bytes)) (f64.convert_i32_s (i32.rem_u (local.get $i) (i32.const 55))))
    (br_if $fill (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 8))) (local.get $bytes))))
  (local.set $i (i32.const 0))
  (loop $rows
    (local.set $j (i32.const 0))
    (loop $columns
      (local.set $k (i32.const 0))
      (local.set $sum (f64.const 0))
      (loop $products
        (local.set $sum (f64.add (local.get $sum) (f64.mul
          (f64.load (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $k)) (i32.const 3)))
          (f64.load (i32.add (local.get $bytes) (i32.shl (i32.add (i32.mul (local.get $k) (local.get $n)) (local.get $j)) (i32.const 3)))))))
        (br_if $products (i32.lt_u (local.tee $k (i32.add (local.get $k) (i32.const 1))) (local.get $n))))
      (f64.store (i32.add (i32.shl (local.get $bytes) (i32.const 1)) (i32.shl (i32.add (i32.mul (local.get $i) (local.get $n)) (local.get $j)) (i32.const 3))) (local.get $sum))
      (br_if $columns (i32.lt_u (local.tee $j (i32.add (local.get $j) (i32.const 1))) (local.get $n))))
    (br_if $rows (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
  (i32.trunc_f64_s (f64.load (i32.sub (i32.mul (local.get $bytes) (i32.const 3)) (i32.const 8)))))`

/** Eratosthenes over n bytes: how many primes there are below n. */
const sieve = `(memory 64) (func (export "run") (param $n i32) (result i32) (local $i i32) (local $j i32) (local $count i32)
  (memory.fill (i32.const 0) (i32.const 0) (local.get $n))
  (local.set $i (i32.const 2))
  (loop $numbers
    (if (i32.eqz (i32.load8_u (local.get $i)))
      (then
        (local.set $count (i32.add (local.get $count) (i32.const 1)))
        (local.set $j (i32.shl (local.get $i) (i32.const 1)))
        (if (i32.lt_u (local.get $j) (local.get $n))
          (then (loop $multiples
            (i32.store8 (local.get $j) (i32.const 1))
            (br_if $multiples (i32.lt_u (local.tee $j (i32.add (local.get $j) (local.get $i))) (local.get $n))))))))
    (br_if $numbers (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get $n))))
  (local.get $count))`

/** A load and a store that the next pass may depend on. */
const memory = `(memory 16) (func (export "run") (param i32) (result i32) (local i32) (loop
  (i32.store (i32.and (i32.mul (local.get 0) (i32.const 68)) (i32.const 0xffffc)) (i32.add (local.get 1)
    (i32.load (i32.and (local.get 0) (i32.const 0xffffc))))) (local.set 1 (i32.add (local.get 1) (i32.const 3)))
  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1))`

/** Two additions and a rotation. */
const numbers = `(func (export "run") (param i32) (result i32) (local i32) (loop
  (local.set 1 (i32.add (i32.rotl (local.get 1) (i32.const 5)) (local.get 0)))
  (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1))))) (local.get 1))`
