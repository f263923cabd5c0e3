/** The answer of a prediction for one machine, in a sentence. */

import { geometricMean } from '../answer.ts'
import { ratio } from '../units.ts'
import type { Conclusion, Predicted, Prediction } from './prediction.ts'

/** How many times as long as the cheapest, by kernel: the geometric mean over the operations that all did. */
export function factorsOf ({ cells, kernels, workloads }: Prediction, machine: string): Map<string, number> {
  const modelled = cells.filter((cell): cell is Predicted => cell.outcome === 'modelled' && cell.machine === machine)
  const common = workloads.filter(workload => modelled.filter(cell => cell.workload === workload.name).length === kernels.length)
  const batched = common.filter(workload => workload.sample === 'batch')
  const basis = new Set((batched.length > 0 ? batched : common).map(workload => workload.name))
  if (basis.size === 0) return new Map()
  const means = kernels.map(({ name }) => {
    return [name, geometricMean(modelled.filter(cell => cell.kernel === name && basis.has(cell.workload)).map(cell => cell.cycles))] as const
  })
  const least = Math.min(...means.map(([, mean]) => mean))
  return new Map(means.map(([name, mean]) => [name, mean / least]))
}

export function verdictOf (prediction: Prediction, machine: string): string {
  const factors = [...factorsOf(prediction, machine)].toSorted((a, b) => a[1] - b[1])
  if (factors.length < 2) return `On ${machine}:`
  const [[fastest], ...others] = factors as [[string, number], ...[string, number][]]
  const sentence = `On ${machine}, ${fastest} is cheapest; ${others.map(([name, factor]) => `${name} costs ${ratio(factor)}`).join(', ')} (geometric mean of what all do).`
  return prediction.samples === 0 ? sentence : `${sentence} ${certaintyOf(prediction.conclusions.filter(conclusion => conclusion.machine === machine))}`
}

/** How far the conclusions hold over the samples. */
function certaintyOf (conclusions: readonly Conclusion[]): string {
  const open = conclusions.filter(({ agree, of }) => agree < of)
  if (open.length === 0) return `Which of two kernels is slower is the same in all ${conclusions[0]?.of ?? 0} samples, for every operation.`
  const least = open.toSorted((a, b) => a.agree - b.agree).slice(0, 3)
  return `Of ${conclusions.length} conclusions ${conclusions.length - open.length} hold in all samples; least certain: ` +
    `${least.map(({ workload, slower, faster, agree, of }) => `${slower} slower than ${faster} at ${workload} (${agree} of ${of})`).join(', ')}.`
}
