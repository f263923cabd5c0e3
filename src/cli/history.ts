/** The history of the shell, in the user's state folder (XDG_STATE_HOME), a command a line. */

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { HISTORY_LINES_MAX } from '../userland/index.ts'

export class History {
  readonly #path: string
  readonly #lines: string[]
  /** Whether it could not be kept: told once, by who asks. */
  failure: string | null = null

  constructor (path: string = historyPath()) {
    this.#path = path
    this.#lines = this.#load()
  }

  /** Oldest first. */
  get lines (): readonly string[] {
    return this.#lines
  }

  /** Takes a command; not one that begins with a space, nor the same again. */
  add (line: string): void {
    const whole = line.replaceAll('\n', '; ').trimEnd()
    if (whole === '' || whole.startsWith(' ') || whole === this.#lines.at(-1)) return
    this.#lines.push(whole)
    if (this.#lines.length > HISTORY_LINES_MAX) this.#lines.shift()
    this.#try(() => {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
      appendFileSync(this.#path, `${whole}\n`, { mode: 0o600 })
    })
  }

  clear (): void {
    this.#lines.length = 0
    this.#try(() => { writeFileSync(this.#path, '', { mode: 0o600 }) })
  }

  #load (): string[] {
    let lines: string[]
    try {
      lines = readFileSync(this.#path, 'utf8').split('\n').filter(line => line !== '')
    } catch {
      // The first time there is none.
      return []
    }
    if (lines.length <= HISTORY_LINES_MAX) return lines
    const kept = lines.slice(-HISTORY_LINES_MAX)
    this.#try(() => { writeFileSync(this.#path, kept.map(line => `${line}\n`).join(''), { mode: 0o600 }) })
    return kept
  }

  #try (body: () => void): void {
    try {
      body()
    } catch (error) {
      this.failure ??= error instanceof Error ? error.message : String(error)
    }
  }
}

function historyPath (): string {
  const base = process.env['XDG_STATE_HOME']
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.local', 'state'), 'kaleidos', 'history')
}
