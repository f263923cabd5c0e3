/**
 * Threads of the host on which programs run, one at a time each. The host takes long to start one, so a few wait for the next
 * program, and one whose program has ended is used again.
 *
 * Who is at work is looked at whenever the line of places is raised: somebody rang, or it is time to look (a program whose
 * processor time is limited is ended here). Limits: PROGRAM_THREADS_MAX at once, SPARE_THREADS that wait.
 */

import { SystemCalls } from '../../roles/index.ts'
import { PROGRAM_THREADS_MAX, SPARE_THREADS } from '../../roles/index.ts'
import type { MachinePlaces, Place } from '../../machine/index.ts'
import { programThread } from '../../walls/index.ts'
import { KernelCell } from '../../walls/thread/index.ts'
import type { ProgramOrder, ThreadOrder } from '../../walls/thread/index.ts'
import { GROW_SLOT, START_EXPORT, YIELD_EXPORT, trampolineModule } from '../../walls/wasm/index.ts'
import type { Account } from '../account/index.ts'
import type { Placed } from '../remote/index.ts'
import type { ThreadCode } from './thread-code.ts'

/** A thread of the host that runs programs. */
export class ProgramRunner {
  readonly cell = new KernelCell()
  place: Place | null = null
  /** The program that it runs. */
  code: ThreadCode | null = null
  /** Why it is gone, once it is. */
  gone: string | null = null

  run (code: ThreadCode, order: ProgramOrder): void {
    this.code = code
    this.place!.tell(order)
  }
}

export class ProgramRunners implements Placed {
  readonly #places: MachinePlaces
  readonly #heapBytesMax: number
  readonly #overran: (account: Account) => void
  /** All that are not gone. */
  readonly #all = new Set<ProgramRunner>()
  readonly #spare: ProgramRunner[] = []
  /** Programs that have one. */
  running = 0

  constructor (places: MachinePlaces, heapBytesMax: number, overran: (account: Account) => void) {
    this.#places = places
    this.#heapBytesMax = heapBytesMax
    this.#overran = overran
  }

  /** Threads that there are: of programs, of those that wait, and of those that were ended and are not gone yet. */
  get count (): number {
    return this.#all.size
  }

  /** One for a program; null when there are as many as can be. */
  take (): ProgramRunner | null {
    const runner = this.#spare.pop() ?? this.#start()
    if (runner !== null) this.running++
    if (this.#spare.length === 0) this.#prepare()
    return runner
  }

  /** One whose program has said that it has ended: `again` if it may run another one. */
  give (runner: ProgramRunner, again: boolean): void {
    this.running--
    runner.code = null
    if (again && runner.gone === null && this.#spare.length < SPARE_THREADS) this.#spare.push(runner)
    else runner.place!.kill()
  }

  /** Ends the thread of a program, whatever it does. */
  kill (runner: ProgramRunner): void {
    this.give(runner, false)
  }

  expect (count: 1 | -1): void {
    this.#places.expect(count, 'thread')
  }

  /** Something happened at a place, or it is time to look. */
  poll (): boolean {
    for (const runner of [...this.#all]) {
      if (runner.gone !== null) {
        this.#all.delete(runner)
        const at = this.#spare.indexOf(runner)
        if (at >= 0) this.#spare.splice(at, 1)
        runner.code?.lost(runner.gone)
        continue
      }
      const { code } = runner
      if (code === null) continue
      if (runner.cell.posted) code.posted()
      else if (code.account !== null && code.computes) {
        const exhausted = code.account.exhausted(code.computingNs)
        if (exhausted !== null) this.#overran(exhausted)
      }
    }
    return false
  }

  /** Gives all back that wait. */
  close (): void {
    for (const runner of this.#spare.splice(0)) runner.place!.kill()
  }

  /** Starts the one that the next program will have. More would take from those that run what the host needs to start a thread. */
  #prepare (): void {
    const runner = this.#start()
    if (runner !== null) this.#spare.push(runner)
  }

  #start (): ProgramRunner | null {
    if (this.#all.size >= PROGRAM_THREADS_MAX) return null
    const runner = new ProgramRunner()
    const order: ThreadOrder = {
      bell: this.#places.bell, cell: runner.cell.memory, trampoline: trampolineModule(), calls: Object.keys(SystemCalls.operations),
      names: { yield: YIELD_EXPORT, growSlot: GROW_SLOT, start: START_EXPORT }
    }
    try {
      runner.place = this.#places.start({
        label: 'a program', kind: 'thread', occupant: programThread, data: order, heapBytesMax: this.#heapBytesMax, ended: why => { runner.gone = why }
      })
    } catch {
      return null
    }
    this.#all.add(runner)
    return runner
  }
}
