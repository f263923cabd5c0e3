/**
 * Pathname expansion: a pattern to the names of the files it matches, sorted.
 *
 * A slash is matched by a slash alone, a dot at the start of a name by a dot alone.
 * Source: POSIX.1-2024, Shell Command Language 2.14.3.
 */

import { isPattern, patternRegExp, unescapePattern } from '../text/pattern.ts'

export interface Tree {
  /** The names in a directory; none where it cannot be read. */
  directory (path: string): Promise<readonly { readonly name: string, readonly directory: boolean }[]>
  exists (path: string): Promise<boolean>
}

/** Paths that match, sorted by their characters; none when nothing does. */
export async function expandPathnames (pattern: string, tree: Tree): Promise<string[]> {
  if (!isPattern(pattern)) return []
  const components = splitPath(pattern)
  let found = [pattern.startsWith('/') ? '/' : '']
  for (const [at, component] of components.entries()) {
    const last = at === components.length - 1
    const next: string[] = []
    for (const base of found) next.push(...await step(base, component, last, tree))
    if (next.length === 0) return []
    found = next
  }
  return found.map(path => pattern.endsWith('/') && !path.endsWith('/') ? `${path}/` : path).toSorted(byCharacters)
}

async function step (base: string, component: string, last: boolean, tree: Tree): Promise<string[]> {
  if (!isPattern(component)) {
    const path = `${base}${unescapePattern(component)}`
    if (!last) return [`${path}/`]
    return await tree.exists(path) ? [path] : []
  }
  const matcher = patternRegExp(component)
  const dotted = component.startsWith('.') || component.startsWith('\\.')
  const names = await tree.directory(base === '' ? '.' : base)
  return names
    .filter(({ name, directory }) => (last || directory) && (dotted || !name.startsWith('.')) && matcher.test(name))
    .map(({ name }) => `${base}${name}${last ? '' : '/'}`)
}

/** The components of a pattern; a slash in a bracket is none of its own. */
function splitPath (pattern: string): string[] {
  return pattern.split('/').filter(component => component !== '')
}

/** The order of the C locale. */
export function byCharacters (a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
