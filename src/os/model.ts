/** Model machines on a host: what they hold of it is what it can hold; time and randomness are their own. */

import { Random, errorLine, isErrors, modelConsole, modelMachine, profiles, readProfile, sampleProfile } from '../machine/model/index.ts'
import type { ModelConsoleOptions, ModelMachine, ModelMachineOptions, Profile } from '../machine/model/index.ts'
import type { Host } from '../machine/index.ts'

export interface ModelOptions {
  /** The hardware: the name of a profile that comes with KaleidOS, or what a profile's file holds, parsed. */
  readonly profile: string | object
  /** Virtual processors, 1 to 64. Default 1. */
  readonly processors?: number
  /** What interleavings, device timings and clock offsets are drawn from. 0, the default: first come, first served. */
  readonly seed?: number
  /**
   * Draws the profile's and the cost tables' figures within their ranges, from this number: what a conclusion is worth is how often
   * it holds over many of them. Default: every figure is what its row says.
   */
  readonly sample?: number
  /**
   * What stands at the console's input: bytes, whole; or who gives it, made with what is to be called when something has
   * arrived. Default: nothing, it has ended.
   */
  readonly stdin?: ModelConsoleOptions['input']
  /** Whether programs are told that a terminal is at the console's other end. Default false. */
  readonly terminal?: boolean
  /** Take what programs write to the console; the bytes are theirs. */
  readonly stdout?: (bytes: Uint8Array) => void
  readonly stderr?: (bytes: Uint8Array) => void
  /**
   * Told whenever what comes from outside (input, calls of `OperatingSystem` and `Process`) is about to be let in: after how many
   * events of the trace, and whether the machine is at rest until something comes. What is done then comes there. Where it is
   * not at rest it goes on when what is returned has settled.
   */
  readonly heard?: (events: number, atRest: boolean) => void | Promise<void>
  /** Takes the events of the trace: for who wants to see them. Default: their hash and nothing else. */
  readonly hash?: ModelMachineOptions['hash']
  /** Folders of the host that services may open, by number. What is in them is part of what a run depends on. */
  readonly shares?: readonly { readonly hostPath: string, readonly writable?: boolean }[]
}

/** A model machine. Throws a TypeError that says what is wrong with the profile, a RangeError for processors, seed or sample. */
export function modelMachineOn (host: Host, options: ModelOptions): ModelMachine {
  const draws = options.sample === undefined ? null : new Random(options.sample)
  const profile = profileOf(options.profile, draws)
  const { stdin = null, terminal = false, stdout, stderr, heard } = options
  const held = host.holdings((options.shares ?? []).map(({ hostPath, writable = true }) => ({ hostPath, writable })))
  let machine: ModelMachine
  try {
    machine = modelMachine({
      profile,
      ...(options.processors === undefined ? {} : { processors: options.processors }),
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      ...(draws === null ? {} : { sample: draws.split('costs') }),
      console: parts => modelConsole(parts, { input: stdin, terminal, output: (unit, bytes) => { (unit === 1 ? stdout : stderr)?.(bytes) } }),
      folders: held.folders, memories: held.memories,
      turn: resume => { host.turn(resume) },
      ...(heard === undefined ? {} : { heard }),
      ...(options.hash === undefined ? {} : { hash: options.hash })
    })
  } catch (error) {
    held.close()
    throw error
  }
  const close = machine.close.bind(machine)
  return Object.assign(machine, {
    close () {
      close()
      held.close()
    }
  })
}

function profileOf (given: string | object, draws: Random | null): Profile {
  const json = typeof given === 'string' ? profiles.get(given) : given
  if (json === undefined) throw new TypeError(`there is no profile '${given as string}'; there are ${[...profiles.keys()].join(', ')}`)
  const read = draws === null ? readProfile(json) : sampleProfile(json, draws.split('profile'))
  if (isErrors(read)) throw new TypeError(`this profile cannot be used:\n${read.map(error => `  ${errorLine(error)}`).join('\n')}`)
  return read
}
