/** `kaleidos debug address`: who can address what, asked of a booted system. */

import { boot } from '../index.ts'
import { kernelNamed } from './architectures.ts'
import { printJson } from './output.ts'

export async function debugAddress (options: { readonly kernel: string, readonly json?: boolean }): Promise<number> {
  await using os = await boot({ kernel: kernelNamed(options.kernel) })
  const lines = os.addressability()
  if (options.json === true) return printJson(lines)
  const width = Math.max(...lines.map(({ domain }) => domain.length))
  for (const { domain, addresses } of lines) {
    process.stdout.write(`${domain.padEnd(width)}  can address  ${addresses.join(', ') || 'nothing'}\n`)
  }
  return 0
}
