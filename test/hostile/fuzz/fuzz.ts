// The fuzzer: the same hostile calls to every kernel, side by side. The kernels are each other's oracle: each call comes to the
// same errno and leaves the same bytes in the program's memory. After each batch no kernel has a fault and a witness answers;
// at the end nothing of the program is left. All follows from a seed; a failure gives the command that replays it, and the
// fewest calls of it that were found to fail still.

import { isDeepStrictEqual } from 'node:util'
import { everyName } from '../../system/support.ts'
import type { EveryName } from '../../system/support.ts'
import { Drawing, ofProcesses } from './draw.ts'
import type { Drawn } from './draw.ts'
import { ENDED, Subject } from './subject.ts'

/** Calls of one session: one boot of each kernel, one program. */
export const SESSION_CALLS = 2000
/** Calls between two looks at memories, faults and witnesses. */
const BATCH_CALLS = 100

export interface Failure {
  readonly seed: number
  readonly message: string
  readonly calls: readonly Drawn[]
}

export interface Told {
  readonly calls: number
  readonly sessions: number
  /** How often each errno was the answer, by call: what the calls came to. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, number>>
  readonly failure: Failure | null
}

/** Which kernels a session compares: every other one has process calls, and is for those that have several programs. */
function kernelsOf (seed: number): readonly EveryName[] {
  return seed % 2 === 0 ? everyName : everyName.filter(name => name !== 'unikernel')
}

/** Runs sessions from a seed on until so many calls were made of each kernel, or one failed. */
export async function fuzz (seed: number, calls: number): Promise<Told> {
  const answers = new Map<string, Map<number, number>>()
  let made = 0
  let sessions = 0
  for (; made < calls; sessions++) {
    const length = Math.min(SESSION_CALLS, calls - made)
    const kernels = kernelsOf(seed + sessions)
    const drawing = new Drawing(seed + sessions, kernels === everyName ? ofProcesses : new Set())
    const drawn: Drawn[] = []
    const message = await session(kernels, () => {
      if (drawn.length >= length) return null
      const next = drawing.next()
      drawn.push(next)
      return next
    }, (call, answer, opened) => {
      const counts = answers.get(call.name) ?? new Map<number, number>()
      counts.set(answer, (counts.get(answer) ?? 0) + 1)
      answers.set(call.name, counts)
      for (const fd of opened) drawing.opened(fd)
    })
    made += drawn.length
    if (message !== null) return { calls: made, sessions: sessions + 1, answers, failure: { seed: seed + sessions, message, calls: await shrunk(kernels.find(kernel => message.startsWith(`${kernel}, `)) ?? kernels, drawn, message) } }
  }
  return { calls: made, sessions, answers, failure: null }
}

/** One session; what was wrong, or null. */
async function session (kernels: readonly EveryName[], next: () => Drawn | null, told: (call: Drawn, answer: number, opened: readonly number[]) => void): Promise<string | null> {
  const subjects = await Promise.all(kernels.map(kernel => Subject.start(kernel)))
  try {
    const wrong = await compare(subjects, next, told)
    if (wrong !== null) return wrong
    for (const subject of subjects) {
      try {
        await subject.check()
        await subject.end()
      } catch (error) {
        return `${subject.kernel}, at the end: ${(error as Error).message}`
      }
    }
    return null
  } finally {
    await Promise.all(subjects.map(subject => subject.os.close()))
  }
}

async function compare (subjects: readonly Subject[], next: () => Drawn | null, told: (call: Drawn, answer: number, opened: readonly number[]) => void): Promise<string | null> {
  const [first, ...others] = subjects as [Subject, ...Subject[]]
  for (let count = 1; ; count++) {
    const call = next()
    if (call === null) break
    let answer
    try {
      answer = first.call(call)
      for (const other of others) {
        const said = other.call(call)
        if (said !== answer) return `${show(call)}: ${first.kernel} says ${answer}, ${other.kernel} says ${said}`
      }
    } catch (error) {
      return `${show(call)}: ${(error as Error).stack}`
    }
    told(call, answer, answer === 0 ? openedBy(call, first.memory) : [])
    if (answer === ENDED) break
    if (call.name === 'proc_spawn') for (const subject of subjects) await subject.settle()
    if (count % BATCH_CALLS !== 0) continue
    const wrong = differs(subjects) ?? await checked(subjects)
    if (wrong !== null) return wrong
  }
  return differs(subjects)
}

function differs (subjects: readonly Subject[]): string | null {
  const [first, ...others] = subjects.map(subject => subject.memory) as [Uint8Array, ...Uint8Array[]]
  for (const [i, memory] of others.entries()) {
    if (Buffer.compare(first, memory) === 0) continue
    const at = memory.findIndex((byte, index) => byte !== first[index])
    return `memories differ at ${at}: ${subjects[0]!.kernel} has ${first.slice(at, at + 8)}, ${subjects[i + 1]!.kernel} has ${memory.slice(at, at + 8)}`
  }
  return null
}

async function checked (subjects: readonly Subject[]): Promise<string | null> {
  for (const subject of subjects) {
    try {
      await subject.check()
    } catch (error) {
      return `${subject.kernel}: ${(error as Error).message}`
    }
  }
  return null
}

/** Descriptors that a call that went well gave. */
function openedBy ({ name, args }: Drawn, memory: Uint8Array): number[] {
  const view = new DataView(memory.buffer)
  const at = Number(args.at(-1)) >>> 0
  if (name === 'path_open' || name === 'sock_accept' || name === 'dup') return [view.getUint32(at, true)]
  return name === 'pipe' ? [view.getUint32(at, true), view.getUint32(at + 4, true)] : []
}

export function show ({ name, args, pokes }: Drawn): string {
  const texts = pokes.filter(({ at }) => at < 12_288).map(({ bytes }) => JSON.stringify(Buffer.from(bytes.subarray(0, 80)).toString('latin1')))
  return `${name}(${args.join(', ')})${texts.length > 0 ? ` with ${texts.join(', ')}` : ''}`
}

/** Time to look for fewer calls that fail in the same way. */
const SHRINKING_MS = 20_000

/** The calls without those that the failure does not need, as far as time allows. */
async function shrunk (failing: EveryName | readonly EveryName[], calls: readonly Drawn[], message: string): Promise<readonly Drawn[]> {
  const until = performance.now() + SHRINKING_MS
  const kind = kindOf(message)
  const kernels = typeof failing === 'string' ? [failing] : failing
  let least = calls
  for (let size = Math.ceil(calls.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < least.length && performance.now() < until;) {
      const fewer = [...least.slice(0, from), ...least.slice(from + size)]
      let at = 0
      const said = await session(kernels, () => fewer[at++] ?? null, () => {}).catch((error: Error) => error.message)
      if (said !== null && isDeepStrictEqual(kindOf(said), kind)) least = fewer
      else from += size
    }
  }
  return least
}

/** A message without what may be another in fewer calls. */
function kindOf (message: string): string {
  return message.replace(/\d+/g, '#').slice(0, 60)
}

export function describe ({ seed, message, calls }: Failure): string {
  const shown = calls.length > 40 ? [`… ${calls.length - 40} before`, ...calls.slice(-40).map(show)] : calls.map(show)
  return `${message}\nreplay: npm run fuzz -- --calls ${SESSION_CALLS} --seed ${seed}\n${calls.length} calls:\n  ${shown.join('\n  ')}`
}
