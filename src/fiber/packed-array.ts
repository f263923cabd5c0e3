/** Arrays without holes, all items the same to begin with: engines read them without asking what lies in a hole. */

/** By doubling, which is the engine's own work: a table of thousands is made while a program waits to start. */
export function packedArray<T> (length: number, item: T): T[] {
  let made = [item]
  while (made.length < length) made = made.concat(made.slice(0, length - made.length))
  return made
}
