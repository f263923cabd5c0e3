/**
 * Experiments: what a fault's seed decides, carried out and judged.
 *
 * A run without a fault, of the same kernel, workload and seeds, comes first, once for all experiments that share it: it tells which
 * calls are made, so that the call to strike can be drawn among those that there are, and what is right. The run with the fault is
 * the same up to that call, bit for bit, on a model machine.
 */

import type { Plan } from '../../link/index.ts'
import { CORE, PROGRAMS, serviceOf } from '../../link/index.ts'
import type { Program } from '../../os/index.ts'
import { Random } from '../../machine/model/index.ts'
import { aims } from './effects.ts'
import type { Aim } from './effects.ts'
import { faultKinds } from './fault.ts'
import type { Experiment, FaultKind } from './fault.ts'
import { DEADLINE_EXTRA_NS, DEADLINE_FACTOR, LIVE_DEADLINE_EXTRA_NS, LIVE_DEADLINE_FACTOR, LIVE_PAUSE_NS, PAUSE_NS } from './limits.ts'
import { FaultRun, boundedPlan } from './run.ts'
import type { FaultLibrary, Injection, Run, Struck } from './run.ts'
import { judge } from './watcher.ts'
import type { Judgement, PartSeen, Verdict } from './watcher.ts'
import { WORKLOADS } from './workload.ts'

/** What came of an experiment. Data alone. */
export interface Outcome extends Experiment, Judgement {
  /** Which workload it was. */
  readonly workload: number
  /** What the fault was, of its kind. */
  readonly variant: string
  readonly struck: Struck | null
  /** Why the system stopped; null when it did not. */
  readonly stopped: string | null
  readonly dead: readonly string[]
  readonly faults: number
  /** How each program ended, where it is not as without the fault: `files killed 11`. */
  readonly changed: readonly string[]
  /** How much longer it all took, in ns; 0 when no longer. */
  readonly pauseNs: number
  /** Until the service did something again, where something was recovered from. */
  readonly recoveryNs: number | null
  readonly traceHash: string
  readonly events: number
}

type Programs = ReadonlyMap<string, { readonly program: Program, readonly bytes: Uint8Array }>

/** Runs experiments on one library, with the runs without a fault kept. */
export class Laboratory {
  readonly #library: FaultLibrary
  readonly #programs: Programs
  readonly #plans: ReadonlyMap<string, Plan>
  readonly #baselines = new Map<string, Promise<Run>>()
  #current: FaultRun | null = null

  constructor (library: FaultLibrary, programs: Programs, plans: ReadonlyMap<string, Plan>) {
    this.#library = library
    this.#programs = programs
    this.#plans = new Map([...plans].map(([name, plan]) => [name, boundedPlan(plan)]))
  }

  /** Carries out an experiment. One that cannot happen there is not reached, and says why. */
  async carryOut (experiment: Experiment): Promise<Outcome> {
    const random = new Random(experiment.seed).split(`${experiment.kernel} ${experiment.service} ${experiment.fault}`)
    const reason = this.#unheld(experiment)
    if (reason !== null) return notDone(experiment, 'not reached', reason)
    const first = random.below(WORKLOADS)
    for (let turn = 0; turn < WORKLOADS; turn++) {
      const workload = (first + turn) % WORKLOADS
      const whole = await this.#baseline(experiment.kernel, experiment.machine, workload)
      const injection = draw(whole, experiment.service, experiment.fault, random)
      if (injection !== null) return await this.#strike(experiment, workload, whole, injection)
    }
    return notDone(experiment, 'not reached', `no call of ${experiment.service} fits ${experiment.fault}`)
  }

