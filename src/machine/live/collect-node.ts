/**
 * Node's garbage collector, on demand: a flag of V8 gives a new context the function, and this one stays without.
 *
 * What it takes of Node is loaded when it is first used: most systems never are so full, and all would start later.
 */

let collector: (() => void) | null = null

export function collect (): void {
  if (collector === null) {
    const v8 = process.getBuiltinModule('node:v8')
    v8.setFlagsFromString('--expose-gc')
    collector = process.getBuiltinModule('node:vm').runInNewContext('gc') as () => void
    v8.setFlagsFromString('--no-expose-gc')
  }
  collector()
}
