/** Where one kernel that was cheaper becomes the dearer one. */

export interface Crossover {
  /** Cheaper below, and above. */
  readonly below: string
  readonly above: string
  /** Between two sizes that were measured, by a straight line between the differences. */
  readonly size: number
}

interface Point {
  readonly kernel: string
  readonly size: number
  readonly cycles: number
}

/** All crossings of each two kernels, by size. Who costs the same at a size, and is cheaper on one side of it alone, does not cross there. */
export function crossovers (points: readonly Point[]): Crossover[] {
  const kernels = [...new Set(points.map(point => point.kernel))]
  const found: Crossover[] = []
  kernels.forEach((first, at) => {
    for (const second of kernels.slice(at + 1)) found.push(...between(first, second, points))
  })
  return found.toSorted((a, b) => a.size - b.size)
}

function between (first: string, second: string, points: readonly Point[]): Crossover[] {
  const other = new Map(points.filter(point => point.kernel === second).map(point => [point.size, point.cycles]))
  const differences = points.filter(point => point.kernel === first && other.has(point.size))
    .map(({ size, cycles }) => ({ size, difference: cycles - other.get(size)! }))
    .toSorted((a, b) => a.size - b.size)
  const unequal = differences.filter(({ difference }) => difference !== 0)
  return unequal.slice(1).flatMap((next, at): Crossover[] => {
    const last = unequal[at]!
    if (Math.sign(last.difference) === Math.sign(next.difference)) return []
    const [below, above] = last.difference < 0 ? [first, second] : [second, first]
    // Where they cost the same in between, what was cheaper ceases to be so there.
    const equal = differences.find(({ size, difference }) => difference === 0 && size > last.size && size < next.size)
    const share = last.difference / (last.difference - next.difference)
    return [{ below, above, size: equal?.size ?? last.size + share * (next.size - last.size) }]
  })
}

/** Factor within which two kernels are taken to cost the same. */
export const nearFactor = 1.1

/**
 * The size from which on every kernel costs at most `nearFactor` times the cheapest, by a straight line between sizes on a scale of
 * factors; null when that is at no size, or already at the first.
 */
export function nearFrom (points: readonly Point[]): number | null {
  const sizes = [...new Set(points.map(point => point.size))].toSorted((a, b) => a - b)
  const factors = sizes.map(size => {
    const cycles = points.filter(point => point.size === size).map(point => point.cycles)
    return Math.max(...cycles) / Math.min(...cycles)
  })
  const lastFar = factors.findLastIndex(factor => factor > nearFactor)
  if (lastFar < 0 || lastFar === sizes.length - 1) return null
  const [from, to] = [sizes[lastFar]!, sizes[lastFar + 1]!]
  // The excess falls as one over the size, where what is added to each call does not grow: so it is straight over 1 / size.
  const [far, near] = [factors[lastFar]! - 1, factors[lastFar + 1]! - 1]
  if (from === 0) return to * (near / (nearFactor - 1))
  const share = (far - (nearFactor - 1)) / (far - near)
  return 1 / (1 / from + share * (1 / to - 1 / from))
}
