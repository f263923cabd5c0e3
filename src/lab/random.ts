/** Random numbers from a seed, for orders and inputs that a person can have again: the model machine's generator. */

import { Random } from '../machine/model/index.ts'

/** Numbers from 0 to below 1, the same for the same seed. */
export function randomFrom (seed: number): () => number {
  const random = new Random(seed)
  return () => random.fraction()
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
