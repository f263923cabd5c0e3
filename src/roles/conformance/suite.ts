/**
 * Conformance suites: one for each role, which takes any implementation of it.
 *
 * Rules of use: a suite is a list of cases, each of a *feature*. Whoever runs it names for every feature a reason to
 * skip it, or null: the table is total, so a feature that is added later and forgotten is a type error. A case is a
 * fiber; it makes its calls as a client would and meets whoever schedules it through `Driver` only. A new subject is
 * made for each case.
 */

import type { Fiber } from '../../fiber/index.ts'
import { READ, WRITE, Window } from '../index.ts'
import type { Arena, CopyCounter } from '../index.ts'
import { TestScheduler } from './drive.ts'
import type { Driver } from './drive.ts'
import { Unexpected } from './expect.ts'

/** Registers a test: `test` of `node:test`, or anything like it. */
export type Register = (name: string, options: { readonly skip: string | false }, body: () => Promise<void>) => unknown

/** Who a case calls from: the memory that its windows name, and who runs its fibers. */
export interface Client {
  /** The client's memory; windows are made on it. */
  readonly arena: Arena
  readonly counter: CopyCounter
  /** Runs a case to its end; by default a scheduler of its own does. */
  readonly run?: (body: (driver: Driver) => Fiber<void>) => Promise<void>
  /** Lets the world outside move when everything waits. */
  readonly idle?: () => Promise<void>
  /** Ends what `make` made. */
  readonly close?: () => void | Promise<void>
}

/** For every feature, null or the reason why it is not there. */
export type Skips<F extends string> = Readonly<Record<F, string | null>>

export interface Suite<S extends Client, F extends string> {
  /** Of the implementation, as it stands in the names of the tests. */
  readonly name: string
  readonly test: Register
  readonly make: () => S | Promise<S>
  readonly skip: Skips<F>
}

export interface Case<S extends Client, F extends string> {
  readonly feature: F
  readonly name: string
  readonly body: (subject: S, hand: Hand, driver: Driver) => Fiber<void>
}

/** Registers all cases of a suite. */
export function registerCases<S extends Client, F extends string> (
  role: string, cases: readonly Case<S, F>[], { name, test, make, skip }: Suite<S, F>
): void {
  for (const each of cases) {
    const reason = skip[each.feature]
    test(`${role} of ${name}: ${each.feature}: ${each.name}`, { skip: reason ?? false }, async () => {
      const subject = await make()
      const body = (driver: Driver): Fiber<void> => each.body(subject, new Hand(subject), driver)
      try {
        if (subject.run !== undefined) {
          await subject.run(body)
        } else {
          const scheduler = new TestScheduler()
          await scheduler.run(body(scheduler), subject.idle)
        }
      } finally {
        await subject.close?.()
      }
    })
  }
}

/** The client's hand in its memory: windows that are filled and looked at. */
export class Hand {
  readonly #client: Client
  readonly #places = new WeakMap<Window, { at: number, length: number }>()

  constructor (client: Client) {
    this.#client = client
  }

  /** A window of `length` bytes that may be read and written, filled with `fill`. */
  room (length: number, fill = 0): Window {
    const { arena, counter } = this.#client
    const at = arena.allocate(Math.max(1, length))
    if (at === 0) throw new Unexpected('the client has no memory left')
    arena.bytes.fill(fill, at, at + length)
    const window = Window.of(arena, at, length, READ | WRITE, counter)!
    this.#places.set(window, { at, length })
    return window
  }

  /** A window on the bytes of a text, one for each character up to U+00FF. */
  text (text: string): Window {
    const window = this.room(text.length)
    const { at } = this.#places.get(window)!
    for (let i = 0; i < text.length; i++) this.#client.arena.bytes[at + i] = text.charCodeAt(i)
    return window
  }

  /** A window of bytes. */
  bytes (bytes: Uint8Array): Window {
    const window = this.room(bytes.length)
    this.#client.arena.bytes.set(bytes, this.#places.get(window)!.at)
    return window
  }

  /** A copy of the first `length` bytes of a window of this hand. */
  see (window: Window, length = window.length): Uint8Array {
    const { at } = this.#places.get(window)!
    return this.#client.arena.bytes.slice(at, at + length)
  }

  /** The first `length` bytes as text, one character each. */
  read (window: Window, length = window.length): string {
    return String.fromCharCode(...this.see(window, length))
  }
}

/** Bytes that differ from place to place, for telling them apart. */
export function pattern (length: number, seed = 0): Uint8Array {
  const bytes = new Uint8Array(length)
  for (let i = 0; i < length; i++) bytes[i] = (i * 7 + (i >> 8) * 13 + seed) & 0xff
  return bytes
}

export function sameBytes (a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
