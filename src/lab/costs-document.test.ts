import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { costsDocument } from './costs-document.ts'

test('docs/costs.md is what the tables say: node scripts/costs-document.mjs writes it', async () => {
  const path = join(import.meta.dirname, '..', '..', 'docs', 'costs.md')
  assert.equal(readFileSync(path, 'utf8').replaceAll('\r\n', '\n'), await costsDocument())
})
