/** `kaleidos kernels` and `kaleidos kernels show`. */

import { styleText } from 'node:util'
import type { Plan } from '../link/index.ts'
import { drawPlan, planDot, planMermaid, wrap } from '../lab/index.ts'
import { columns, printJson } from './output.ts'
import { allKernels, allPresets, kernelNamed } from './architectures.ts'
import type { Walls } from './wall-option.ts'

export async function listKernels (options: { readonly json?: boolean }): Promise<number> {
  const plans = [...allKernels().values()]
  const presets = allPresets()
  if (options.json === true) return printJson([...plans, ...[...presets.values()].filter(preset => !plans.some(plan => plan.name === preset.name))])
  const indent = 2
  const lines = (text: string): string[] => wrap(text, columns() - indent).map(line => ' '.repeat(indent) + line)
  const show = (name: string, plan: Plan): void => {
    const domains = (mode: string): number => plan.domains.filter(domain => domain.mode === mode).length
    process.stdout.write([
      styleText('bold', name),
      ...lines(plan.name === name ? plan.summary : `the ${plan.name} kernel`),
      ...lines(`core ${plan.core} · domains: ${domains('supervisor')} supervisor, ${domains('user')} user`).map(line => styleText('dim', line)),
      ''
    ].join('\n'))
  }
  for (const plan of plans) show(plan.name, plan)
  process.stdout.write('\nPresets, each standing for a system that a comparison was published of (`compare` takes them by --kernel):\n\n')
  for (const [name, plan] of presets) show(name, plan)
  process.stdout.write('\n`kaleidos kernels show NAME` draws one.\n')
  return 0
}

export async function showKernel (
  name: string, options: { readonly wall?: Walls, readonly supervised?: boolean, readonly json?: boolean, readonly dot?: boolean, readonly mermaid?: boolean }
): Promise<number> {
  const plan = kernelNamed(name, options.wall, options.supervised)
  if (options.json === true) return printJson(plan)
  process.stdout.write(options.dot === true ? planDot(plan) : options.mermaid === true ? planMermaid(plan) : drawPlan(plan, columns()))
  return 0
}
