// Bytes that are no program that can run here, and why.

import { bytesOf } from '../system/support.ts'
import { assemble, wat } from './assemble.ts'

/** What is no program that can run: refused at once, with a reason. */
export const refused: readonly { what: string, bytes: () => Uint8Array, reason: string, message: RegExp }[] = [
  { what: 'nothing', bytes: () => new Uint8Array(0), reason: 'malformed', message: /not a WebAssembly module/ },
  { what: 'text', bytes: () => Buffer.from('#!/bin/sh\necho hello\n'), reason: 'malformed', message: /not a WebAssembly module/ },
  { what: 'the magic word alone', bytes: () => bytesOf('hello').slice(0, 4), reason: 'malformed', message: /not a WebAssembly module/ },
  { what: 'half a program', bytes: () => bytesOf('hello').slice(0, 1500), reason: 'malformed', message: /beyond|past|truncated|end|declared/i },
  { what: 'noise behind the magic word', bytes: noise, reason: 'malformed', message: /./ },
  { what: 'a component', bytes: () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), reason: 'malformed', message: /component/ },
  { what: 'a version that is not there', bytes: () => Uint8Array.of(0, 0x61, 0x73, 0x6d, 2, 0, 0, 0), reason: 'malformed', message: /version/ },
  { what: 'code that is not valid', bytes: invalid, reason: 'malformed', message: /not a valid WebAssembly module: .*fallthru/ },
  { what: 'an import from nowhere', bytes: () => wat2('(import "env" "magic" (func))'), reason: 'import', message: /env\.magic \(function\)/ },
  { what: 'a call that WASI does not have', bytes: () => wat2('(import "wasi_snapshot_preview1" "fd_teleport" (func))'), reason: 'import', message: /fd_teleport/ },
  { what: 'names that mean something to JavaScript', bytes: () => wat2('(import "constructor" "assign" (func))'), reason: 'import', message: /constructor\.assign \(function\)/ },
  { what: 'the prototype of all objects', bytes: () => wat2('(import "__proto__" "toString" (func))'), reason: 'import', message: /__proto__\.toString \(function\)/ },
  {
    what: 'a call with another signature', bytes: () => wat2('(import "wasi_snapshot_preview1" "fd_close" (func (param i64) (result i32)))'), reason: 'import',
    message: /imports wasi_snapshot_preview1\.fd_close as \(i64\) -> \(i32\); it is \(i32\) -> \(i32\)/
  },
  { what: 'no _start', bytes: () => wat('(func (export "begin"))'), reason: 'export', message: /no function _start/ },
  { what: 'a _start that is no function', bytes: () => wat('(global (export "_start") i32 (i32.const 0))'), reason: 'export', message: /no function _start/ },
  { what: 'more memory than it may have', bytes: () => assemble('wabt', '(module (memory (export "memory") 65536) (func (export "_start")))'), reason: 'limit', message: /memor/ },
  { what: 'a larger table than it may have', bytes: () => wat('(table 10000000 funcref) (func (export "_start"))'), reason: 'limit', message: /table/ },
  {
    what: 'a wait that would stop the thread', reason: 'limit', message: /memory\.atomic\.wait/,
    bytes: () => assemble('wabt', '(module (memory (export "memory") 1 1 shared) (func (export "_start") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))')
  },
]

function wat2 (imports: string): Uint8Array {
  return assemble('wabt', `(module ${imports} (memory (export "memory") 1) (func (export "_start")))`)
}

function noise (): Uint8Array {
  const bytes = Uint8Array.from({ length: 4096 }, (_, i) => (i * 2654435761 >>> 13) & 255)
  bytes.set([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])
  return bytes
}

/** A body that leaves nothing where its type says i32. */
function invalid (): Uint8Array {
  return Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7f, 3, 2, 1, 0, 7, 10, 1, 6, ...Buffer.from('_start'), 0, 0, 10, 4, 1, 2, 0, 0x0b)
}
