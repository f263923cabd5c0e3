/** Where the modules lie that run in other threads and processes of the host. */

/** The URL of a module of this folder, from the sources, the package, or a file into which the command was put together. */
function moduleOf (name: string): string {
  // In these words: where the command is put together, they are what is put in place of it.
  const url = import.meta.url
  return new URL(`../os/${name}.${url.endsWith('.ts') ? 'ts' : 'js'}`, url).href
}

/** What runs where a domain of services stands elsewhere. */
export const occupantOf = (): string => moduleOf('occupant')
