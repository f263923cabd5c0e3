/** `--wall DOMAIN=WALL`: other walls than a plan has (architectures.ts puts them there). */

import { walls } from '../walls/index.ts'
import type { WallName } from '../walls/index.ts'
import { CommandError } from './exit.ts'
import type { ValueOption } from './run-options.ts'
import { suggestion } from './suggestion.ts'

/** By domain; `*` for all servers that can stand there. */
export type Walls = Readonly<Record<string, WallName>>

export function parseWall (word: string, earlier: Walls | undefined): Walls {
  const [, domain, wall] = /^([^=]+)=(.+)$/.exec(word) ?? []
  if (domain === undefined || wall === undefined) throw new CommandError(`--wall ${word}: a domain, = and a wall`, 'For example: --wall ramfs=thread, or --wall \'*=thread\' for all servers that can.')
  if (!Object.hasOwn(walls, wall)) throw new CommandError(`--wall ${word}: there is no wall '${wall}'`, `${suggestion(wall, Object.keys(walls))}There are: ${Object.keys(walls).join(', ')}.`)
  return { ...earlier, [domain]: wall as WallName }
}

export const wallOption: ValueOption = {
  flags: '--wall <domain=wall>', text: 'put a domain behind another wall: ramfs=thread, ramfs=process, or *=thread for all servers that can; may be repeated', parse: parseWall
}
