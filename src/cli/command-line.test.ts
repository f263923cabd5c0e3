import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { commandLine } from './command-line.ts'
import type { Ending } from './exit.ts'

const wasm = (name: string): string => join(import.meta.dirname, '../../programs/wasm', `${name}.wasm`)
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-cli-'))
after(() => rmSync(folder, { recursive: true }))
process.chdir(folder)
mkdirSync('data')
mkdirSync('large/deep', { recursive: true })
// Sparse: it takes no room.
writeFileSync('large/deep/file', '')
truncateSync('large/deep/file', 2 ** 28 + 1)
writeFileSync('text.wasm', 'not a module')
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
writeFileSync('bad.wasm', Uint8Array.of(...header, 1, 99))
// A memory of one page, exported as `memory`.
writeFileSync('library.wasm', Uint8Array.of(...header, 5, 3, 1, 0, 1, 7, 10, 1, 6, ...Buffer.from('memory'), 2, 0))

async function said (words: readonly string[]): Promise<{ out: string, err: string, ending: Ending }> {
  let out = ''
  let err = ''
  const ending = await commandLine(words, { out: text => { out += text }, err: text => { err += text } })
  return { out, err, ending }
}

const mistakes: [words: string[], status: number, message: RegExp][] = [
  [[], 2, /Usage: kaleidos/],
  [['frobnicate'], 2, /unknown command 'frobnicate'[^]*--help/],
  [['help', 'comprae'], 2, /unknown command 'comprae'\n\(Did you mean compare\?/],
  [['run', '--mem', '1K', wasm('hello')], 126, /begins with 131072 bytes .* may have 1024: .*--mem/],
  [['comprae'], 2, /Did you mean compare\?/],
  [['kernels', 'sho'], 2, /unknown command 'sho'\nDid you mean show\?/],
  [['run', '--kernel', 'micro', wasm('hello')], 2, /Did you mean microkernel\?/],
  [['run'], 2, /missing required argument 'program'[^]*kaleidos run --help/],
  [['run', '--kernal', 'x', 'a.wasm'], 2, /unknown option '--kernal'[^]*Did you mean --kernel\?/],
  [['run', '--kernel', 'microkernle', wasm('hello')], 2, /no kernel is named microkernle\nDid you mean microkernel\? There are: .*monolithic/],
  [['run', 'absent.wasm'], 127, /absent\.wasm: no such file/],
  [['run', 'data'], 126, /data is a folder/],
  [['run', 'text.wasm'], 126, /text\.wasm is not a WebAssembly module\nCompile/],
  [['run', 'bad.wasm'], 126, /bad\.wasm cannot run: /],
  [['run', 'library.wasm'], 126, /^kaleidos: library\.wasm exports no function _start/],
  [['compare', 'library.wasm'], 126, /kaleidos: library\.wasm exports no function _start/],
  [['kernels', 'unikernel'], 2, /unknown command 'unikernel'\n.*kaleidos kernels show unikernel/],
  [['compare', wasm('hello'), '--dir', 'large'], 2, /--dir large: it holds more than 256 MiB, and .* copied for each run\n.*--dir large:ro/],
  [['run', '--dir', 'absent', wasm('hello')], 2, /--dir absent: no such folder/],
  [['run', '--dir', 'text.wasm', wasm('hello')], 2, /--dir text\.wasm is no folder/],
  [['run', '--dir', 'data:', wasm('hello')], 2, /HOST:GUEST/],
  [['run', '--dir', 'data:/d', '--dir', '.:/d/', wasm('hello')], 2, /data stands at \/d already/],
  [['run', '--env', 'X', wasm('hello')], 2, /NAME=VALUE/],
  [['compare', '--dir', 'data'], 2, /--dir without a program/],
  [['compare', '--seconds', '0'], 2, /whole number/],
  [['compare', '--frob', wasm('hello')], 2, /unknown option '--frob'/],
  [['compare', '--kernel', 'absent'], 2, /no kernel is named absent/],
  [['kernels', 'show', 'absent'], 2, /no kernel is named absent/],
  [['kernels', 'show', 'unikernel', '--dot', '--mermaid'], 2, /cannot be used with/],
  [['debug', 'address'], 2, /required option '--kernel <name>'/]
]

for (const [words, status, message] of mistakes) {
  test(`mistake: kaleidos ${words.join(' ').replaceAll(join(import.meta.dirname, '../..'), '')}`, async () => {
    const result = await said(words)
    assert.match(result.err, message)
    assert.doesNotMatch(result.err, /\n {4}at /, 'a stack is no message')
    assert.equal(result.out, '')
    assert.equal(result.ending, status)
  })
}

for (const words of [[], ['run'], ['compare'], ['kernels'], ['kernels', 'show'], ['validate'], ['debug'], ['debug', 'address']]) {
  test(`help: kaleidos ${words.join(' ')}`, async () => {
    const result = await said([...words, '--help'])
    assert.match(result.out, /^Usage: kaleidos/)
    assert.deepEqual([result.err, result.ending], ['', 0])
    if (words.length === 1) assert.equal((await said(['help', ...words])).out, result.out)
    if (words.length === 0) for (const line of result.out.split('\n')) assert.ok(line.length <= 80, line)
  })
}
