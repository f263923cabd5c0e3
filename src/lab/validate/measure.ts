/** Runs of the validation's programs on model machines, one machine for each run. */

import type { BootOptions, ModelMachine, ModelOptions, OperatingSystem } from '../../os/index.ts'
import type { Plan } from '../../link/index.ts'
import { batchTimes } from '../campaign.ts'
import type { StoredProgram } from '../workloads.ts'

/** What is taken of the library. */
export interface ModelLibrary {
  boot (options: BootOptions): Promise<OperatingSystem>
  modelMachine (options: ModelOptions): ModelMachine
}

/** The hardware of a run: a profile's name or what its file holds, and what is changed of it before anything runs. */
export interface Hardware {
  readonly profile: string | object
  readonly adjust?: (machine: ModelMachine) => void
}

export interface Run {
  readonly plan: Plan
  readonly program: string
  readonly args: readonly string[]
  /** Programs that it starts itself: /NAME.wasm. */
  readonly children?: readonly string[]
}

/** The programs that the validation needs, beside what it is given. */
export const programsNeeded = ['bench', 'getpid', 'pair', 'pingpong', 'pour', 'spawns', 'true'] as const

export class Measure {
  readonly #library: ModelLibrary
  readonly #programs: ReadonlyMap<string, StoredProgram>

  constructor (library: ModelLibrary, programs: ReadonlyMap<string, StoredProgram>) {
    this.#library = library
    this.#programs = programs
  }

  has (program: string): boolean {
    return this.#programs.has(program)
  }

  /** Cycles a second of the hardware. */
  frequencyMHz ({ profile }: Hardware): number {
    return this.machineOf({ profile }, machine => machine.profile.frequencyMHz)
  }

  /** Looks at a machine, and closes it. */
  machineOf<T> ({ profile, adjust }: Hardware, look: (machine: ModelMachine) => T): T {
    const machine = this.#library.modelMachine({ profile })
    try {
      adjust?.(machine)
      return look(machine)
    } finally {
      machine.close()
    }
  }

  /** ns of one operation of a program that prints batches; of the last, which is warm. */
  async operation (hardware: Hardware, run: Run): Promise<number> {
    const { text } = await this.whole(hardware, run)
    return batchTimes(text).at(-1)!
  }

  /** A whole run: what it printed, and how long it took, in ns. */
  async whole ({ profile, adjust }: Hardware, { plan, program, args, children = [] }: Run, stdin: string | null = null): Promise<{ text: string, ns: number }> {
    const machine = this.#library.modelMachine({ profile })
    const stored = this.#programs.get(program)!
    try {
      adjust?.(machine)
      await using os = await this.#library.boot({ kernel: plan, machine, program: stored.program })
      for (const name of children) await os.fs.writeFile(`/${name}.wasm`, this.#programs.get(name)!.bytes)
      const from = machine.timing.latestNs
      const output = await os.spawn(stored.program, { args: [`${program}.wasm`, ...args], stdin }).output()
      if (output.status !== 0) throw new Error(`${program} under ${plan.name}: ${output.message || new TextDecoder().decode(output.stderr).trim() || `exit status ${output.status}`}`)
      return { text: output.text, ns: machine.timing.latestNs - from }
    } finally {
      machine.close()
    }
  }
}
