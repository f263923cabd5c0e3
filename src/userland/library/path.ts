/** Paths as texts. */

/** Without `.`, `..` and doubled slashes; `..` takes the name before it off, whatever that is. */
export function normalized (path: string): string {
  const out: string[] = []
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue
    if (name === '..' && out.length > 0 && out.at(-1) !== '..') out.pop()
    else if (name !== '..' || !path.startsWith('/')) out.push(name)
  }
  const joined = out.join('/')
  return path.startsWith('/') ? `/${joined}` : joined === '' ? '.' : joined
}

export function joined (folder: string, name: string): string {
  return folder.endsWith('/') ? `${folder}${name}` : `${folder}/${name}`
}

/** The last name of a path, as basename(1) gives it. */
export function baseName (path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '' : '/'
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}

/** What stands before the last name, as dirname(1) gives it. */
export function directoryName (path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '.' : '/'
  const slash = trimmed.lastIndexOf('/')
  return slash < 0 ? '.' : trimmed.slice(0, slash).replace(/\/+$/, '') || '/'
}
