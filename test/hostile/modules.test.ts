// Hostile modules: what no compiler makes, and real programs with bytes changed, cut off, put in. Each is refused in a sentence, or
// runs and comes to an end by itself or by its limits, while another program goes on; nothing of it is left.
// MUTATION_SEEDS=FROM-TO draws other mutants; a failure says which it was.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ProgramError } from '../../src/index.ts'
import type { OperatingSystem, Process, SystemError, Task } from '../../src/index.ts'
import { Random } from '../../src/walls/wasm/rewriter/testing/random.ts'
import { MESSAGE_BUFFERS, assertHolds, bytesOf, holdings, kernelNames, multiprogram, start } from '../system/support.ts'
import { assemble, wat } from './assemble.ts'
import { refused } from './refused.ts'
import { Witness } from './witness.ts'

const LIMITS = { cpuTimeMs: 300, memoryBytes: 32 * 2 ** 20, processes: 3, files: 50, diskBytes: 2 ** 20, pipeBytes: 2 ** 20 } as const
/** What waits for ever is killed after that. */
const PATIENCE_MS = 15_000

/** Runs bytes to their end: 'refused', or how the program ended. */
async function attempt (os: OperatingSystem, bytes: Uint8Array): Promise<string> {
  let process: Process
  try {
    process = os.spawn(bytes, { stdin: null, stdout: null, stderr: null, limits: LIMITS })
  } catch (error) {
    assert.ok(error instanceof ProgramError, String(error))
    assert.ok(error.message.length > 10)
    return 'refused'
  }
  const timer = setTimeout(() => { process.kill('SIGKILL').catch(() => {}) }, PATIENCE_MS)
  try {
    const { kind, status, signal } = await process.wait()
    return kind === 'exit' ? `exit ${status}` : signal!
  } catch (error) {
    // Found out when it was made an instance of: a segment outside, a memory that the host has not got.
    assert.match(String((error as { code?: string }).code), /^(ENOEXEC|ENOMEM|EAGAIN)$/, String(error))
    return 'refused'
  } finally {
    clearTimeout(timer)
  }
}

const start_ = '(func (export "_start"))'
const leb = (value: number): number[] => value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]
const section = (id: number, body: readonly number[]): number[] => [id, ...leb(body.length), ...body]
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const START = [1, 6, ...Buffer.from('_start'), 0]

