/**
 * Faults: what can be injected, where, and how often each kind is drawn.
 *
 * A fault acts at one call, which is the n-th of those that fit: a call that the service serves, one that it asks of a neighbour
 * (in the middle of an operation of its own), a message on its way to it, or an access to a device that it drives. Nothing
 * of a service knows of it: all are decorators that the linker puts around gates and devices.
 *
 * The weights are those of published counts of bugs; `source` names the row. What a row counts and no fault here stands for is said in
 * docs/faults.md: missing permission checks are a matter of attacks, not of faults.
 */

/** What can go wrong. */
export const faultKinds = [
  'exception', 'wild-write', 'overflow', 'wrong-result', 'wrong-argument', 'uninitialised', 'hang', 'busy-loop', 'slow-down', 'leak',
  'message-lost', 'message-duplicated', 'message-delayed', 'message-reordered', 'device-error'
] as const
export type FaultKind = typeof faultKinds[number]

export interface KindFacts {
  /** What happens, in a sentence. */
  readonly summary: string
  /** How often it is drawn in a service that drives no device, and in one that does, of 1000. */
  readonly weight: { readonly service: number, readonly driver: number }
  /** Which published bugs it stands for. */
  readonly source: string
}

/**
 * C014: 141 vulnerabilities of Linux by kind, of which 116 are faults of these kinds (17 missing permission checks and 8 others
 * are not). C015: bugs of Linux drivers: 38 % device protocol, 20 % protocol with the system, 19 % concurrency, 23 % as any other code.
 */
export const facts: Readonly<Record<FaultKind, KindFacts>> = {
  exception: { summary: 'an exception in the middle of an operation, unwinding, or stopping it where it stands with its locks held', weight: { service: 207, driver: 48 }, source: 'C014 null dereference 20, divide by zero 4' },
  'wild-write': { summary: 'random bytes at random addresses of what the failing domain can address, or of a grant that it holds', weight: { service: 112, driver: 26 }, source: 'C014 missing pointer check 8, memory mismanagement 10 (half)' },
  overflow: { summary: 'a run of bytes beyond a buffer, at a random address of the failing domain', weight: { service: 129, driver: 30 }, source: 'C014 buffer overflow 15' },
  'wrong-result': { summary: 'an operation returns another value than it should', weight: { service: 82, driver: 69 }, source: 'C014 integer overflow 19 (half); C015 protocol with the system 20 % (a quarter)' },
  'wrong-argument': { summary: 'the service asks a neighbour with another number than it should', weight: { service: 82, driver: 169 }, source: 'C014 integer overflow 19 (half); C015 protocol with the system 20 % (three quarters)' },
  uninitialised: { summary: 'the bytes that an operation gives are not all what they should be', weight: { service: 250, driver: 57 }, source: 'C014 uninitialised data 29' },
  hang: { summary: 'an operation never comes back, and holds what it holds', weight: { service: 13, driver: 3 }, source: 'C014 infinite loop 3 (half)' },
  'busy-loop': { summary: 'an operation never comes back, and takes the processor', weight: { service: 13, driver: 3 }, source: 'C014 infinite loop 3 (half)' },
  'slow-down': { summary: 'every operation of the service takes much longer from then on', weight: { service: 8, driver: 20 }, source: 'no count is known; C015 concurrency 19 % (a tenth) in drivers' },
  leak: { summary: 'the service allocates until nothing is left in its arena', weight: { service: 35, driver: 10 }, source: 'C014 memory mismanagement 10 (half, less what is written after it was freed)' },
  'message-lost': { summary: 'a request, or the reply to it, does not arrive', weight: { service: 17, driver: 46 }, source: 'C014 races 8 (a quarter); C015 concurrency 19 % (a quarter)' },
  'message-duplicated': { summary: 'a request is served twice', weight: { service: 17, driver: 46 }, source: 'the same' },
  'message-delayed': { summary: 'a request arrives late', weight: { service: 17, driver: 46 }, source: 'the same' },
  'message-reordered': { summary: 'a request is overtaken by later ones', weight: { service: 18, driver: 47 }, source: 'the same' },
  'device-error': { summary: 'a device fails, lies or loses: errors, short and garbled transfers, a clock that jumps, a timer that stays silent', weight: { service: 0, driver: 380 }, source: 'C015 device protocol 38 %' }
}

/** The services that faults are injected into. */
export const drivers: ReadonlySet<string> = new Set(['console', 'clock', 'entropy', 'hostfs'])

/** What one experiment is; with the sources it says all that the run does. */
export interface Experiment {
  readonly kernel: string
  readonly service: string
  readonly fault: FaultKind
  /** `model:NAME`, or `live`. */
  readonly machine: string
  /** What the variant, the call and the bytes are drawn from. */
  readonly seed: number
}
