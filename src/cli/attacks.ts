/** `kaleidos attacks`: hostile programs and servers under every kernel, and what each could reach. */

import { writeSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { attackCatalogue, attacksReport, attacksTable, runAttackCampaign, runAttacks } from '../lab/index.ts'
import type { ToldOfAttack } from '../lab/index.ts'
import type { Plan } from '../link/index.ts'
import { allKernels, allPresets, besideWalled, kernelNamed } from './architectures.ts'
import { CommandError, exitWith, failed, onSignals } from './exit.ts'
import { storedProgram } from './library.ts'
import { columns, printJson } from './output.ts'
import { progress } from './progress.ts'
import { suggestion } from './suggestion.ts'
import { version } from './version.ts'
import type { Walls } from './wall-option.ts'

export interface AttacksOptions {
  readonly kernel?: readonly string[]
  readonly attack?: readonly string[]
  readonly wall?: Walls
  readonly list?: boolean
  readonly json?: boolean
  readonly out?: string
}

/** Processes at a time: they are bound by the processor, and their silence is held against them. */
const PARALLEL_MAX = 4

/** The architectures, and the presets that are plans of their own. */
function everyKernel (): Plan[] {
  return [...new Map([...allKernels().values(), ...allPresets().values()].map(plan => [plan.name, plan])).values()]
}

export async function attacks (options: AttacksOptions): Promise<number> {
  const chosen = options.attack === undefined ? attackCatalogue : options.attack.flatMap(name => {
    const found = attackCatalogue.filter(attack => attack.name === name || attack.by === name)
    if (found.length > 0) return found
    const names = attackCatalogue.map(attack => attack.name)
    throw new CommandError(`no attack is named ${name}`, `${suggestion(name, names)}\`kaleidos attacks --list\` lists them; program, server and task stand for all of their kind.`)
  })
  if (options.list === true) return list(chosen)
  const kernels = besideWalled(options.kernel === undefined ? everyKernel() : [...new Set(options.kernel)].map(name => kernelNamed(name)), options.wall)
  const shown = progress()
  const signals = onSignals(signal => {
    shown.stop()
    exitWith({ signal })
  })
  const campaign = await (async () => {
    try {
      return await runAttackCampaign({
        kernels, attacks: [...new Set(chosen)], parallel: Math.min(PARALLEL_MAX, availableParallelism()), progress: shown.update,
        command: [process.execPath, process.argv[1]!, 'attacks', '--one-process']
      })
    } finally {
      shown.stop()
      signals.stop()
    }
  })()
  if (options.out !== undefined) {
    const command = ['kaleidos', 'attacks', ...process.argv.slice(process.argv.indexOf('attacks') + 1)].join(' ')
    await writeFile(options.out, attacksReport(campaign, { command, version: version(), date: new Date().toISOString().slice(0, 10) })).catch((error: Error) => {
      throw new CommandError(`--out ${options.out}: ${error.message}`, 'Name a file that can be written.')
    })
  }
  if (options.json === true) printJson(campaign)
  else process.stdout.write(`${attacksTable(campaign, columns())}\n${options.out === undefined ? '' : `\nReport: ${pathToFileURL(resolve(options.out)).href}\n`}`)
  return campaign.outcomes.some(outcome => outcome.broken.length > 0) ? failed : 0
}

function list (chosen: typeof attackCatalogue): number {
  const width = Math.max(...chosen.map(({ name }) => name.length)) + 2
  for (const { name, by, term, tries } of chosen) process.stdout.write(`${name.padEnd(width)}${by}: ${tries} (${term})\n`)
  return 0
}

/** The other side of the campaign: runs attacks under one plan, given as JSON, and tells of each by a line. */
export async function attackHere (plan: string, names: readonly string[]): Promise<number> {
  // At once, whatever becomes of this process in the next moment, and by a function that nobody has changed since.
  const write = writeSync
  const text = JSON.stringify
  const tell = (told: ToldOfAttack): void => { write(1, `${text(told)}\n`) }
  await runAttacks(names, JSON.parse(plan) as Plan, name => storedProgram(name).bytes, tell)
  // What an attack has left running is not waited for.
  process.exit(0)
}
