/**
 * Interposition: every call at one service, each told before it is made, so that another can be put in its place.
 *
 * Sites of a service: *served* (a call of its own operations, in its domain), *asked* (a call that it makes, in the middle of one),
 * *message* (a request to it from another domain, on its way through a gate that carries messages) and *device* (an
 * access to a part of the machine that it drives). All are decorators of the linker: no service and no gate knows of them, and
 * they cost no virtual time. Calls before `armed` are not told.
 */

import { CORE, decorateEach } from '../../link/index.ts'
import type { Decorator, DeviceDecorator } from '../../link/index.ts'
import type { Implementation, Operation, Role } from '../../roles/index.ts'

export type SiteKind = 'served' | 'asked' | 'message' | 'device'

/** Where a call is made. */
export interface Site {
  readonly service: string
  readonly kind: SiteKind
  /** The role, or the device. */
  readonly of: string
  readonly operation: string
  /** As the role has it; null of a device. */
  readonly definition: Operation | null
}

export type Target = (...args: unknown[]) => unknown

/** Takes a call: makes it, or does something in its place. */
export type Interpose = (site: Site, call: Target, args: unknown[]) => unknown

/** Gates that carry messages; the others are calls within an address space, of which none can be lost. */
const messages: ReadonlySet<string> = new Set(['rpc', 'port', 'reflect', 'ring', 'wire'])

export class Interposer {
  armed = false
  readonly #interpose: Interpose
  readonly #wants: (service: string) => boolean
  readonly #ended: (badge: number, kind: number, code: number) => void

  /** `wants`: the services whose sites are told. `ended`: told by the core of each end of a program, whoever is there to hear of it. */
  constructor (interpose: Interpose, wants: (service: string) => boolean, ended: (badge: number, kind: number, code: number) => void) {
    this.#interpose = interpose
    this.#wants = wants
    this.#ended = ended
  }

  readonly decorate: Decorator = (stubs, { from, to, role, gate }) => {
    let wrapped = stubs
    if (from === CORE && role.name === 'ThreadEvents') wrapped = this.#watchingEnds(role, wrapped)
    if (gate === 'direct' && to !== CORE && this.#wants(to)) wrapped = this.#around(role, wrapped, to, 'served')
    if (messages.has(gate) && this.#wants(to)) wrapped = this.#around(role, wrapped, to, 'message')
    if (this.#wants(from)) wrapped = this.#around(role, wrapped, from, 'asked')
    return wrapped
  }

  readonly decorateServed: Decorator = (implementation, { to, role }) => this.#wants(to) ? this.#around(role, implementation, to, 'served') : implementation

  readonly decorateDevice: DeviceDecorator = (device, { service, device: name }) => {
    if (!this.#wants(service)) return device
    const wrapped = new Map<string | symbol, Target>()
    // Its own getters and private parts want the device itself.
    return new Proxy(device, {
      get: (target, operation) => {
        const part: unknown = Reflect.get(target, operation, target)
        if (typeof part !== 'function' || typeof operation === 'symbol') return part
        let around = wrapped.get(operation)
        if (around === undefined) {
          const site: Site = { service, kind: 'device', of: name, operation, definition: null }
          const call = part.bind(target) as Target
          around = (...args) => this.armed ? this.#interpose(site, call, args) : call(...args)
          wrapped.set(operation, around)
        }
        return around
      }
    })
  }

  #around (role: Role, implementation: Implementation, service: string, kind: SiteKind): Implementation {
    const sites = new Map(Object.entries(role.operations).map(([operation, definition]) => [operation, { service, kind, of: role.name, operation, definition }]))
    return decorateEach(role, implementation, (operation, call) => {
      const site = sites.get(operation)!
      return (...args) => this.armed ? this.#interpose(site, call, args) : call(...args)
    })
  }

  #watchingEnds (role: Role, stubs: Implementation): Implementation {
    return decorateEach(role, stubs, (operation, call) => (...args) => {
      if (operation === 'ended') this.#ended(args[0] as number, args[1] as number, args[2] as number)
      return call(...args)
    })
  }
}
