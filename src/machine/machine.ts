/**
 * The machine: the hardware under a kernel, behind one interface.
 *
 * `live` is Node or a browser in real time. Nothing above this layer sees the host: what a kernel knows of time,
 * interrupts, devices and randomness comes from here, so that the same kernel can stand on another machine.
 *
 * Instants and durations are in ns. Device operations return counts or negative error numbers (`-Errno.X`), never
 * throw. An interrupt is delivered on the kernel's stack only while the processor is idle or has given way; `raise`
 * while masked or busy leaves it pending.
 */

import type { MachinePlaces } from './places.ts'
import type { MachineTiming } from './timing.ts'

export interface MachineClock {
  /** Since the machine started. */
  monotonicNs (): number
  /** Since 1970. */
  realtimeNs (): number
  /** Of both clocks. */
  readonly resolutionNs: number
}

export interface MachineTimer {
  /** Raises the line `timer` once, at an instant of the monotonic clock; replaces what was armed. Infinity disarms. */
  arm (deadlineNs: number): void
}

/** Names of interrupt lines: `timer`, `console-in`, `console-out`, and one for each doorbell. */
export type Line = string

export interface MachineInterrupts {
  /** What the processor runs for an interrupt. One handler for each line. */
  connect (line: Line, handler: () => void): void
  raise (line: Line): void
  mask (): void
  unmask (): void
  /** Runs the handlers of what is pending, unless masked. The kernel calls it between threads. */
  deliver (): void
}

/** What the processor does for the kernel's scheduler. */
export interface MachineProcessor {
  /** Nothing is runnable: sleep until an interrupt. `resume` is called after one was delivered. */
  idle (resume: () => void): void
  /**
   * True when the kernel has run so long that the host's event loop is owed a turn. Cheap. `nowNs`: the time, from who has
   * just read it; without, the clock is read now and then.
   */
  giveWayDue (nowNs?: number): boolean
  /** Lets the host's event loop run, then calls `resume`. */
  giveWay (resume: () => void): void
  /** Makes an address space current (0: the supervisor's own). Live machines only note it. */
  switchTo (space: number): void
  /** Maps or unmaps an address space. Live machines only note it; limits are `addressSpacesMax`. */
  map (space: number, sizeBytes: number): void
  unmap (space: number): void
}

/** A doorbell: a device register that the kernel rings, and the other side answers with an interrupt. */
export interface MachineDoorbells {
  connect (line: Line, ring: () => void): void
  ring (line: Line): void
}

export interface MachineEntropy {
  fill (bytes: Uint8Array): void
}

/** The terminal: unit 0 is input, 1 and 2 are output. Lines `console-in` and `console-out` say that something changed. */
export interface MachineConsole {
  /** Bytes read, 0 at the end of input, `-EAGAIN` when there is none yet (`awaitInput` then says when there is). */
  read (bytes: Uint8Array, at: number, length: number): number
  /** Bytes taken, `-EAGAIN` when there is no room (then `console-out` comes), `-EPIPE` when nobody reads. */
  write (unit: number, bytes: Uint8Array, at: number, length: number): number
  /** Bytes that `read` would give now without `-EAGAIN`; -1 at the end of input. */
  readable (): number
  writable (unit: number): boolean
  /** Nobody is at the other end any more: of output, nobody reads; of input, nobody writes and all has been read. */
  hungUp (unit: number): boolean
  terminal (unit: number): boolean
  /**
   * Whether somebody waits for input. Once it is true, `console-in` comes once, when there is input or its end, though it
   * was there before, and the host is kept alive until then; to wait for more, it is said again. False: nobody waits.
   */
  awaitInput (wanted: boolean): void
  /** Settles when all that was taken has gone out, or can never go. */
  flush (): Promise<void>
}

export interface HostAttributes {
  /** Identity on the host: the same for all names of one file, and for no two files at a time. */
  device: bigint
  inode: bigint
  /** A FileType. */
  type: number
  links: number
  size: number
  accessSec: number
  accessNsec: number
  modifySec: number
  modifyNsec: number
  changeSec: number
  changeNsec: number
}

