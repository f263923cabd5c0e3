/** Paths with every link in them resolved, as realpath(3). */

import { directoryName, joined } from './path.ts'
import { Failure } from './tool.ts'
import type { Tool } from './tool.ts'
import { statOrNull } from './tree.ts'

const LINKS_MAX = 40

/** The path with every link resolved. `missing`: how many names at its end need not be there. */
export async function resolvePath (tool: Tool, path: string, missing: 'none' | 'last' | 'any'): Promise<string> {
  const absolute = path.startsWith('/') ? path : joined(await tool.calls.cwd(), path)
  const left = absolute.split('/').filter(name => name !== '' && name !== '.').reverse()
  let done = '/'
  for (let links = 0; left.length > 0;) {
    const name = left.pop()!
    if (name === '..') {
      done = directoryName(done)
      continue
    }
    const next = joined(done, name)
    const stat = await statOrNull(tool, next, false)
    if (stat === null && (missing === 'none' || (missing === 'last' && left.length > 0))) throw new Failure(`${path}: No such file or directory`)
    if (stat?.type === 'symlink') {
      if (++links > LINKS_MAX) throw new Failure(`${path}: Too many levels of symbolic links`)
      const target = await tool.calls.readlink(next)
      if (target.startsWith('/')) done = '/'
      left.push(...target.split('/').filter(part => part !== '' && part !== '.').reverse())
      continue
    }
    done = next
  }
  return done
}
