/**
 * Page faults: what it costs, where time is modelled, that a program touches a page of its memory for the first time.
 *
 * Programs' memories are the host's and all there from the start; here is told what it would take if they were not. A program that
 * starts touches the pages of its file and some empty ones; one that grows its memory touches what it got, for who
 * asks for memory is about to use it. Which addresses it really touches is not known, so a page that is never touched is counted
 * all the same. Each page is one exception. The core fills it where nobody else pages; a domain's pager is asked by a message (Young et al.,
 * "The duality of memory and communication in the implementation of a multiprocessor operating system", SOSP 1987; Liedtke, SOSP
 * 1995, section 3). Mach fills empty pages itself and asks for those of files, also where the server that keeps them is in its own
 * space. Programs that share their address space with the kernel have their memory entered when it boots, and fault never.
 *
 * Pages are told when the program next tells what it executed. An exception cannot be waited in here: the answer takes its time,
 * and nobody else runs in it.
 */

import type { MachineTiming, Occupant } from '../../machine/index.ts'
import type { CostRow } from '../../roles/index.ts'
import type { FaultPaths, GatePaths, PathsCore, SchedulerPaths } from '../costs.ts'
import type { CoreTables } from '../load-costs.ts'
import { Noted } from '../noted.ts'
import type { CoreState } from '../state.ts'
import type { ProgramThread } from './program-thread.ts'

/** Empty bytes that a program touches when it starts, its stack among them: assumed 32 pages of 4 KiB. */
const EMPTY_BYTES = 131_072
/** Who pages, where it is no user domain. */
const SUPERVISOR = 0
const NOBODY = -1
/** Who, where, and what for. */
const WORDS = 3

export interface FaultCosts {
  readonly paths: FaultPaths
  /** The core's way of asking a pager; null where there is none to be asked. */
  readonly gate: GatePaths | null
  /** Where the pager's own threads take messages, the scheduler's paths; null where the one that faults goes on as the pager's. */
  readonly scheduler: SchedulerPaths | null
  /** Whether a pager is asked for empty pages too. */
  readonly asksForEmpty: boolean
  /** Whether what keeps the programs' files is a server in the supervisor, and so asked for their pages by message without another space. */
  readonly asksSupervisor: boolean
}

/** What page faults cost on a core of that kind; `asksSupervisor`: whether a server in its space serves programs by messages. */
export function faultCostsOf ({ faultPaths, gatePaths, schedulerPaths }: CoreTables, core: PathsCore, asksSupervisor: boolean): FaultCosts {
  const { rpc, port } = gatePaths[core]
  return { paths: faultPaths, gate: port ?? rpc ?? null, scheduler: port === undefined ? null : schedulerPaths, asksForEmpty: port === undefined, asksSupervisor }
}

/** One piece of work: whose, and how much. */
interface Piece {
  readonly who: Occupant
  readonly instructions: number
  readonly dataLines: number
}

export class PageFaults {
  readonly #state: CoreState
  readonly #timing: MachineTiming
  readonly #asksForEmpty: boolean
  readonly #asksSupervisor: boolean
  readonly #filled: { readonly file: Piece, readonly empty: Piece }
  readonly #paged: { readonly file: Piece, readonly empty: Piece }
  readonly #asked: Piece
  readonly #answered: Piece

  constructor (state: CoreState, timing: MachineTiming, { paths, gate, scheduler, asksForEmpty, asksSupervisor }: FaultCosts) {
    this.#state = state
    this.#timing = timing
    this.#asksForEmpty = asksForEmpty
    this.#asksSupervisor = asksSupervisor
    const piece = (name: string, supervisor: boolean, parts: readonly (readonly [count: number, row: CostRow])[]): Piece => ({
      who: timing.occupant(name, supervisor),
      instructions: Math.round(parts.reduce((sum, [count, row]) => sum + count * timing.figure(row), 0)),
      dataLines: Math.round(parts.reduce((sum, [count, row]) => sum + count * row.dataLines, 0))
    })
    const filled = (name: string, supervisor: boolean): { readonly file: Piece, readonly empty: Piece } =>
      ({ file: piece(name, supervisor, [[1, paths.file]]), empty: piece(name, supervisor, [[1, paths.empty]]) })
    const switched = scheduler === null ? [] : [scheduler.makeReady, scheduler.wait, scheduler.pickNext, scheduler.switch].map(row => [1, row] as const)
    this.#filled = filled('core page fault', true)
    this.#paged = filled('pager', false)
    const way = (direction: 'in' | 'out'): (readonly [count: number, row: CostRow])[] => gate === null ? [] : [[1, gate[direction]], [WORDS, gate.word]]
    this.#asked = piece('core page fault asked', true, [[1, paths.asked], ...way('in'), ...switched])
    this.#answered = piece('core page fault answered', true, [...way('out'), ...switched])
  }

  /** A program has started. */
  begins (thread: ProgramThread): void {
    thread.filePages = Math.ceil(thread.image.sizeBytes / this.#timing.pageBytes)
    thread.emptyPages = Math.ceil(EMPTY_BYTES / this.#timing.pageBytes)
  }

  /** It has so many bytes more, or fewer, that it has not touched yet. */
  grows (thread: ProgramThread, bytes: number): void {
    thread.emptyPages = Math.max(0, thread.emptyPages + Math.ceil(bytes / this.#timing.pageBytes))
  }

  /** Tells of the pages that the running program has touched since. */
  take (thread: ProgramThread): void {
    const { filePages, emptyPages } = thread
    if (filePages + emptyPages === 0) return
    thread.filePages = thread.emptyPages = 0
    this.#timing.note(Noted.FAULT, filePages + emptyPages)
    const pager = thread.home.pager?.id ?? (this.#asksSupervisor ? SUPERVISOR : NOBODY)
    for (let page = 0; page < filePages; page++) this.#take(thread, 'file', pager)
    for (let page = 0; page < emptyPages; page++) this.#take(thread, 'empty', this.#asksForEmpty ? pager : NOBODY)
  }

  #take (thread: ProgramThread, kind: 'file' | 'empty', pager: number): void {
    const timing = this.#timing
    timing.enter()
    if (pager === NOBODY) {
      this.#work(this.#filled[kind])
    } else {
      const { processor } = this.#state.machine
      this.#work(this.#asked)
      if (pager === SUPERVISOR) {
        this.#work(this.#filled[kind])
      } else {
        processor.switchTo(pager)
        timing.leave()
        this.#work(this.#paged[kind])
        timing.enter()
      }
      this.#work(this.#answered)
      if (pager !== SUPERVISOR) processor.switchTo(thread.home.id)
    }
    timing.pageEntered(kind === 'empty')
    timing.leave()
  }

  #work ({ who, instructions, dataLines }: Piece): void {
    this.#timing.work(who, instructions, dataLines)
  }
}
