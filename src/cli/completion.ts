/** Completion of a command line: commands, variables, files. */

import type { OperatingSystem } from '../os/index.ts'
import type { Completion } from '../userland/index.ts'

/** Keeps what the last list of a folder was for: nothing; folders change. */
export async function complete (os: OperatingSystem, line: string, { state, builtins }: Completion): Promise<[string[], string]> {
  const word = wordBefore(line)
  const before = line.slice(0, line.length - word.length)
  const variable = /\$(\{?)(\w*)$/.exec(word)
  if (variable !== null) {
    const start = variable[1]!
    const names = state.variables.names(variable[2]!)
    return [names.map(name => `$${start}${name}${start === '' ? '' : '}'}`), variable[0]]
  }
  const isCommand = /(^|[|&;(!`{]|\$\(|\b(then|do|else|if|while|until|time|sudo|xargs|env|nohup)\s)\s*$/.test(before)
  if (isCommand && !word.includes('/')) {
    const found = new Set([...builtins, ...state.functions.keys(), ...state.aliases.keys()])
    for (const folder of (state.variables.get('PATH') ?? '').split(':')) {
      for (const name of await os.fs.readdir(folder).catch(() => [])) found.add(name.replace(/\.wasm$/, ''))
    }
    const names = [...found].filter(name => name.startsWith(word) && /^[\w.-]+$/.test(name)).toSorted()
    if (names.length > 0) return [names.map(name => `${name} `), word]
  }
  return await completeFile(os, word, state.variables.get('PWD') ?? '/', state.variables.get('HOME') ?? '/', /(^|\s)cd\s+$/.test(before))
}

async function completeFile (os: OperatingSystem, word: string, directory: string, home: string, onlyFolders: boolean): Promise<[string[], string]> {
  const plain = word.replace(/\\(.)/g, '$1').replace(/^["']/, '')
  const slash = plain.lastIndexOf('/')
  const [folder, start] = [plain.slice(0, slash + 1), plain.slice(slash + 1)]
  const expanded = folder.replace(/^~\//, `${home}/`)
  const path = expanded.startsWith('/') ? expanded : `${directory}/${expanded}`
  const names = (await os.fs.readdir(path === '' ? '/' : path).catch(() => []))
    .filter(name => name.startsWith(start) && name !== '.' && name !== '..' && (start.startsWith('.') || !name.startsWith('.')))
  const out: string[] = []
  for (const name of names.toSorted()) {
    const isFolder = (await os.fs.stat(`${path}/${name}`).catch(() => null))?.type === 'directory'
    if (onlyFolders && !isFolder) continue
    out.push(`${escapeName(folder + name)}${isFolder ? '/' : ' '}`)
  }
  return [out, word]
}

/** What of the line is the word that ends it; quotes and backslashes keep one together. */
function wordBefore (line: string): string {
  return /(?:[^\s'"\\|&;()<>`]|\\.|"[^"]*"?|'[^']*'?)*$/.exec(line)![0]
}

function escapeName (name: string): string {
  return name.replace(/[\s'"\\$`&|;()<>*?[\]#!{}]/g, '\\$&')
}
