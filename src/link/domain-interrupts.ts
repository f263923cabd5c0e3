/**
 * Interrupts as a domain has them: its handlers run as its own code does, and what they throw is its fault.
 *
 * The processor's mask is the supervisor's. A user domain masks the lines that it has connected itself, and no other: what
 * comes meanwhile is pending, once however often, and handled when it unmasks. It raises its own lines, and none of
 * another's (seL4's IRQ handler capabilities name a line in the same way).
 */

import type { Line, MachineInterrupts } from '../machine/index.ts'

/** `handle` runs a handler of the domain's. */
export function domainInterrupts (machine: MachineInterrupts, supervisor: boolean, handle: (handler: () => void) => void): MachineInterrupts {
  if (supervisor) {
    return {
      connect: (line, handler) => { machine.connect(line, () => { handle(handler) }) },
      raise: line => { machine.raise(line) },
      mask: () => { machine.mask() },
      unmask: () => { machine.unmask() },
      deliver: () => { machine.deliver() }
    }
  }
  const own = new Map<Line, () => void>()
  const pending = new Set<Line>()
  let masked = false
  return {
    connect (line, handler) {
      machine.connect(line, () => {
        if (masked) pending.add(line)
        else handle(handler)
      })
      own.set(line, handler)
    },
    raise (line) { if (own.has(line)) machine.raise(line) },
    mask () { masked = true },
    unmask () {
      masked = false
      for (const line of [...pending]) {
        pending.delete(line)
        machine.raise(line)
      }
    },
    // The kernel delivers, between two threads; a domain has nothing to say there.
    deliver () {}
  }
}