/**
 * Host folders, as a device (in the place of virtiofs): each share is a folder of the host that the person who
 * started the machine gave. Names are single names, never followed when they are symbolic links: no operation can
 * leave the share, whatever another program on the host does to it meanwhile.
 *
 * A handle is held (`find`: it stands for what is there, a symbolic link or FIFO too, and moves no bytes) or open
 * (`open`, `createFile`: it reads, writes, lists). Either stays with its file when names change or go. Every change
 * to a share that is not writable gives `-EROFS`.
 */
export interface MachineFolders {
  /** The shares there are, by number. */
  readonly shares: readonly { readonly hostPath: string, readonly writable: boolean }[]
  /** A held handle on the share's root directory. */
  openShare (share: number): number
  /** A held handle on an entry. */
  find (directory: number, name: string): number
  /** An open handle from a held one: `-ELOOP` for a symbolic link, `-ENXIO` for what is neither file nor directory. */
  open (held: number, read: boolean, write: boolean): number
  /** Makes a new regular file and opens it for reading and writing; `-EEXIST` when there is one. */
  createFile (directory: number, name: string): number
  close (handle: number): number
  attributes (handle: number): HostAttributes | number
  attributesAt (directory: number, name: string): HostAttributes | number
  read (open: number, offset: number, bytes: Uint8Array, at: number, length: number): number
  /** Offset -1: at the end, whatever it is then. */
  write (open: number, offset: number, bytes: Uint8Array, at: number, length: number): number
  /** Grows a file to cover a range; `-ENOSPC` when the host has not that much. */
  allocate (open: number, offset: number, length: number): number
  setSize (handle: number, size: number): number
  /** A time whose seconds are NaN stays; one whose seconds are Infinity becomes the host's now. */
  setTimes (handle: number, accessSec: number, accessNsec: number, modifySec: number, modifyNsec: number): number
  sync (handle: number, dataOnly: boolean): number
  /** The next entries of an open directory, at most `count`; none at the end. `.` and `..` are not among them. */
  entries (open: number, count: number): { name: string, type: number }[] | number
  /** `entries` starts again, and sees what is there then. */
  rewind (open: number): number
  createDirectory (directory: number, name: string): number
  symlink (directory: number, name: string, target: string): number
  readLink (directory: number, name: string): string | number
  link (fromDirectory: number, fromName: string, toDirectory: number, toName: string): number
  unlink (directory: number, name: string): number
  removeDirectory (directory: number, name: string): number
  rename (fromDirectory: number, fromName: string, toDirectory: number, toName: string): number
}

/** The parts of a machine that services may drive, by the names used in `devices`. */
export interface Devices {
  readonly clock: MachineClock
  readonly timer: MachineTimer
  readonly interrupts: MachineInterrupts
  readonly console: MachineConsole
  readonly entropy: MachineEntropy
  readonly folders: MachineFolders
}

/** What programs' memories take of the host, which has them back later than their programs' ends: when it finds that they are unused. */
export interface MachineMemories {
  /** Whether there is room for `count` more. It may take long: the host may have to look for those that are unused. */
  available (count: number): boolean
  /** An instance was made that has `count` memories, `owner` first among them. */
  take (owner: object, count: number): void
  /** Its program has ended. */
  give (owner: object): void
}

export interface Machine extends Devices {
  readonly name: string
  /** What is told of the work done, where work costs virtual time; null where it costs what it takes. */
  readonly timing: MachineTiming | null
  readonly processor: MachineProcessor
  readonly doorbells: MachineDoorbells
  readonly memories: MachineMemories
  /** Threads and processes of the host; null where there are none, or nobody could say again what they do. */
  readonly places: MachinePlaces | null
  /** How many programs the host can hold at once, and why. */
  readonly addressSpacesMax: { readonly value: number, readonly reason: string }
  /**
   * Sets the monotonic clock, the timer with it: for who takes up what was saved on another machine, before anything runs that
   * has seen this one's. `stands`: it shows that instant until it is set again. Where time is modelled it only goes on to that.
   */
  setClock (monotonicNs: number, stands: boolean): void
  /** Whether it was closed: no interrupt comes any more. */
  readonly closed: boolean
  /** Ends timers and listeners. */
  close (): void
}
