import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { importGraph } from './import-graph.ts'

/** What importing `main.ts` uses of a small tree: its files, and names from outside. */
function graphOf (files: Readonly<Record<string, string>>): { modules: string[], outside: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'kaleidos-graph-'))
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true })
      writeFileSync(join(root, name), text)
    }
    const graph = importGraph([join(root, 'main.ts')])
    return { modules: [...graph.modules].map(path => relative(root, path)).sort(), outside: [...graph.outside].sort() }
  } finally {
    rmSync(root, { recursive: true })
  }
}

test('every form of import is followed, and cycles end', () => {
  const { modules, outside } = graphOf({
    'main.ts': "import { b } from './b.ts'\nimport './c.ts'\nexport * from './d.ts'\nconst e = await import('./e.ts')\n" +
      "new Worker(new URL('./f.ts', import.meta.url))\nimport {\n  g,\n  type T\n} from './g.ts'\nimport { readFile } from 'node:fs'\n",
    'b.ts': "import { main } from './main.ts'\nexport const b = 1",
    'c.ts': '', 'd.ts': '', 'e.ts': '', 'f.ts': '', 'g.ts': ''
  })
  assert.deepEqual(modules, ['b.ts', 'c.ts', 'd.ts', 'e.ts', 'f.ts', 'g.ts', 'main.ts'])
  assert.deepEqual(outside, ['node:fs'])
})

test('types leave no trace', () => {
  const { modules } = graphOf({
    'main.ts': "import type { A } from './a.ts'\nexport type { B } from './a.ts'\nimport { type C } from './a.ts'\nexport type * from './a.ts'\n" +
      "// import { d } from './a.ts'\nconst text = `\nimport { d } from './a.ts'\n`"
  })
  assert.deepEqual(modules, ['main.ts'])
})

test('of a folder only what is taken counts', () => {
  const index = "export { one } from './one.ts'\nexport { two as zwei } from './two.ts'\nexport * from './more.ts'\nexport { t } from './types.ts'"
  const files = {
    'folder/index.ts': index, 'folder/one.ts': "import './below.ts'", 'folder/two.ts': '', 'folder/types.ts': '',
    'folder/more.ts': "export { three } from './three.ts'", 'folder/three.ts': '', 'folder/below.ts': ''
  }
  const of = (clause: string): string[] =>
    graphOf({ ...files, 'main.ts': `${clause} from './folder/index.ts'` }).modules.filter(name => name !== 'main.ts')
  const always = ['folder/index.ts', 'folder/more.ts']
  assert.deepEqual(of('import { one }'), ['folder/below.ts', ...always, 'folder/one.ts'].sort())
  assert.deepEqual(of('import { zwei }'), [...always, 'folder/two.ts'])
  assert.deepEqual(of('import { three as drei }'), [...always, 'folder/three.ts'])
  assert.deepEqual(of('import * as all').length, 7)
})

test('a second importer that takes more gets more', () => {
  const { modules } = graphOf({
    'main.ts': "import { one } from './index.ts'\nimport './other.ts'",
    'other.ts': "import { two } from './index.ts'",
    'index.ts': "export { one } from './one.ts'\nexport { two } from './two.ts'", 'one.ts': '', 'two.ts': ''
  })
  assert.deepEqual(modules, ['index.ts', 'main.ts', 'one.ts', 'other.ts', 'two.ts'])
})
