/** Commands that run others. */

import type { TaskCalls } from '../../os/index.ts'

/** The path of a command by name, by PATH. */
export async function findCommand (calls: TaskCalls, name: string): Promise<string | undefined> {
  if (name.includes('/')) return name
  for (const folder of (calls.env['PATH'] ?? '/bin').split(':')) {
    for (const path of [`${folder === '' ? '.' : folder}/${name}`, `${folder === '' ? '.' : folder}/${name}.wasm`]) {
      const stat = await calls.stat(path).catch(() => null)
      if (stat?.type === 'file') return path
    }
  }
  return undefined
}
