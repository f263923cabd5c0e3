import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'

test('results do not go where their report would', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kaleidos-faults-'))
  try {
    const out = join(folder, 'results.html')
    const { status, stderr } = spawnSync(process.execPath, ['--no-warnings', join(import.meta.dirname, 'main.ts'), 'faults', '--n', '1', '--kernel', 'unikernel', '--out', out], { encoding: 'utf8' })
    assert.equal(status, 2)
    assert.match(stderr, /results\.html is where the report would go.*\n.*SQLite/)
    assert.equal(existsSync(out), false)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
