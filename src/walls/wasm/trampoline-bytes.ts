/**
 * The bytes of the trampoline's module, made from the import modules of the roles: one function a call, with WASI's signature.
 *
 * They are the same in every process: who builds a package may make them once (scripts/build-package.mjs).
 */

import { importModules } from '../../roles/index.ts'
import { CodeWriter } from './rewriter/code-writer.ts'
import { I32, I64, typesOf } from './call-types.ts'
import { KILLED, WOULD_BLOCK } from './trampoline-results.ts'

const F64 = 0x7c
const EMPTY = 0x40
const OP = {
  unreachable: 0x00, if: 0x04, end: 0x0b, call: 0x10, localGet: 0x20, localSet: 0x21, localTee: 0x22, i32Const: 0x41,
  i32Eq: 0x46, i64Const: 0x42, i64ShrU: 0x88, i32WrapI64: 0xa7
} as const

interface Call {
  readonly name: string
  readonly module: string
  /** WebAssembly types of its parameters. */
  readonly types: readonly number[]
  /** How many words `try` takes. */
  readonly words: number
}

/** The calls of all import modules, with their WebAssembly signatures: a parameter pair `xLo`, `xHi` is one i64. */
function calls (): Call[] {
  return Object.entries(importModules).flatMap(([module, operations]) =>
    Object.entries(operations).map(([name, operation]) => ({ name, module, types: typesOf(operation), words: operation.parameters.length })))
}

function str (out: CodeWriter, text: string): void {
  out.name(new TextEncoder().encode(text))
}

function section (out: CodeWriter, id: number, write: (body: CodeWriter) => void): void {
  const body = new CodeWriter(1024)
  write(body)
  out.u8(id)
  out.u32(body.length)
  out.append(body)
}

function funcType (out: CodeWriter, parameters: readonly number[], results: readonly number[]): void {
  out.u8(0x60)
  out.u32(parameters.length)
  for (const type of parameters) out.u8(type)
  out.u32(results.length)
  for (const type of results) out.u8(type)
}

/** The trampoline module's bytes. */
export function trampolineBytes (): Uint8Array<ArrayBuffer> {
  const all = calls()
  const n = all.length
  // Types: 0 wait and giveWay [] -> [i32]; 1 exit [i32] -> []; 2 give_way [] -> []; 3 grow [f64] -> [i32]; then a pair for
  // each call. Imports: 0 wait, 1 giveWay, 2 exit, 3 grow, then `try` of each call. Defined after them: each call,
  // give_way, proc_exit, grow.
  const waitIndex = 0
  const giveWayIndex = 1
  const exitIndex = 2
  const growIndex = 3
  const firstTry = 4
  const firstCall = firstTry + n
  const out = new CodeWriter(16 * 1024)
  for (const byte of [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]) out.u8(byte)
  section(out, 1, body => {
    body.u32(4 + 2 * n)
    funcType(body, [], [I32])
    funcType(body, [I32], [])
    funcType(body, [], [])
    funcType(body, [F64], [I32])
    for (const call of all) {
      funcType(body, Array.from({ length: call.words }, () => I32), [I32])
      funcType(body, call.types, [I32])
    }
  })
  section(out, 2, body => {
    body.u32(4 + n)
    const importFunction = (name: string, type: number): void => {
      str(body, 'kernel')
      str(body, name)
      body.u8(0)
      body.u32(type)
    }
    importFunction('wait', 0)
    importFunction('giveWay', 0)
    importFunction('exit', 1)
    importFunction('grow', 3)
    all.forEach((call, i) => importFunction(`try ${call.name}`, 4 + 2 * i))
  })
  section(out, 3, body => {
    body.u32(n + 3)
    all.forEach((_call, i) => body.u32(5 + 2 * i))
    body.u32(2)
    body.u32(1)
    body.u32(3)
  })
  section(out, 7, body => {
    body.u32(n + 3)
    const exportFunction = (name: string, index: number): void => {
      str(body, name)
      body.u8(0)
      body.u32(index)
    }
    all.forEach((call, i) => exportFunction(`${call.module}.${call.name}`, firstCall + i))
    exportFunction('give_way', firstCall + n)
    exportFunction('proc_exit', firstCall + n + 1)
    exportFunction('grow', firstCall + n + 2)
  })
  section(out, 10, body => {
    body.u32(n + 3)
    all.forEach((call, i) => functionBody(body, 1, code => {
      const result = call.types.length
      call.types.forEach((type, p) => {
        code.instruction(OP.localGet, p)
        if (type !== I64) return
        code.instruction(OP.i32WrapI64)
        code.instruction(OP.localGet, p)
        code.u8(OP.i64Const)
        code.signed(32)
        code.instruction(OP.i64ShrU)
        code.instruction(OP.i32WrapI64)
      })
      code.instruction(OP.call, firstTry + i)
      code.instruction(OP.localSet, result)
      waitIfBlocked(code, result, waitIndex)
      code.instruction(OP.localGet, result)
    }))
    functionBody(body, 1, code => {
      code.instruction(OP.call, giveWayIndex)
      code.instruction(OP.localSet, 0)
      waitIfBlocked(code, 0, waitIndex)
    })
    functionBody(body, 0, code => {
      code.instruction(OP.localGet, 0)
      code.instruction(OP.call, exitIndex)
      code.instruction(OP.unreachable)
    })
    functionBody(body, 0, code => {
      code.instruction(OP.localGet, 0)
      code.instruction(OP.call, growIndex)
    })
  })
  return out.take()
}

/** if result == WOULD_BLOCK { result = wait() }; if result == KILLED { unreachable } */
function waitIfBlocked (code: CodeWriter, result: number, waitIndex: number): void {
  const compare = (value: number): void => {
    code.instruction(OP.localGet, result)
    code.u8(OP.i32Const)
    code.signed(value)
    code.instruction(OP.i32Eq)
    code.u8(OP.if)
    code.u8(EMPTY)
  }
  compare(WOULD_BLOCK)
  code.instruction(OP.call, waitIndex)
  code.instruction(OP.localSet, result)
  code.instruction(OP.end)
  compare(KILLED)
  code.instruction(OP.unreachable)
  code.instruction(OP.end)
}

function functionBody (out: CodeWriter, locals: number, write: (code: CodeWriter) => void): void {
  const body = new CodeWriter(128)
  if (locals > 0) {
    body.u32(1)
    body.u32(locals)
    body.u8(I32)
  } else {
    body.u32(0)
  }
  write(body)
  body.u8(OP.end)
  out.u32(body.length)
  out.append(body)
}
