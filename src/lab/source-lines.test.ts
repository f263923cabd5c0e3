import assert from 'node:assert/strict'
import { test } from 'node:test'
import { codeLines, withoutComments } from './source-lines.ts'

const cases: [what: string, text: string, lines: number][] = [
  ['blanks and comments are no code', '\n// a\n/* b\n c */\n\nconst x = 1\n', 1],
  ['code beside a comment is', 'const x = 1 // a\n/* b */ const y = 2\n', 2],
  ['a comment that begins on a line of code ends on another', 'f() /* a\nb */\ng()', 2],
  ['no comment begins in a string', "const a = 'http://x'\nconst b = \"/* \"\nconst c = 1\n// d", 3],
  ['an escaped quote does not end it', "const a = 'it\\'s // one'\nconst b = 2", 2],
  ['no comment begins in a template', 'const a = `\n// one\n`\nb()', 4],
  ['one does in a substitution', 'const a = `${ /* x\ny */ 1}`\nb()', 3],
  ['templates nest', 'const a = `${`// ${1} //`} // in`\n// out\nb({ c: `}` })', 2],
  ['braces in a substitution do not end it', 'const a = `${f({ b: 1 })} // in`\n// out', 1],
  ['no comment begins in a regular expression', 'const a = /\\/\\/ [/*]/g\nconst b = 2\n// c', 2],
  ['nor in one after return', 'return /"/.test(a)\n// b\nc()', 2],
  ['a division begins none', 'const a = b / c // d / e\n// f\ng()', 2],
  ['types are code', 'interface A {\n  a: string\n}', 3]
]

for (const [what, text, lines] of cases) {
  test(`code lines: ${what}`, () => assert.equal(codeLines(text), lines, withoutComments(text)))
}

test('text without comments keeps its lines', () => {
  const text = 'a()\n/* b\nc */ d()\n'
  assert.equal(withoutComments(text).split('\n').length, text.split('\n').length)
})
