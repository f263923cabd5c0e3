/** `domains`, a command of the shell's: which servers the kernel makes anew, and killing one to see it. It is host code: no program has that right. */

import type { DomainAccess, Task } from '../os/index.ts'

const usage = 'usage: domains             servers that are made anew: state, restarts\n       domains kill NAME   end one, as a fault of its own would\n'

/** `access` is asked for when the command runs: by then the system is there. */
export function domainsTask (access: () => DomainAccess): Task {
  return async calls => {
    const [, verb, name, ...more] = calls.args
    const fail = async (message: string): Promise<number> => {
      await calls.write(2, message)
      return 1
    }
    if (more.length > 0 || (verb !== undefined && (verb !== 'kill' || name === undefined))) return await fail(usage)
    const all = await access().list()
    if (all.length === 0) return await fail('domains: this kernel makes no server anew; try kaleidos shell --kernel microkernel --supervised\n')
    if (verb === 'kill') {
      if (!all.some(domain => domain.name === name)) return await fail(`domains: ${name}: no such server; there are ${all.map(domain => domain.name).join(', ')}\n`)
      await access().kill(name!)
      return 0
    }
    const width = Math.max('DOMAIN'.length, ...all.map(domain => domain.name.length))
    const rows = [['DOMAIN', 'STATE', 'RESTARTS'], ...all.map(({ name: domain, state, restarts }) => [domain, state, String(restarts)])]
    await calls.write(1, rows.map(row => `${row[0]!.padEnd(width)}  ${row[1]!.padEnd(9)}  ${row[2]!}\n`).join(''))
    return 0
  }
}
