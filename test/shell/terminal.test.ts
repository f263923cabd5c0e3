/**
 * A person at the shell: `kaleidos shell` on a pseudo-terminal, which `script` of util-linux makes.
 *
 * What is typed is waited for, answer by answer, as a person does.
 */

import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const found = spawnSync('script', ['--version'], { encoding: 'utf8' })
const missing = found.status === 0 && found.stdout.includes('util-linux') ? false : '`script` of util-linux is not on this host'
const command = fileURLToPath(new URL('../../bin/kaleidos.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-terminal-'))
after(() => { rmSync(folder, { recursive: true, force: true }) })

/** How long an answer may take: the host may be busy. */
const ANSWER_MS = 30_000
const CONTROL = { c: '\x03', d: '\x04', up: '\x1b[A', tab: '\t', enter: '\r' } as const

class Person {
  readonly #child: ChildProcessWithoutNullStreams
  #screen = ''
  #seen = 0
  readonly ended: Promise<number | null>

  constructor (...options: readonly string[]) {
    const line = [process.execPath, command, 'shell', ...options].map(word => `'${word}'`).join(' ')
    this.#child = spawn('script', ['-qefc', `stty rows 30 cols 100; ${line}`, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', XDG_STATE_HOME: folder }
    })
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => { this.#screen += text.replaceAll('\r', '') })
    this.ended = new Promise(resolve => { this.#child.on('close', resolve) })
  }

  type (keys: string): void {
    this.#child.stdin.write(keys)
  }

  /** Waits until something new on the screen matches, and takes it and all before it as seen; what was new. */
  async see (expected: RegExp): Promise<string> {
    for (let waited = 0; ; waited += 20) {
      const fresh = this.#screen.slice(this.#seen)
      const match = expected.exec(fresh)
      if (match !== null) {
        this.#seen += match.index + match[0].length
        return fresh.slice(0, match.index + match[0].length)
      }
      assert.ok(waited < ANSWER_MS, `waited for ${expected}, and saw ${JSON.stringify(fresh)}`)
      await new Promise(resolve => setTimeout(resolve, 20))
    }
  }

  /** Types a command when there is a prompt, and waits for the answer. */
  async ask (line: string, answer: RegExp): Promise<string> {
    await this.prompt()
    this.type(`${line}${CONTROL.enter}`)
    return await this.see(answer)
  }

  async prompt (): Promise<string> {
    return await this.see(/\$ (\x1b\[\d+G)?$/)
  }

  leave (): void {
    this.#child.kill('SIGKILL')
  }
}

async function withPerson (options: readonly string[], body: (person: Person) => Promise<void>): Promise<void> {
  const person = new Person(...options)
  try {
    await body(person)
  } finally {
    person.leave()
    await person.ended
  }
}

test('a person types commands, and leaves with Ctrl-D; the history is kept', { skip: missing }, async () => {
  await withPerson([], async person => {
    await person.ask('echo one $((1+1))', /one 2\n/)
    await person.ask('false', /\n/)
    assert.match(await person.prompt(), /1.*monolithic/)
    person.type(CONTROL.up)
    await person.see(/false/)
    person.type(CONTROL.up)
    await person.see(/echo one/)
    person.type(CONTROL.enter)
    await person.see(/one 2\n/)
    await person.prompt()
    person.type(CONTROL.d)
    await person.see(/exit\n/)
    assert.equal(await person.ended, 0)
  })
  assert.deepEqual(readFileSync(join(folder, 'kaleidos/history'), 'utf8').split('\n'), ['echo one $((1+1))', 'false', 'echo one $((1+1))', ''])
  await withPerson(['--kernel', 'microkernel'], async person => {
    assert.match(await person.prompt(), /microkernel/)
    person.type(CONTROL.up)
    await person.see(/echo one/)
  })
})

test('Ctrl-C ends what runs in the foreground, and not the shell', { skip: missing }, async () => {
  await withPerson([], async person => {
    for (const line of ['sleep 100', 'sleep 100 | cat', 'yes > /dev/null', 'while true; do :; done', '/usr/bin/spin.wasm', 'cat']) {
      await person.prompt()
      person.type(`${line}${CONTROL.enter}`)
      await person.see(/\n/)
      await new Promise(resolve => setTimeout(resolve, 300))
      person.type(CONTROL.c)
      assert.match(await person.prompt(), /\^C[^]*130/, line)
      person.type(`echo $? after${CONTROL.enter}`)
      await person.see(/130 after\n/)
    }
    await person.prompt()
    person.type(`half a line${CONTROL.c}`)
    await person.see(/\^C/)
    await person.ask('ps -o args', /ps -o args\nCOMMAND\ninit\nsh\nps -o args\n/)
  })
})

test('jobs: the shell says when they begin and end', { skip: missing }, async () => {
  await withPerson([], async person => {
    await person.ask('sleep 100 &', /\[1\] \d+\n/)
    await person.ask('ps', /sleep 100[^]*ps\n/)
    await person.ask('kill %1; sleep 0.2', /\[1\]\+ {2}Terminated +sleep 100\n/)
  })
})

test('Tab completes commands, variables and paths', { skip: missing }, async () => {
  await withPerson([], async person => {
    await person.prompt()
    for (const [typed, completed] of [['basen', 'ame '], ['echo $KERN', 'EL'], ['ls /pro', 'c/'], ['cat /proc/vers', 'ion ']] as const) {
      person.type(typed)
      await person.see(new RegExp(`${typed.replace(/[$/]/g, '\\$&')}$`))
      person.type(CONTROL.tab)
      await person.see(new RegExp(`${completed}$`))
      person.type(CONTROL.c)
      await person.prompt()
    }
  })
})

test('programs read lines, and their end; a command may take several', { skip: missing }, async () => {
  await withPerson([], async person => {
    await person.ask('cat', /\n/)
    person.type(`typed${CONTROL.enter}`)
    await person.see(/typed\ntyped\n/)
    person.type(CONTROL.d)
    await person.ask('read x; echo "<$x>"', /\n/)
    person.type(`a word${CONTROL.enter}`)
    await person.see(/<a word>\n/)
    await person.ask('for i in 1 2', /> /)
    person.type(`do echo "n$i"${CONTROL.enter}`)
    await person.see(/> $|> \x1b\[3G$/)
    person.type(`done${CONTROL.enter}`)
    await person.see(/n1\nn2\n/)
  })
})

test('top takes the screen, shows what goes on, and gives it back at q', { skip: missing }, async () => {
  await withPerson([], async person => {
    await person.ask('yes > /dev/null &', /\[1\]/)
    await person.prompt()
    person.type(`top${CONTROL.enter}`)
    await person.see(/\x1b\[\?1049h/)
    const screen = await person.see(/yes[^]*kernel +supervisor[^]*trap +programs/)
    assert.match(screen, /kaleidos monolithic/)
    assert.match(screen, /calls\/s/)
    person.type('q')
    await person.see(/\x1b\[\?1049l/)
    await person.ask('echo back', /back\n/)
  })
})
