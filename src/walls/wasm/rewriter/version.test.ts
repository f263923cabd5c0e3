import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { REWRITER_VERSION, rewrite } from './index.ts'
import { assembler } from './testing/assemble.ts'
import { writtenModules } from './testing/modules.ts'

/** Of what this version makes of the written modules. */
const recorded = { version: 5, digest: 'a601fbc234e79d22' }

test('the version is another one when the output is', async () => {
  const assemble = assembler({ wabt: await loadWabt(), binaryen })
  const hash = createHash('sha256')
  for (const { tool, text } of writtenModules) {
    for (const mode of ['live', 'exact'] as const) {
      const rewritten = rewrite(assemble(tool, text), { mode, asksForMemory: true, tableElementsMax: 1000, importsMemoryUpTo: 32 })
      hash.update('kind' in rewritten ? rewritten.kind : rewritten.bytes)
    }
  }
  assert.deepEqual({ version: REWRITER_VERSION, digest: hash.digest('hex').slice(0, 16) }, recorded,
    'The rewriter makes something else of the same modules (or they are others): raise REWRITER_VERSION in version.ts, since ' +
    'what was kept on disk is not what it would make now, and record both here')
})
