import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'

const text = `
  function greet () { return 'one' }
  exports.said = greet() + ' ' + require('node:path').basename(__filename)
  exports.imported = require('./other.mjs').word`

/** Runs a script in a process of its own, and gives what it exported and whether the engine took what was kept. */
function scriptIn (t: TestContext): { readonly path: string, readonly kept: string, readonly run: (kept?: string) => { said: string, imported: string, taken: boolean } } {
  const folder = mkdtempSync(join(tmpdir(), 'code-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'script.cjs')
  const kept = join(folder, 'kept')
  writeFileSync(path, text)
  writeFileSync(join(folder, 'other.mjs'), 'export const word = "two"')
  const starter = `
    import { createRequire } from 'node:module'
    import { runKept } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'kept-code-node.ts')).href)}
    const [path, kept] = process.argv.slice(1)
    const module = { exports: {} }
    const taken = runKept(path, 'identity', kept, { module, require: createRequire(path) })
    console.log(JSON.stringify({ said: module.exports.said, imported: module.exports.imported, taken }))`
  const run = (into = kept): ReturnType<ReturnType<typeof scriptIn>['run']> =>
    JSON.parse(execFileSync(process.execPath, ['--no-warnings', '--input-type=module', '-e', starter, path, ...into === '' ? [] : [into]], { encoding: 'utf8' }))
  return { path, kept, run }
}

test('a script runs as if it were required, and the next process takes what was compiled', t => {
  const { kept, run } = scriptIn(t)
  assert.deepEqual(run(), { said: 'one script.cjs', imported: 'two', taken: false })
  const files = readdirSync(kept)
  assert.equal(files.length, 1)
  assert.deepEqual(run(), { said: 'one script.cjs', imported: 'two', taken: true })
  assert.deepEqual(readdirSync(kept), files)
})

test('what is damaged is not taken, and made anew', t => {
  const { kept, run } = scriptIn(t)
  run()
  const file = join(kept, readdirSync(kept)[0]!)
  const good = readFileSync(file)
  for (const damaged of [good.subarray(0, good.length >> 1), good.with(good.length - 30, good.at(-30)! ^ 1), Buffer.alloc(good.length)]) {
    writeFileSync(file, damaged)
    assert.deepEqual(run(), { said: 'one script.cjs', imported: 'two', taken: false })
    assert.equal(run().taken, true)
  }
})

test('a script that was edited runs as it is now, though it is as long as before', t => {
  const { path, run } = scriptIn(t)
  utimesSync(path, 1, 1)
  run()
  writeFileSync(path, text.replace("'one'", "'ONE'"))
  assert.deepEqual(run(), { said: 'ONE script.cjs', imported: 'two', taken: false })
})

test('without a folder, or in one that cannot be, nothing is kept and all runs', t => {
  const { run } = scriptIn(t)
  for (const kept of ['', '/proc/none', '/proc/none']) assert.deepEqual(run(kept), { said: 'one script.cjs', imported: 'two', taken: false })
})
