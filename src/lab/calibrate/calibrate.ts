/**
 * A profile of the machine that this runs on: what loops of WebAssembly and two threads can measure is measured, the rest is
 * taken from the nearest profile that comes along and says so.
 *
 * Measured is what a program sees: in a virtual machine that is the virtual machine. Whatever needs supervisor mode (traps,
 * address spaces, interrupts) or a device of one's own cannot be had from here.
 */

import { readFileSync } from 'node:fs'
import { availableParallelism, cpus, totalmem } from 'node:os'
import { setImmediate } from 'node:timers/promises'
import { fieldAt, isErrors, profileJson, profiles, readProfileData, type Figure, type ProfileData } from '../../machine/model/index.ts'
import { randomFrom } from '../random.ts'
import { measureCaches, type CacheCurve } from './caches.ts'
import { timed, type Timing } from './clock.ts'
import { measureAtomic, measureLineTransfer } from './lines.ts'
import { decisions, decisionsAt, instantiateLoops, perRound, scratchBytes, type LoopModule } from './loops.ts'
import { nearestProfile } from './nearest.ts'

export interface Calibration {
  /** The profile, as it goes into a file. */
  readonly json: Readonly<Record<string, unknown>>
  readonly data: ProfileData
  /** The profile that what could not be measured is from. */
  readonly nearest: string
}

export interface CalibrationOptions {
  readonly name: string
  /** Of the memory through which caches are looked for. */
  readonly memoryBytes?: number
  readonly onProgress?: (text: string, share: number) => void
}

const memoryBytesMost = 128 * 2 ** 20
const budgetNs = 60_000_000
/** Of a program's branches; compiled ones are predicted well. */
const mispredicted = 0.02
/** Of a program's loads, that wait for the one before. */
const dependentLoads = 0.125
/** How far a figure of another machine may lie from this one's. */
const widened = 2
/** And how far a measured one from what another measurement of it gives. */
const below = 0.9
const above = 1.25

export async function calibrate ({ name, memoryBytes = fittingMemory(), onProgress = () => {} }: CalibrationOptions): Promise<Calibration> {
  // A turn of the event loop between two measurements: whoever draws the progress, or wants to stop, gets it.
  const next = async (text: string, share: number): Promise<void> => {
    onProgress(text, share)
    await setImmediate()
  }
  await next('clock and instructions', 0)
  const loops = instantiateLoops(memoryBytes + scratchBytes)
  const nsOfCycle = timed(rounds => { loops.loops.chain(rounds, 12_345) }, budgetNs).bestNs / perRound.chain
  const cycles: InCycles = ({ bestNs, medianNs }, factor = 1) => ({ value: bestNs * factor / nsOfCycle, median: medianNs * factor / nsOfCycle })
  const measured: Measured = new Map()
  measured.set('frequencyMHz', { value: 1000 / nsOfCycle, how: 'a chain of dependent additions, one a cycle' })
  measured.set('processorsMax', { value: Math.min(64, availableParallelism()), how: 'what the host gives this process' })
  measureInstructions(loops, cycles, measured)
  await next('copying', 0.1)
  measureCopy(loops, cycles, measured)
  measured.set('timer.resolutionNs', { value: clockStepNs(), how: 'least step of the monotonic clock; the timer may be coarser', most: 35_000 })
  const curve = await measureCaches(loops, memoryBytes, (bytes, share) => next(`caches: ${bytes / 1024} KiB`, 0.2 + 0.5 * share))
  // What a load takes depends on the nearest cache, so it comes after the caches.
  measured.set('program.memory', memoryCycles(loops, cycles, curve, nsOfCycle))
  await next('two processors', 0.75)
  measured.set('atomic', { ...cycles(measureAtomic(loops, budgetNs)), how: 'additions to one word' })
  const line = await measureLineTransfer(loops)
  if (line !== undefined) measured.set('lineTransfer.near', { ...cycles(line), how: 'half of a way to and fro between two threads, wherever the host put them', least: 0.5 })
  await next('writing it down', 1)
  return writtenDown(name, measured, curve, nsOfCycle)
}

interface Value {
  readonly value: number
  readonly median?: number
  readonly how: string
  /** Factors of the range, where more than usual is uncertain. */
  readonly least?: number
  readonly most?: number
}

type Measured = Map<string, Value>
type InCycles = (timing: Timing, factor?: number) => { value: number, median: number }

function fittingMemory (): number {
  let bytes = memoryBytesMost
  while (bytes > totalmem() / 16 && bytes > 2 ** 20) bytes /= 2
  return bytes
}

