/** What the shell starts are processes of the kernel: seen by ps, ended by kill, joined by pipes that lose nothing. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import fc from 'fast-check'

import type { OperatingSystem } from '../../src/index.ts'
import { linearExpressions } from '../../src/cli/expressions.ts'
import { bootShell, run, start } from './system.ts'
import type { KernelName } from './system.ts'

linearExpressions()

const systems = new Map<KernelName, Promise<OperatingSystem>>()
after(async () => { for (const os of systems.values()) await (await os).close() })

function system (kernel: KernelName): Promise<OperatingSystem> {
  const found = systems.get(kernel) ?? bootShell(kernel)
  systems.set(kernel, found)
  return found
}

/** Processes that are left when nothing runs: none but the host. */
async function nothingLeft (os: OperatingSystem): Promise<void> {
  for (let waited = 0; os.stats().processes > 0; waited += 20) {
    assert.ok(waited < 5000, `${os.stats().processes} processes are left`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

for (const kernel of ['monolithic', 'microkernel'] as const) {
  test(`${kernel}: each stage of a pipeline is a process, and ps shows it`, async () => {
    const os = await system(kernel)
    const { stdout } = await run(os, 'sleep 5 | cat | cat & sleep 0.05; ps -o pid,ppid,pgid,stat,args; kill %1')
    const rows = stdout.trim().split('\n').map(line => line.trim().split(/\s+/))
    assert.deepEqual(rows[0], ['PID', 'PPID', 'PGID', 'STAT', 'COMMAND'])
    const shell = rows.find(row => row[4] === 'sh')!
    for (const command of ['sleep 5', 'cat', 'cat']) {
      const row = rows.find(one => one.slice(4).join(' ') === command)
      assert.equal(row?.[1], shell[0], stdout)
      assert.equal(row?.[3], 'S', stdout)
      rows.splice(rows.indexOf(row!), 1)
    }
    await nothingLeft(os)
  })

  test(`${kernel}: pipelines of any length move bytes intact`, async () => {
    const os = await system(kernel)
    const stages = ['cat', 'cat -', 'tee /dev/null', 'cat | cat', '(cat)', '{ cat; }', 'tail -c +1', 'dd bs=4096 status=none', 'head -c 999999999', 'base64 | base64 -d', 'xxd -p | xxd -r -p']
    await fc.assert(fc.asyncProperty(
      fc.array(fc.constantFrom(...stages), { minLength: 1, maxLength: 7 }), fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 60 }),
      async (chosen, piece, times) => {
        const input = new Uint8Array(Buffer.concat(Array<Uint8Array>(times).fill(piece)))
        const process = start(os, chosen.join(' | '), { input })
        const { stdout, status } = await process.output()
        assert.equal(status, 0)
        assert.ok(Buffer.from(stdout).equals(input), `${stdout.length} of ${input.length} bytes`)
      }), { numRuns: 12 })
    await nothingLeft(os)
  })

  test(`${kernel}: whichever stage of a pipeline is killed, the others end`, async () => {
    const os = await system(kernel)
    for (const stage of [1, 2, 3]) {
      const script = `yes | cat | wc -c > /dev/null & sleep 0.05; set -- $(ps -o pid,args | grep -E "( yes| cat| wc -c)$" | while read p rest; do echo $p; done); echo $#; kill -9 \${${stage}}; wait; echo ended`
      const { stdout, stderr } = await run(os, script, { limitMs: 10_000 })
      assert.equal(stdout, '3\nended\n', stderr)
    }
    await nothingLeft(os)
  })

  test(`${kernel}: a writer that nobody reads ends by SIGPIPE, however endless`, async () => {
    const os = await system(kernel)
    const { stdout } = await run(os, 'yes | head -n 2; echo ${PIPESTATUS[@]}; while true; do echo x; done | head -1; cat /dev/zero | grep -c y | head -1 & kill %1; wait', { limitMs: 10_000 })
    assert.equal(stdout, 'y\ny\n141 0\nx\n')
    await nothingLeft(os)
  })

  test(`${kernel}: jobs: & and wait, kill by number, statuses`, async () => {
    const os = await system(kernel)
    const { stdout } = await run(os, `
      sleep 60 & p=$!
      kill -0 $p && echo there
      jobs | cut -c1-13
      kill %1; wait $p; echo $?
      (exit 7) & q=$!; sleep 60 & r=$!
      kill -KILL $r; wait $q; echo $?; wait $r 2>/dev/null; echo $?
      kill -0 $p 2>/dev/null || echo gone`)
    assert.equal(stdout, 'there\n[1]+  Running\n143\n7\n137\ngone\n')
    await nothingLeft(os)
  })

  test(`${kernel}: a busy shell stops nobody, and is killed`, async () => {
    const os = await system(kernel)
    const busy = start(os, 'while true; do :; done')
    const { stdout } = await run(os, 'seq 1000 | tail -1', { limitMs: 10_000 })
    assert.equal(stdout, '1000\n')
    await busy.kill('SIGKILL')
    assert.equal((await busy.wait()).signal, 'SIGKILL')
    await nothingLeft(os)
  })

  test(`${kernel}: a WebAssembly program runs by its path, in a pipe with commands`, async () => {
    const os = await system(kernel)
    const { readFile } = await import('node:fs/promises')
    for (const name of ['sort', 'spin']) await os.install(`/opt/${name}.wasm`, await readFile(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url)))
    const { stdout } = await run(os, 'printf "b\\na\\n" > in.txt; /opt/sort.wasm $PWD/in.txt | tr a-z A-Z; PATH=$PATH:/opt; spin & sleep 0.05; kill $!; wait $!; echo $?', { limitMs: 20_000 })
    assert.equal(stdout, 'A\nB\n143\n')
    await nothingLeft(os)
  })

  test(`${kernel}: top tells of processes, domains and gates`, async () => {
    const os = await system(kernel)
    const { stdout } = await run(os, 'top -n 1 -d 0.2')
    assert.match(stdout, new RegExp(`^kaleidos ${kernel} .*processes`))
    assert.match(stdout, /\d+ calls\/s/)
    assert.match(stdout, /PID +PPID +PGID[^]*top -n 1/)
    assert.match(stdout, /DOMAIN +MODE[^]*vfs/)
    assert.match(stdout, kernel === 'monolithic' ? /trap +programs +wasi/ : /rpc +programs +vfs|rpc +vfs +ramfs/)
  })
}

