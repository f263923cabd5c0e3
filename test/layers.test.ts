import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { brokenRules, importsOf, reachedFrom } from './layers.ts'

const src = join(import.meta.dirname, '..', 'src')

const sources = new Map(globSync('**/*.ts', { cwd: src })
  .map(file => [file.replaceAll('\\', '/'), readFileSync(join(src, file), 'utf8')]))

test('the imports of src/ keep the rules of the tree', () => {
  assert.deepEqual(brokenRules(sources), [])
})

test('what a page reads names no module of Node, and no package: it has neither', () => {
  const { files, others } = reachedFrom('browser.ts', sources)
  assert.deepEqual([...others], [])
  assert.deepEqual([...files].filter(file => /-node\.ts$/.test(file)), [])
  assert.ok(files.has('services/vfs/walk.ts') && files.has('machine/live/live-machine-browser.ts'), `${files.size} files`)
})

test('what is read is followed through every file', () => {
  const few = new Map([['a.ts', "import './b/c.ts'"], ['b/c.ts', "import type { D } from '../d.ts'\nimport 'node:fs'"], ['d.ts', ''], ['e.ts', '']])
  assert.deepEqual(reachedFrom('a.ts', few), { files: new Set(['a.ts', 'b/c.ts', 'd.ts']), others: new Set(['node:fs']) })
})

test('every form of import is seen', () => {
  const text = `
    import { a } from './a.ts'
    import type { B } from './b.ts'
    export { c,
      type D } from './c.ts'
    export * from './d.ts'
    import './e.ts'
    const f = await import('./f.ts')
    const worker = new Worker(new URL('./g.ts', import.meta.url))
    // import { no } from './no.ts'
    export const text = 'from "./no.ts"'
  `
  assert.deepEqual(importsOf(text).sort(), ['./a.ts', './b.ts', './c.ts', './d.ts', './e.ts', './f.ts', './g.ts'])
})

const cases: [rule: string, file: string, target: string, broken: RegExp | undefined][] = [
  ['down is allowed', 'services/ramfs/index.ts', '../../roles/index.ts', undefined],
  ['inside a unit is allowed', 'services/ramfs/index.ts', './inode.ts', undefined],
  ['deep inside a unit is allowed', 'walls/wasm/rewriter/emit.ts', '../trampoline.ts', undefined],
  ['a layer lists its units', 'kernels/index.ts', './monolithic/index.ts', undefined],
  ['a unit uses a file of its own layer', 'core/l4/index.ts', '../endpoint.ts', undefined],
  ['up is refused', 'roles/clock.ts', '../services/index.ts', /in a layer above/],
  ['up is refused for the library entry', 'kernels/monolithic/index.ts', '../../index.ts', /in a layer above/],
  ['past an index is refused', 'services/ramfs/index.ts', '../../roles/clock.ts', /past roles\/index.ts/],
  ['past a sibling index is refused', 'services/ramfs/index.ts', '../vfs/mount.ts', /past services\/vfs\/index.ts/],
  ['past a unit index is refused to its layer', 'kernels/index.ts', './monolithic/plan.ts', /past kernels\/monolithic/],
  ['a host module is refused', 'link/index.ts', 'node:fs', /not part of the kernel/],
  ['a package is refused', 'roles/clock.ts', 'fast-check', /not part of the kernel/],
  ['the userland may use a package', 'userland/shell/syntax.ts', 'unbash', undefined],
  ['and no host module', 'userland/shell/syntax.ts', 'node:fs', /not part of the kernel/],
  ['the live machine sees the host', 'machine/live/clock.ts', 'node:timers', undefined],
  ['the machine interface does not', 'machine/clock.ts', 'node:timers', /not part of the kernel/],
  ['the live machine is not chosen by the linker', 'link/boot.ts', '../machine/live/index.ts', /chooses the live machine/],
  ['the library entry chooses it', 'index.ts', './machine/live/index.ts', undefined],
  ['so does the entry for pages, the one for pages', 'browser.ts', './machine/live/browser.ts', undefined],
  ['and no other', 'browser.ts', './machine/live/index.ts', /past machine\/live\/browser.ts/],
  ['Node does not take that for pages', 'index.ts', './machine/live/browser.ts', /past machine\/live\/index.ts/],
  ['nor does the system itself choose', 'os/boot.ts', '../machine/live/index.ts', /chooses the live machine/],
  ['outside src/ is refused', 'fiber/index.ts', '../../test/layers.ts', /outside src/],
  ['a test is no library', 'fiber/index.ts', './fiber.test.ts', /imports a test/],
  ['a folder that is no layer is refused', 'utils/index.ts', './a.ts', /not a layer/],
]

for (const [rule, file, target, broken] of cases) {
  test(`layers: ${rule}`, () => {
    const found = brokenRules(new Map([[file, `import { x } from '${target}'\n`]])).join('\n')
    if (broken === undefined) assert.equal(found, '')
    else assert.match(found, broken)
  })
}

test('layers: a test may look at anything', () => {
  assert.deepEqual(brokenRules(new Map([['roles/clock.test.ts', `import '../cli/main.ts'\nimport 'node:fs'\n`]])), [])
})
