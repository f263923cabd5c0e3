/**
 * The trampoline: the module whose exports are a program's imports. One instance serves all programs of a thread.
 *
 * A call goes to the plain import `try`; if that says "would block" the trampoline calls the suspending import `wait`.
 * No JavaScript frame lies between the program and `wait`, so its stack can be switched; a call that need not wait
 * never touches a promise. 64-bit arguments are split into two words on the way, so that no BigInt is made. When either
 * says "killed", the trampoline traps: a trap is what no `catch_all` of the program can hold.
 *
 * The module is made from the SystemCalls role: one function a call, with WASI's signature.
 */

import type { Operation } from '../../roles/index.ts'
import { importModules } from '../../roles/index.ts'
import { CodeWriter } from './rewriter/code-writer.ts'

/** What `try` returns for a call that has to wait. Error numbers are never negative. */
export const WOULD_BLOCK = -1
/** What `try` and `wait` return to a program that is to end. */
export const KILLED = -2

const I32 = 0x7f
const I64 = 0x7e
const F64 = 0x7c
const EMPTY = 0x40
const OP = {
  unreachable: 0x00, if: 0x04, end: 0x0b, call: 0x10, localGet: 0x20, localSet: 0x21, localTee: 0x22, i32Const: 0x41,
  i32Eq: 0x46, i64Const: 0x42, i64ShrU: 0x88, i32WrapI64: 0xa7
} as const

/** What the core gives the trampoline. */
export interface TrampolineHost {
  /** The plain function behind a call: an error number, WOULD_BLOCK or KILLED. */
  readonly try: Readonly<Record<string, (...args: number[]) => number>>
  /** Suspends the running program until its call has a result. */
  wait (): Promise<number>
  /** A program ends itself. */
  exit (code: number): void
  /** A program's fuel is used up: 0 to go on, WOULD_BLOCK or KILLED. */
  giveWay (): number
  /** A program asks for so many pages more, or gives them back (negative): whether it may have them. */
  grow (pages: number): number
}

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

function typesOf (operation: Operation): number[] {
  return operation.parameters
    .filter(parameter => !parameter.name.endsWith('Hi'))
    .map(parameter => parameter.name.endsWith('Lo') ? I64 : I32)
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
function trampolineBytes (): Uint8Array<ArrayBuffer> {
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

let compiled: WebAssembly.Module | null = null

export class Trampoline {
  readonly #exports: Readonly<Record<string, WebAssembly.ExportValue>>

  constructor (host: TrampolineHost) {
    compiled ??= new WebAssembly.Module(trampolineBytes())
    const kernel: Record<string, WebAssembly.ImportValue> = {
      wait: new WebAssembly.Suspending(() => host.wait()) as WebAssembly.ImportValue,
      giveWay: () => host.giveWay(),
      exit: (code: number) => { host.exit(code) },
      grow: (pages: number) => host.grow(pages)
    }
    for (const call of calls()) kernel[`try ${call.name}`] = host.try[call.name] as WebAssembly.ImportValue
    this.#exports = new WebAssembly.Instance(compiled, { kernel }).exports
  }

  /** The function that a rewritten module calls to give way. */
  get giveWay (): WebAssembly.ExportValue {
    return this.#exports['give_way']!
  }

  /** The function that a rewritten module asks for memory. */
  get grow (): WebAssembly.ExportValue {
    return this.#exports['grow']!
  }

  /** What a program that imports `module.name` gets; undefined when there is no such call. */
  lookup (module: string, name: string): WebAssembly.ExportValue | undefined {
    if (module === 'wasi_snapshot_preview1' && name === 'proc_exit') return this.#exports['proc_exit']
    return this.#exports[`${module}.${name}`]
  }
}

/** The signature with which programs import it, letters as in the rewriter's `Import`; null when there is no such call. */
export function systemCallSignature (module: string, name: string): string | null {
  if (module === 'wasi_snapshot_preview1' && name === 'proc_exit') return `${String.fromCharCode(I32)}:`
  // Names are a program's to choose, and `constructor` is one.
  const calls = Object.hasOwn(importModules, module) ? importModules[module]! : {}
  if (!Object.hasOwn(calls, name)) return null
  return `${String.fromCharCode(...typesOf(calls[name]!))}:${String.fromCharCode(I32)}`
}

/** Whether programs can import it. */
export function isSystemCall (module: string, name: string): boolean {
  return systemCallSignature(module, name) !== null
}
