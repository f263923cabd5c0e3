/**
 * The console on real descriptors: each test starts a program of its own, with a machine and the console service, and
 * looks at it from outside through pipes, sockets, files and a terminal.
 */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { after, describe, test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { liveMachine } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'console-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const here = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href)

/** `node program.mjs TASK …`: says on its standard error how it goes: `full` and `waits` when it has to wait. */
const program = join(folder, 'program.mjs')
writeFileSync(program, `
import { writeSync } from 'node:fs'
import { isFiber, settle } from ${here('../../fiber/index.ts')}
import { liveMachine } from ${here('./index.ts')}
import { TestScheduler } from ${here('../../roles/conformance/index.ts')}
import { READ, WRITE, Window } from ${here('../../roles/index.ts')}
import { startService, testArena } from ${here('../../services/testing.ts')}
import { console as service } from ${here('../../services/console/index.ts')}

const machine = liveMachine({ stdin: 0, stdout: 1, stderr: 2 })
const { console } = startService(service, { devices: machine })
const arena = testArena('program')
const buffer = arena.allocate(1 << 20)
const window = (length, at = buffer) => Window.of(arena, at, length, READ | WRITE, { bytesCopied: 0 })
const [task, ...args] = process.argv.slice(2)
const say = message => writeSync(2, message + '\\n')
let waits = 0

function * read (size) {
  const result = console.read(0, window(Number(size)))
  if (isFiber(result)) say('waits')
  return yield * settle(result)
}

function * write (length) {
  for (let at = 0; at < length;) {
    const result = console.write(1, window(length - at, buffer + at))
    if (isFiber(result) && waits++ === 0) say('full')
    const count = yield * settle(result)
    if (count < 0) return count
    at += count
  }
  return length
}

const tasks = {
  /** Writes so many bytes, in pieces of so many. */
  * write (total, piece) {
    say('terminals ' + [0, 1, 2].map(unit => console.terminal(unit)).join(' '))
    for (let i = 0; i < 1 << 20; i++) arena.bytes[buffer + i] = i * 7 & 0xff
    for (let done = 0; done < total; done += Number(piece)) {
      const count = yield * write(Math.min(piece, total - done))
      if (count < 0) return say('failed ' + count + ' hung up ' + machine.console.hungUp(1))
    }
    say('wrote ' + total + ' waited ' + (waits > 0))
  },
  * copy (size, times = 1) {
    for (;;) {
      const count = yield * read(size)
      if (count <= 0) say('ended ' + count)
      if (count <= 0 && --times === 0) return
      yield * write(Math.max(0, count))
    }
  },
  /** Reads one piece. */
  * take (size) {
    const count = yield * read(size)
    yield * write(Math.max(0, count))
  },
  * poll () {
    say('ready ' + console.ready(0, 1))
    say('ready ' + (yield * settle(console.awaitReady(0, 1))) + ' readable ' + machine.console.readable())
  },
  /** Waits for input that never comes, and is ended. */
  * give () {
    const reading = console.read(0, window(10))
    reading.next()
    yield * settle(sleep(20))
    reading.return(0)
    say('gave up')
  },
  /** Waits for what never comes, while nobody waits for input. */
  * stuck () {
    yield new (class extends Set { name = 'nothing'; enter () {} leave () {} })()
  }
}
function * sleep (ms) {
  const { WaitQueue } = yield * load
  const queue = new WaitQueue('sleep')
  machine.interrupts.connect('timer', () => queue.wakeAll())
  machine.timer.arm(machine.clock.monotonicNs() + ms * 1e6)
  yield queue
}
const load = { * [Symbol.iterator] () { return fiber } }
const fiber = await import(${here('../../fiber/index.ts')})
await new TestScheduler().run(tasks[task](...args), () => new Promise(resolve => machine.processor.idle(resolve)))
await machine.console.flush()
machine.close()
`)

interface Outcome { stdout: Buffer, text: string, errors: string, status: number | null }

/** Runs a command; what it wrote on both outputs. */
async function run (command: string, args: readonly string[]): Promise<Outcome> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', chunk => output.push(chunk))
  child.stderr.on('data', chunk => errors.push(chunk))
  const [status, signal] = await new Promise<[number | null, string | null]>(resolve => child.on('close', (...how) => resolve(how)))
  const stdout = Buffer.concat(output)
  assert.equal(signal, null, `ended by ${signal}: ${Buffer.concat(errors).toString()}`)
  return { stdout, text: stdout.toString(), errors: Buffer.concat(errors).toString(), status }
}

let logs = 0

/** Runs a shell command in which P is the program, and `W word` waits until it has said a word. */
async function shell (command: string): Promise<Outcome> {
  const log = join(folder, `log-${++logs}`)
  writeFileSync(log, '')
  const outcome = await run('timeout', ['120', 'bash', '-c', `
    P() { "${process.execPath}" "${program}" "$@" 2>> ${log}; }
    W() { until grep -q "$1" ${log}; do sleep 0.05; done; }
    ${command}`])
  return { ...outcome, errors: readFileSync(log, 'utf8') + outcome.errors }
}

