/** Sweeps: operations of which one thing is changed, in steps, to see where kernels cross over. */

export interface Sweep {
  /** As the program `sweep` knows it. */
  readonly kind: 'read' | 'write' | 'compute'
  readonly title: string
  /** Of its sizes. */
  readonly unit: string
  readonly sizes: readonly number[]
}

export const sweepProgram = 'sweep'

export const sweeps: readonly Sweep[] = [
  { kind: 'read', title: 'a read of so many bytes', unit: 'bytes a read', sizes: [1, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144] },
  { kind: 'write', title: 'a write of so many bytes', unit: 'bytes a write', sizes: [1, 64, 1024, 4096, 16_384, 65_536] },
  { kind: 'compute', title: 'a call after so many turns of a loop', unit: 'turns a call', sizes: [0, 10, 100, 1000, 10_000, 100_000] }
]
