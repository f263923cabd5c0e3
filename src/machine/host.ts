/** A host: where machines come from. `machine/live` has one for Node (index.ts) and one for a page (browser.ts). */

import type { Machine, MachineFolders, MachineMemories } from './machine.ts'

export interface Host {
  /** A live machine. Throws what says which of its wishes this host cannot meet. */
  machine (wishes: MachineWishes): Machine
  /** What a machine in virtual time needs of it: folders, and room for the memories of programs. */
  holdings (shares: MachineWishes['shares']): Holdings
  /** Lets its event loop come round once, then calls back. */
  turn (callback: () => void): void
  /** A text that no two different sequences of bytes share, its characters below U+0100: what caches of programs are keyed by. */
  identityOf (bytes: Uint8Array): string
  /** SHA-256 of bytes, hexadecimal. */
  digestOf (bytes: Uint8Array): string
  /** What is kept in a folder of the host. Throws where there are no folders. */
  keptIn (folder: string): KeptBytes
}

/** Bytes that are kept from one run of the host to the next, for as long as they are not forgotten. It never throws. */
export interface KeptBytes {
  /** What was put under a key (of characters below U+0100), whole and unchanged; null if there is nothing. */
  get (key: string): Uint8Array<ArrayBuffer> | null
  /** Keeps parts, one after the other, or does not. */
  put (key: string, parts: readonly Uint8Array[]): void
}

export interface Holdings {
  readonly folders: MachineFolders
  readonly memories: MachineMemories
  /** Gives back what the folders hold. */
  close (): void
}

export interface MachineWishes {
  /** Folders of the host that services may open, by number. */
  readonly shares: readonly { readonly hostPath: string, readonly writable: boolean }[]
  /** Whether its console is the host's own: the standard streams of the process. */
  readonly console: boolean
}
