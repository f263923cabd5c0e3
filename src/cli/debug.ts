/** `kaleidos debug address`: who can address what, asked of a booted system in which a program runs. */

import { boot, modelMachine } from '../index.ts'
import { wrap } from '../lab/index.ts'
import { kernelNamed } from './architectures.ts'
import { storedProgram } from './library.ts'
import { chosenModel, type MachineOptions } from './machine-option.ts'
import { columns, printJson } from './output.ts'
import type { Walls } from './wall-option.ts'

/** Waits for input until it is killed with the system. */
const example = 'cat'

export async function debugAddress (options: MachineOptions & { readonly kernel: string, readonly wall?: Walls, readonly json?: boolean }): Promise<number> {
  const { bytes } = storedProgram(example)
  const model = chosenModel(options)
  await using os = await boot({
    kernel: kernelNamed(options.kernel, options.wall),
    ...(model === null ? {} : { machine: modelMachine({ profile: model.json, processors: model.processors, seed: model.seed }) })
  })
  const number = await os.spawn(bytes, { args: [example] }).started
  const lines = os.addressability()
  if (options.json === true) return printJson(lines)
  const width = Math.max(...lines.map(({ domain }) => domain.length))
  for (const { domain, addresses } of lines) {
    process.stdout.write(`${domain.padEnd(width)}  can address  ${addresses.join(', ') || 'nothing'}\n`)
  }
  const legend = `${example} (${number}): a program that was started to be seen here` +
    (lines.some(({ domain }) => domain === 'host') ? '; host: this command, which started it.' : '.')
  process.stdout.write(`\n${wrap(legend, columns()).join('\n')}\n`)
  return 0
}
