/**
 * `kaleidos run --snapshot FILE` and `kaleidos restore FILE`: a program that waits, saved when somebody says so, and taken up.
 *
 * The signal is SIGUSR2: at a moment that nobody says the program may only be waiting for its first input to arrive. What is saved is
 * its user's alone to read, since it holds all that the system does.
 */

import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { SnapshotError, restore as restoreSystem } from '../index.ts'
import type { OperatingSystem } from '../os/index.ts'
import { CommandError, failed, type Ending } from './exit.ts'
import { folders } from './library.ts'
import type { Directory } from './options.ts'
import { endingOf, passSignals, say } from './run.ts'

const SIGNAL = 'SIGUSR2'

export interface Saving {
  /** Settles once the system was saved; never, where nobody says so. */
  readonly saved: Promise<void>
  readonly stop: () => void
}

/** Saves a system to a file whenever the signal comes, until it has been. */
export function savingTo (path: string, os: OperatingSystem): Saving {
  let stop = (): void => {}
  const saved = new Promise<void>((resolve, reject) => {
    const save = async (): Promise<void> => {
      try {
        const { bytes, identity } = await os.snapshot()
        // Whole, or not at all.
        writeFileSync(`${path}.part`, bytes, { mode: 0o600 })
        renameSync(`${path}.part`, path)
        say(`kaleidos: saved to ${path} (${bytes.length} bytes, ${identity.slice(0, 12)}); kaleidos restore ${path} goes on\n`)
        resolve()
      } catch (error) {
        if (error instanceof SnapshotError) say(`kaleidos: ${error.message}\n`)
        else reject(new CommandError(`--snapshot ${path}: ${(error as Error).message}`, 'Name a file that can be written.'))
      }
    }
    const act = (): void => { void save() }
    process.on(SIGNAL, act)
    stop = () => { process.off(SIGNAL, act) }
  })
  return { saved, stop: () => { stop() } }
}

export interface RestoreOptions {
  readonly dir?: readonly Directory[]
  readonly snapshot?: string
  readonly json?: boolean
}

export async function restore (path: string, options: RestoreOptions): Promise<Ending> {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new CommandError(`${path} cannot be read: ${(error as Error).message}`, 'Give the file that kaleidos run --snapshot has made.')
  }
  const startedNs = process.hrtime.bigint()
  await using os = await taken(bytes, path, options)
  const [child] = os.processes.values()
  if (child === undefined) throw new CommandError(`${path}: no program runs in this system`, 'Take it up by the library: restore(bytes).', failed)
  const saving = options.snapshot === undefined ? null : savingTo(options.snapshot, os)
  const signals = passSignals(child)
  try {
    const exit = await Promise.race([child.wait(), ...(saving === null ? [] : [saving.saved.then(() => null)])])
    if (exit === null) return 0
    const stats = os.stats()
    await os.close()
    return endingOf(path, exit, signals.received(), { kernel: os.kernel.name, ...options }, {
      kernel: os.kernel.name, program: path, exit, machine: 'live', bootNs: Math.round(stats.bootNs), elapsedNs: Number(process.hrtime.bigint() - startedNs), counters: stats.counters
    })
  } finally {
    signals.stop()
    saving?.stop()
  }
}

async function taken (bytes: Uint8Array, path: string, { dir = [] }: RestoreOptions): Promise<OperatingSystem> {
  try {
    return await restoreSystem(bytes, { shares: folders(dir).shares, console: true })
  } catch (error) {
    if (error instanceof SnapshotError) throw new CommandError(`${path}: ${error.message.replace(/^restore: /, '').replace('by shares', 'by --dir')}`, 'See docs/snapshots.md.', failed)
    throw error
  }
}
