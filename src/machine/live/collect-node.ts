/** Node's garbage collector, on demand: a flag of V8 gives a new context the function, and this one stays without. */

import v8 from 'node:v8'
import vm from 'node:vm'

let collector: (() => void) | null = null

export function collect (): void {
  if (collector === null) {
    v8.setFlagsFromString('--expose-gc')
    collector = vm.runInNewContext('gc') as () => void
    v8.setFlagsFromString('--no-expose-gc')
  }
  collector()
}
