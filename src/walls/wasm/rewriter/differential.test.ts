// A rewritten module computes what the original computes, in both modes and with so little fuel that it gives way at
// every chance: over modules written for each proposal, and over random ones from seeds.
// `FUZZ_SEEDS=first-last` chooses other seeds; a failure names the seed that replays it.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { assembler } from './testing/assemble.ts'
import { writtenModules } from './testing/modules.ts'
import { type Observation, observe, observeReference, observeRewritten } from './testing/observe.ts'
import { Random } from './testing/random.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })
const grants = [0, 5, 1000]

for (const written of writtenModules) {
  test(`computes the same: ${written.name}`, () => {
    const bytes = assemble(written.tool, written.text)
    compare(bytes, 1, ({ lines }) => {
      assert.ok(!lines[0]?.includes('!'), `does not even start: ${lines[0]}`)
    }, () => {
      assert.match(written.text, /relaxed_|shared/)
    })
  })
}

const [first, last] = (process.env['FUZZ_SEEDS'] ?? '1-8').split('-').map(Number)
for (let seed = first!; seed <= last!; seed++) {
  test(`computes the same: random module of seed ${seed}`, () => {
    const bytes = fuzzModule(seed, seed % 4 > 0)
    assert.ok(WebAssembly.validate(bytes))
    compare(bytes, seed, () => {}, () => { assert.equal(seed % 4, 0) })
  })
}

/** Fails where exact mode refuses what it has no reason to, which `refused` is told. */
function compare(
  bytes: Uint8Array<ArrayBuffer>, seed: number, check: (original: Observation) => void, refused: () => void,
): void {
  const original = observe(bytes, seed)
  check(original)
  for (const mode of ['live', 'exact'] as const) {
    const spent = new Set<number>()
    const reference = mode === 'exact' ? observeReference(bytes, seed) : undefined
    if (reference && !reference.overflowed) assert.deepEqual(reference.lines, original.lines, 'the reference computes something else')
    for (const grant of grants) {
      const rewritten = observeRewritten(bytes, { mode }, grant, seed)
      if (rewritten === undefined) {
        refused()
        return
      }
      if (original.overflowed || rewritten.overflowed) return
      assert.deepEqual(rewritten.lines, original.lines, `${mode}, ${grant} units of fuel at a time, seed ${seed}`)
      if (reference) assert.deepEqual(rewritten.counts, reference.overflowed ? rewritten.counts : reference.counts, `counts, ${grant} units of fuel at a time, seed ${seed}`)
      else spent.add(rewritten.spent)
    }
    if (mode === 'live') assert.equal(spent.size, 1, `${mode}: what is taken depends on how often it gives way: ${[...spent].join(', ')}`)
  }
}

const wasmOpt = join(dirname(createRequire(import.meta.url).resolve('binaryen')), 'bin', 'wasm-opt')

/** Proposals that are not standardised, or that the engine does not accept without a flag. */
const notAccepted = [
  'shared-everything', 'fp16', 'stack-switching', 'custom-descriptors', 'strings', 'compact-imports', 'relaxed-atomics',
  'acquire-release-atomics', 'custom-page-sizes', 'multibyte', 'wide-arithmetic', 'call-indirect-overlong',
]

const notDeterministic = ['threads', 'relaxed-simd']

/** A module may hold legacy exceptions or new ones, not both; and the bits of a NaN are not fixed. */
const passes = ['--translate-to-exnref', '--denan']

/** A random module from binaryen's fuzzer, which knows every standardised proposal; without those that exact mode refuses. */
function fuzzModule(seed: number, deterministic: boolean): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), 'rewriter-'))
  try {
    const input = join(folder, 'input')
    const output = join(folder, 'output.wasm')
    writeFileSync(input, new Random(seed).bytes(1000 + (seed * 317) % 12000))
    const disabled = deterministic ? [...notAccepted, ...notDeterministic] : notAccepted
    const options = ['-ttf', '-all', ...disabled.map((proposal) => `--disable-${proposal}`), ...passes, '-o', output]
    execFileSync(process.execPath, [wasmOpt, input, ...options], { stdio: 'pipe' })
    return new Uint8Array(readFileSync(output))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
