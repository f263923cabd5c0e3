// Counts the instructions of the steps in steps.c: `node scripts/steps/count-steps.mjs`. Needs gcc, clang and valgrind.
//
// Each compiler and level makes a program; callgrind counts what each function executes, with what it calls. Printed are
// the figures of gcc -O2, the least and the most. They are the source of src/roles/steps.ts, which is written by hand.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const source = join(import.meta.dirname, 'steps.c')
const callsOf = { link_in: 5, unlink_from: 5 }
const repeats = Number(/#define CALLS (\d+)/.exec(readFileSync(source, 'utf8'))[1])
const compilers = [['gcc', '-O2'], ['gcc', '-O1'], ['gcc', '-Os'], ['clang', '-O2'], ['clang', '-O1'], ['clang', '-Os']]

const folder = mkdtempSync(join(tmpdir(), 'steps-'))
const counts = new Map()
try {
  for (const [compiler, level] of compilers) {
    const program = join(folder, 'steps')
    const out = join(folder, 'callgrind.out')
    execFileSync(compiler, ['-g', level, '-fno-vectorize', '-fno-tree-vectorize', '-Wno-ignored-optimization-argument', '-o', program, source].filter(option => compiler === 'clang' || option !== '-fno-vectorize'), { stdio: ['ignore', 'ignore', 'ignore'] })
    execFileSync('valgrind', ['--tool=callgrind', `--callgrind-out-file=${out}`, program], { stdio: 'ignore' })
    const lines = execFileSync('callgrind_annotate', ['--inclusive=yes', '--threshold=100', out], { encoding: 'utf8' })
    for (const [, figure, name] of lines.matchAll(/^ *([\d,]+) \([^)]*\)\s+\S*steps\.c:(\w+) \[/gm)) {
      if (name === 'main') continue
      const count = Number(figure.replaceAll(',', '')) / repeats / (callsOf[name] ?? 1)
      counts.set(name, [...counts.get(name) ?? [], { by: `${compiler} ${level}`, count }])
    }
  }
} finally {
  rmSync(folder, { recursive: true })
}
for (const [name, all] of [...counts].sort()) {
  const sorted = all.map(each => each.count).sort((a, b) => a - b)
  const own = all.find(each => each.by === 'gcc -O2')?.count ?? NaN
  process.stdout.write(`${name.padEnd(18)} ${own.toFixed(1).padStart(8)}   ${sorted[0].toFixed(1)} to ${sorted.at(-1).toFixed(1)}\n`)
}
