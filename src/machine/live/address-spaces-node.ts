/**
 * How many programs Node can hold at once on this host: each is a WebAssembly memory and a suspended stack.
 *
 * Measured on Linux with Node 26 (V8 14): a memory takes two maps of the kernel's and reserves 8 GiB with its guard
 * regions, a suspended stack takes two maps; what else a program needs (tables, code, what the kernel keeps for it) made it
 * 5.1 to 5.3 maps in all when 2,000 to 10,000 were held at once. Running out of maps ends the host without a chance to catch it, so a margin is kept.
 * Other hosts have not been measured: there the address space alone is counted, with half of it kept back.
 */

import { readFileSync } from 'node:fs'

const MAPS_PER_PROGRAM = 5.5
/** Maps left for the host itself: its heap, its threads, other WebAssembly. */
const MAPS_RESERVED = 4096
const GUARDED_MEMORY_BYTES = 8 * 2 ** 30
/** What a process can address on x86-64 and arm64 with four levels of page tables. */
const USER_ADDRESS_BYTES = 2 ** 47
const ADDRESS_MARGIN = 0.9
const ADDRESS_MARGIN_UNMEASURED = 0.5

export interface AddressSpacesMax { readonly value: number, readonly reason: string }

/** `read` gives the text of a file of the host, or null when there is none. */
export function addressSpacesMax (read: (path: string) => string | null = readHostFile): AddressSpacesMax {
  const limits: AddressSpacesMax[] = [byAddresses(read)]
  const maps = byMaps(read)
  if (maps !== null) limits.push(maps)
  return limits.reduce((least, limit) => limit.value < least.value ? limit : least)
}

function byMaps (read: (path: string) => string | null): AddressSpacesMax | null {
  const mapsMax = Number(read('/proc/sys/vm/max_map_count') ?? NaN)
  const used = read('/proc/self/maps')?.split('\n').length ?? 0
  if (!(mapsMax > 0)) return null
  return {
    value: Math.max(1, Math.floor((mapsMax - used - MAPS_RESERVED) / MAPS_PER_PROGRAM)),
    reason: `a program takes ${MAPS_PER_PROGRAM} of the ${mapsMax} maps a process may have (vm.max_map_count); ${used} are in use, ${MAPS_RESERVED} kept back`
  }
}

function byAddresses (read: (path: string) => string | null): AddressSpacesMax {
  const usedKib = Number(/^VmSize:\s+(\d+)/m.exec(read('/proc/self/status') ?? '')?.[1] ?? NaN)
  const capBytes = Number(/^Max address space\s+(\d+)/m.exec(read('/proc/self/limits') ?? '')?.[1] ?? USER_ADDRESS_BYTES)
  const measured = !Number.isNaN(usedKib)
  const free = Math.min(capBytes, USER_ADDRESS_BYTES) - (measured ? usedKib * 1024 : 0)
  const margin = measured ? ADDRESS_MARGIN : ADDRESS_MARGIN_UNMEASURED
  return {
    value: Math.max(1, Math.floor(free * margin / GUARDED_MEMORY_BYTES)),
    reason: `a program reserves 8 GiB of the ${Math.floor(free / 2 ** 30)} GiB of addresses that are free; ` +
      `${Math.round((1 - margin) * 100)} % kept back${measured ? '' : ', as this kind of host was not measured'}`
  }
}

function readHostFile (path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
