// Programs that nobody here wrote: where each one's WebAssembly is, or why it is missing.
//
// `npm run programs:real` compiles the command-line programs; CRuby comes from npm. A test of a program that is missing is
// skipped and says what is missing, except in CI, where it must run.

import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
const ruby = join(root, 'node_modules', '@ruby', '3.4-wasm-wasi', 'dist')

const places = {
  lua: join(root, 'out', 'real', 'lua.wasm'),
  bzip2: join(root, 'out', 'real', 'bzip2.wasm'),
  minigzip: join(root, 'out', 'real', 'minigzip.wasm'),
  sqlite3: join(root, 'out', 'real', 'sqlite3.wasm'),
  jq: join(root, 'out', 'real', 'jq.wasm'),
  /** CRuby as a reactor, without and with its standard library in it. */
  ruby: join(ruby, 'ruby.wasm'),
  rubyWithLibrary: join(ruby, 'ruby+stdlib.wasm'),
} as const

export type RealProgram = keyof typeof places

/** For the options of a test: false, or why it is skipped. */
export function skipWithout(name: RealProgram): string | false {
  if (existsSync(places[name])) return false
  const reason = places[name].startsWith(ruby)
    ? `${name} is missing: npm installs it (@ruby/3.4-wasm-wasi)`
    : `${name}.wasm is missing: npm run programs:real compiles it, with clang and Debian's sources`
  if (process.env.CI === 'true') throw new Error(reason)
  return reason
}

/** The module's bytes. */
export async function realProgram(name: RealProgram): Promise<Uint8Array> {
  return readFile(places[name])
}
