/**
 * Examples of the documents: each `ts` block that imports the package runs as it stands, is type-checked, and gives what it
 * claims. `expression  // → value` claims the value of a line; `const { a, b } = …  // → value, value` what was declared.
 * An object claims the properties that it names, of a list's items too; anything else is the whole value.
 */

import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { runInThisContext } from 'node:vm'

const root = join(import.meta.dirname, '..')

export interface Example {
  readonly document: string
  readonly line: number
  readonly code: string
}

/** The examples of a document's text. */
export function examplesOf (document: string, text: string): Example[] {
  return [...text.matchAll(/^```ts\n([^]*?)^```$/gm)]
    .filter(([, code]) => code!.includes("from 'kaleidos'"))
    .map(match => ({ document, line: text.slice(0, match.index).split('\n').length + 1, code: match[1]! }))
}

const CLAIM = /^(\s*)(.*?)\s*\/\/ → (.*)$/

/** The code with each claim as a call: what was claimed, in order, is told by the lines that it prints. */
export function claiming (code: string): { readonly code: string, readonly claims: number } {
  let claims = 0
  const lines = code.split('\n').map(line => {
    const match = CLAIM.exec(line)
    if (match === null) return line
    claims++
    const [, space, statement, value] = match
    const declared = /^(?:const|let) (?:(\w+)(?:: [^=]+)?|\{ ([\w, :]+) \}) = /.exec(statement!)
    const names = declared === null ? null : declared[1] ?? declared[2]!.split(',').map(name => name.split(':').pop()!.trim()).join(', ')
    return names === null
      ? `${space}__claim(${claims}, [${statement}], [${value}])`
      : `${space}${statement}; __claim(${claims}, [${names}], [${value}])`
  })
  return { code: lines.join('\n'), claims }
}

/** Throws when what was claimed of a line's values is not so. */
function claim (actual: readonly unknown[], expected: readonly unknown[]): void {
  /** An object of claims, or a list that has one. */
  const names = (value: unknown): boolean => Array.isArray(value) ? value.some(names) : value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  assert.equal(actual.length, expected.length)
  expected.forEach((value, index) => {
    const got = actual[index]
    if (Array.isArray(value)) assert.equal((got as unknown[]).length, value.length)
    if (names(value)) assert.partialDeepStrictEqual(got, value)
    else assert.deepStrictEqual(got, value)
  })
}

/** The same in front of an example; each claim that holds is told. */
const PRELUDE = `import assert from 'node:assert/strict'
${claim.toString()}
function __claim (number, actual, expected) {
  claim(actual, expected)
  console.error('claim ' + number)
}
`

const examples = globSync(['*.md', 'docs/*.md', 'examples/**/*.md', 'src/**/*.md'], { cwd: root })
  .flatMap(document => examplesOf(document, readFileSync(join(root, document), 'utf8')))

test('there are examples of the library', () => {
  const documents = new Set(examples.map(example => example.document))
  assert.ok(documents.has('README.md') && documents.has(join('docs', 'api.md')))
})

for (const { document, line, code } of examples) {
  test(`${document}:${line} runs, and gives what it claims`, async () => {
    const claimed = claiming(code)
    // Within this package its own name is the checkout.
    const { stderr } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '--eval', PRELUDE + claimed.code], { cwd: root, timeout: 60_000 })
    const told = stderr.split('\n').filter(each => /^claim \d+$/.test(each))
    assert.ok(claimed.claims > 0, 'it claims something')
    assert.deepEqual(told, Array.from({ length: claimed.claims }, (_, index) => `claim ${index + 1}`), 'every claim was reached, in order')
  })
}

test('all examples type-check as they stand', () => {
  const folder = mkdtempSync(join(root, 'node_modules', '.examples-'))
  try {
    examples.forEach(({ code }, index) => { writeFileSync(join(folder, `example-${index}.ts`), `${code}\nexport {}\n`) })
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({
      extends: join(root, 'tsconfig.json'),
      compilerOptions: { noEmit: true, noUnusedLocals: false, paths: { kaleidos: [join(root, 'src/index.ts')] }, types: ['node'], typeRoots: [join(root, 'node_modules/@types')] },
      include: ['*.ts', join(root, 'types/*.d.ts')]
    }))
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', folder], { encoding: 'utf8' })
    const said = stdout.replace(/\S*example-(\d+)\.ts\((\d+)/g, (_whole, index: string, at: string) => {
      const { document, line } = examples[Number(index)]!
      return `${document}(${line + Number(at) - 1}`
    })
    assert.equal(status, 0, said)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('a claim that does not hold is seen', () => {
  const holds = (code: string): boolean => {
    const run = runInThisContext(`(__claim => { ${claiming(code).code} })`) as (told: (number: number, actual: unknown[], expected: unknown[]) => void) => void
    let told = 0
    try {
      run((_number, actual, expected) => {
        claim(actual, expected)
        told++
      })
    } catch (error) {
      assert.ok(error instanceof assert.AssertionError, String(error))
      return false
    }
    assert.equal(told, 1)
    return true
  }
  const held: readonly [string, boolean][] = [
    ['1 + 1  // → 2', true], ['1 + 1  // → 3', false], ["const { a, b: c } = { a: 1, b: 'x' }  // → 1, 'x'", true], ["const { a, b } = { a: 1, b: 'x' }  // → 1, 'y'", false],
    ['const list = [1]  // → [1]', true], ['({ a: 1, b: 2 })  // → { a: 1 }', true], ['({ a: 1 })  // → { a: 2 }', false], ['[1, 2]  // → [1]', false],
    ['[{ a: 1, b: 2 }]  // → [{ a: 1 }]', true], ['[{ a: 1 }, { a: 2 }]  // → [{ a: 1 }]', false], ['Uint8Array.of(1, 2)  // → Uint8Array.of(1)', false]
  ]
  for (const [code, expected] of held) assert.equal(holds(code), expected, code)
  assert.equal(examplesOf('a.md', "text\n```ts\nimport { boot } from 'kaleidos'\n```\n")[0]!.line, 3)
})
