/**
 * Options of a command: `-abc`, `-n 5`, `-n5`, `--long`, `--long=value`, `--`; operands may stand between them.
 *
 * Source: POSIX.1-2024, Base Definitions 12.2; getopt_long(3).
 */

export class UsageError extends Error {}

export interface Parsed {
  /** Whether a letter was given. */
  has (letter: string): boolean
  /** The value given last for a letter. */
  value (letter: string): string | undefined
  values (letter: string): readonly string[]
  /** Letters in the order they were given, with values. */
  readonly order: readonly (readonly [string, string | undefined])[]
  readonly operands: readonly string[]
}

export interface OptionsOf {
  /** Letters; a colon after one that takes a value. */
  readonly letters: string
  /** Long names to letters (which may be any text); those whose letter takes a value take one. */
  readonly long?: Readonly<Record<string, string>>
  /** Whether options end at the first operand (`env`, `xargs`, `nice`). */
  readonly stopAtOperand?: boolean
  /** A number with a sign is this letter's value (`head -5`). */
  readonly number?: string
}

export function parseOptions (args: readonly string[], { letters, long = {}, stopAtOperand = false, number }: OptionsOf): Parsed {
  const takesValue = (letter: string): boolean => letters.includes(`${letter}:`)
  const known = (letter: string): boolean => letter !== ':' && letters.includes(letter)
  const order: [string, string | undefined][] = []
  const operands: string[] = []
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!
    if (word === '--') {
      operands.push(...args.slice(at + 1))
      break
    }
    if (word.startsWith('--')) {
      const [name, ...rest] = word.slice(2).split('=')
      const matching = Object.keys(long).filter(key => key.startsWith(name!))
      const full = Object.hasOwn(long, name!) ? name! : matching.length === 1 ? matching[0]! : undefined
      if (full === undefined) throw new UsageError(`unrecognized option '${word}'`)
      const letter = long[full]!
      if (takesValue(letter)) {
        const value = rest.length > 0 ? rest.join('=') : args[++at]
        if (value === undefined) throw new UsageError(`option '--${full}' requires an argument`)
        order.push([letter, value])
      } else if (rest.length > 0) {
        // `--color=auto`: a value that may be left out.
        order.push([letter, rest.join('=')])
      } else order.push([letter, undefined])
      continue
    }
    if (number !== undefined && /^-\d+$/.test(word)) {
      order.push([number, word.slice(1)])
      continue
    }
    if (word.startsWith('-') && word !== '-') {
      for (let i = 1; i < word.length; i++) {
        const letter = word[i]!
        if (!known(letter)) throw new UsageError(`invalid option -- '${letter}'`)
        if (!takesValue(letter)) {
          order.push([letter, undefined])
          continue
        }
        const value = word.slice(i + 1) || args[++at]
        if (value === undefined) throw new UsageError(`option requires an argument -- '${letter}'`)
        order.push([letter, value])
        break
      }
      continue
    }
    if (stopAtOperand) {
      operands.push(...args.slice(at))
      break
    }
    operands.push(word)
  }
  return {
    has: letter => order.some(([given]) => given === letter),
    value: letter => order.findLast(([given]) => given === letter)?.[1],
    values: letter => order.filter(([given]) => given === letter).map(([, value]) => value ?? ''),
    order,
    operands
  }
}