function joined (...pieces: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

/** A module of one function `_start` with such a body (locals and code). */
function oneFunction (body: Uint8Array): Uint8Array {
  const code = [1, ...leb(body.length)]
  return joined([...HEADER, ...section(1, [1, 0x60, 0, 0]), ...section(3, [1, 0]), ...section(7, [...START, 0]), 10, ...leb(code.length + body.length), ...code], body)
}

function repeated (prefix: readonly number[], unit: readonly number[], count: number, suffix: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(prefix.length + unit.length * count + suffix.length)
  bytes.set(prefix)
  for (let i = 0, at = prefix.length; i < count; i++, at += unit.length) bytes.set(unit, at)
  bytes.set(suffix, bytes.length - suffix.length)
  return bytes
}

/** A module that imports a call so many times. */
function imports (count: number): Uint8Array {
  const one = [22, ...Buffer.from('wasi_snapshot_preview1'), 11, ...Buffer.from('sched_yield'), 0, 1]
  const all = repeated(leb(count), one, count, [])
  return joined([...HEADER, ...section(1, [2, 0x60, 0, 0, 0x60, 0, 1, 0x7f]), 2, ...leb(all.length)], all,
    [...section(3, [1, 0]), ...section(7, [...START, ...leb(count)]), ...section(10, [1, 2, 0, 0x0b])])
}

const hostile: readonly { readonly what: string, readonly bytes: () => Uint8Array, readonly ends: RegExp }[] = [
  { what: 'five thousand imports', bytes: () => imports(5000), ends: /^exit 0$/ },
  { what: 'a table of ten million', bytes: () => wat(`(table 10000000 funcref) ${start_}`), ends: /^refused$/ },
  { what: 'a thousand tables', bytes: () => wat(`${'(table 1000 funcref)'.repeat(1000)} ${start_}`), ends: /^(refused|exit 0)$/ },
  { what: 'a table that grows for ever', bytes: () => wat('(table 1 funcref) (func (export "_start") (loop (drop (table.grow (ref.null func) (i32.const 1000))) (br 0)))'), ends: /^SIGXCPU$/ },
  { what: 'two thousand blocks within each other', bytes: () => oneFunction(repeated([0], [0x02, 0x40], 2000, new Array<number>(2001).fill(0x0b))), ends: /^exit 0$/ },
  { what: 'half a million blocks within each other', bytes: () => oneFunction(repeated([0], [0x02, 0x40], 500_000, [])), ends: /^refused$/ },
  { what: 'fifty thousand locals, and a recursion with them', bytes: () => oneFunction(Uint8Array.of(1, ...leb(49_000), 0x7e, 0x10, 0, 0x0b)), ends: /^SIG(SEGV|XCPU)$/ },
  { what: 'more locals than the engine has', bytes: () => oneFunction(Uint8Array.of(1, ...leb(60_000), 0x7e, 0x0b)), ends: /^refused$/ },
  { what: 'four billion locals', bytes: () => oneFunction(Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7e, 0x0b)), ends: /^refused$/ },
  { what: 'fifty thousand functions', bytes: () => joined([...HEADER, ...section(1, [1, 0x60, 0, 0]), 3, ...leb(50_003), ...leb(50_000)], new Uint8Array(50_000), [...section(7, [...START, 0]), 10, ...leb(150_003), ...leb(50_000)], repeated([], [2, 0, 0x0b], 50_000, [])), ends: /^exit 0$/ },
  { what: 'a branch table of a hundred thousand', bytes: () => oneFunction(Uint8Array.of(0, 0x41, 0, 0x0e, ...leb(60_000), ...new Uint8Array(60_001), 0x0b)), ends: /^(exit 0|refused)$/ },
  { what: 'a memory of 16 TiB', bytes: () => assemble('wabt', `(module (memory i64 262144) ${start_})`), ends: /^refused$/ },
  { what: 'data at the end of the world', bytes: () => wat(`(data (i32.const -1) "x") ${start_}`), ends: /^refused$/ },
  { what: 'an element segment outside its table', bytes: () => wat(`(table 1 funcref) (func $f) (elem (i32.const 5) $f) ${start_}`), ends: /^refused$/ },
  { what: 'a call through a null reference', bytes: () => wat('(table 1 funcref) (type $t (func)) (func (export "_start") (call_indirect (type $t) (i32.const 0)))'), ends: /^SIG/ },
  { what: 'names of the loader\'s own', bytes: () => wat(`(global (export "__kaleidos_fuel") (mut i32) (i32.const 0)) ${start_}`), ends: /^refused$/ },
  { what: 'memory that is grown by all there is, again and again', bytes: () => wat('(func (export "_start") (loop (drop (memory.grow (i32.const 65535))) (drop (memory.grow (i32.const -1))) (drop (memory.grow (i32.const 1))) (br 0)))'), ends: /^SIGXCPU$/ },
  { what: 'fuel that it gives itself, by the index of the global that is added', bytes: () => oneFunction(Uint8Array.of(0, 0x03, 0x40, 0x41, 1, 0x24, 0, 0x0c, 0, 0x0b, 0x0b)), ends: /^refused$/ },
  { what: 'a memory that is imported from the prototype of all objects', bytes: () => assemble('wabt', `(module (import "__proto__" "polluted" (memory 1)) ${start_})`), ends: /^exit 0$/ },
  { what: 'a memory by the name of a prototype', bytes: () => assemble('wabt', `(module (import "m" "__proto__" (memory 1)) ${start_})`), ends: /^exit 0$/ },
  { what: 'a start function that loops', bytes: () => wat(`(func $s (loop (br 0))) (start $s) ${start_}`), ends: /^SIGXCPU$/ },
  { what: 'mutual recursion through a table', bytes: () => wat('(table 1 funcref) (type $t (func)) (elem (i32.const 0) $f) (func $f (export "_start") (call_indirect (type $t) (i32.const 0)) (call_indirect (type $t) (i32.const 0)))'), ends: /^SIG(SEGV|XCPU)$/ },
  { what: 'tail calls for ever', bytes: () => wat('(func $f (export "_start") (return_call $f))', 'binaryen'), ends: /^SIGXCPU$/ }
]

