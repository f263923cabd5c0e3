/** Random numbers from a seed, for orders and inputs that a person can have again. Source: mulberry32, Tommy Ettinger 2017. */

/** Numbers from 0 to below 1, the same for the same seed. */
export function randomFrom (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** The items in an order drawn by `random` (Fisher and Yates). */
export function shuffled<T> (items: readonly T[], random: () => number): T[] {
  const order = [...items]
  for (let at = order.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    const item = order[at]!
    order[at] = order[other]!
    order[other] = item
  }
  return order
}
