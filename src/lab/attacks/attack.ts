/**
 * Attacks: what a hostile program or a hostile server tries, and what is looked at to see what it reached.
 *
 * Rules of use: an attack never says how it ended. It acts on a stage, hands over what its code got hold of (loot), and
 * what it reached is what the watch sees from outside: a secret in the loot, a canary that changed, a neighbour that does
 * not answer, a host that is gone. An attack that would end the host, or never let it have its turn, runs in a process of
 * its own, and that process's fate is seen too.
 * Terms: CWE (cwe.mitre.org) and the papers that named them.
 */

import type { Plan } from '../../link/index.ts'
import type { Property } from '../../walls/index.ts'
import type { Stage } from './stage.ts'

/** Who tries it: a WebAssembly program, a task (a program in TypeScript), or a server in the place of a real one. */
export type Attacker = 'program' | 'task' | 'server'

/** Whose it is that was reached. Its own domain's is no reach. */
export type Victim = 'its clients' | 'its neighbours' | 'the kernel' | 'the host'

/** What an attack reached. `service`: what a server gives, which no wall promises: who calls it relies on it. */
export interface Reach {
  readonly property: Property | 'service'
  readonly of: Victim
  /** What was seen, for a person. */
  readonly seen: string
}

/** How a process that ran an attack alone came to its end, where it did not tell itself what it saw. */
export type Fate =
  | { readonly kind: 'exit', readonly status: number }
  | { readonly kind: 'signal', readonly signal: string }
  | { readonly kind: 'silent', readonly ms: number }

export interface Attack {
  readonly name: string
  /** What is tried, in a sentence. */
  readonly tries: string
  /** The literature's term, and the number that the weakness has in the CWE list. */
  readonly term: string
  readonly by: Attacker
  /** Which service a hostile server stands in for. */
  readonly server?: string
  /**
   * What it goes through: `gate`, only what a server is given and what it answers, as code that is merely wrong could;
   * `language`, whatever code of the host's language can reach. Programs go through their system calls: `gate`.
   */
  readonly through: 'gate' | 'language'
  /** Whether it runs in a process of its own. */
  readonly alone?: true
  /** Why it cannot be tried under a plan; null when it can. */
  readonly unfit?: (plan: Plan) => string | null
  /** Tries it. What it reached and the watch cannot see; the rest the stage looks for. */
  readonly run: (library: AttackLibrary, plan: Plan) => Promise<Reach[]>
}

/** What attacks are made with. */
export interface AttackLibrary {
  /** Sets up a system with secrets in it. */
  readonly stage: typeof Stage.set
  /** The bytes of a program that comes along. */
  readonly program: (name: string) => Uint8Array
}

/** More than one program can run at a time. */
export function severalPrograms (plan: Plan): string | null {
  return plan.domains.some(domain => domain.programs === 'each') ? null : 'one program in all its life: there is no other'
}
