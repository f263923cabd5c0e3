// Hostile programs: each comes to its end, with a status and a message that say what it did, while a neighbour that was
// there before goes on and gives its right output, and nothing of it is left behind: no process, no address space, no capability, no
// descriptor, no byte of an arena. No domain faults.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { ProgramError, liveMachine } from '../../src/index.ts'
import type { BootOptions, OperatingSystem, Process } from '../../src/index.ts'
import type { Machine } from '../../src/machine/index.ts'
import { wat } from './assemble.ts'
import { attack, attacks, judge } from './attacks.ts'
import { refused } from './refused.ts'
import { MESSAGE_BUFFERS, assertHolds, holdings, install, latin1, program } from '../system/support.ts'

/** Enough for the tests, and soon full. */
function smallMachine (): Machine {
  return { ...liveMachine(), addressSpacesMax: { value: 24, reason: 'a small machine' } }
}

/** `without`: tests that are not for programs elsewhere, by name, with the reason. */
export function hostilePrograms (kernel: string, without: Readonly<Record<string, string>>, start: (options: Omit<BootOptions, 'kernel'>) => Promise<OperatingSystem>): void {
  describe(`under ${kernel}`, { concurrency: 1 }, () => {
    let os: OperatingSystem
    let neighbour: Process
    let ask: (text: string) => Promise<string>

    before(async () => {
      os = await start({ machine: smallMachine() })
      await install(os, 'hostile')
      neighbour = os.spawn(program('pingpong'), { args: ['pingpong', 'pong'] })
      const writer = neighbour.stdin.getWriter()
      const reader = neighbour.stdout.getReader()
      ask = async text => {
        let answer = ''
        await writer.write(Buffer.from(text))
        while (answer.length < text.length) {
          const { value, done } = await reader.read()
          assert.equal(done, false)
          answer += latin1(value!)
        }
        return answer
      }
      // Its pipes get their rings.
      await ask('first')
    })
    after(async () => {
      await neighbour.kill()
      await os.close()
    })

    for (const one of attacks) {
      test(`what ${one.what}`, { skip: without[one.what] ?? false }, async () => {
        // The first time, buffers are made that stay for the next.
        judge(one, await attack(os, one))
        const held = await holdings(os)
        // One question after the other, for as long as it goes on.
        let over = false
        let answers = 0
        const running = attack(os, one).finally(() => { over = true })
        do {
          assert.equal(await ask('?'), '?')
          if (!over) answers++
        } while (!over)
        judge(one, await running)
        if (one.goesOn === true && Object.keys(without).length === 0) assert.ok(answers >= 1, `${answers} answers while it went on`)
        await assertHolds(os, held, MESSAGE_BUFFERS)
        assert.equal((await os.spawn(program('hello'), { stdin: null }).output()).text, 'Hello from KaleidOS\n')
        assert.equal(os.stats().counters.faults, 0)
      })
    }

    for (const { what, bytes, reason, message } of refused) {
      test(`${what} is refused`, { skip: without[what] ?? false }, async () => {
        const held = await holdings(os)
        assert.throws(() => os.spawn(bytes()), (error: unknown) => {
          assert.ok(error instanceof ProgramError)
          assert.equal(error.reason, reason, error.message)
          assert.match(error.message, message)
          return true
        })
        // A program that starts it is told by an error number.
        await os.fs.writeFile('/bin/refused', bytes())
        const started = await os.spawn(program('spawns'), { stdin: null, args: ['spawns', '/bin/refused', '1', '1'] }).output()
        assert.match(latin1(started.stderr), reason === 'limit' ? /: (Out of memory|Exec format error)/ : /: Exec format error/)
        await os.fs.unlink('/bin/refused')
        assert.equal(await ask('and now?'), 'and now?')
        await assertHolds(os, held, MESSAGE_BUFFERS)
      })
    }

    test('what initialises outside its memory is refused', { skip: without['initialises outside its memory'] ?? false }, async () => {
      const held = await holdings(os)
      const process = os.spawn(wat('(data (i32.const 65530) "0123456789") (func (export "_start"))'))
      await assert.rejects(process.wait(), { code: 'ENOEXEC' })
      await assert.rejects(process.output(), { code: 'ENOEXEC' })
      await assertHolds(os, held, MESSAGE_BUFFERS)
    })

    test('what is killed before its first instruction never begins', async () => {
      const held = await holdings(os)
      // One that is served before it keeps it from beginning.
      const first = os.spawn(program('spin'), { stdin: null, priority: 3 })
      await first.started
      const never = os.spawn(program('hello'), { stdin: null, priority: 7 })
      await never.started
      await never.kill('SIGKILL')
      await first.kill()
      assert.equal((await first.wait()).status, 143)
      const { status, message, text } = await never.output()
      assert.deepEqual({ status, message, text }, { status: 137, message: 'SIGKILL', text: '' })
      await assertHolds(os, held, MESSAGE_BUFFERS)
    })

    test('ten thousand files', { skip: without['ten thousand files'] ?? false }, async () => {
      await os.fs.mkdir('/many')
      const { text, status, stderr } = await os.spawn(program('hostile'), { stdin: null, args: ['hostile', 'files', '/many', '10000'] }).output()
      assert.equal(status, 0, latin1(stderr))
      assert.equal(text, '10002 entries\n')
      assert.equal(await ask('still?'), 'still?')
      assert.equal((await os.fs.readdir('/many')).length, 10000)
      assert.equal(await os.fs.readText('/many/9999'), '/many/9999')
    })
  })
}
