/**
 * What runs on a thread of programs: one program after the other, each alone.
 *
 * A program's calls go through the same trampoline as in the kernel's thread; but `try` blocks the thread until the kernel has
 * answered, so nothing is ever suspended. Its exit is a trap of the trampoline, which no `catch_all` of it holds. Between two
 * programs nothing of the first is kept: its instance is garbage, its memory the kernel's.
 * A thread that is ended in the middle takes its program with it, whatever that was doing.
 */

import { Bell } from '../machine/index.ts'
import type { PlaceEnd } from '../machine/index.ts'
import { END, ENDED, GROW, ThreadCell } from './thread/index.ts'
import type { ProgramOrder, ThreadOrder } from './thread/index.ts'

export function occupy (data: unknown, end: PlaceEnd): void {
  const order = data as ThreadOrder
  const { calls, names } = order
  const bell = new Bell(order.bell)
  const cell = new ThreadCell(order.cell, () => { bell.ring() }, end.nowNs)
  /** The status that the running program gave itself; null before. */
  let exitCode: number | null = null

  const kernel: Record<string, WebAssembly.ImportValue> = {
    wait: () => { throw new TypeError('a call on a thread of its own is never suspended') },
    giveWay: () => 0,
    exit: (code: number) => { exitCode = code },
    grow: (pages: number) => cell.call(GROW, [pages | 0])
  }
  calls.forEach((name, index) => {
    kernel[`try ${name}`] = (...args: number[]) => cell.call(index, args)
  })
  const trampoline = new WebAssembly.Instance(order.trampoline, { kernel }).exports

  function run ({ module, memory }: ProgramOrder): void {
    exitCode = null
    try {
      const { exports } = new WebAssembly.Instance(module, importsOf(module, memory))
      const yields = exports[names.yield] as WebAssembly.Table
      yields.set(names.growSlot, trampoline['grow']!)
      for (const name of [names.start, '_start']) {
        const entry = exports[name]
        if (typeof entry === 'function') entry()
      }
      cell.post(END, [ENDED.RETURNED, 0])
    } catch (error) {
      if (exitCode !== null) cell.post(END, [ENDED.EXITED, exitCode])
      else cell.post(END, [ENDED.THREW, 0], `${nameOf(error)}\n${error instanceof Error ? error.message : String(error)}`)
    }
  }

  function importsOf (module: WebAssembly.Module, memory: WebAssembly.Memory): WebAssembly.Imports {
    // Names are a program's to choose: an object of the language has names of its own.
    const imports = Object.create(null) as Record<string, Record<string, WebAssembly.ImportValue>>
    for (const { module: from, name, kind } of WebAssembly.Module.imports(module)) {
      const into = imports[from] ??= Object.create(null) as Record<string, WebAssembly.ImportValue>
      into[name] = kind === 'memory' ? memory
        : from === 'wasi_snapshot_preview1' && name === 'proc_exit' ? trampoline['proc_exit']! : trampoline[`${from}.${name}`]!
    }
    return imports
  }

  end.onMessage(message => { run(message as ProgramOrder) })
}

/** What was thrown, as the kernel's side makes it again. */
function nameOf (error: unknown): string {
  if (error instanceof WebAssembly.Exception) return 'Exception'
  return error instanceof Error ? error.name : 'Error'
}