function measureInstructions ({ loops, memory }: LoopModule, cycles: InCycles, measured: Measured): void {
  const of = (loop: (rounds: number) => void, instructions: number): { value: number, median: number } => cycles(timed(loop, budgetNs), 1 / instructions)
  const integer = of(rounds => { loops.integers(rounds, 5) }, perRound.integers)
  measured.set('program.integer', { ...integer, how: 'three chains of additions, shifts and exclusive ors' })
  measured.set('program.float', { ...of(rounds => { loops.floats(rounds) }, perRound.floats), how: 'three chains of multiplications and additions', least: 0.6 })

  const bits = new Uint8Array(memory.buffer, decisionsAt, decisions)
  const branch = (): { value: number, median: number } => of(times => { for (let time = 0; time < times; time++) loops.branches(decisions / perRound.branches, decisionsAt) }, decisions)
  bits.forEach((_, at) => { bits[at] = at & 1 })
  const regular = branch()
  const random = randomFrom(1)
  bits.forEach((_, at) => { bits[at] = random() < 0.5 ? 1 : 0 })
  const penalty = 2 * Math.max(0, branch().value - regular.value)
  const share = `with a load and an addition; ${(mispredicted * 100).toFixed(0)} % mispredicted, which takes ${penalty.toFixed(1)} cycles`
  measured.set('program.branch', { value: regular.value + mispredicted * penalty, how: share, least: 0.5, most: 1.6 })

  const call = of(rounds => { loops.calls(rounds, 5) }, perRound.calls)
  measured.set('program.call', { value: Math.max(integer.value, call.value - 3 * integer.value), how: 'through a table, to functions of one instruction', least: 0.4 })
}

/** Copies of one size and of another: the difference is the bytes', the rest the beginning's. */
function measureCopy ({ loops }: LoopModule, cycles: InCycles, measured: Measured): void {
  const [few, many] = [1024, 4096]
  const to = 16_384
  const of = (bytes: number): number => cycles(timed(rounds => { loops.copy(rounds, 0, to, bytes) }, budgetNs)).value
  const perByte = Math.max(0.005, (of(many) - of(few)) / (many - few))
  measured.set('copy.perByte', { value: perByte, how: `memory.copy of ${many} bytes against ${few}, in the nearest cache`, most: 1.5 })
  measured.set('copy.startCycles', { value: Math.max(1, of(64) - 64 * perByte), how: 'memory.copy of 64 bytes' })
}

function memoryCycles ({ loops }: LoopModule, cycles: InCycles, curve: CacheCurve, nsOfCycle: number): Value {
  const apart = cycles(timed(rounds => { loops.memories(rounds, 4096) }, budgetNs), 1 / perRound.memories).value
  const nearest = curve.levels[0]?.loneNs
  if (nearest === undefined) return { value: apart, how: 'loads and stores that do not wait for each other', most: 3 }
  const waiting = nearest / nsOfCycle
  return {
    value: (1 - dependentLoads) * apart + dependentLoads * waiting,
    how: `${apart.toFixed(2)} where none waits for another, ${waiting.toFixed(1)} where each does, which one in ${1 / dependentLoads} does`,
    least: 0.5, most: 1.6
  }
}

function clockStepNs (): number {
  let least = Infinity
  for (let look = 0; look < 100_000; look++) {
    const before = process.hrtime.bigint()
    const step = Number(process.hrtime.bigint() - before)
    if (step > 0) least = Math.min(least, step)
  }
  return least
}

function writtenDown (name: string, measured: Measured, curve: CacheCurve, nsOfCycle: number): Calibration {
  const memory = curve.memory
  const levels = memory === null ? [] : curve.levels
  const nearest = nearestProfile(process.arch, 1000 / nsOfCycle, levels)
  levels.forEach((level, at) => {
    const behind = levels[at + 1] ?? memory!
    const cache = `caches[${at}]`
    const doubled = at === 0 ? 2 : 1
    measured.set(`${cache}.sizeBytes`, {
      value: level.sizeBytes * doubled, least: level.between[0] / level.sizeBytes, most: level.between[1] / level.sizeBytes,
      how: at === 0 ? `steps through memory take longer from ${level.sizeBytes} bytes on; as much again for instructions` : 'steps through memory take longer from there on'
    })
    measured.set(`${cache}.missCycles`, { value: (behind.loneNs - level.loneNs) / nsOfCycle, how: 'steps from line to line, in random order' })
    measured.set(`${cache}.streamCycles`, { value: Math.max(0.1, (behind.streamNs - level.streamNs) / nsOfCycle), how: 'a word of each line in a row', least: 0.6, most: 1.6 })
  })
  const cacheNames = levels.length === 0 ? nearest.cacheNames : levels.map((_, at) => `L${at + 1}`)
  const others = nearest.figures.filter(({ place }) => levels.length === 0 || !place.startsWith('caches['))
  const lines = levels.map((_, at) => ({ ...nearest.figures.find(({ place }) => place === 'caches[0].lineBytes')!, place: `caches[${at}].lineBytes` }))
  const isolation = pageTableIsolation()
  const figures = [...others, ...lines, ...levels.flatMap((_, at) => ['sizeBytes', 'missCycles', 'streamCycles'].map(field => empty(`caches[${at}].${field}`)))]
    .map(figure => {
      const value = measured.get(figure.place)
      if (value !== undefined) return asMeasured(figure.place, value)
      if (figure.place === 'pageTableIsolation' && isolation !== undefined) return isolation
      if (figure.place === 'tlb.globalPages' && isolation !== undefined && isolation.value !== 0) {
        return { ...figure, value: false, basis: 'assumed', source: `${isolation.source}: the kernel's pages are not global then` } as const
      }
      return asAssumed(figure, nearest.name)
    })
  const data = sound(profileJson({
    name, hardware: `${cpus()[0]?.model.trim() || process.arch}, as a program in Node ${process.versions.node} sees it`, year: new Date().getFullYear(),
    summary: `Calibrated on this host; what could not be measured is from ${nearest.name}.`, cacheNames, figures: inOrder(figures, measured)
  }))
  return { json: profileJson(data), data, nearest: nearest.name }
}

