import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-cli-shell-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })

function shell (args: readonly string[], input = ''): { status: number | null, stdout: string, stderr: string } {
  return spawnSync(process.execPath, [main, 'shell', ...args], { cwd: folder, input, encoding: 'utf8', timeout: 60_000 })
}

for (const kernel of ['monolithic', 'microkernel']) {
  test(`shell -c under ${kernel}: its output, its status, a program that comes with KaleidOS`, () => {
    const { stdout, status } = shell(['--kernel', kernel, '-c', 'printf "b\\na\\n" | sort | tr a-z A-Z; echo "$0 $1"; echo hi | sha256sum | cut -c1-8; exit 7', 'name', 'one'])
    assert.equal(stdout, 'A\nB\nname one\n98ea6e4f\n')
    assert.equal(status, 7)
  })
}

test('shell: a script of this host, or on standard input, which its commands read too', () => {
  writeFileSync(join(folder, 'script.sh'), 'echo "$# $2"; read x; echo "<$x>"\n')
  assert.equal(shell(['script.sh', 'a', 'b c'], 'typed\n').stdout, '2 b c\n<typed>\n')
  assert.equal(shell([], 'read x\ndata\necho "<$x>"; exit 3\n').stdout, '<data>\n')
  assert.equal(shell(['nosuch.sh']).status, 127)
})

test('shell --dir: where it starts, what it may change, and what must not be covered', () => {
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data/in.txt'), '2\n1\n')
  assert.equal(shell(['--dir', 'data:/data', '-c', 'pwd; sort in.txt > out.txt']).stdout, '/data\n')
  assert.equal(readFileSync(join(folder, 'data/out.txt'), 'utf8'), '1\n2\n')
  const readOnly = shell(['--dir', 'data:/data:ro', '-c', 'echo x > new.txt'])
  assert.equal(readOnly.status, 1)
  assert.match(readOnly.stderr, /new\.txt: Read-only file system/)
  const covered = shell(['--dir', '.', '-c', 'ls'])
  assert.equal(covered.status, 2)
  assert.match(covered.stderr, /--dir \.:\/work/)
})

test('shell: limits hold for all that it starts', () => {
  const { stdout, stderr } = shell(['--processes', '4', '-c', 'sleep 5 & sleep 5 & sleep 5 & sleep 5; echo $?; kill %1 %2 %3'])
  assert.match(stdout, /126/)
  assert.match(stderr, /Resource temporarily unavailable/)
})

test('shell: a signal of this process ends all that the script started', async () => {
  const child = spawn(process.execPath, [main, 'shell', '-c', 'echo begun; sleep 100 | cat; echo not reached'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    if (stdout === 'begun\n') child.kill('SIGINT')
  })
  const [, signal] = await new Promise<unknown[]>(resolve => { child.on('close', (...how) => { resolve(how) }) })
  assert.equal(signal, 'SIGINT')
  assert.equal(stdout, 'begun\n')
})
