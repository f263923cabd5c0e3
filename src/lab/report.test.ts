import assert from 'node:assert/strict'
import { test } from 'node:test'
import { stripVTControlCharacters } from 'node:util'
import { parseHTML } from 'linkedom'
import { comparison } from './comparison.fixture.ts'
import { html } from './html.ts'
import { report } from './report.ts'
import type { Comparison } from './results.ts'
import { terminalTables } from './terminal-table.ts'
import { textWidth } from './text.ts'

const parts = { drawings: new Map([['monolithic', '┌─ <kernel> ─┐']]), command: 'kaleidos compare --seed 7' }
const own: Comparison = {
  ...comparison,
  program: {
    path: 'my.wasm', args: ['-v'],
    runs: [
      { kernel: 'monolithic', status: 0, message: '', stdoutBytes: 12, stderrBytes: 0, hash: 'aaaa' },
      { kernel: 'microkernel', status: 139, message: 'SIGSEGV', stdoutBytes: 0, stderrBytes: 0, hash: 'bbbb' }
    ],
    agreement: [['monolithic'], ['microkernel']]
  }
}

test('what is put into HTML is escaped', () => {
  assert.equal(html`<p>${'<a href="x">\'&'}</p>${html`<b>${1}</b>`}${null}${[html`x`, html`y`]}`.text,
    '<p>&#60;a href=&#34;x&#34;&#62;&#39;&#38;</p><b>1</b>xy')
})

test('the report needs nothing but itself', async () => {
  const page = await report(comparison, parts)
  assert.doesNotMatch(page, /<script|<link|@import|<img|\burl\(/)
  for (const [, address] of page.matchAll(/(?:href|src)="([^"]*)"/g)) assert.match(address!, /^#|^file:/)
})

test('the report shows every kernel, figure and refusal', async () => {
  const page = await report(comparison, parts)
  const { document } = parseHTML(page)
  const text = document.documentElement.textContent
  for (const words of ['85.0 ns', '413 ns', '4.9×', 'one program only', 'a call <that> & does nothing', '┌─ <kernel> ─┐',
    'confidentiality', 'seed 7', 'Test Processor', 'V8 14.0', "cost of this host's gates", 'kaleidos compare --seed 7']) {
    assert.ok(text.includes(words), words)
  }
  const charts = page.match(/<svg[\s\S]*?<\/svg>/g)!
  assert.equal(charts.length, 3)
  for (const chart of charts) assert.match(chart, /→/, 'an axis without a label')
  assert.equal(charts[0]!.match(/<title>[^<]*median/g)!.length, 5)
})

test('the report and the tables say when outputs differ', async () => {
  assert.match(await report(own, parts), /Outputs differ/)
  assert.match(terminalTables(own, 80), /Outputs differ: monolithic ≠ microkernel/)
  assert.match(terminalTables(own, 80), /status 139 \(SIGSEGV\)/)
})

test('the report says the answer before anything else', async () => {
  const { document } = parseHTML(await report(comparison, parts))
  const [, lead, table] = document.querySelector('main')!.children
  assert.match(lead!.textContent!, /^monolithic is fastest at .* microkernel takes 4\.9× as long\. One operation enters the core/)
  assert.match(table!.textContent!, /monolithic[^]*1\.0×[^]*microkernel[^]*4\.9×/)
})

/** As many kernels as this, with names as long as a person may choose. */
function many (count: number): Comparison {
  const names = Array.from({ length: count }, (_, at) => `kernel-number-${at}`)
  return {
    ...comparison, kernels: names.map(name => ({ ...comparison.kernels[0]!, name })),
    measurements: names.flatMap(kernel => comparison.measurements.filter(row => row.kernel === 'monolithic').map(row => ({ ...row, kernel })))
  }
}

for (const width of [80, 100, 120, 200]) {
  test(`tables stay within ${width} columns`, () => {
    for (const shown of [own, comparison, many(3), many(12)]) {
      const lines = stripVTControlCharacters(terminalTables(shown, width)).split('\n')
      for (const line of lines) assert.ok(textWidth(line) < width, `${textWidth(line)}: ${line}`)
    }
  })
}

test('tables name the walls and what they do not hold, and what the times are', () => {
  const text = stripVTControlCharacters(terminalTables(comparison, 100)).replace(/\s+/g, ' ')
  assert.match(text, /^monolithic is fastest at the operation that every kernel does; microkernel takes 4\.9× as long\. Times are the cost of this host's gates/)
  assert.match(text, /wasm \(programs\): does not hold heap/)
  assert.match(text, /null call 85\.0 ns 1\.0× 1 0 0 B 413 ns 4\.9× 2 2 64 B/)
  assert.match(text, /– microkernel: one program only \(spawn\)/)
  assert.match(text, /they lie apart by at most ± 2\.1 %/)
})