/** Of every object of this realm: nothing that runs here may add to it. */
const ownOfAll = Reflect.ownKeys(Object.prototype)

const [firstSeed, lastSeed] = (process.env['MUTATION_SEEDS'] ?? '1-300').split('-').map(Number) as [number, number]

function mutant (seed: number): Uint8Array {
  const random = new Random(seed)
  const bytes = bytesOf(random.pick(['hello', 'cat', 'sort', 'args', 'find', 'heap', 'primes'])).slice()
  switch (random.below(5)) {
    case 0: return bytes.slice(0, random.below(bytes.length))
    case 1: {
      const at = random.below(bytes.length)
      return Uint8Array.of(...bytes.slice(0, at), ...random.bytes(1 + random.below(8)), ...bytes.slice(at + random.below(8)))
    }
    case 2:
      for (let flips = 1 + random.below(6); flips > 0; flips--) bytes[8 + random.below(bytes.length - 8)] = random.below(256)
      return bytes
    default: {
      // One bit: more of these are modules still.
      const at = 8 + random.below(bytes.length - 8)
      bytes[at] = bytes[at]! ^ (1 << random.below(8))
      return bytes
    }
  }
}

// Presets load programs by the same loader as these.
describe('hostile modules', { concurrency: true }, () => {
  for (const kernel of kernelNames.filter(name => multiprogram.includes(name))) {
    describe(`under ${kernel}`, { concurrency: 1 }, () => {
      for (const { what, bytes, ends } of hostile) {
        test(what, async () => {
          await using os = await start(kernel)
          await using witness = await Witness.start(os)
          const module = bytes()
          assert.match(await attempt(os, module), ends)
          const held = await holdings(os)
          const before = witness.answers
          assert.match(await attempt(os, module), ends)
          await witness.answersAfter(before)
          await assertHolds(os, held, MESSAGE_BUFFERS)
          assert.equal(os.stats().counters.faults, 0)
          assert.deepEqual(Reflect.ownKeys(Object.prototype), ownOfAll)
        })
      }

      test('what is no program is none to a program that spawns it, and harms no server', async () => {
        await using os = await start(kernel)
        const codes: string[] = []
        for (const { bytes } of refused) {
          await os.fs.writeFile('/bad', bytes())
          const spawns: Task = async calls => { await calls.spawn('/bad').catch((error: SystemError) => { codes.push(error.code) }) }
          assert.equal((await os.spawn(spawns, { stdin: null, stdout: null, stderr: null }).wait()).status, 0)
          assert.equal(os.stats().counters.faults, 0)
        }
        assert.equal(codes.length, refused.length)
        assert.deepEqual(codes.filter(code => code !== 'ENOEXEC' && code !== 'ENOMEM'), [])
      })

      test(`mutants of seeds ${firstSeed} to ${lastSeed}`, async () => {
        await using os = await start(kernel)
        await using witness = await Witness.start(os)
        const seen = new Map<string, number>()
        for (let seed = firstSeed; seed <= lastSeed; seed++) {
          const ending = await attempt(os, mutant(seed)).catch((error: Error) => { throw new Error(`MUTATION_SEEDS=${seed}-${seed}: ${error.message}`, { cause: error }) })
          seen.set(ending, (seen.get(ending) ?? 0) + 1)
          assert.equal(os.stats().counters.faults, 0, `MUTATION_SEEDS=${seed}-${seed}`)
        }
        await witness.answersAfter(witness.answers)
        // Some are refused, some run as if nothing had happened, some come to harm.
        if (lastSeed - firstSeed > 100) assert.ok(seen.size >= 4, JSON.stringify([...seen]))
        assert.equal(os.stats().processes, 1)
      })
    })
  }

  for (const kernel of kernelNames.filter(name => !multiprogram.includes(name))) {
    for (const { what, bytes, ends } of hostile) {
      test(`alone under ${kernel}: ${what}`, async () => {
        await using os = await start(kernel)
        assert.match(await attempt(os, bytes()), ends)
        assert.deepEqual([os.stats().counters.faults, os.stats().processes, os.stats().tainted], [0, 0, false])
      })
    }
  }
})
