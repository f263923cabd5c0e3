/** The profile that comes along and is nearest to a machine, by its clock and its caches. */

import { isErrors, profiles, readProfileData, type ProfileData } from '../../machine/model/index.ts'
import type { CacheLevel } from './caches.ts'

/** By what Node calls the instruction set; the first where nothing else is known. */
const ofArchitecture: Readonly<Record<string, readonly string[]>> = {
  x64: ['x86-64-2023', 'i7-9700k', 'skylake'],
  ia32: ['i7-9700k', 'skylake', 'pentium'],
  arm64: ['cortex-a76', 'cortex-a57', 'cortex-a53'],
  arm: ['cortex-a53', 'cortex-a57'],
  riscv64: ['riscv-u54']
}

export function nearestProfile (architecture: string, frequencyMHz: number, levels: readonly Pick<CacheLevel, 'sizeBytes'>[]): ProfileData {
  const names = ofArchitecture[architecture] ?? ofArchitecture['x64']!
  return names.map(named).toSorted((a, b) => distance(a) - distance(b))[0]!

  /** Doublings between the two, of the clock and of each cache's size. */
  function distance ({ figures }: ProfileData): number {
    const value = (place: string): number | undefined => figures.find(figure => figure.place === place)?.value as number | undefined
    const between = (a: number, b: number): number => Math.abs(Math.log2(a / b))
    const sizes = levels.map((level, at) => between(level.sizeBytes, value(`caches[${at}].sizeBytes`) ?? level.sizeBytes * 8))
    return between(frequencyMHz, value('frequencyMHz')!) + sizes.reduce((sum, size) => sum + size, 0)
  }
}

function named (name: string): ProfileData {
  const data = readProfileData(profiles.get(name))
  if (isErrors(data)) throw new Error(`the profile ${name} is not sound`)
  return data
}
