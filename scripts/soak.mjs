// `npm run soak -- --minutes N --seed S --kernel K`: random work with programs killed and servers ended at a rate that the seed fixes; what is
// held must balance, and not grow (test/soak). An hour by default, divided over the kernels; the seed that was used is printed. Ends with 1 and what grew.

import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { fileURLToPath } from 'node:url'

const options = { minutes: { type: 'string', default: '60' }, seed: { type: 'string', default: String(Date.now() % 2 ** 31) }, kernel: { type: 'string' } }
const values = given()
// What is held can only be compared after garbage was collected.
if (globalThis.gc === undefined) {
  process.exit(spawnSync(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), ...process.argv.slice(2), ...(process.argv.includes('--seed') ? [] : ['--seed', values.seed])], { stdio: 'inherit' }).status ?? 1)
}
const { describe, soak, soakPlans } = await import('../test/soak/soak.ts')
const minutes = Number(values.minutes)
const seed = Number(values.seed)
if (!(minutes > 0) || !Number.isSafeInteger(seed) || seed < 0 || (values.kernel !== undefined && soakPlans[values.kernel] === undefined)) {
  process.stderr.write(`soak: --minutes is a number, --seed a whole number, --kernel one of ${Object.keys(soakPlans).join(', ')}: npm run soak -- --minutes 60 --seed 1\n`)
  process.exit(2)
}
const chosen = values.kernel === undefined ? ['monolithic', 'microkernel', 'microkernel-supervised', 'mklinux-user'] : [values.kernel]
process.stdout.write(`soak: ${minutes} minutes of ${chosen.join(', ')}, seed ${seed}\n`)
let failed = false
for (const kernel of chosen) {
  process.stdout.write(`${kernel}\n`)
  const result = await soak({ kernel, seed, ms: minutes * 60_000 / chosen.length, progress: line => { process.stdout.write(`${line}\n`) } })
  process.stdout.write(`${describe(result)}\n`)
  for (const wrong of result.wrong) process.stderr.write(`soak: ${kernel}: ${wrong}\n`)
  failed ||= result.wrong.length > 0
}
if (failed) process.stderr.write(`soak: again by: npm run soak -- --minutes ${minutes} --seed ${seed}${values.kernel === undefined ? '' : ` --kernel ${values.kernel}`}\n`)
process.exit(failed ? 1 : 0)

/** What is no option is as wrong as a wrong value of one, and told with it. */
function given () {
  try {
    return parseArgs({ options }).values
  } catch {
    return { minutes: '', seed: '' }
  }
}
