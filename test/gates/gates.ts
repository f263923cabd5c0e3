/** Every gate, put between a client and an implementation as the linker would. */

import { directStubs } from '../../src/gates/index.ts'
import { CallCore, Endpoint, Entry, Port, PortCore, Server, TrapCore } from '../../src/core/index.ts'
import type { AddressSpace } from '../../src/core/index.ts'
import { settle } from '../../src/fiber/index.ts'
import { stillCore } from '../../src/core/testing.ts'
import { Arena } from '../../src/roles/index.ts'
import type { Caller, Implementation, Role } from '../../src/roles/index.ts'
import type { GateName } from '../../src/link/index.ts'

/** The other side of a gate: its arena, its caller register, and stubs for whatever stands there. */
export interface OtherSide {
  readonly arena: Arena
  readonly caller: Caller
  readonly stubs: (role: Role, implementation: Implementation) => Implementation
  /** The client's memory. */
  readonly client: Arena
  readonly counter: { bytesCopied: number }
  /** Lets threads of the other side run, where it has its own. */
  readonly idle?: () => void
}

const CLIENT_BADGE = 1

export const gates: Readonly<Record<'direct' | 'trap' | 'rpc' | 'port', () => OtherSide>> = {
  direct () {
    const arena = new Arena({ name: 'domain', sizeBytesMax: 2 ** 30 })
    const caller = { principal: CLIENT_BADGE, immediate: CLIENT_BADGE, memory: null }
    return { arena, caller, stubs: (_role, implementation) => directStubs(implementation), client: arena, counter: { bytesCopied: 0 } }
  },
  trap () {
    const { state, supervisor, client } = world()
    const core = new TrapCore(state)
    return {
      ...sides(supervisor, client, state.counters),
      stubs: (role, implementation) => {
        const entry = new Entry(role.name, supervisor, role, implementation)
        return core.stubs(role, client, client.capabilities.derive(state.root, state.root.mint(entry, 0), undefined, CLIENT_BADGE))
      }
    }
  },
  port () {
    const { state, server, client } = world()
    const core = new PortCore(state)
    const receives = core.server(server, Infinity)
    const run = (): void => { state.scheduler.startFiber('lets them run', 0, 0, null, settle(0), () => {}) }
    return {
      ...sides(server, client, state.counters),
      stubs: (role, implementation) => {
        const port = new Port(role.name, receives, role, implementation)
        return core.stubs(role, client, client.capabilities.derive(state.root, state.root.mint(port, 0), undefined, CLIENT_BADGE))
      },
      idle: run
    }
  },
  rpc () {
    const { state, server, client } = world()
    const core = new CallCore(state)
    return {
      ...sides(server, client, state.counters),
      stubs: (role, implementation) => {
        const endpoint = new Endpoint(role.name, new Server(server, Infinity, state.counters), role, implementation)
        return core.stubs(role, client, client.capabilities.derive(state.root, state.root.mint(endpoint, 0), undefined, CLIENT_BADGE))
      }
    }
  }
}

export const gateNames = Object.keys(gates) as (keyof typeof gates & GateName)[]

function world () {
  const state = stillCore()
  const supervisor = state.createSpace('supervisor', new Arena({ name: 'supervisor', sizeBytesMax: 2 ** 30 }), true)
  const server = state.createSpace('server', new Arena({ name: 'server', sizeBytesMax: 2 ** 30 }), false)
  const client = state.createSpace('client', new Arena({ name: 'client', sizeBytesMax: 2 ** 30 }), false)
  return { state, supervisor, server, client }
}

function sides (space: AddressSpace, client: AddressSpace, counter: { bytesCopied: number }) {
  return { arena: space.arena!, caller: space.caller, client: client.arena!, counter }
}
