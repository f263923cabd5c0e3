// Random modules from binaryen's own fuzzer: every standardised proposal, valid by construction, from a seed.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { Random } from './random.ts'

const wasmOpt = join(dirname(createRequire(import.meta.url).resolve('binaryen')), 'bin', 'wasm-opt')

/** Proposals that are not standardised, or that the engine does not accept without a flag. */
const notAccepted = [
  'shared-everything', 'fp16', 'stack-switching', 'custom-descriptors', 'strings', 'compact-imports', 'relaxed-atomics',
  'acquire-release-atomics', 'custom-page-sizes', 'multibyte', 'wide-arithmetic', 'call-indirect-overlong',
]

/** A module may hold legacy exceptions or new ones, not both; and the bits of a NaN are not fixed. */
const passes = ['--translate-to-exnref', '--denan']

export interface FuzzOptions {
  seed: number
  /** More input bytes make a larger module. */
  inputBytes: number
}

export function fuzzModule({ seed, inputBytes }: FuzzOptions): Uint8Array<ArrayBuffer> {
  const folder = mkdtempSync(join(tmpdir(), 'rewriter-'))
  try {
    const input = join(folder, 'input')
    const output = join(folder, 'output.wasm')
    writeFileSync(input, new Random(seed).bytes(inputBytes))
    const disabled = notAccepted.map((proposal) => `--disable-${proposal}`)
    execFileSync(process.execPath, [wasmOpt, input, '-ttf', '-all', ...disabled, ...passes, '-o', output], { stdio: 'pipe' })
    return new Uint8Array(readFileSync(output))
  } finally {
    rmSync(folder, { recursive: true })
  }
}
