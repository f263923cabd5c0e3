/**
 * The way of an `fd_read`, cut off after each layer: what is below answers at once as if it had read. The difference between
 * one and the next is what a layer costs.
 *
 * The layer that is cut away is a service in whose place another one stands, so that what is above it is as it always is, the
 * plan, the linker and the loader among it. What such a service is asked it answers with the length that was asked for.
 */

import { settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { kernels, liveMachine, loadProgram, services } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'
import { link } from '../../src/link/index.ts'
import type { Registry, System } from '../../src/link/index.ts'
import { imageOf } from '../../src/os/index.ts'
import { Ending, FileSystem, Files, INIT, RIGHTS_ALL } from '../../src/roles/index.ts'
import type { AnyService, Caller, Implementation, Role, Window } from '../../src/roles/index.ts'
import { ownImports } from './by-hand.ts'
import type { Output, Peer } from './peer.ts'

/** What a read of the workload asks for. */
function sizeOf (args: readonly string[]): number {
  return args[1] === 'scan4k' ? 4096 : 1
}

/** Changes what a service provides. */
type Change = (provided: Implementation, caller: Caller) => Implementation

const iovecBytes = 8

function replaced (registry: Registry, name: string, provision: string, change: Change): Registry {
  const original = registry.get(name)!
  const service: AnyService = {
    ...original,
    start: environment => {
      const started = original.start(environment)
      const { caller } = environment as { readonly caller: Caller }
      return { ...started, [provision]: change(started[provision]!, caller) }
    }
  }
  return new Map([...registry, [name, service]])
}

/** Of a personality, whose operations are functions of their own: those that stay are called as they always are. */
function overridden (provided: Implementation, operations: Record<string, (...args: never[]) => number>): Implementation {
  return Object.assign(Object.create(provided as object) as object, operations) as Implementation
}

/** Of a service, whose operations are methods: those that stay are called on it. */
function answering (provided: Implementation, operations: Record<string, (...args: never[]) => number>, role: Role): Implementation {
  const stay = Object.keys(role.operations).map(name => [name, (...args: never[]) => (provided[name] as (...args: never[]) => unknown).apply(provided, args)])
  return { ...Object.fromEntries(stay) as object, ...operations } as Implementation
}

/** A kernel in whose personality a program's output is kept instead of written, and that `change` has made of a kernel of ours. */
function cut (name: string, plan: () => Plan, change: (registry: Registry, size: number) => Registry): Peer {
  return {
    name, setUp: 'cut off', folder: '/', keepsFiles: false,
    async open (bytes) {
      const image = imageOf(loadProgram(bytes, { name: 'bench' }))
      return async args => await run(image, args, plan(), registry => change(registry, sizeOf(args)))
    }
  }
}

type Image = ReturnType<typeof imageOf>

async function run (image: Image, args: readonly string[], plan: Plan, change: (registry: Registry) => Registry): Promise<Output> {
  const machine = liveMachine({ shares: [] })
  const output: Record<number, string> = { 1: '', 2: '' }
  const kept: Change = (calls, caller) => {
    const write = calls['fd_write'] as (fd: number, iovs: number, count: number, out: number) => number
    return overridden(calls, {
      fd_write: (fd: number, iovs: number, count: number, out: number) => {
        if (fd !== 1 && fd !== 2) return write.call(calls, fd, iovs, count, out)
        const { view, bytes } = caller.memory!
        let total = 0
        for (let at = iovs >>> 0; at < (iovs >>> 0) + iovecBytes * count; at += iovecBytes) {
          const from = view.getUint32(at, true)
          const length = view.getUint32(at + 4, true)
          output[fd] += new TextDecoder().decode(bytes.slice(from, from + length))
          total += length
        }
        view.setUint32(out >>> 0, total, true)
        return 0
      }
    })
  }
  const system: System = link(plan, replaced(change(services), 'wasi', 'calls', kept), machine, { systemCalls: image.systemCalls })
  try {
    const status = await system.run('bench', () => started(system, image, args))
    return { status, stdout: output[1]!, stderr: output[2]! }
  } finally {
    machine.close()
  }
}

/** Spawns the program with the root directory as descriptor 3, and waits for its end. */
function * started (system: System, image: Image, args: readonly string[]): Fiber<number> {
  const { host } = system
  const given: number[] = []
  for (let fd = 0; fd < 4; fd++) given.push(yield * settle(host.tables!.preopen(INIT, '/', '/', RIGHTS_ALL, RIGHTS_ALL)))
  const slot = host.space.capabilities.mint(image, 0)
  const child = yield * settle(host.processes.spawn(slot, [...args], [], given, 4, 0, [], 0, '', -1))
  if (child < 0) return child
  const ending = yield * settle(host.processes.wait(child, 0))
  return typeof ending === 'number' ? ending : ending.kind === Ending.EXIT ? ending.code : -1
}

function withoutPersonality (registry: Registry, size: number): Registry {
  return replaced(registry, 'wasi', 'calls', (calls, caller) => overridden(calls, {
    fd_read: (_fd: number, _iovs: number, _count: number, out: number) => {
      caller.memory!.view.setUint32(out >>> 0, size, true)
      return 0
    }
  }))
}

function withoutVfs (registry: Registry): Registry {
  return replaced(registry, 'vfs', 'files', files => answering(files, { read: (_fd: number, into: Window) => into.length }, Files))
}

function withoutFileSystem (registry: Registry): Registry {
  return replaced(registry, 'ramfs', 'files', files => answering(files, { read: (_handle: number, _offset: number, into: Window) => into.length }, FileSystem))
}

/** The loop alone: the import is a function of WebAssembly too. */
const loop = ownImports('loop', async ({ args }) => {
  const { default: wabt } = await import('wabt')
  const { parseWat } = await wabt()
  const module = (text: string): WebAssembly.Module => new WebAssembly.Module(parseWat('loop', text, {}).toBinary({}).buffer as Uint8Array<ArrayBuffer>)
  const type = '(param i32 i32 i32 i32) (result i32)'
  // The program has the memory that the function writes to, and wants the function before it has one.
  const later = new WebAssembly.Instance(module(`(module (type $t (func ${type})) (table (export "table") 1 funcref)
    (func (export "fd_read") (type $t)
      (call_indirect (type $t) (local.get 0) (local.get 1) (local.get 2) (local.get 3) (i32.const 0))))`))
  const table = later.exports['table'] as WebAssembly.Table
  const own = module(`(module (import "program" "memory" (memory 1)) (func (export "read") ${type}
    (i32.store (local.get 3) (i32.const ${sizeOf(args)})) (i32.const 0)))`)
  return {
    calls: { fd_read: later.exports['fd_read'] as () => number },
    begin: memory => { table.set(0, new WebAssembly.Instance(own, { program: { memory } }).exports['read'] as never) }
  }
})

/** An import that answers at once, as JavaScript. */
const plainImport = ownImports('import', ({ memory, args }) => {
  const size = sizeOf(args)
  return {
    calls: {
      fd_read: (_fd: number, _iovs: number, _count: number, out: number) => {
        memory().view.setUint32(out >>> 0, size, true)
        return 0
      }
    }
  }
})

/** The way down, layer by layer; each goes as far as the one before, and through one more. */
export const layers: readonly Peer[] = [
  loop,
  plainImport,
  cut('entry', kernels.unikernel, withoutPersonality),
  cut('trap', kernels.monolithic, withoutPersonality),
  cut('personality', kernels.monolithic, withoutVfs),
  cut('vfs', kernels.monolithic, withoutFileSystem),
  cut('file system', kernels.monolithic, registry => registry)
]
