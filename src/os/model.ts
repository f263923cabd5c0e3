/** Model machines on a host: what they hold of it is what it can hold; time and randomness are their own. */

import { Random, errorLine, isErrors, modelConsole, modelMachine, profiles, readProfile, sampleProfile } from '../machine/model/index.ts'
import type { ModelConsole, ModelMachine, Profile } from '../machine/model/index.ts'
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
  /** What stands at the console's input, whole. Default: nothing, it has ended. */
  readonly stdin?: Uint8Array | null
  /** Whether more comes later, by `feed` of the machine. Default false. */
  readonly stdinOpen?: boolean
  /** Take what programs write to the console; the bytes are theirs. */
  readonly stdout?: (bytes: Uint8Array) => void
  readonly stderr?: (bytes: Uint8Array) => void
  /**
   * Told whenever what comes from outside (`feed`, calls of `OperatingSystem` and `Process`) is about to be let in: after how many
   * events of the trace, and whether the machine is at rest until something comes. What is given then is let in there.
   */
  readonly heard?: (events: number, atRest: boolean) => void
  /** Folders of the host that services may open, by number. What is in them is part of what a run depends on. */
  readonly shares?: readonly { readonly hostPath: string, readonly writable?: boolean }[]
}

/** A model machine whose console host code feeds. */
export interface HostedModelMachine extends ModelMachine {
  /** More standard input; null ends it. Only where `stdinOpen` was asked for. */
  feed (bytes: Uint8Array | null): void
}

/** A model machine. Throws a TypeError that says what is wrong with the profile or the options. */
export function modelMachineOn (host: Host, options: ModelOptions): HostedModelMachine {
  const draws = options.sample === undefined ? null : new Random(options.sample)
  const profile = profileOf(options.profile, draws)
  const { stdin = null, stdinOpen = false, stdout, stderr, heard } = options
  const held = host.holdings((options.shares ?? []).map(({ hostPath, writable = true }) => ({ hostPath, writable })))
  let line: ModelConsole | null = null
  const machine = modelMachine({
    profile,
    ...(options.processors === undefined ? {} : { processors: options.processors }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
    ...(draws === null ? {} : { sample: draws.split('costs') }),
    console: parts => line = modelConsole(parts, { input: stdin, open: stdinOpen, output: (unit, bytes) => { (unit === 1 ? stdout : stderr)?.(bytes) } }),
    folders: held.folders, memories: held.memories,
    turn: resume => { host.turn(resume) },
    ...(heard === undefined ? {} : { heard })
  })
  const close = machine.close.bind(machine)
  return Object.assign(machine, {
    feed (bytes: Uint8Array | null) { line!.feed(bytes) },
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
