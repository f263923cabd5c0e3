/** `kaleidos validate`: published comparisons of architectures beside what the model says. */

import { existsSync, readFileSync } from 'node:fs'
import { boot, loadProgram, modelMachine } from '../index.ts'
import { programsNeeded, sensitivity, sensitivityText, validate as validateModel, validationText, type StoredProgram } from '../lab/index.ts'
import { failed } from './exit.ts'
import { storedProgram } from './library.ts'
import { columns, printJson } from './output.ts'
import { progress } from './progress.ts'

export interface ValidateOptions {
  readonly sensitivity?: boolean
  readonly json?: boolean
}

/** Where `npm run programs:real` puts it. */
const sqlite = new URL('../../out/real/sqlite3.wasm', import.meta.url)

export async function validate (options: ValidateOptions): Promise<number> {
  const programs = new Map<string, StoredProgram>(programsNeeded.map(name => [name, storedProgram(name)]))
  if (existsSync(sqlite)) {
    const bytes = readFileSync(sqlite)
    programs.set('sqlite3', { program: loadProgram(bytes, { name: 'sqlite3.wasm' }), bytes })
  }
  const shown = progress()
  const found = await (async () => {
    try {
      const library = { boot, loadProgram, modelMachine }
      const given = { programs, progress: shown.update }
      const validation = await validateModel(library, given)
      const inputs = options.sensitivity === true ? await sensitivity(library, given, 'pentium', ['getpid', 'pipe latency']) : null
      return { validation, inputs }
    } finally {
      shown.stop()
    }
  })()
  if (options.json === true) {
    const { tried, ...validation } = found.validation
    const explanations = [...tried].map(([{ figure, kind }, of]) => ({
      id: figure.id, quantity: figure.quantity, system: figure.system, kind,
      tried: of.map(({ reason: { name, why, source }, modelled, error, met }) => ({ reason: name, why, source, modelled, error, met }))
    }))
    printJson({ ...found, validation: { ...validation, explanations } })
  } else {
    process.stdout.write(`${validationText(found.validation, columns())}\n`)
    if (found.inputs !== null) process.stdout.write(`\n${sensitivityText(found.inputs, columns())}\n`)
  }
  return found.validation.unexplained.length > 0 ? failed : 0
}
