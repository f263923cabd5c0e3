// Random numbers from a seed, for tests that print the seed.
// Source: G. Marsaglia, Xorshift RNGs, Journal of Statistical Software 8(14), 2003.

const interesting = [0, 1, 2, 3, 7, 8, 63, 64, 255, 4095, 4096, 65535, 65536, 0x7fffffff, -1, -2, -65536, -0x80000000]

export class Random {
  private state: number

  constructor(seed: number) {
    this.state = Math.imul(seed + 1, 0x9e3779b1) | 1
    for (let warmUp = 0; warmUp < 8; warmUp++) this.next()
  }

  /** 32 random bits. */
  next(): number {
    let state = this.state
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    this.state = state
    return state >>> 0
  }

  below(bound: number): number {
    return this.next() % bound
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  /** A signed 32-bit integer, mostly a small one or one at a boundary. */
  integer32(): number {
    const kind = this.below(4)
    if (kind === 0) return this.next() | 0
    return kind === 1 ? this.pick(interesting) : this.below(20)
  }

  bytes(count: number): Uint8Array<ArrayBuffer> {
    return Uint8Array.from({ length: count }, () => this.next() & 0xff)
  }
}
