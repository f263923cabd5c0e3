// Modules as text, for programs that no compiler would make.

import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { assembler } from '../../src/walls/wasm/rewriter/testing/assemble.ts'

export const assemble = assembler({ wabt: await loadWabt(), binaryen })

/** A module with a memory, from what else is in it. */
export const wat = (text: string, tool: 'wabt' | 'binaryen' = 'wabt'): Uint8Array => assemble(tool, `(module (memory (export "memory") 1) ${text})`)
