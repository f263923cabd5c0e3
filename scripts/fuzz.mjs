// `npm run fuzz -- --calls N --seed S`: the same hostile calls to every kernel (test/hostile/fuzz). Both have defaults; the seed
// that was used is printed. Ends with 1 when a kernel failed.

import { parseArgs } from 'node:util'
import { errnoName } from '../src/fiber/index.ts'
import { describe, fuzz } from '../test/hostile/fuzz/fuzz.ts'

const { values } = parseArgs({ options: { calls: { type: 'string', default: '1000000' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) } } })
const calls = Number(values.calls)
const seed = Number(values.seed)
if (!Number.isSafeInteger(calls) || calls < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  process.stderr.write('fuzz: --calls and --seed are whole numbers: npm run fuzz -- --calls 1000000 --seed 1\n')
  process.exit(2)
}
process.stdout.write(`fuzz: ${calls} calls of each kernel, from seed ${seed} on\n`)
const startedMs = performance.now()
const told = await fuzz(seed, calls)
const seconds = (performance.now() - startedMs) / 1000
for (const [name, answers] of [...told.answers].sort()) {
  const all = [...answers.values()].reduce((sum, count) => sum + count, 0)
  const often = [...answers].filter(([answer]) => answer > 0).sort((a, b) => b[1] - a[1]).slice(0, 6).map(([answer, count]) => `${errnoName(answer)} ${count}`)
  process.stdout.write(`  ${name.padEnd(24)} ${String(all).padStart(8)}, ${String(answers.get(0) ?? 0).padStart(7)} went well; ${often.join(', ')}\n`)
}
process.stdout.write(`fuzz: ${told.calls} calls in ${told.sessions} sessions, ${seconds.toFixed(1)} s\n`)
if (told.failure !== null) {
  process.stderr.write(`fuzz: ${describe(told.failure)}\n`)
  process.exit(1)
}
process.exit(0)
