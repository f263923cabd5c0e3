/**
 * A script that runs in one process after another, with what the engine compiled of it kept in between: a code cache.
 *
 * Node's own compile cache holds a script as it is compiled at first, before any of its functions is called: those that a start
 * calls are read and compiled again in each process, which takes longer than running them. Here the code is taken after the
 * script has run, and has them.
 *
 * - What is kept runs unchecked. It is guarded as rewritten programs are (`kept-bytes-node.ts`), and its sums have to hold:
 *   the engine ends the process over damaged code.
 * - The engine refuses the code of another version of itself, of other flags, and of a source of another length. The key
 *   tells what it cannot: which script it was.
 * - A script that runs so has `require`, which takes modules too, and no `import()`: Node has that for such scripts as an experiment.
 * - What ran for long is not kept: of functions that are no longer called, the engine has let the code go.
 *
 * Source: V8, Code caching for JavaScript developers; Node's `vm.Script`.
 */

import { readFileSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { Script } from 'node:vm'
import { keptIn } from './kept-bytes-node.ts'

/** Of all scripts and versions together: what was used longest ago goes first. */
const FOLDER_BYTES_MAX = 16 * 1024 * 1024
/** Of a process whose code is kept. */
const UPTIME_S_MAX = 10
const HEAD = '(function (exports, require, module, __filename, __dirname) {'

/** What a CommonJS script is given. */
export interface ScriptScope {
  readonly module: { readonly exports: object }
  readonly require: (name: string) => unknown
}

/**
 * Runs the script in a file of ASCII as Node would `require` it; whether the engine took what was kept of it. `identity` is
 * another for each content of the file. Without a folder nothing is kept.
 */
export function runKept (path: string, identity: string, folder: string | undefined, { module, require }: ScriptScope): boolean {
  const store = folder === undefined ? null : keptIn(folder, FOLDER_BYTES_MAX)
  // Whoever edits the file by hand has another one, though they leave its length as it is.
  const key = `code ${identity} ${statSync(path).mtimeMs} ${process.version} ${process.versions.v8} ${process.arch}`
  const code = store?.get(key) ?? null
  const script = new Script(`${HEAD}${readFileSync(path, 'latin1')}\n})`, {
    filename: path, columnOffset: -HEAD.length, ...(code === null ? {} : { cachedData: code })
  })
  const body = script.runInThisContext() as (...given: unknown[]) => void
  body.call(module.exports, module.exports, require, module, path, dirname(path))
  const taken = code !== null && script.cachedDataRejected !== true
  if (store === null || taken) return taken
  process.once('exit', () => {
    if (process.uptime() < UPTIME_S_MAX) store.put(key, [script.createCachedData()])
  })
  return false
}
