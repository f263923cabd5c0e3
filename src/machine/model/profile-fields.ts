/**
 * The table of a profile's numbers: where each stands, its unit, the least and the most that is believed, what it means.
 *
 * The one table: reading, sampling, the JSON Schema and what `kaleidos machines show` prints are worked out from it. The
 * compiler holds it against `Profile`: a number without a row, or a row without a number, is a type error.
 */

import type { Profile } from './profile.ts'

export const units = ['MHz', 'cycles', 'cycles/byte', 'bytes', 'entries', 'processors', 'requests', 'ns', 'ns/byte', 'boolean'] as const
export type Unit = typeof units[number]

export interface Field {
  readonly unit: Unit
  /** Bounds of what is believed, for the value and for its range. A boolean has none. */
  readonly least: number
  readonly most: number
  /** Only whole numbers. */
  readonly whole?: true
  readonly meaning: string
}

/** Places of the numbers in `T`: `tlb.entries`; in a list `caches[].sizeBytes`. */
type PlaceIn<T, Before extends string> = {
  [Name in keyof T & string]:
  T[Name] extends number | boolean ? `${Before}${Name}` :
    T[Name] extends string ? never :
      T[Name] extends ReadonlyArray<infer Item> ? PlaceIn<Item, `${Before}${Name}[].`> : PlaceIn<T[Name], `${Before}${Name}.`>
}[keyof T & string]

/** A place of the table. `year` is a word about the profile, no cost: it stands as a plain number. */
export type FieldPlace = Exclude<PlaceIn<Profile, ''>, 'year'>

export const cachesMost = 4
/** Of a profile's name, as a regular expression. */
export const nameForm = '^[a-z0-9][a-z0-9.-]{0,63}$'
/** Characters of a text. */
export const textMost = 400
export const yearLeast = 1970
export const yearMost = 2100

const cycles = (least: number, most: number, meaning: string): Field => ({ unit: 'cycles', least, most, meaning })
const ns = (most: number, meaning: string): Field => ({ unit: 'ns', least: 0, most, meaning })
const perByteNs = (meaning: string): Field => ({ unit: 'ns/byte', least: 0, most: 1e7, meaning })
const count = (unit: Unit, least: number, most: number, meaning: string): Field => ({ unit, least, most, whole: true, meaning })
const truth = (meaning: string): Field => ({ unit: 'boolean', least: 0, most: 1, meaning })

/** In the order in which they are shown. */
export const fields: Readonly<Record<FieldPlace, Field>> = {
  frequencyMHz: { unit: 'MHz', least: 1, most: 10_000, meaning: 'clock of the processor' },
  processorsMax: count('processors', 1, 64, 'most processors that it is sensible to model with these numbers'),

  'program.integer': cycles(0.05, 100, 'one integer instruction of a program (WebAssembly, as compiled), caches warm'),
  'program.float': cycles(0.05, 100, 'one floating-point instruction of a program, caches warm'),
  'program.memory': cycles(0.05, 100, 'one load or store of a program, its line in the nearest cache'),
  'program.branch': cycles(0.05, 100, 'one branch of a program, mispredicted ones averaged in'),
  'program.call': cycles(0.05, 500, 'one call of a program with its return'),
  kernelInstruction: cycles(0.05, 50, 'one machine instruction of kernel code, caches and TLB warm'),

  trapEntry: cycles(1, 20_000, 'system call, user to supervisor: mode, stack, registers saved'),
  trapExit: cycles(1, 20_000, 'back to user mode: registers restored, mode'),
  'trapRegisters.save': cycles(0, 20_000, 'what of trapEntry saving the registers takes'),
  'trapRegisters.restore': cycles(0, 20_000, 'what of trapExit restoring them takes'),
  pageTableIsolation: cycles(0, 20_000, 'what page-table isolation adds to each entry and to each exit; 0 without it'),
  addressSpaceSwitch: cycles(0, 20_000, 'loading another page table; refilling an untagged TLB is extra'),

  'tlb.entries': count('entries', 1, 100_000, 'pages that the TLB holds, instructions and data and all levels together'),
  'tlb.pageBytes': count('bytes', 512, 2 ** 30, 'size of a page'),
  'tlb.missCycles': cycles(1, 2_000, 'walk for a page that no level of the TLB holds, page tables in a near cache'),
  'tlb.tagged': truth('entries name their address space and outlive a switch'),
  'tlb.globalPages': truth('entries of the supervisor outlive a switch even without tags'),

  'caches[].sizeBytes': count('bytes', 256, 2 ** 32, 'size, instructions and data together where they are split'),
  'caches[].lineBytes': count('bytes', 4, 1024, 'size of a line'),
  'caches[].missCycles': cycles(1, 20_000, 'a lone line that is not in it, on top of the misses of nearer ones: from memory it takes the sum'),
  'caches[].streamCycles': cycles(0.1, 20_000, 'the same for a line that follows the one before, in a burst or fetched ahead: what copying pays'),

  'copy.startCycles': cycles(0, 2_000, 'beginning to copy'),
  'copy.perByte': { unit: 'cycles/byte', least: 0.005, most: 50, meaning: 'copying a byte, both places in the nearest cache' },
  'map.perPage': cycles(1, 50_000, 'entering a page into another address space'),
  'map.unmapPerPage': cycles(1, 50_000, 'taking it out again, with its TLB entry on this processor'),

  'interrupt.entry': cycles(1, 50_000, 'an interrupt of a device until its handler runs in supervisor mode, acknowledged'),
  'interrupt.exit': cycles(1, 50_000, 'end of interrupt, and back to what was interrupted'),
  'interProcessor.send': cycles(0, 50_000, 'sending an inter-processor interrupt'),
  'interProcessor.latency': cycles(0, 200_000, 'from sending it until the other processor runs its handler'),
  'lineTransfer.near': cycles(0, 20_000, 'a cache line that a processor nearby has modified'),
  'lineTransfer.far': cycles(0, 20_000, 'a cache line that a processor of another group or socket has modified'),
  'lineTransfer.processorsNear': count('processors', 1, 64, 'processors of one group, that are near to each other'),
  atomic: cycles(1, 2_000, 'an atomic operation on a line that the processor owns'),
  'timer.program': cycles(0, 50_000, 'setting the timer'),
  'timer.resolutionNs': ns(1e8, 'how fine the timer is'),
  'virtualMachine.exitAndEntry': cycles(0, 100_000, 'leaving a virtual machine and going on in it; 0 where the part has no such mode'),

  'devices.console.perByteNs': perByteNs('one byte on the line of the console'),
  'devices.console.latencyNs': ns(1e10, 'from writing a byte until it is on the line'),
  'devices.disk.latencyNs': ns(1e10, 'one request to the disk, without its bytes'),
  'devices.disk.perByteNs': perByteNs('one byte from or to the disk'),
  'devices.disk.queueDepth': count('requests', 1, 65_536, 'requests that the disk takes at a time'),
  'devices.link.latencyNs': ns(1e10, 'one packet to the other end, without its bytes'),
  'devices.link.perByteNs': perByteNs('one byte on the network link'),
  'devices.link.queueDepth': count('requests', 1, 65_536, 'packets that the link takes at a time')
}

export function isFieldPlace (place: string): place is FieldPlace {
  return Object.hasOwn(fields, place)
}
