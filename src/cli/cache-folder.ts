/** Where the command keeps what spares the next start work: KALEIDOS_CACHE, or a folder of this user's caches. */

import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'

/** Programs that were rewritten, or the engine's code of the command itself. */
export type Kept = 'rewritten' | 'code'

/** The folder of one kind; undefined where nothing is to be kept. */
export function cacheFolder (kind: Kept, env: NodeJS.ProcessEnv = process.env, platform: string = process.platform): string | undefined {
  const chosen = env.KALEIDOS_CACHE
  if (chosen === 'off' || chosen === '') return undefined
  return join(chosen ?? join(userCaches(env, platform), 'kaleidos'), kind)
}

/** Source: XDG Base Directory Specification 0.8, which says to ignore a path that is not absolute. */
function userCaches (env: NodeJS.ProcessEnv, platform: string): string {
  const { XDG_CACHE_HOME: xdg, LOCALAPPDATA: local } = env
  if (xdg !== undefined && isAbsolute(xdg)) return xdg
  if (platform === 'win32' && local !== undefined) return local
  return platform === 'darwin' ? join(homedir(), 'Library', 'Caches') : join(homedir(), '.cache')
}
