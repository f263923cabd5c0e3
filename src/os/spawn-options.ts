/** What `spawn` and `react` are given, checked for those whom no compiler tells: a wrong option is a TypeError that says so. */

import type { SpawnOptions } from './api.ts'

const known: Readonly<Record<keyof SpawnOptions, true>> = {
  args: true, env: true, stdin: true, stdout: true, stderr: true, preopens: true, listen: true, ignoreSigpipe: true, cwd: true, group: true, signal: true, priority: true, limits: true
}
/** Of a reactor only; `react` is checked with them. */
const ofReactor: readonly string[] = ['imports', 'sliceMs']

/** Throws a TypeError for the first option that cannot be meant. */
export function checkSpawnOptions (operation: 'spawn' | 'react', options: SpawnOptions): void {
  if (typeof options !== 'object' || options === null) throw new TypeError(`${operation}: options are an object, such as { args: ['program', 'argument'] }`)
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name) && !(operation === 'react' && ofReactor.includes(name))) {
      throw new TypeError(`${operation}: there is no option '${name}'; there are ${Object.keys(known).join(', ')}`)
    }
  }
  const { args, env, stdin, signal } = options
  if (args !== undefined && !(Array.isArray(args) && args.every(each => typeof each === 'string'))) {
    throw new TypeError(`${operation}: args is a list of texts, the program's name first: ['program', 'argument']`)
  }
  if (env !== undefined) {
    if (typeof env !== 'object' || env === null) throw new TypeError(`${operation}: env is an object of texts: { NAME: 'value' }`)
    for (const [name, value] of Object.entries(env)) {
      if (typeof value !== 'string') throw new TypeError(`${operation}: env.${name} is a text, not ${typeof value}`)
    }
  }
  // Streams and signals are looked at last: in some hosts the mere mention of their classes loads them.
  const isBytes = stdin instanceof ArrayBuffer || ArrayBuffer.isView(stdin)
  if (stdin !== undefined && stdin !== null && typeof stdin !== 'string' && !isBytes && !(stdin instanceof ReadableStream)) {
    throw new TypeError(`${operation}: stdin is a text, bytes, a ReadableStream, 'pipe', 'inherit' or null`)
  }
  for (const name of ['stdout', 'stderr'] as const) {
    const given = options[name]
    if (given !== undefined && given !== null && given !== 'pipe' && given !== 'inherit') throw new TypeError(`${operation}: ${name} is 'pipe', 'inherit' or null`)
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw new TypeError(`${operation}: signal is an AbortSignal, such as AbortSignal.timeout(1000)`)
}
