/**
 * Figures of repeated measurements. A `Distribution` says the middle, the tail and how far repeats lie apart.
 *
 * Quantiles interpolate linearly between order statistics (Hyndman and Fan 1996, definition 7).
 */

export interface Distribution {
  readonly median: number
  /** 99 of 100 samples are at most this. */
  readonly p99: number
  readonly min: number
  readonly max: number
  /** Half the distance between the quartiles of the rounds' medians, as a share of the median: how far repeats lie apart. */
  readonly spread: number
  readonly samples: number
  readonly rounds: number
}

/** Of the samples of several rounds; undefined when there is none. */
export function distribution (rounds: readonly (readonly number[])[]): Distribution | undefined {
  const measured = rounds.filter(samples => samples.length > 0)
  if (measured.length === 0) return undefined
  const all = ascending(measured.flat())
  const medians = ascending(measured.map(samples => quantile(ascending(samples), 0.5)))
  const median = quantile(all, 0.5)
  return {
    median,
    p99: quantile(all, 0.99),
    min: all[0]!,
    max: all.at(-1)!,
    spread: median === 0 ? 0 : (quantile(medians, 0.75) - quantile(medians, 0.25)) / 2 / median,
    samples: all.length,
    rounds: measured.length
  }
}

/** The value below which the share `at` of the samples lies. `sorted` is ascending and not empty. */
export function quantile (sorted: readonly number[], at: number): number {
  const position = (sorted.length - 1) * at
  const below = Math.floor(position)
  const low = sorted[below]!
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!
  return low + (high - low) * (position - below)
}

function ascending (samples: readonly number[]): number[] {
  return samples.toSorted((a, b) => a - b)
}
