/**
 * The campaign: every attack under every kernel, each in a process that may come to any end.
 *
 * Attacks that leave the host as it was share a process, one kernel's after the other; the others have one each. A process
 * that ends before it has told what it saw, or whose event loop does not turn any more, is seen as such, and the next goes
 * on behind the attack that it was at.
 */

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Plan } from '../../link/index.ts'
import type { Attack, Fate } from './attack.ts'
import { told } from './protocol.ts'
import { outcomeOf, reachOfFate, untried, wallOf } from './verdict.ts'
import type { Outcome } from './verdict.ts'

/** Without a beat for so long, a process is held to be silent; none of what shares the machine takes its turns for longer. */
const SILENT_MS = 6000
/** Until it says its first word, it loads. */
const START_MS = 60_000
/** However it beats: an attack that has not come to its end by then never will. */
const ATTACK_MS = 120_000
/** Of its standard error, what says why it ended. */
const SAID_CHARACTERS = 10_000
/** Megabytes of a heap that an attacker is to fill. */
const HEAP_MB = 192

export interface CampaignOptions {
  readonly kernels: readonly Plan[]
  readonly attacks: readonly Attack[]
  /** The command line that runs attacks: `… PLAN NAME…` is put behind it, the plan as JSON. */
  readonly command: readonly string[]
  readonly parallel: number
  readonly progress: (text: string, share: number) => void
}

export interface Campaign {
  readonly kernels: readonly string[]
  readonly attacks: readonly Pick<Attack, 'name' | 'tries' | 'term' | 'by' | 'through'>[]
  readonly outcomes: readonly Outcome[]
}

/** Runs it. Throws when a process cannot be started, or an attack fails by a mistake of its own. */
export async function runCampaign (options: CampaignOptions): Promise<Campaign> {
  const outcomes: Outcome[] = []
  const jobs: { readonly plan: Plan, readonly attacks: Attack[] }[] = []
  for (const plan of options.kernels) {
    const fit: Attack[] = []
    for (const attack of options.attacks) {
      const reason = attack.unfit?.(plan) ?? unplaceable(attack, plan)
      if (reason === null) fit.push(attack)
      else outcomes.push(untried(attack, plan, reason))
    }
    for (const attack of fit) if (attack.alone === true) jobs.push({ plan, attacks: [attack] })
    jobs.push({ plan, attacks: fit.filter(attack => attack.alone !== true) })
  }
  const total = outcomes.length + jobs.reduce((sum, job) => sum + job.attacks.length, 0)
  // The long ones first: what is left at the end is short.
  const waiting = jobs.filter(job => job.attacks.length > 0).toSorted((a, b) => b.attacks.length - a.attacks.length)
  const running = new Set<ChildProcess>()
  const worker = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const { plan } = job
      for (let left = job.attacks; left.length > 0;) {
        left = await runProcess(options.command, plan, left, running, outcome => {
          outcomes.push(outcome)
          options.progress(`${outcome.attack} under ${outcome.kernel}`, outcomes.length / total)
        })
      }
    }
  }
  try {
    await Promise.all(Array.from({ length: options.parallel }, worker))
  } finally {
    for (const child of running) child.kill('SIGKILL')
  }
  const at = (outcome: Outcome): number => options.attacks.findIndex(attack => attack.name === outcome.attack) * 1000 + options.kernels.findIndex(plan => plan.name === outcome.kernel)
  return {
    kernels: options.kernels.map(plan => plan.name),
    attacks: options.attacks.map(({ name, tries, term, by, through }) => ({ name, tries, term, by, through })),
    outcomes: outcomes.toSorted((a, b) => at(a) - at(b))
  }
}

/** Why a hostile service cannot stand where the plan has the real one: it would be the real one that is tried. */
function unplaceable (attack: Attack, plan: Plan): string | null {
  const wall = wallOf(attack, plan)
  return attack.by === 'server' && (wall === 'thread' || wall === 'process') ? `a domain behind the wall ${wall} has the services of this build, and no hostile one` : null
}

/** One process, and what it tells; the attacks that are left to be run. */
async function runProcess (command: readonly string[], plan: Plan, attacks: readonly Attack[], running: Set<ChildProcess>, tell: (outcome: Outcome) => void): Promise<Attack[]> {
  const [file, ...args] = command
  const child = spawn(file!, [`--max-old-space-size=${HEAP_MB}`, ...args, JSON.stringify(plan), ...attacks.map(attack => attack.name)], { stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => { said = (said + text).slice(-SAID_CHARACTERS) })
  let current: Attack | null = null
  let begunMs = 0
  let failed: string | null = null
  let done = 0
  let silentMs = 0
  const silence = (ms: number): void => {
    silentMs = ms
    child.kill('SIGKILL')
  }
  let timer = setTimeout(silence, START_MS, START_MS)
  const lines = createInterface({ input: child.stdout })
  lines.on('line', line => {
    const event = told(line)
    if (event === null) return
    clearTimeout(timer)
    const late = current !== null && performance.now() - begunMs > ATTACK_MS
    timer = setTimeout(silence, late ? 0 : SILENT_MS, late ? ATTACK_MS : SILENT_MS)
    if (event.what === 'begins') {
      current = attacks.find(attack => attack.name === event.attack) ?? null
      begunMs = performance.now()
    } else if (event.what === 'ended') {
      tell(outcomeOf(current!, plan, event.reached, event.ms))
      current = null
      done++
    } else if (event.what === 'failed') {
      failed = `${event.attack} under ${plan.name}: ${event.error}`
    }
  })
  const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => child.on('error', reject).on('close', (...end) => { resolve(end) }))
  clearTimeout(timer)
  running.delete(child)
  if (failed !== null) throw new Error(failed)
  if (current !== null) {
    const fate: Fate = silentMs > 0 ? { kind: 'silent', ms: silentMs } : (signal === null ? { kind: 'exit', status: status! } : { kind: 'signal', signal })
    tell(outcomeOf(current, plan, [reachOfFate(fate, said)], Math.round(performance.now() - begunMs)))
    done++
  } else if (done < attacks.length) {
    throw new Error(`the process that attacks ${plan.name} ended with ${signal ?? status} before it began: ${said.trim()}`)
  }
  return attacks.slice(done)
}
