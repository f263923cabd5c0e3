/**
 * Places: threads and processes of the host beside the kernel's own, for what is to run elsewhere.
 *
 * What runs at a place is the host's: the kernel starts it, reads and writes what it shares with it, and can end it at any
 * time. Whatever happens there (it rang, sent, ended) raises the line `places`.
 */

export const PLACES_LINE = 'places'

export interface PlaceWish {
  /** For people, and as the name of the thread. */
  readonly label: string
  readonly kind: 'thread' | 'process'
  /** The module that is loaded there: its export `occupy(data, end)` is called with what is sent along. */
  readonly occupant: string
  /** What `occupy` is told: values that can be cloned; to a thread shared memory, too. */
  readonly data: unknown
  /** Bytes of objects (its heap) beyond which the host ends it. */
  readonly heapBytesMax?: number
  /** Called when a process has sent bytes, before the line is raised. They are the receiver's. */
  readonly received?: (bytes: Uint8Array) => void
  /** Called once when it has ended, whyever, before the line is raised. */
  readonly ended: (why: string) => void
}

export interface Place {
  /** Sends bytes to a process; they are copied. To a thread nothing is sent: memory is shared. */
  send (bytes: Uint8Array): void
  /** Tells a thread whose occupant listens (`onMessage`): values that can be cloned, modules, and memory that is shared. */
  tell (message: unknown): void
  /** Ends it, whatever it does. `ended` is called later. */
  kill (): void
}

/** What the occupant of a place has of the host. */
export interface PlaceEnd {
  /** Whether memory is shared with the kernel's thread. */
  readonly kind: 'thread' | 'process'
  readonly nowNs: () => number
  readonly entropy: (bytes: Uint8Array) => void
  /** In a process: blocks until bytes have come, and returns them; null when nobody will send any more. */
  readonly receive: () => Uint8Array | null
  /** In a process: sends bytes; blocks until there is room. */
  readonly send: (bytes: Uint8Array) => void
  /** In a thread: takes what it is told, each in a turn of its own. The thread is there between them. */
  readonly onMessage: (handler: (message: unknown) => void) => void
  /** Ends the place. */
  readonly exit: () => void
}

export interface MachinePlaces {
  /** What threads ring: the memory of a Bell. */
  readonly bell: SharedArrayBuffer
  /** Throws what says why this host has no such place. */
  start (wish: PlaceWish): Place
  /**
   * Somebody waits for an answer from a place, or (with -1) no longer: meanwhile the host is kept alive, and an idle processor
   * looks. `slept`: the place had to be woken for it, so the answer will be a while.
   */
  expect (count: 1 | -1, kind: PlaceWish['kind'], slept?: boolean): void
}
