// A program made from the role of system calls: each call with hostile arguments.

import { importModules } from '../../src/roles/index.ts'
import { assemble } from './assemble.ts'

/**
 * A program that makes every call of the SystemCalls role with each of a few hostile values for all arguments, and with one
 * hostile argument among harmless ones. It ends well if it lives.
 */
export function hostileCalls (): Uint8Array {
  const values = [-1, 0, 1, 0x7fffffff, -0x80000000, 65535, 65532, 4096]
  const skipped = new Set(['proc_raise', 'proc_kill'])
  const imports: string[] = []
  const calls: string[] = []
  for (const [module, operations] of Object.entries(importModules)) {
    for (const [name, operation] of Object.entries(operations)) {
      if (skipped.has(name)) continue
      const types = operation.parameters.filter(parameter => !parameter.name.endsWith('Hi')).map(parameter => parameter.name.endsWith('Lo') ? 'i64' : 'i32')
      imports.push(`(import "${module}" "${name}" (func $${name} ${types.map(type => `(param ${type})`).join(' ')} (result i32)))`)
      const call = (args: readonly number[]): void => {
        // An error number, always.
        calls.push(`(call $expect (call $${name} ${types.map((type, i) => `(${type}.const ${args[i]})`).join(' ')}))`)
      }
      for (const value of values) {
        call(types.map(() => value))
        types.forEach((_, odd) => { call(types.map((_, i) => i === odd ? value : 3)) })
      }
    }
  }
  return assemble('wabt', `(module ${imports.join('\n')} (memory (export "memory") 1)
    (func $expect (param i32) (if (i32.gt_u (local.get 0) (i32.const 76)) (then unreachable)))
    (func (export "_start") ${calls.join('\n')}))`)
}
