/**
 * Reasons for what the model misses: what is known to be otherwise in the real system, by a source that is no target, as a change of the model's
 * inputs for one run.
 *
 * A reason counts for a figure when the figure is met with it; the run is made each time. One that is merely thought of is none. Reasons
 * are not in the model: they say what a figure that was missed hangs on, where somebody else has measured it.
 */

import { loadCoreCosts } from '../../core/index.ts'
import type { ModelMachine } from '../../os/index.ts'
import type { CostRow } from '../../roles/index.ts'

export interface Reason {
  readonly name: string
  readonly why: string
  readonly source: string
  /** Plans in which it changes anything. */
  readonly plans: readonly string[]
  /** Changes what a machine charges, before anything runs on it. */
  readonly adjust: (machine: ModelMachine) => void
}

/** Cycles of L4's IPC one way on a Pentium, entry, exit and the switch of address space included: A032. */
const L4_CYCLES = 121
/**
 * Instructions of one way of Mach's null RPC on x86. 535 µs on an 80386 of 20 MHz are 10,700 cycles there and back; less two entries and exits of
 * about 120 each, by the 4.4 to 4.9 cycles that an instruction takes that processor (Crawford, "The i486 CPU", IEEE Micro 10(1), 1990; from memory): 2,270
 * instructions, of which the scheduler's rows have some 330.
 */
const MACH_INSTRUCTIONS = 970

export async function reasons (): Promise<readonly Reason[]> {
  const { gatePaths } = await loadCoreCosts()
  const { rpc } = gatePaths.l4
  const { port, reflect } = gatePaths.mach
  const sent = reflect!.in.instructions - port!.in.instructions
  const answered = reflect!.out.instructions - port!.out.instructions
  return [{
    name: 'L4 in assembler',
    why: 'the ways of L4 are counted for C here; the real ones are assembler, scheduled by hand for this processor',
    source: `A032, Liedtke et al., HotOS 1997: ${L4_CYCLES} cycles one way on a Pentium, the hardware's included`,
    plans: ['l4linux', 'l4linux-trampoline'],
    adjust: machine => {
      const { profile } = machine
      const hardware = profile.trapEntry - profile.trapRegisters.save + profile.trapExit - profile.trapRegisters.restore + profile.addressSpaceSwitch
      const instructions = Math.max(0, (L4_CYCLES - hardware) / profile.kernelInstruction)
      setRows(machine, [[rpc!.in, instructions], [rpc!.out, instructions]])
    }
  }, {
    name: 'Mach\'s path on x86',
    why: 'messages have the path lengths of a count by hand, which fits what a MIPS takes; on x86 they took longer',
    source: 'Draves, Bershad, Rashid, Dean, SOSP 1991, table 3: a null RPC takes 535 µs on an 80386 of 20 MHz, and 95 µs on an R2000 of 16.7 MHz',
    plans: ['Mach', 'mklinux-kernel', 'mklinux-user'],
    adjust: machine => {
      setRows(machine, [
        [port!.in, MACH_INSTRUCTIONS], [port!.out, MACH_INSTRUCTIONS], [reflect!.in, MACH_INSTRUCTIONS + sent], [reflect!.out, MACH_INSTRUCTIONS + answered]
      ])
    }
  }]
}

/** Rows that stand for other numbers of instructions on that machine. */
function setRows (machine: ModelMachine, rows: readonly (readonly [CostRow, number])[]): void {
  const figures = new Map(rows)
  const timing = machine.timing as unknown as { figure: (row: CostRow) => number }
  const figure = timing.figure.bind(timing)
  timing.figure = row => figures.get(row) ?? figure(row)
}
