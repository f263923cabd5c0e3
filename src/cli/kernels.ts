/** `kaleidos kernels` and `kaleidos kernels show`. */

import { styleText } from 'node:util'
import { drawPlan, planDot, planMermaid, wrap } from '../lab/index.ts'
import { columns, printJson } from './output.ts'
import { allKernels, kernelNamed } from './architectures.ts'

export async function listKernels (options: { readonly json?: boolean }): Promise<number> {
  const plans = [...allKernels().values()]
  if (options.json === true) return printJson(plans)
  const indent = 2
  const lines = (text: string): string[] => wrap(text, columns() - indent).map(line => ' '.repeat(indent) + line)
  for (const plan of plans) {
    const domains = (mode: string): number => plan.domains.filter(domain => domain.mode === mode).length
    process.stdout.write([
      styleText('bold', plan.name),
      ...lines(plan.summary),
      ...lines(`core ${plan.core} · domains: ${domains('supervisor')} supervisor, ${domains('user')} user`).map(line => styleText('dim', line)),
      ''
    ].join('\n'))
  }
  process.stdout.write('\n`kaleidos kernels show NAME` draws one.\n')
  return 0
}

export async function showKernel (
  name: string, options: { readonly json?: boolean, readonly dot?: boolean, readonly mermaid?: boolean }
): Promise<number> {
  const plan = kernelNamed(name)
  if (options.json === true) return printJson(plan)
  process.stdout.write(options.dot === true ? planDot(plan) : options.mermaid === true ? planMermaid(plan) : drawPlan(plan, columns()))
  return 0
}
