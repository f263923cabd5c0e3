// Examples run as they stand, under every kernel; and the same program in C and as a task prints the same.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { kernelNames, multiprogram } from '../system/support.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, 'examples', 'jobs')

const printed = `in /job
the sum is 500500
the pipeline ended with 0
the log says: written to a file
hello
it sleeps, then ended with 143
the stubborn one ended with 3
no child is left: ECHILD
`

for (const kernel of kernelNames) {
  test(`${kernel}: examples/jobs, in C and as a task`, () => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [join(folder, 'run.ts'), kernel], { encoding: 'utf8', timeout: 60_000 })
    assert.deepEqual([stderr, status], ['', 0])
    assert.equal(stdout, multiprogram.includes(kernel)
      ? `--- in C: status 0\n${printed}--- as a task: status 0\n${printed}`
      : '--- in C: status 58\nin /job\nspawn: Not supported\n--- as a task: status 1\nin /job\nspawn /bin/jobs: ENOTSUP (not supported by this kernel)\n')
  })
}

test('what a kernel\'s name is not, is said', () => {
  const { stderr, status } = spawnSync(process.execPath, [join(folder, 'run.ts'), 'frob'], { encoding: 'utf8' })
  assert.equal(status, 1)
  assert.match(stderr, /there is no kernel frob; there are monolithic, microkernel, unikernel/)
})

const { stdout: compiler } = spawnSync('clang', ['--print-search-dirs', '--target=wasm32-wasi'], { encoding: 'utf8' })
const missing = compiler === null || compiler === undefined ? 'needs clang with a WASI sysroot' : false

test('jobs.c compiles against kaleidos.h alone, as it says', { skip: missing }, context => {
  const built = mkdtempSync(join(tmpdir(), 'kaleidos-'))
  try {
    const { status, stderr } = spawnSync('clang', ['--target=wasm32-wasi', '-O2', '-Wall', '-Wextra', '-Werror', '-Wl,--strip-all', '-I../../programs/include',
      '-o', join(built, 'jobs.wasm'), 'jobs.c'], { cwd: folder, encoding: 'utf8' })
    if (status !== 0 && /stdio\.h|wasm-ld|crt1|libclang_rt/.test(stderr)) {
      context.skip('needs wasi-libc, lld and the runtime library of clang for wasm32')
      return
    }
    assert.deepEqual([stderr, status], ['', 0])
    // Another compiler makes other bytes of it.
    assert.ok(WebAssembly.validate(readFileSync(join(built, 'jobs.wasm'))))
  } finally {
    rmSync(built, { recursive: true })
  }
})
