// A person at a shell who closes what others leave open, fills disks and leaves early.

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import type { SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'kaleidos user ü '))
after(() => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'cut.wasm'), Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 99))

/** Runs a line in which `k` is the command and `$p` the folder of programs. */
function shell (line: string): SpawnSyncReturns<string> {
  return spawnSync('bash', ['-c', `k () { '${process.execPath}' '${root}/bin/kaleidos.js' "$@"; }; p='${root}/programs/wasm'; ${line}`], {
    cwd: folder, encoding: 'utf8', timeout: 60_000, killSignal: 'SIGKILL'
  })
}

const skip = process.platform === 'win32' && 'needs a shell'

test('a full disk is told in a line, not as a stack of calls', { skip: existsSync('/dev/full') ? skip : 'needs /dev/full' }, () => {
  const listing = shell('k kernels > /dev/full')
  assert.equal(listing.stderr, 'kaleidos: standard output cannot be written: ENOSPC: no space left on device, write\n')
  assert.equal(listing.status, 1)
  const program = shell('echo text | k run $p/cat.wasm > /dev/full')
  assert.match(program.stderr, /^cat: .*No space left on device\n$/)
  assert.equal(program.status, 1)
  assert.equal(shell('k run absent.wasm 2> /dev/full').status, 127)
})

test('standard streams may be closed', { skip }, () => {
  assert.equal(shell('k run $p/cat.wasm <&-').status, 0)
  assert.equal(shell('k run $p/hello.wasm <&- >&- 2>&-').status, 0)
  assert.equal(shell('k run absent.wasm 2>&-').status, 127)
})

test('a fault in a module is told under the name that was typed, once', { skip }, () => {
  const { stderr, status } = shell('k run ./cut.wasm')
  assert.match(stderr, /^kaleidos: \.\/cut\.wasm cannot run: (?!.*cut\.wasm)/)
  assert.equal(status, 126)
})

test('a report that could not be written is found out before anything is measured', { skip }, () => {
  for (const [out, reason] of [['cut.wasm', /it is no folder/], ['cut.wasm/below', /it is no folder/], ...existsSync('/proc/self') ? [['/proc/new', /ENOENT/] as const] : []] as const) {
    const { stderr, status } = shell(`k compare --quick --out ${out}`)
    assert.match(stderr, new RegExp(`^kaleidos: --out ${out}: .*${reason.source}.*\nName a folder that can be written\\.\n$`))
    assert.equal(status, 2)
  }
})

test('help is as wide as the terminal, and examples stay whole', { skip }, () => {
  const help = shell('k run --help').stdout
  const prose = help.split('\n').filter(line => !line.startsWith('  kaleidos'))
  assert.ok(prose.every(line => line.length <= 80), help)
  assert.match(help, /^ {2}kaleidos run --kernel microkernel --dir \.\/data:\/data:ro wc\.wasm \/data\/words\.txt$/m)
})

test('a comparison that was ended early leaves no report that says nothing', { skip }, async () => {
  const child = spawn(process.execPath, [join(root, 'bin/kaleidos.js'), 'compare', '--quick', '--out', 'early'], { cwd: folder })
  child.stderr.once('data', () => child.kill('SIGINT'))
  const [, signal] = await once(child, 'close') as [number | null, string | null]
  assert.equal(signal, 'SIGINT')
  assert.deepEqual(readdirSync(join(folder, 'early')), [])
})
