/** Runs of the validation's programs on model machines, one machine for each run. */

import type { BootOptions, ModelMachine, ModelOptions, OperatingSystem, Program } from '../../os/index.ts'
import type { Plan } from '../../link/index.ts'
import { batchTimes } from '../campaign.ts'
import type { StoredProgram } from '../workloads.ts'

/** What is taken of the library. */
export interface ModelLibrary {
  boot (options: BootOptions): Promise<OperatingSystem>
  modelMachine (options: ModelOptions): ModelMachine
  loadProgram (bytes: Uint8Array, options: { readonly name: string }): Program
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
  /** How large its file is to be: it is filled up by a section that means nothing. */
  readonly fileBytes?: number
}

/** The programs that the validation needs, beside what it is given. */
export const programsNeeded = ['bench', 'getpid', 'grow', 'pair', 'pingpong', 'pour', 'spawns', 'true'] as const

export class Measure {
  readonly #library: ModelLibrary
  readonly #programs: ReadonlyMap<string, StoredProgram>
  readonly #larger = new Map<string, StoredProgram>()

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
  async whole ({ profile, adjust }: Hardware, { plan, program, args, children = [], fileBytes }: Run, stdin: string | null = null): Promise<{ text: string, ns: number }> {
    const machine = this.#library.modelMachine({ profile })
    const stored = fileBytes === undefined ? this.#programs.get(program)! : this.#padded(program, fileBytes)
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
  #padded (program: string, fileBytes: number): StoredProgram {
    const key = `${program} of ${fileBytes} bytes`
    let stored = this.#larger.get(key)
    if (stored === undefined) {
      const bytes = padded(this.#programs.get(program)!.bytes, fileBytes)
      this.#larger.set(key, stored = { program: this.#library.loadProgram(bytes, { name: program }), bytes })
    }
    return stored
  }
}

/** Bytes of the head of the section: its number, its size in five bytes, a name of none. */
const SECTION_HEAD = 7

/** A module with a custom section at its end. */
function padded (bytes: Uint8Array, fileBytes: number): Uint8Array {
  const whole = new Uint8Array(Math.max(fileBytes, bytes.length + SECTION_HEAD))
  whole.set(bytes)
  const size = whole.length - bytes.length - SECTION_HEAD + 1
  for (let at = 0; at < 5; at++) whole[bytes.length + 1 + at] = ((size >>> 7 * at) & 0x7f) | (at < 4 ? 0x80 : 0)
  return whole
}
