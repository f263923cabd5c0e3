/**
 * The watcher: decides what came of a fault, from what could be seen from outside of the system, and nothing else.
 *
 * It compares with the run without a fault, of the same kernel, workload and seeds: how each program ended, as the core
 * told (exit 0: all its data was right; 3: it found data that is wrong, and no call had said so; else a call had said so), what
 * they printed, what they left in the tree; and looks at which domains died, whether the system stopped, how long it
 * all took. What depends on what is observed too: the services that were called on a program's behalf without a fault.
 *
 * Silent corruption is data that is wrong and that no call had told of. A program's own check that finds it makes it no less
 * silent: the next program has no such check. It is *across* a wall when the program uses no service of the domain that
 * failed: then nothing but memory can have carried it. That is what a wall claims to hold. A server's wrong answer to its
 * own clients no wall can hold.
 */

/** What came of a fault, from nothing to all. */
export const verdicts = ['not reached', 'no effect', 'recovered', 'reported', 'contained', 'spread', 'silent corruption', 'whole-system loss'] as const
export type Verdict = typeof verdicts[number]

export type PartState = 'ended' | 'killed' | 'stuck' | 'not started'

/** What was seen of one program. */
export interface PartSeen {
  readonly name: string
  readonly state: PartState
  /** Its exit status; of a killed one the signal's number. */
  readonly status: number
  /** What it left, as digests by place; null when that could not be read. */
  readonly left: Readonly<Record<string, string>> | null
}

/** What was seen of a run. */
export interface Seen {
  readonly parts: readonly PartSeen[]
  /** Why the system stopped as a whole; null when it did not. */
  readonly stopped: string | null
  /** Domains that died, by label. */
  readonly dead: readonly string[]
  /** Faults that the core counted. */
  readonly faults: number
  /** From the first program's start to the last one's end. */
  readonly elapsedNs: number
}

/** What is known of the fault: what it could reach by the calls that it serves. */
export interface Reach {
  readonly reached: boolean
  /** The domain that failed. */
  readonly domain: string
  /** Parts that use a service of that domain, or are in it. */
  readonly dependants: ReadonlySet<string>
}

export interface Judgement {
  readonly verdict: Verdict
  /** Parts whose data was wrong without a word: in reach of the service that failed, and across a wall. */
  readonly corruptedOwn: readonly string[]
  readonly corruptedAcross: readonly string[]
  /** Parts that did not come to the same end. */
  readonly lost: readonly string[]
  /** Parts that could not have been hurt by a call: those that a wall answers for. */
  readonly behindWalls: number
}

const RIGHT = 0
const WRONG = 3

export function judge (seen: Seen, whole: Seen, reach: Reach, pauseNs: number): Judgement {
  const before = new Map(whole.parts.map(part => [part.name, part]))
  const depends = (part: PartSeen): boolean => part.state === 'not started' || reach.dependants.has(part.name)
  const corrupted = seen.parts.filter(part => isCorrupted(part, before.get(part.name)!))
  const lost = seen.parts.filter(part => !isSame(part, before.get(part.name)!))
  const judged = {
    corruptedOwn: corrupted.filter(depends).map(name), corruptedAcross: corrupted.filter(part => !depends(part)).map(name),
    lost: lost.map(name), behindWalls: seen.parts.filter(part => !depends(part)).length
  }
  const verdict = (): Verdict => {
    if (!reach.reached) return 'not reached'
    if (seen.stopped !== null || seen.parts.every(part => part.state !== 'ended')) return 'whole-system loss'
    if (corrupted.length > 0) return 'silent corruption'
    if (lost.some(part => !depends(part)) || seen.dead.some(domain => domain !== reach.domain)) return 'spread'
    if (lost.length === 0) return seen.faults > whole.faults || seen.dead.length > 0 || seen.elapsedNs > whole.elapsedNs + pauseNs ? 'recovered' : 'no effect'
    return seen.dead.length > 0 || lost.some(part => part.state === 'stuck') ? 'contained' : 'reported'
  }
  return { verdict: verdict(), ...judged }
}

function name (part: PartSeen): string {
  return part.name
}

/** Its data is wrong, and no call had said so. */
function isCorrupted (part: PartSeen, before: PartSeen): boolean {
  if (part.state !== 'ended') return false
  return part.status === WRONG || (part.status === RIGHT && part.left !== null && differs(part.left, before.left))
}

function isSame (part: PartSeen, before: PartSeen): boolean {
  return part.state === before.state && part.status === before.status && part.left !== null && !differs(part.left, before.left)
}

function differs (left: Readonly<Record<string, string>>, before: PartSeen['left']): boolean {
  if (before === null) return true
  const places = new Set([...Object.keys(left), ...Object.keys(before)])
  return [...places].some(place => left[place] !== before[place])
}
