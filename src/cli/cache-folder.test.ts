import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { cacheFolder } from './cache-folder.ts'

test('programs are kept where the variable says, or among the caches of this user, or nowhere', () => {
  assert.equal(cacheFolder('rewritten', { KALEIDOS_CACHE: '/a' }), join('/a', 'rewritten'))
  assert.equal(cacheFolder('code', { KALEIDOS_CACHE: '/a' }), join('/a', 'code'))
  assert.equal(cacheFolder('rewritten', { KALEIDOS_CACHE: 'off', XDG_CACHE_HOME: '/x' }), undefined)
  assert.equal(cacheFolder('rewritten', { KALEIDOS_CACHE: '' }), undefined)
  assert.equal(cacheFolder('rewritten', { XDG_CACHE_HOME: '/x' }, 'linux'), join('/x', 'kaleidos', 'rewritten'))
  assert.equal(cacheFolder('rewritten', { XDG_CACHE_HOME: 'not/absolute' }, 'linux'), join(homedir(), '.cache', 'kaleidos', 'rewritten'))
  assert.equal(cacheFolder('rewritten', {}, 'darwin'), join(homedir(), 'Library', 'Caches', 'kaleidos', 'rewritten'))
  assert.equal(cacheFolder('rewritten', { LOCALAPPDATA: '/l' }, 'win32'), join('/l', 'kaleidos', 'rewritten'))
})

test('a program is kept when it runs, and runs whatever is the matter with what was kept', t => {
  const folder = mkdtempSync(join(tmpdir(), 'cache-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const root = join(import.meta.dirname, '..', '..')
  const run = (cache: string): string => execFileSync(process.execPath,
    ['--no-warnings', join(root, 'src', 'cli', 'main.ts'), 'run', join(root, 'programs', 'wasm', 'hello.wasm')],
    { encoding: 'utf8', env: { ...process.env, KALEIDOS_CACHE: cache } })
  const hello = run('off')
  assert.equal(run(folder), hello)
  const kept = join(folder, 'rewritten')
  const [name, ...others] = readdirSync(kept)
  assert.deepEqual(others, [])
  assert.equal(run(folder), hello)
  const good = readFileSync(join(kept, name!))
  for (const bytes of [good.subarray(0, good.length >> 1), Buffer.alloc(good.length), good.with(good.length - 1, 255)]) {
    writeFileSync(join(kept, name!), bytes)
    assert.equal(run(folder), hello)
    assert.deepEqual(readFileSync(join(kept, name!)), good)
  }
  assert.equal(run('/proc/none'), hello)
})