describe('the console on Node', { concurrency: 3 }, () => {
  const options = { skip: process.platform !== 'linux' && 'needs a shell of Linux' }

  test('bytes go through as they are, whatever the pieces', options, async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff))
    writeFileSync(join(folder, 'binary'), bytes)
    assert.deepEqual((await shell(`cat ${folder}/binary | P copy 1000 | cat`)).stdout, bytes)
    await shell(`P copy 65536 < ${folder}/binary > ${folder}/copy`)
    assert.deepEqual(readFileSync(join(folder, 'copy')), bytes)
  })

  test('a reader that goes away gives EPIPE, and the program ends by itself', options, async () => {
    const { stdout, errors } = await shell('P write 10000000 4096 | head -c 10')
    assert.equal(stdout.length, 10)
    assert.match(errors, new RegExp(`failed -${Errno.EPIPE} hung up true`))
    assert.match((await shell('P write 5000000 1000000 | (W full; head -c 10)')).errors, /failed -64/)
  })

  test('a slow reader holds the program back, and gets everything', options, async () => {
    const { stdout, errors } = await shell('P write 1000000 10000 | (W full; sleep 0.2; cat)')
    assert.equal(stdout.length, 1_000_000)
    for (let i = 0; i < 1_000_000; i += 997) assert.equal(stdout[i], (i % 10000) * 7 & 0xff, `byte ${i}`)
    assert.match(errors, /terminals 0 0 0[^]*wrote 1000000 waited true/)
  })

  test('what a slow reader has not taken when the program ends still arrives', options, async () => {
    const { stdout } = await shell('P write 100000 100000 | (W wrote; sleep 0.2; cat)')
    assert.equal(stdout.length, 100_000)
  })

  test('a reader at the other end of a socket, as another Node starts programs, holds back too', options, async () => {
    const child = spawn(process.execPath, [program, 'write', '1000000', '50000'], { stdio: ['ignore', 'pipe', 'pipe'] })
    let errors = ''
    child.stderr.on('data', chunk => { errors += chunk })
    while (!errors.includes('full')) await new Promise(resolve => setTimeout(resolve, 20))
    let total = 0
    for await (const chunk of child.stdout) total += (chunk as Buffer).length
    assert.equal(total, 1_000_000)
    assert.match(errors, /waited true/)
  })

  test('input from a socket arrives when it comes, and ends', options, async () => {
    const child = spawn(process.execPath, [program, 'copy', '100'], { stdio: ['pipe', 'pipe', 'pipe'] })
    let output = ''
    child.stdout.on('data', chunk => { output += chunk })
    let errors = ''
    child.stderr.on('data', chunk => { errors += chunk })
    const texts = ['a', 'bc', 'd'.repeat(1000)]
    for (const [index, text] of texts.entries()) {
      while (errors.split('waits').length <= index + 1) await new Promise(resolve => setTimeout(resolve, 20))
      child.stdin.write(text)
    }
    child.stdin.end()
    assert.equal(await new Promise(resolve => child.on('close', resolve)), 0)
    assert.equal(output, 'abc' + 'd'.repeat(1000))
  })

  test('no more is taken from a pipe than was asked for: the next program finds the rest', options, async () => {
    assert.equal((await shell('(W waits; printf abcdefgh) | (P take 3; cat)')).text, 'abcdefgh', 'after waiting')
    assert.equal((await shell('printf abcdefgh | (sleep 0.1; P take 3; echo; cat)')).text, 'abc\ndefgh', 'without waiting')
    writeFileSync(join(folder, 'rest'), 'abcdefgh')
    assert.equal((await shell(`(P take 3; echo; cat) < ${folder}/rest`)).text, 'abc\ndefgh', 'from a file')
  })

  test('nothing at the other end: /dev/null, closed descriptors, /dev/full', options, async () => {
    assert.match((await shell('P copy 10 < /dev/null')).errors, /ended 0/)
    assert.match((await shell('P copy 10 <&-')).errors, /ended 0/)
    assert.match((await shell('P write 10 10 >&-')).errors, /wrote 10|failed/)
    assert.match((await shell('P write 10 10 > /dev/full')).errors, new RegExp(`failed -${Errno.ENOSPC}`))
  })

  test('polling says what is there, before and after it comes', options, async () => {
    assert.match((await shell('(W ready; printf abc; sleep 0.1) | P poll')).errors, /ready 0\nready 1 readable [13]/)
    assert.match((await shell('true | (sleep 0.1; P poll)')).errors, /ready 5\nready 5 readable -1/)
  })

  test('a program that waits for input keeps the host alive; one that nobody will wake, or that gave up, does not', options, async () => {
    assert.match((await shell('(W waits; sleep 0.3; echo late) | P take 10')).text, /late/)
    // The shell holds the other end of the FIFO open, so that nothing ever comes.
    const silent = (task: string) => shell(`mkfifo ${folder}/${task}; exec 9<>${folder}/${task}; P ${task} < ${folder}/${task} 9<&-; echo status $?`)
    const [gave, stuck] = await Promise.all([silent('give'), silent('stuck')])
    assert.match(gave.errors, /gave up/)
    assert.match(gave.text + stuck.text, /status 0\nstatus 13/, '13 is Node\'s own for a wait that cannot end')
  })

  test('both outputs on one pipe keep their order when it is full', options, async () => {
    writeFileSync(join(folder, 'both.mjs'), `
    import { liveMachine } from ${here('./index.ts')}
    const machine = liveMachine({ stdout: 1, stderr: 2 })
    const bytes = new TextEncoder().encode(('x'.repeat(99) + '\\n').repeat(700))
    for (let at = 0; at < bytes.length;) {
      const count = machine.console.write(1, bytes, at, bytes.length - at)
      if (count < 0) break
      at += count
    }
    const end = new TextEncoder().encode('end\\n')
    const ended = () => { if (machine.console.write(2, end, 0, 4) === -${Errno.EAGAIN}) setTimeout(ended, 10) }
    ended()
  `)
    const { text } = await shell(`"${process.execPath}" ${folder}/both.mjs 2>&1 | (sleep 1; cat)`)
    assert.equal(text.indexOf('end\n'), text.length - 4)
  })

  const python = spawnSync('python3', ['--version']).status === 0
  test('a terminal gives lines, ends at Ctrl-D, and goes on', { skip: (options.skip || !python) && 'needs a pseudo-terminal' }, async () => {
    writeFileSync(join(folder, 'terminal.py'), `
import os, pty, sys
pid, fd = pty.fork()
if pid == 0: os.execv(sys.argv[1], sys.argv[1:])
out = b''
typed = [b'one\\n', b'\\x04', b'two\\n', b'\\x04']
try:
    while True:
        data = os.read(fd, 4096)
        if not data: break
        out += data
        while typed and out.count(b'waits') > 4 - len(typed): os.write(fd, typed.pop(0))
except OSError: pass
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])); print(out.decode(errors="replace"))
`)
    const terminal = async (...args: string[]): Promise<string> =>
      (await run('timeout', ['120', 'python3', join(folder, 'terminal.py'), process.execPath, program, ...args])).text
    assert.match(await terminal('copy', '100', '2'), /^0\n[^]*one\r\none\r\n[^]*ended 0[^]*two\r\ntwo\r\n[^]*ended 0/)
    assert.match(await terminal('write', '200000', '1000'), /terminals 1 1 1[^]*wrote 200000/)
  })

  test('streams of the caller: pulled, held back, and never more than one at their ends', async () => {
    const output = new PassThrough({ highWaterMark: 16 })
    const input = Readable.from(['ab', 'c'])
    const machine = liveMachine({ stdin: input, stdout: output })
    const lines: string[] = []
    machine.interrupts.connect('console-in', () => lines.push('in'))
    machine.interrupts.connect('console-out', () => lines.push('out'))
    const bytes = new Uint8Array(100_000)
    const idle = (): Promise<void> => new Promise(resolve => machine.processor.idle(resolve))

    let text = ''
    for (;;) {
      const count = machine.console.read(bytes, 0, 1)
      if (count === 0) break
      if (count > 0) {
        text += String.fromCharCode(bytes[0]!)
        continue
      }
      assert.equal(count, -Errno.EAGAIN)
      machine.console.awaitInput(true)
      await idle()
    }
    assert.equal(text, 'abc')
    assert.equal(machine.console.readable(), -1)

    let taken = 0
    for (let count = 0; (count = machine.console.write(1, bytes, 0, 10_000)) > 0;) taken += count
    assert.ok(taken > 0 && taken <= 65536, `${taken} bytes taken`)
    assert.equal(machine.console.writable(1), false)
    let flushed = false
    const flush = machine.console.flush().then(() => { flushed = true })
    await new Promise(resolve => setTimeout(resolve, 5))
    output.read()
    await new Promise(resolve => setTimeout(resolve, 5))
    assert.ok(!flushed, 'the first piece has gone, others have not')
    output.resume()
    await idle()
    assert.ok(lines.includes('out'))
    await flush
    output.destroy()
    await new Promise(resolve => setImmediate(resolve))
    machine.console.write(1, bytes, 0, 1)
    await machine.console.flush()
    assert.equal(machine.console.write(1, bytes, 0, 1), -Errno.EPIPE)
    assert.equal(machine.console.write(2, bytes, 0, 10), 10, 'nothing is /dev/null')
    machine.close()
  })
})
