// Random sequences of system calls on files, as values: drawn from a seed, written for the guest `script`, made on anything
// that can make them.

/** How each call's arguments are drawn and written: S a slot, P a path, N a number, L a letter. */
export const shapes = {
  open: 'SPNNNN', close: 'S', renumber: 'SS', read: 'SN', pread: 'SNN', write: 'SLN', pwrite: 'SNLN', seek: 'SNN', size: 'SN', fstat: 'S',
  stat: 'PN', list: 'P', mkdir: 'P', rmdir: 'P', unlink: 'P', readlink: 'P', times: 'PN', rename: 'PP', link: 'PP', symlink: 'PP'
} as const

export type Name = keyof typeof shapes

export interface Call {
  readonly name: Name
  readonly args: readonly (string | number)[]
}

export const SLOTS = 3
export const ACCESS = { READ: 1, WRITE: 2 } as const
const OPEN = { CREATE: 1, DIRECTORY: 2, EXCLUSIVE: 4, TRUNCATE: 8 } as const

export const paths = (call: Call): string[] => call.args.filter((_, i) => shapes[call.name][i] === 'P') as string[]

/** The line of a call for `script`. */
export function lineOf ({ name, args }: Call): string {
  return [name, ...args.map((arg, i) => shapes[name][i] === 'P' ? `=${arg}` : arg)].join(' ')
}

export type Draw = (below: number) => number

/** Mulberry32: all that a run does follows from its seed. */
export function drawOf (seed: number): Draw {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % below
  }
}

/** A sequence of calls. Few names and few slots, so that calls meet. */
export function sequence (seed: number, length: number): Call[] {
  const draw = drawOf(seed)
  // Every other one begins with something there.
  const calls: Call[] = draw(2) === 0 ? [] : [
    { name: 'mkdir', args: ['a'] }, { name: 'mkdir', args: ['a/b'] }, { name: 'open', args: [0, 'b', OPEN.CREATE, 3, 0, 1] },
    { name: 'write', args: [0, 'o', 5000] }, { name: 'open', args: [1, 'a/c', OPEN.CREATE, 3, 1, 1] }, { name: 'write', args: [1, 'p', 20] },
    { name: 'symlink', args: ['a/c', 'c'] }, { name: 'symlink', args: ['../b', 'a/a'] }
  ]
  while (calls.length < length) calls.push(...next(draw))
  return calls
}

function next (draw: Draw): Call[] {
  const pick = <T>(...choices: readonly T[]): T => choices[draw(choices.length)]!
  const name = (): string => pick('a', 'b', 'c', 'd')
  /** Mostly one that is there or could be: a name, in a directory or not; now and then a strange one. */
  function path (): string {
    if (draw(80) === 0) return pick('', '.', '..', '/a', 'a//b', './/a', 'x'.repeat(256), 'a/'.repeat(100))
    let text = name()
    for (let depth = pick(0, 0, 0, 0, 1, 1, 2); depth > 0; depth--) text += `/${draw(8) === 0 ? pick('..', '.') : name()}`
    return text + (draw(12) === 0 ? pick('/', '/.', '/..') : '')
  }
  const slot = draw(SLOTS)
  const call = (which: Name, ...args: (string | number)[]): Call => ({ name: which, args })
  switch (draw(36)) {
    case 0: case 1: case 2: case 3: case 4: case 5: case 6: {
      const flags = pick(0, 0, OPEN.CREATE, OPEN.CREATE, OPEN.CREATE, OPEN.CREATE, OPEN.CREATE | OPEN.EXCLUSIVE, OPEN.TRUNCATE, OPEN.CREATE | OPEN.TRUNCATE, OPEN.DIRECTORY)
      // Truncating what is opened for reading only is left open by POSIX.
      const access = (flags & OPEN.TRUNCATE) !== 0 ? pick(2, 3) : pick(1, 2, 3, 3)
      // A slot is free when it is opened: what is lost otherwise is a descriptor, on both sides.
      return [call('close', slot), call('open', slot, path(), flags, access, Number(draw(4) === 0), Number(draw(4) !== 0))]
    }
    case 7: return [call('close', slot)]
    case 8: return [call('renumber', slot, draw(SLOTS))]
    case 9: case 10: return [call('read', slot, pick(0, 1 + draw(20), 5000))]
    case 11: case 12: return [call('pread', slot, pick(0, draw(40), 4090), 1 + draw(20))]
    case 13: case 14: case 15: return [call('write', slot, pick('p', 'q', 'r'), pick(0, 1 + draw(30), 5000))]
    case 16: return [call('pwrite', slot, pick(0, draw(40), 4090, 9000), pick('s', 't'), 1 + draw(30))]
    case 17: case 18: return [call('seek', slot, pick(0, draw(50), -draw(20), 5000), pick(0, 1, 2))]
    case 19: return [call('size', slot, pick(0, draw(50), 4096, 10_000))]
    case 20: return [call('fstat', slot)]
    case 21: case 22: return [call('stat', path(), draw(2))]
    case 23: return [call('list', path())]
    case 24: case 25: return [call('mkdir', path())]
    case 26: return [call('rmdir', path())]
    case 27: return [call('unlink', path())]
    case 28: case 29: return [call('rename', path(), path())]
    case 30: return [call('link', path(), path())]
    case 31: return [call('symlink', pick('', '', '../', './', '/') + path(), path())]
    case 32: return [call('readlink', path())]
    // Where there is data, it is read and written again; so it is seen what a call before has done to it.
    case 33: case 34: return [call('seek', slot, 0, 0), call('read', slot, 5000)]
    default: return [call('times', path(), 1 + draw(999))]
  }
}
