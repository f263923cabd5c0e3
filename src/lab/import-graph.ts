/**
 * The code that runs when modules are used: the closure over the imports of sources that are left when types are gone.
 *
 * - Static and dynamic imports of relative paths, re-exports, and the files of workers. `import type`, `export type` and
 *   names marked `type` leave no trace at run time and are not followed.
 * - Through a re-export only the names that are wanted are followed: a folder's index.ts lists all that it has, and who
 *   takes one name of it does not use the rest.
 * - Packages and host modules are not code of this tree: they are returned by name.
 */

import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { withoutComments } from './source-lines.ts'

export interface ImportGraph {
  /** Absolute paths of modules of the tree. */
  readonly modules: ReadonlySet<string>
  /** Names of modules that are not. */
  readonly outside: ReadonlySet<string>
}

/** `'*'` is every name. */
type Wanted = readonly string[] | '*'

/** A static import or re-export, or a module that is loaded in another way (`clause` is then empty). */
interface Reference {
  readonly target: string
  /** Names taken of the target. */
  readonly takes: readonly { readonly name: string, readonly as: string }[] | '*'
  readonly reexport: boolean
}

/** What `roots` (absolute paths) use, themselves included. */
export function importGraph (roots: Iterable<string>): ImportGraph {
  const modules = new Map<string, readonly Reference[]>()
  const outside = new Set<string>()
  const done = new Set<string>()
  const queue: [path: string, wanted: Wanted][] = [...roots].map(path => [path, '*'])
  const want = (from: string, target: string, wanted: Wanted): void => {
    if (target.startsWith('.')) queue.push([resolve(dirname(from), target), wanted])
    else outside.add(target)
  }
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const [path, wanted] = next
    const key = `${path}\n${wanted === '*' ? wanted : wanted.join()}`
    if (done.has(key)) continue
    done.add(key)
    const known = modules.get(path)
    const references = known ?? referencesOf(readFileSync(path, 'utf8'))
    modules.set(path, references)
    for (const reference of references) {
      if (reference.reexport) {
        const names = reexported(reference, wanted)
        if (names === '*' || names.length > 0) want(path, reference.target, names)
      } else if (known === undefined) {
        want(path, reference.target, reference.takes === '*' ? '*' : reference.takes.map(({ name }) => name))
      }
    }
  }
  return { modules: new Set(modules.keys()), outside }
}

/** The names that a re-export has to take of its target so that `wanted` are there. */
function reexported ({ takes }: Reference, wanted: Wanted): Wanted {
  if (takes === '*') return wanted
  return takes.filter(({ as }) => wanted === '*' || wanted.includes(as)).map(({ name }) => name)
}

const statement = /(?:^|[;\n])\s*(import|export)\s(?!type\s)([^'"`;()]*?)\bfrom\s*['"]([^'"]+)['"]/g
const wholeModule = [
  /(?:^|[;\n])\s*import\s*['"]([^'"]+)['"]/g,
  /\bimport\(\s*['"]([^'"]+)['"]/g,
  /\bnew URL\(\s*['"](\.[^'"]+\.[tj]s)['"]\s*,\s*import\.meta\.url/g
]

/** What a source refers to when it runs. */
export function referencesOf (text: string): Reference[] {
  // A program that is written in a template imports nothing.
  const source = withoutComments(text, template => template.replace(/[^\n`]/g, ' '))
  const found: Reference[] = []
  for (const [, word, clause, target] of source.matchAll(statement)) {
    const takes = namesOf(clause!)
    if (takes === '*' || takes.length > 0) found.push({ target: target!, takes, reexport: word === 'export' })
  }
  for (const form of wholeModule) {
    for (const [, target] of source.matchAll(form)) found.push({ target: target!, takes: '*', reexport: false })
  }
  return found
}

function namesOf (clause: string): Reference['takes'] {
  const braces = /\{([^}]*)\}/.exec(clause)
  if (braces === null) return '*'
  return braces[1]!.split(',').map(name => name.trim()).filter(name => name !== '' && !name.startsWith('type ')).map(name => {
    const [from, as] = name.split(/\s+as\s+/)
    return { name: from!, as: as ?? from! }
  })
}
