/**
 * The conformance suite of the WASI personality: what a program may rely on, whatever kernel it runs on.
 *
 * Rules of use: a subject is one program with memory of its own and a preopened, empty directory that it has every
 * right to. A case is a fiber that runs on the program's thread; `run` gives it to whoever schedules that. Each case
 * gets a new subject. Whoever runs the suite says for every feature why it is not there, or null.
 * Source: WASI's test suite (`wasi-testsuite`, preview 1), the witx, POSIX.
 */

import { Errno, settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import type { Arena, SystemCalls } from '../../roles/index.ts'
import type { Surroundings, WasiCase, WasiFeature } from './conformance/case.ts'
import { fileCases } from './conformance/file-cases.ts'
import { Guest, Unexpected } from './conformance/guest.ts'
import { pathCases } from './conformance/path-cases.ts'
import { programCases } from './conformance/program-cases.ts'

export type { WasiFeature } from './conformance/case.ts'

export const wasiCases: readonly WasiCase[] = [...programCases, ...fileCases, ...pathCases]

export interface WasiSubject extends Surroundings {
  /** The calls, as the program reaches them. */
  readonly calls: SystemCalls
  /** The program's memory; SCRATCH_BYTES from `scratch` on are the suite's. */
  readonly memory: Arena
  readonly scratch: number
  /** Runs a case to its end on the program's thread. */
  run (body: Fiber<void>): Promise<void>
  close? (): void | Promise<void>
}

export interface WasiSuite {
  /** Of the system, as it stands in the names of the tests. */
  readonly name: string
  /** Registers a test: `test` of `node:test`, or anything like it. */
  readonly test: (name: string, options: { readonly skip: string | false }, body: () => Promise<void>) => unknown
  readonly make: () => WasiSubject | Promise<WasiSubject>
  /** For every feature, null or the reason why it is not there. */
  readonly skip: Readonly<Record<WasiFeature, string | null>>
}

/** A system that has it all. */
export const wholeSystem: Readonly<Record<WasiFeature, string | null>> = {
  arguments: null, clocks: null, random: null, polling: null, files: null, positions: null, rights: null, flags: null,
  times: null, listing: null, paths: null, 'symbolic links': null, 'hard links': null, rename: null, preopened: null,
  renumber: null, pipes: null, processes: null, sockets: null
}

export function wasiConformance ({ name, test, make, skip }: WasiSuite): void {
  for (const each of wasiCases) {
    const reason = skip[each.feature]
    test(`WASI on ${name}: ${each.feature}: ${each.name}`, { skip: reason ?? false }, async () => {
      const subject = await make()
      try {
        await subject.run(runCase(each, subject))
      } finally {
        await subject.close?.()
      }
    })
  }
}

/** Runs a case in a directory that is made for it. */
export function * runCase (each: WasiCase, subject: WasiSubject): Fiber<void> {
  const { calls, memory, scratch, directory } = subject
  const outside = new Guest(calls, memory, scratch, directory)
  yield * outside.mkdir('case')
  const rights = yield * outside.rights(directory)
  const opened = yield * outside.open('case', { directory: true, rights: rights.base, inheriting: rights.inheriting })
  yield * each.body(new Guest(calls, memory, scratch, opened), subject)
  const closed = yield * settle(calls.fd_close(opened))
  if (closed !== Errno.SUCCESS) throw new Unexpected('the case closed its own directory')
}
