/**
 * The model machine's random numbers: xoshiro128** (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators",
 * ACM TOMS 2021), seeded through splitmix32.
 *
 * Integers and `Math.imul` alone, so that every engine draws the same. `split` gives a generator for a part of that name: it
 * depends on the seed and on the name, not on what was drawn before, so that parts do not disturb each other. Not for secrets.
 */

const goldenGamma = 0x9e3779b9
const words = 4_294_967_296

export class Random {
  readonly #seed: number
  #a: number
  #b: number
  #c: number
  #d: number

  /** @param seed a whole number from 0 to 2^32 - 1; a RangeError says when it is none. */
  constructor (seed: number) {
    if (!Number.isInteger(seed) || seed < 0 || seed >= words) throw new RangeError(`a seed is a whole number from 0 to ${words - 1}, not ${seed}`)
    this.#seed = seed >>> 0
    this.#a = mixed(this.#seed + goldenGamma)
    this.#b = mixed(this.#seed + Math.imul(2, goldenGamma))
    this.#c = mixed(this.#seed + Math.imul(3, goldenGamma))
    // The state that is all 0 would stay so; four words mixed from different numbers cannot all be 0.
    this.#d = mixed(this.#seed + Math.imul(4, goldenGamma))
  }

  /** From 0 to 2^32 - 1. */
  word (): number {
    const result = Math.imul(rotated(Math.imul(this.#b, 5), 7), 9) >>> 0
    const t = this.#b << 9
    this.#c ^= this.#a
    this.#d ^= this.#b
    this.#b ^= this.#c
    this.#a ^= this.#d
    this.#c ^= t
    this.#d = rotated(this.#d, 11)
    return result
  }

  /** From 0 to below 1, 53 bits. */
  fraction (): number {
    const high = this.word() >>> 5
    const low = this.word() >>> 6
    return (high * 67_108_864 + low) / 9_007_199_254_740_992
  }

  /** A whole number from 0 to below `bound` (1 to 2^32), each as likely as another. */
  below (bound: number): number {
    const most = words - words % bound
    for (;;) {
      const word = this.word()
      if (word < most) return word % bound
    }
  }

  /** The generator of the part of this name: always the same one. */
  split (name: string): Random {
    // FNV-1a over the name's code units, begun at the seed.
    let hash = mixed(this.#seed ^ 0x811c9dc5)
    for (let at = 0; at < name.length; at++) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193)
    return new Random(mixed(hash))
  }
}

/** A bijection of 32-bit words that leaves no visible order (Ettinger's splitmix32 finaliser). */
function mixed (word: number): number {
  let z = word | 0
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad)
  z = Math.imul(z ^ (z >>> 15), 0x735a2d97)
  return (z ^ (z >>> 15)) >>> 0
}

function rotated (word: number, by: number): number {
  return (word << by) | (word >>> (32 - by))
}