  /** Kinds of faults that can happen to each service of a kernel: those for which some run without a fault makes a call that fits. */
  async survey (kernel: string, machine: string): Promise<Record<string, FaultKind[]>> {
    const possible = new Map<string, Set<FaultKind>>()
    for (let workload = 0; workload < WORKLOADS; workload++) {
      for (const { site } of (await this.#baseline(kernel, machine, workload)).sites.values()) {
        const kinds = possible.get(site.service) ?? new Set()
        possible.set(site.service, kinds)
        for (const fault of faultKinds) {
          if (aims[fault].some(aim => aim.site === site.kind && aim.fits(site)) && this.#unheld({ kernel, service: site.service, fault, machine, seed: 0 }) === null) kinds.add(fault)
        }
      }
    }
    possible.delete(CORE)
    return Object.fromEntries([...possible].filter(([service]) => service !== PROGRAMS && service !== 'host').map(([service, kinds]) => [service, faultKinds.filter(fault => kinds.has(fault))]))
  }

  /** Something fell on the host that should not have: the run under way is over. */
  fell (reason: string): void {
    this.#current?.stop(`host: ${reason}`)
  }

  async #strike (experiment: Experiment, workload: number, whole: Run, injection: Injection): Promise<Outcome> {
    const live = experiment.machine === 'live'
    const plan = this.#plans.get(experiment.kernel)!
    const deadlineNs = live ? whole.seen.elapsedNs * LIVE_DEADLINE_FACTOR + LIVE_DEADLINE_EXTRA_NS : whole.seen.elapsedNs * DEADLINE_FACTOR + DEADLINE_EXTRA_NS
    const current = this.#current = new FaultRun(this.#library, this.#programs, { plan, machine: experiment.machine, baseline: workload, deadlineNs, injection })
    const run = await current.run()
    const { seen, struck } = run
    const judgement = judge(seen, whole.seen, {
      reached: struck !== null, domain: struck?.domain ?? '', dependants: dependantsOf(plan, whole, experiment.service, struck)
    }, live ? LIVE_PAUSE_NS : PAUSE_NS)
    const pauseNs = Math.max(0, seen.elapsedNs - whole.seen.elapsedNs)
    return {
      ...experiment, ...judgement, workload, variant: injection.aim.variant, struck, stopped: seen.stopped, dead: seen.dead, faults: seen.faults,
      changed: seen.parts.filter(({ name }) => judgement.lost.includes(name)).map(inWords), pauseNs,
      recoveryNs: judgement.verdict === 'recovered' ? Math.max(struck?.recoveryNs ?? 0, seen.dead.length > 0 || seen.faults > 0 ? 0 : pauseNs) : null,
      traceHash: run.traceHash, events: run.events
    }
  }

  #baseline (kernel: string, machine: string, workload: number): Promise<Run> {
    const key = `${kernel} ${machine} ${workload}`
    let run = this.#baselines.get(key)
    if (run === undefined) {
      const plan = this.#plans.get(kernel)
      if (plan === undefined) throw new TypeError(`no kernel is named ${kernel}`)
      run = new FaultRun(this.#library, this.#programs, { plan, machine, baseline: workload, deadlineNs: machine === 'live' ? 10e9 : Infinity, injection: null }).run().then(sound)
      this.#baselines.set(key, run)
    }
    return run
  }

  /** Why a fault is not tried: what no wall here holds would take the host with it, on the live machine. */
  #unheld ({ kernel, service, fault, machine }: Experiment): string | null {
    if (machine !== 'live' || fault !== 'busy-loop') return null
    const domain = this.#plans.get(kernel)!.domains.find(({ services }) => services.some(placement => serviceOf(placement).as === service))
    return domain === undefined || domain.wall === 'language' || domain.wall === 'none' || domain.wall === 'wasm'
      ? `the wall ${domain?.wall ?? 'none'} does not hold a loop of a service: it would keep the host's thread` : null
  }
}

/** What is told of an experiment that was not made, or that nobody came back from. */
export function notDone (experiment: Experiment, verdict: Verdict, stopped: string): Outcome {
  return {
    ...experiment, verdict, corruptedOwn: [], corruptedAcross: [], lost: [], behindWalls: 0, workload: -1, variant: '', struck: null, stopped,
    dead: [], faults: 0, changed: [], pauseNs: 0, recoveryNs: null, traceHash: '', events: 0
  }
}

/** A run without a fault that is not right would make all that is compared with it worthless. */
function sound (run: Run): Run {
  const wrong = run.seen.parts.filter(({ state, status }) => state !== 'ended' || status !== 0)
  if (wrong.length > 0) throw new Error(`without a fault it already is not right: ${wrong.map(inWords).join(', ')}`)
  return run
}

/** An aim of the kind and a call that fits it, both drawn; null when no call does. */
function draw (whole: Run, service: string, fault: FaultKind, random: Random): Injection | null {
  const own = [...whole.sites.values()].filter(({ site }) => site.service === service)
  const fitting = aims[fault].map(aim => ({ aim, calls: own.filter(({ site }) => site.kind === aim.site && aim.fits(site)).reduce((sum, { count }) => sum + count, 0) }))
    .filter(({ calls }) => calls > 0)
  if (fitting.length === 0) return null
  const { aim, calls } = fitting[random.below(fitting.length)] as { aim: Aim, calls: number }
  return { service, aim, at: random.below(calls), seed: random.word() }
}

/** The parts that use a service of the domain that failed; of one that is a program's own, that program. */
function dependantsOf (plan: Plan, whole: Run, service: string, struck: Struck | null): ReadonlySet<string> {
  const domain = plan.domains.find(({ services }) => services.some(placement => serviceOf(placement).as === service))!
  if (domain.programs === 'each') {
    // What is done for a process that a part started is done for those that start some.
    return new Set(struck?.part === null || struck === null ? ['relay', 'child'] : [struck.part])
  }
  const services = domain.services.map(placement => serviceOf(placement).as)
  return new Set([...whole.bases].filter(([, called]) => services.some(name => called.has(name))).map(([name]) => name))
}

function inWords ({ name, state, status }: PartSeen): string {
  return state === 'ended' || state === 'killed' ? `${name} ${state} ${status}` : `${name} ${state}`
}
