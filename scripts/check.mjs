// The checks of `npm test`, after set-up: type check of every layer, lint, and all tests. `npm test -- PATTERN…` runs only
// the test files that match.
//
// Plain JavaScript for any Node >= 20; the tests themselves run in the Node that set-up installed. Every check runs even
// when one before it failed; the tests come last, so that the closing lines of Node's test runner close the output.

import { spawn } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const windows = process.platform === 'win32'

const layers = readdirSync(root).filter(name => /^tsconfig(\.\w+)?\.json$/.test(name) && !/base|dist/.test(name))
const patterns = process.argv.slice(2)

/** A test that hangs fails, instead of everything that waits for it. */
const testTimeoutMs = 600_000

const failed = []
for (const layer of layers.sort()) await check(`types (${layer})`, 'tsc', ['--project', layer])
await check('lint', 'oxlint', ['--quiet'])
await check('tests', 'node', [
  '--test', `--test-concurrency=${availableParallelism()}`, `--test-timeout=${testTimeoutMs}`,
  ...(patterns.length > 0 ? patterns : ['src/**/*.test.ts', 'test/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts']),
])
if (failed.length > 0) {
  process.stderr.write(`failed: ${failed.join(', ')}\n`)
  process.exitCode = 1
}

async function check(name, command, args) {
  process.stderr.write(`${name} …\n`)
  const path = join(root, 'node_modules', '.bin', windows ? `${command}.cmd` : command)
  // What the rewriter makes now is what is tested, not what it once made and the command has kept.
  const child = spawn(path, args, { cwd: root, stdio: 'inherit', shell: windows, env: { ...process.env, KALEIDOS_CACHE: 'off' } })
  const status = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (status !== 0) failed.push(name)
}
