/**
 * The sensitivity of the validation: each number of the profile and each row of the core's ways at both ends of its range, one
 * at a time, the services' tables all together; and which conclusions change by it.
 *
 * A conclusion is that one system's figure is above another's, or that a figure is within the tolerance.
 */

import { profiles } from '../../machine/model/index.ts'
import type { ModelMachine } from '../../os/index.ts'
import type { CostRow } from '../../roles/index.ts'
import type { Hardware, ModelLibrary } from './measure.ts'
import type { Quantity } from './targets.ts'
import { validate } from './validate.ts'
import type { Validation, ValidateOptions } from './validate.ts'

export interface Changed {
  readonly input: string
  readonly end: 'least' | 'most'
  /** Conclusions that are others than with all figures as they stand. */
  readonly conclusions: readonly string[]
}

export interface Sensitivity {
  readonly inputs: number
  readonly conclusions: number
  readonly changed: readonly Changed[]
}

/** One thing that can be elsewhere in its range, and the hardware where it is. */
interface Input {
  readonly name: string
  readonly at: (end: 0 | 1) => (machine: string) => Hardware
}

interface Leaf { readonly value: number, readonly range?: readonly [number, number] }

export async function sensitivity (library: ModelLibrary, options: ValidateOptions, machine: string, quantities: readonly Quantity[]): Promise<Sensitivity> {
  const seen = new Map<string, CostRow>()
  const watched = (profile: string): Hardware => ({ profile, adjust: each => { watch(each, seen) } })
  const base = await validate(library, { ...options, quantities, explain: false, hardware: watched, progress: () => {} })
  const expected = conclusionsOf(base)
  const inputs = [...profileInputs(machine), ...rowInputs(seen)]
  const changed: Changed[] = []
  for (const [at, input] of inputs.entries()) {
    for (const end of [0, 1] as const) {
      options.progress(`${input.name}: ${end === 0 ? 'least' : 'most'}`, (at + end / 2) / inputs.length)
      const found = conclusionsOf(await validate(library, { ...options, quantities, explain: false, hardware: input.at(end), progress: () => {} }))
      // A profile may be refused with one figure at its end and another where it is: then there is no conclusion.
      const others = [...expected].filter(([conclusion, holds]) => found.has(conclusion) && found.get(conclusion) !== holds).map(([conclusion, holds]) => holds ? `no longer: ${conclusion}` : `now: ${conclusion}`)
      if (others.length > 0) changed.push({ input: input.name, end: end === 0 ? 'least' : 'most', conclusions: others })
    }
  }
  return { inputs: inputs.length, conclusions: expected.size, changed }
}

function conclusionsOf ({ comparisons }: Validation): Map<string, boolean> {
  const found = new Map<string, boolean>()
  for (const { figure, kind, met, modelled } of comparisons) {
    if (modelled !== null) found.set(`${figure.quantity} of ${figure.system} (${kind}) within a quarter of what was published`, met)
  }
  const whole = comparisons.filter(({ kind, modelled }) => kind === 'absolute' && modelled !== null)
  whole.forEach((first, at) => {
    for (const second of whole.slice(at + 1)) {
      if (first.figure.quantity === second.figure.quantity) found.set(`${first.figure.quantity}: ${first.figure.system} above ${second.figure.system}`, first.modelled! > second.modelled!)
    }
  })
  return found
}

/** Each number of a profile that has a range. */
function profileInputs (machine: string): Input[] {
  const json = profiles.get(machine) as object
  return leavesOf(json, []).map(({ path, range }): Input => ({
    name: `profile ${machine}: ${path.join('.')}`,
    at: end => profile => ({ profile: profile === machine ? withLeaf(json, path, range[end]) : profile })
  }))
}

function leavesOf (json: unknown, path: readonly string[]): { path: readonly string[], range: readonly [number, number] }[] {
  if (typeof json !== 'object' || json === null) return []
  const { value, range } = json as Partial<Leaf>
  if (typeof value === 'number') return range === undefined || range[0] === range[1] || path[0] === 'devices' ? [] : [{ path, range }]
  return Object.entries(json).flatMap(([key, each]) => leavesOf(each, [...path, key]))
}

function withLeaf (json: object, path: readonly string[], value: number): object {
  const copy = structuredClone(json) as Record<string, unknown>
  let at = copy
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>
  const leaf = at[path.at(-1)!] as { value: number }
  leaf.value = value
  return copy
}

type Figured = { figure: (row: CostRow) => number }

function watch (machine: ModelMachine, seen: Map<string, CostRow>): void {
  const timing = machine.timing as unknown as Figured
  const figure = timing.figure.bind(timing)
  timing.figure = row => {
    seen.set(row.reason, row)
    return figure(row)
  }
}

/** The core's ways one by one; they are told from the services' rows by what they say of themselves. */
function rowInputs (seen: ReadonlyMap<string, CostRow>): Input[] {
  const ways = [...seen.values()].filter(({ reason }) => /one way of a call|the reply, and waiting|message to a port|reply to the reply port|trap recognized|the answer, |the call's number checked|the result put in its register|copied from one message|copied into the kernel's buffer/.test(reason))
  const rest = new Set([...seen.values()].filter(row => !ways.includes(row)).map(({ reason }) => reason))
  const one = ways.map(({ reason, range }): Input => ({ name: `core: ${reason}`, at: end => profile => ({ profile, adjust: machine => { set(machine, new Map([[reason, range[end]]])) } }) }))
  return [...one, {
    name: `the services' tables, all ${rest.size} rows at once`,
    at: end => profile => ({ profile, adjust: machine => { setAll(machine, rest, end) } })
  }]
}

function set (machine: ModelMachine, figures: ReadonlyMap<string, number>): void {
  const timing = machine.timing as unknown as Figured
  const figure = timing.figure.bind(timing)
  timing.figure = row => figures.get(row.reason) ?? figure(row)
}

function setAll (machine: ModelMachine, reasons: ReadonlySet<string>, end: 0 | 1): void {
  const timing = machine.timing as unknown as Figured
  const figure = timing.figure.bind(timing)
  timing.figure = row => reasons.has(row.reason) ? row.range[end] : figure(row)
}
