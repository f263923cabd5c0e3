// `npm run seeds -- --runs N --seed S`: runs of model machines, each with a seed of its own, made in two processes whose traces are
// compared (test/model). Both have defaults. Ends with 1 when a trace differs; what failed prints the command that repeats it.

import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1400' }, seed: { type: 'string', default: '0' } } })
for (const [name, value] of Object.entries(values)) {
  if (/^\d{1,9}$/.test(value)) continue
  process.stderr.write(`seeds: --${name} is a whole number: npm run seeds -- --runs 1400 --seed 0\n`)
  process.exit(2)
}
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const node = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const { status } = spawnSync(node, ['--test', '--test-timeout=7200000', 'test/model/determinism.test.ts', 'test/model/system.test.ts'], {
  cwd: root, stdio: 'inherit', shell: process.platform === 'win32',
  env: { ...process.env, KALEIDOS_SEED_RUNS: values.runs, KALEIDOS_SEED_FIRST: values.seed, KALEIDOS_MODEL_PROGRAMS: '1000' }
})
process.exit(status ?? 1)
