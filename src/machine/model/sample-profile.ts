/**
 * A profile drawn from the ranges of its numbers, for runs that ask how far a conclusion depends on them.
 *
 * Each number is drawn from its own range, alike over it; over its orders of magnitude where the most is more than four times
 * the least. Every number has a generator of its own, by its place: a row more in the table changes no other draw. Only + - * /
 * and the square root are used, which IEEE 754 rounds the same everywhere; a logarithm it does not.
 */

import { profileOf, readProfileData, isErrors, fieldAt, type Figure, type ProfileError } from './read-profile.ts'
import type { Profile } from './profile.ts'
import type { Random } from './random.ts'

/** Most over least from which the orders of magnitude are drawn. */
const spanFromWhichLogarithmic = 4
/** Halvings of a range by the square root: what is left is narrower than what a double can tell, for any span of the table. */
const halvings = 60

/** The machine that `json` describes with its ranged numbers drawn by `random`, or all that is wrong with it. */
export function sampleProfile (json: unknown, random: Random): Profile | readonly ProfileError[] {
  const data = readProfileData(json)
  if (isErrors(data)) return data
  return profileOf({ ...data, figures: data.figures.map(figure => ({ ...figure, value: drawn(figure, random) })) })
}

function drawn ({ place, value, range }: Figure, random: Random): number | boolean {
  if (range === undefined || typeof value === 'boolean') return value
  const [least, most] = range
  const own = random.split(place)
  const number = least > 0 && most > spanFromWhichLogarithmic * least ? logarithmic(least, most, own) : least + (most - least) * own.fraction()
  const whole = fieldAt(place).whole === true ? Math.round(number) : number
  // Rounding may leave the range by the last bit of a double.
  return Math.min(most, Math.max(least, whole))
}

/** Takes the lower or the upper part at the geometric mean, again and again. */
function logarithmic (least: number, most: number, random: Random): number {
  let low = least
  let high = most
  for (let left = halvings; left > 0; left--) {
    const middle = Math.sqrt(low * high)
    if (random.below(2) === 0) high = middle
    else low = middle
  }
  return low
}
