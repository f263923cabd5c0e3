/** Values that are not what they should be, of the kind that the role asks for: what a server with a bug gives, and not what a type check would find. */

import type { Random } from '../../machine/model/index.ts'
import type { Operation, Window } from '../../roles/index.ts'

/** Another number: near, far, an error, another size. */
export function wrongNumber (value: number, random: Random): number {
  for (;;) {
    const wrong = [
      () => value + 1, () => value - 1, () => 0, () => -(1 + random.below(75)), () => value ^ (1 << random.below(20)), () => value * 2,
      () => 2 ** 20, () => random.below(1 << 16), () => value + 4096
    ][random.below(9)]!()
    if (wrong !== value) return wrong
  }
}

/** Another result of an operation. */
export function wrongResult (result: unknown, operation: Operation, random: Random): unknown {
  if (typeof result === 'number') return operation.result.result === 'number' && 'errno' in operation.result ? (result + 1 + random.below(70)) % 77 : wrongNumber(result, random)
  if (typeof result === 'string') return random.below(2) === 0 ? result.slice(1) : `${result}${String.fromCharCode(97 + random.below(26))}`
  if (Array.isArray(result)) {
    if (result.length === 0 || random.below(3) === 0) return result.slice(1)
    const at = random.below(result.length)
    return result.map((item: unknown, index) => index !== at ? item : typeof item === 'number' ? wrongNumber(item, random) : `${String(item)}x`)
  }
  if (typeof result === 'object' && result !== null) {
    const names = Object.keys(result).filter(name => typeof (result as Record<string, unknown>)[name] === 'number')
    if (names.length === 0) return result
    const name = names[random.below(names.length)]!
    return { ...result, [name]: wrongNumber((result as Record<string, number>)[name]!, random) }
  }
  return result
}

/** The same arguments but for one number; null when there is none. */
export function wrongArguments (args: readonly unknown[], operation: Operation, random: Random): unknown[] | null {
  const numbers = operation.parameters.flatMap(({ kind }, at) => kind.kind === 'number' ? [at] : [])
  if (numbers.length === 0) return null
  const which = numbers[random.below(numbers.length)]!
  return args.map((argument, at) => at === which ? wrongNumber(argument as number, random) : argument)
}

/** Changes some of the bytes that a window names, as if they had never been written. */
export function garble (window: Window, length: number, random: Random): void {
  const size = Math.min(length, window.length)
  if (size <= 0) return
  const byte = new Uint8Array(1)
  for (let left = 1 + random.below(Math.min(size, 16)); left > 0; left--) {
    byte[0] = random.below(256)
    window.put(random.below(size), byte, 0, 1)
  }
}

/** The windows of a call that the callee may write, by their places. */
export function writable (args: readonly unknown[], operation: Operation): Window[] {
  return operation.parameters.flatMap(({ kind }, at) => kind.kind === 'window-out' ? [args[at] as Window] : [])
}