test('a unikernel holds one program: what is built in works, what is a process is refused in words', async () => {
  const os = await bootShell('unikernel')
  try {
    const { stdout, stderr, status } = await run(os, 'x=$((2*21)); echo $x; for i in a b; do printf "%s\\n" $i > f; done; read y < f; echo $y; ls; echo $?')
    assert.equal(stdout, '42\nb\n126\n')
    assert.match(stderr, /one program/)
    assert.equal(status, 0)
  } finally {
    await os.close()
  }
})

test('hostile scripts end by a limit or by kill, and the system goes on', async () => {
  const os = await system('monolithic')
  const failing: readonly [string, RegExp][] = [
    ['f() { f; }; f', /nesting level/], ['x=$((x=x+1, 1/0))', /division by 0/], ['eval "$(printf "(%.0s" $(seq 400))"', /./], ['echo $((y)); y=y; echo $((y))', /recursion/]
  ]
  for (const [script, expected] of failing) {
    const { stderr, status } = await run(os, script, { limitMs: 20_000 })
    assert.notEqual(status, 0, script)
    assert.match(stderr, expected, script)
  }
  const { stdout } = await run(os, `echo "${'a'.repeat(60)}b" | grep -cE "^(a+)+$"; echo {1..1000000} | wc -c; echo on`, { limitMs: 20_000 })
  assert.match(stdout, /on\n$/)
  await nothingLeft(os)
})

