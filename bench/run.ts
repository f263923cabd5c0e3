// `npm run bench [-- [--quick | --trial] [--seed N] [NAME…]]`: the benchmarks, one after the other, each in a process of its own.
//
// Each prints what it finds as soon as it has found it, and the report is written anew after each. All of them together write docs/performance.md and their figures to
// out/bench.json; some of them, or a trial, write out/performance.md instead, since a report is of one whole run.
// Progress goes to standard error.

import { spawn } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { host } from '../src/lab/index.ts'
import { terminalText } from './harness.ts'
import type { Finding } from './harness.ts'
import { performanceReport } from './performance.ts'
import type { Report } from './performance.ts'

/** In the order of the report: what users meet first. */
const names = ['system-calls', 'interface-tax', 'processes', 'gates', 'places', 'program-threads', 'metering', 'rewriter', 'start-up', 'supervision'] as const

const usage = `Usage: npm run bench [-- [--quick | --trial] [--seed N] [NAME…]]

Names: ${names.join(', ')}; without one all, in docs/performance.md.
--quick measures shortly, --trial only sees that they run.
`

const { values, positionals } = parsed()
if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}
for (const name of positionals) {
  if (!(names as readonly string[]).includes(name)) {
    process.stderr.write(`bench: there is no ${name}; there are ${names.join(', ')}\n`)
    process.exit(2)
  }
}
const chosen = positionals.length > 0 ? positionals : names
const options = [...(values.quick ? ['--quick'] : []), ...(values.trial ? ['--trial'] : []), ...(values.seed === undefined ? [] : ['--seed', values.seed])]
const root = join(import.meta.dirname, '..')
const startMs = performance.now()
const loadBefore = loadavg()[0]!
const reports: Report[] = []
const whole = positionals.length === 0 && !values.trial
const folder = join(root, 'out')
mkdirSync(folder, { recursive: true })
const path = whole ? join(root, 'docs', 'performance.md') : join(folder, 'performance.md')
for (const name of chosen) {
  const report = await measured(name)
  reports.push(report)
  process.stdout.write('finding' in report ? `${terminalText(report.finding)}\n\n` : `${name} did not end: ${report.failure}\n\n`)
  write()
}
process.stderr.write(`written: ${path}\n`)
if (reports.some(report => 'failure' in report)) process.exitCode = 1

function parsed () {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { quick: { type: 'boolean' }, trial: { type: 'boolean' }, seed: { type: 'string' }, help: { type: 'boolean', short: 'h' } }
    })
  } catch (error) {
    process.stderr.write(`bench: ${error instanceof Error ? error.message.split('. ')[0] : String(error)}\n${usage}`)
    process.exit(2)
  }
}

function write (): void {
  writeFileSync(path, performanceReport({
    reports, host: host(), command: ['npm run bench', ...(process.argv.length > 2 ? ['--'] : []), ...process.argv.slice(2)].join(' '),
    seconds: (performance.now() - startMs) / 1000, load: [loadBefore, loadavg()[0]!]
  }))
  writeFileSync(join(folder, 'bench.json'), `${JSON.stringify(reports, null, 1)}\n`)
}

/** Runs a benchmark; its words on standard error are passed on. */
function measured (name: string): Promise<Report> {
  return new Promise(resolve => {
    const child = spawn(process.execPath, ['--no-warnings', join(import.meta.dirname, `${name}.ts`), '--json', ...options], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const output: Buffer[] = []
    child.stdout.on('data', (piece: Buffer) => { output.push(piece) })
    child.on('close', (status, signal) => {
      if (status !== 0) resolve({ name, failure: `it ended with ${status ?? signal}` })
      else resolve({ name, finding: JSON.parse(Buffer.concat(output).toString()) as Finding })
    })
  })
}
