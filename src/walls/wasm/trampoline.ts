/**
 * The trampoline: the module whose exports are a program's imports. One instance serves all programs of a thread.
 *
 * A call goes to the plain import `try`; if that says "would block" the trampoline calls the suspending import `wait`.
 * No JavaScript frame lies between the program and `wait`, so its stack can be switched; a call that need not wait
 * never touches a promise. 64-bit arguments are split into two words on the way, so that no BigInt is made. When either
 * says "killed", the trampoline traps: a trap is what no `catch_all` of the program can hold.
 */

import { importModules } from '../../roles/index.ts'
import { I32, typesOf } from './call-types.ts'
import { trampolineBytes } from './trampoline-bytes.ts'

export { KILLED, WOULD_BLOCK } from './trampoline-results.ts'

const CANNOT_SUSPEND = 'this host has no JavaScript Promise Integration (WebAssembly.Suspending)'

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

let compiled: WebAssembly.Module | null = null

/** The module itself, for who makes an instance of it on another thread: there `wait` is a plain function that is never called. */
export function trampolineModule (): WebAssembly.Module {
  return compiled ??= new WebAssembly.Module(trampolineBytes())
}

/** Whether programs can be suspended on this thread: by JavaScript Promise Integration. */
export function canSuspend (): boolean {
  return typeof (WebAssembly as { Suspending?: unknown }).Suspending === 'function'
}

export class Trampoline {
  readonly #exports: Readonly<Record<string, WebAssembly.ExportValue>>

  constructor (host: TrampolineHost) {
    const kernel: Record<string, WebAssembly.ImportValue> = {
      // Without, what host code calls still runs: it is never suspended.
      wait: canSuspend() ? new WebAssembly.Suspending(() => host.wait()) as WebAssembly.ImportValue : () => { throw new TypeError(CANNOT_SUSPEND) },
      giveWay: () => host.giveWay(),
      exit: (code: number) => { host.exit(code) },
      grow: (pages: number) => host.grow(pages)
    }
    for (const name of Object.values(importModules).flatMap(Object.keys)) kernel[`try ${name}`] = host.try[name] as WebAssembly.ImportValue
    this.#exports = new WebAssembly.Instance(trampolineModule(), { kernel }).exports
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
