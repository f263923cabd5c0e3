/** Domains for host code: which the kernel makes anew when they die, and ending one to see it. */

import { Errno, settle } from '../fiber/index.ts'
import { DomainState, Domains } from '../roles/index.ts'
import type { System } from '../link/index.ts'
import type { DomainAccess, DomainStatus } from './api.ts'
import { SystemError, must } from './errors.ts'

const states = { [DomainState.ALIVE]: 'alive', [DomainState.DEAD]: 'dead', [DomainState.ABANDONED]: 'abandoned' } as const

/** `ready` throws where the system is closed. */
export function domainAccess (system: System, ready: (operation: string) => void): DomainAccess {
  const domains = (): Domains => system.host.reach(Domains) as unknown as Domains
  const list = async (): Promise<DomainStatus[]> => {
    ready('domains.list')
    const all = await system.run('domains', () => settle(domains().supervised()))
    if (typeof all === 'number') throw new SystemError(all, 'domains.list', '')
    return all.names.map((name, index) => ({ name, state: states[all.states[index] as 0 | 1 | 2], restarts: all.restarts[index]! }))
  }
  return {
    list,
    async kill (name) {
      const index = (await list()).findIndex(domain => domain.name === name)
      if (index < 0) throw new SystemError(-Errno.ESRCH, 'domains.kill', name, 'no supervised domain has that name')
      must(await system.run('kill a domain', () => settle(domains().kill(index))), 'domains.kill', name)
    }
  }
}
