import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { test } from 'node:test'

interface Figures { readonly [call: string]: { readonly [system: string]: { readonly ns?: number, readonly failure?: string } } }

test('system calls are measured on every system, and what one cannot do is told', () => {
  const bench = join(import.meta.dirname, 'system-calls.ts')
  const output = execFileSync(process.execPath, ['--no-warnings', bench, '--trial', '--json', 'fd_read 1 B', 'fd_readdir, among 20:'], { encoding: 'utf8' })
  const { figures } = JSON.parse(output) as { readonly figures: Figures }
  for (const call of ['fd_read 1 B', 'fd_readdir, among 20: an entry']) {
    for (const system of ['monolithic (ramfs)', 'microkernel (ramfs)', 'unikernel (ramfs)']) {
      assert.ok(figures[call]![system]!.ns! > 0, `${call} on ${system}: ${JSON.stringify(figures[call]![system])}`)
    }
    assert.equal(Object.keys(figures[call]!).length, 10)
  }
  // Its directories hold files that their listing does not show: the program counts them.
  assert.match(figures['fd_readdir, among 20: an entry']!['@runno/wasi (its object of paths)']!.failure!, /^fd_readdir: \d+ files and not 20$/)
})
