/** The shell and its commands beside bash and the utilities of the host: the same scripts give the same output and status. */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { OperatingSystem } from '../../src/index.ts'
import { cases } from './cases.ts'
import { bootShell, run } from './system.ts'
import type { KernelName } from './system.ts'

/** Scripts that run at once: a system of processes bears that. */
const AT_ONCE = 8
/** What the other kernels are given of the cases: one in so many. */
const SAMPLE = 4

interface Observed {
  readonly stdout: string
  readonly status: number | null
}

const bash = spawnSync('bash', ['-c', 'echo $BASH_VERSINFO; sed --version | head -1; find --version | head -1'], { encoding: 'utf8' })
const missing = bash.status !== 0 || Number(bash.stdout.split('\n')[0]) < 5
  ? 'bash 5 is not on this host'
  : bash.stdout.includes('GNU') ? false : 'the utilities of this host are not GNU\'s'

const folder = mkdtempSync(join(tmpdir(), 'kaleidos-shell-'))
const systems = new Map<KernelName, Promise<OperatingSystem>>()
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  for (const os of systems.values()) await (await os).close()
})

function systemOf (kernel: KernelName): Promise<OperatingSystem> {
  const found = systems.get(kernel) ?? bootShell(kernel)
  systems.set(kernel, found)
  return found
}

const known = new Map<string, Promise<Observed>>()

/** What bash does in an empty folder of its own; asked once. */
function inBash (name: string, script: string): Promise<Observed> {
  const found = known.get(name) ?? new Promise<Observed>((resolve, reject) => {
    const cwd = join(folder, name)
    mkdirSync(cwd)
    const child = spawn('bash', ['-c', script], { cwd, env: { PATH: '/bin:/usr/bin', HOME: '/', LC_ALL: 'C.UTF-8' }, stdio: ['ignore', 'pipe', 'ignore'] })
    let stdout = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text })
    child.on('error', reject).on('close', status => { resolve({ stdout, status }) })
  })
  known.set(name, found)
  return found
}

async function here (kernel: KernelName, name: string, script: string): Promise<Observed> {
  const os = await systemOf(kernel)
  const cwd = `/work/${name}`
  await os.fs.mkdir(cwd, { recursive: true })
  const { stdout, status } = await run(os, script, { cwd })
  return { stdout, status }
}

async function compare (kernel: KernelName, group: string, scripts: readonly (readonly [string, string])[]): Promise<void> {
  const different: string[] = []
  const left = [...scripts]
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [name, script] = next
      const [theirs, ours] = await Promise.all([inBash(name, script), here(kernel, name, script)])
      if (theirs.stdout !== ours.stdout || theirs.status !== ours.status) {
        different.push(`${script}\n  bash: ${theirs.status} ${JSON.stringify(theirs.stdout)}\n  here: ${ours.status} ${JSON.stringify(ours.stdout)}`)
      }
    }
  }))
  assert.equal(different.length, 0, `${group}, ${different.length} of ${scripts.length} differ:\n${different.join('\n')}`)
}

for (const [group, scripts] of Object.entries(cases)) {
  const named = scripts.map((script, at) => [`${group}-${at}`, script] as const)
  test(`as bash: ${group} (${scripts.length})`, { skip: missing }, () => compare('monolithic', group, named))
  const sample = named.filter((_, at) => at % SAMPLE === group.length % SAMPLE)
  test(`as bash, microkernel: ${group} (${sample.length})`, { skip: missing }, () => compare('microkernel', group, sample))
}