function empty (place: string): Figure {
  return { place, value: 0, unit: fieldAt(place).unit, basis: 'assumed', source: '' }
}

/** far is no nearer than near, and no more are near than there are: the other's figures are for its own. */
function inOrder (figures: readonly Figure[], measured: Measured): Figure[] {
  const near = measured.get('lineTransfer.near')?.value
  const processors = measured.get('processorsMax')!.value
  return figures.map(figure => {
    if (figure.place === 'lineTransfer.processorsNear') return { ...figure, value: Math.min(figure.value as number, processors), range: [1, processors] }
    if (near === undefined || figure.place !== 'lineTransfer.far' || (figure.value as number) >= near) return figure
    return { ...figure, value: rounded(near), range: [rounded(near), rounded(near * widened)], source: 'not measured (no thread can be put on a chosen processor); as near, or farther' }
  })
}

function asMeasured (place: string, { value, median = value, how, least = below, most = above }: Value): Figure {
  const field = fieldAt(place)
  const exact = field.unit === 'MHz' || field.unit === 'processors'
  const bounded = (number: number): number => {
    const inside = Math.min(field.most, Math.max(field.least, number))
    return field.whole === true ? Math.round(inside) : rounded(inside)
  }
  const range = [bounded(Math.min(value, value * least)), bounded(Math.max(value * most, Math.min(median, value * 3)))] as const
  return {
    place, value: field.unit === 'MHz' ? Math.round(value) : bounded(value), unit: field.unit, ...exact ? {} : { range }, basis: 'measured', source: how
  }
}

function asAssumed (figure: Figure, nearest: string): Figure {
  const { place, value, range, unit } = figure
  const source = `not measured (${whyNot(place)}); as in ${nearest}`
  if (typeof value === 'boolean') return { place, value, unit, basis: 'assumed', source }
  const field = fieldAt(place)
  const structural = unit === 'bytes' || unit === 'processors'
  const [least, most] = range ?? [value, value]
  const bounded = (number: number): number => Math.min(field.most, Math.max(field.least, field.whole === true ? Math.round(number) : rounded(number)))
  return { place, value, unit, range: structural ? [least, most] : [bounded(least / widened), bounded(most * widened)], basis: 'assumed', source }
}

const reasons: readonly (readonly [place: RegExp, reason: string])[] = [
  [/^devices\./, 'no device is this process\'s own'],
  [/^kernelInstruction/, 'no kernel code runs here'],
  [/lineBytes|^tlb\.pageBytes/, 'nothing shows it'],
  [/^lineTransfer/, 'no thread can be put on a chosen processor'],
  [/^caches/, 'no step was seen']
]

function whyNot (place: string): string {
  return reasons.find(([form]) => form.test(place))?.[1] ?? 'needs supervisor mode'
}

/** What Linux says of page-table isolation; nothing elsewhere. */
function pageTableIsolation (): Figure | undefined {
  const place = 'pageTableIsolation'
  try {
    const said = readFileSync('/sys/devices/system/cpu/vulnerabilities/meltdown', 'utf8').trim()
    if (!/PTI/.test(said)) return { place, value: 0, unit: 'cycles', range: [0, 0], basis: 'derived', source: `Linux says: ${said}` }
    const isolated = sound(profiles.get('skylake-pti')).figures.find(figure => figure.place === place)!
    return { ...asAssumed(isolated, 'skylake-pti'), source: `Linux says: ${said}; how much needs supervisor mode, as in skylake-pti` }
  } catch {
    return undefined
  }
}

function sound (json: unknown): ProfileData {
  const data = readProfileData(json)
  if (isErrors(data)) throw new Error(`the profile is not sound: ${data.map(({ place, reason }) => `${place}: ${reason}`).join('; ')}`)
  return data
}

/** Three digits: nothing here is more exact. */
function rounded (value: number): number {
  return Number(value.toPrecision(3))
}
