/** Where the command keeps programs that it has rewritten: KALEIDOS_CACHE, or a folder of this user's caches. */

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Undefined where nothing is to be kept. */
export function cacheFolder (env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string | undefined {
  const chosen = env.KALEIDOS_CACHE
  if (chosen === 'off' || chosen === '') return undefined
  return join(chosen ?? join(userCaches(env, platform), 'kaleidos'), 'rewritten')
}

/** Source: XDG Base Directory Specification 0.8, which says to ignore a path that is not absolute. */
function userCaches (env: NodeJS.ProcessEnv, platform: string): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env
  if (xdg !== undefined && isAbsolute(xdg)) return xdg
  if (platform === 'win32' && local !== undefined) return local
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}
