/** What the files of the system say. Source: Linux `proc(5)`: `/proc/meminfo`, `mounts`, `uptime`, `version`; `/proc/kaleidos` is our own. */

import { settle } from '../../fiber/index.ts'
import type { Fiber } from '../../fiber/index.ts'
import type { SystemInformation } from '../../roles/index.ts'
import type { SystemName } from './inodes.ts'
import type { Sources } from './procfs.ts'
import { escaped, fields, kilobytes, table } from './text.ts'

type DomainColumns = Exclude<ReturnType<SystemInformation['domains']>, number>
type Domain = { [K in keyof DomainColumns]: DomainColumns[K][number] }

/** What a file of the system says now. */
export function * systemText (sources: Sources, name: SystemName): Fiber<string | number> {
  const { system, files } = sources
  switch (name) {
    case 'mounts': {
      const mounts = yield * settle(files.mounts())
      if (typeof mounts === 'number') return mounts
      return mounts.paths.map((path, index) => {
        const fileSystem = spaced(mounts.fileSystems[index]!)
        return `${fileSystem} ${spaced(path)} ${fileSystem} ${mounts.readOnly[index] === 1 ? 'ro' : 'rw'} 0 0\n`
      }).join('')
    }
    case 'uptime': {
      const times = system.times()
      return typeof times === 'number' ? times : `${seconds(times.uptimeNs)} ${seconds(times.uptimeNs - times.busyNs)}\n`
    }
    case 'version': {
      const kernel = system.kernel()
      return typeof kernel === 'number' ? kernel : `KaleidOS version ${kernel.version} (${kernel.name}) core ${kernel.core}\n`
    }
    case 'meminfo': return memory(system)
    case 'plan': {
      const plan = system.plan()
      return typeof plan === 'number' ? plan : `${plan}\n`
    }
    case 'counters': {
      const counters = system.counters()
      return typeof counters === 'number' ? counters : counters.names.map((each, index) => `${each} ${counters.values[index]}\n`).join('')
    }
    case 'gates': {
      const all = system.gates()
      if (typeof all === 'number') return all
      return table(['GATE', 'FROM', 'TO', 'ROLE', 'CALLS'],
        all.kinds.map((kind, i) => [kind, all.from[i]!, all.to[i]!, all.roles[i]!, all.calls[i]! < 0 ? '' : all.calls[i]!]))
    }
    default: {
      const domains = domainsOf(system)
      if (typeof domains === 'number') return domains
      return table(['SPACE', 'DOMAIN', 'MODE', 'WALL', 'STATE', 'SERVICES', 'ARENA', 'ALLOCATED', 'MEMORY', 'CALLS', 'RESTARTS'],
        domains.map(each => [each.spaces, each.labels, each.modes, each.walls, each.states, each.services, each.arenaBytes, each.allocatedBytes, each.memoryBytes, each.calls, each.restarts]))
    }
  }
}

/** All address spaces, as the core tells them a piece at a time. */
function domainsOf (system: SystemInformation): Domain[] | number {
  const domains: Domain[] = []
  for (let from = 0; ;) {
    const columns = system.domains(from)
    if (typeof columns === 'number') return columns
    if (columns.spaces.length === 0) return domains
    columns.spaces.forEach((_space, index) => {
      domains.push(Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values[index]])) as Domain)
    })
    from = columns.spaces[columns.spaces.length - 1]! + 1
  }
}

/** Memory that the system has of its host: all arenas, and the memories of programs. Free is what arenas have not given out. */
function memory (system: SystemInformation): string | number {
  const domains = domainsOf(system)
  if (typeof domains === 'number') return domains
  const sum = (of: (domain: Domain) => number): number => domains.reduce((total, domain) => total + of(domain), 0)
  const arenas = sum(domain => domain.arenaBytes)
  const programs = sum(domain => domain.memoryBytes)
  const free = arenas - sum(domain => domain.allocatedBytes)
  return fields({
    MemTotal: kilobytes(arenas + programs), MemFree: kilobytes(free), MemAvailable: kilobytes(free), Arenas: kilobytes(arenas), Programs: kilobytes(programs)
  })
}

function seconds (ns: number): string {
  return (ns / 1e9).toFixed(2)
}

/** As Linux escapes what stands in `mounts`. */
function spaced (text: string): string {
  return escaped(text).replaceAll(' ', '\\040')
}
