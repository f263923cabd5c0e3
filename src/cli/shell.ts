/** `kaleidos shell`: the userland's shell on a kernel, on this terminal or by a script. */

import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Writable } from 'node:stream'
import { boot, modelMachine } from '../index.ts'
import { liveMachine } from '../machine/live/index.ts'
import type { Machine } from '../machine/index.ts'
import type { ModelInput } from '../machine/model/index.ts'
import { systemOf } from '../os/index.ts'
import type { Exit, OperatingSystem, Process, Share } from '../os/index.ts'
import { PATH_DEFAULT, SHELL_PATH, interactiveShell, shellOf, userland } from '../userland/index.ts'
import type { Completion, Session } from '../userland/index.ts'
import { kernelNamed } from './architectures.ts'
import { complete } from './completion.ts'
import { CommandError, notExecutable, notFound, onSignals, statusOfSignal, type Ending } from './exit.ts'
import { limitsOf, type LimitOptions } from './limit-options.ts'
import { domainsTask } from './domains-task.ts'
import { linearExpressions } from './expressions.ts'
import { History } from './history.ts'
import { folders } from './library.ts'
import { chosenModel, type ChosenModel, type MachineOptions } from './machine-option.ts'
import type { Directory } from './options.ts'
import { drained } from './output.ts'
import { WholeInput } from './standard-input.ts'
import { Terminal } from './terminal.ts'
import type { Walls } from './wall-option.ts'

export interface ShellOptions extends LimitOptions, MachineOptions {
  readonly kernel: string
  readonly wall?: Walls
  readonly supervised?: boolean
  readonly dir?: readonly Directory[]
  readonly env?: Readonly<Record<string, string>>
  readonly command?: string
}

const HOME = '/home'
/** Where the programs stand that come with KaleidOS. */
const PROGRAMS = '/usr/bin'

export async function shell (script: string | undefined, args: readonly string[], options: ShellOptions): Promise<Ending> {
  linearExpressions()
  const kernel = kernelNamed(options.kernel, options.wall, options.supervised)
  const { shares } = folders(options.dir ?? [])
  for (const { guestPath, hostPath } of shares) {
    if (['/', '/bin', '/proc', '/dev'].includes(guestPath)) {
      throw new CommandError(`--dir ${hostPath} would stand in the place of ${guestPath}, which the shell needs`, `Give it another: --dir ${hostPath}:/work`)
    }
  }
  const words = await wordsOf(script, args, options)
  const all: Share[] = [...shares, ...shares.some(share => share.guestPath === PROGRAMS) ? [] : [{ hostPath: fileURLToPath(new URL('../../programs/wasm/', import.meta.url)), guestPath: PROGRAMS, writable: false }]]
  const typing = words === null && process.stdin.isTTY && process.stdout.isTTY
  const env = {
    PATH: PATH_DEFAULT, HOME, USER: 'root', SHELL: SHELL_PATH, KERNEL: kernel.name, ...(process.env['TERM'] === undefined ? {} : { TERM: process.env['TERM'] }),
    ...options.env
  }
  const model = chosenModel(options)
  const conversation = typing ? new Conversation(all, model) : null
  const machine = conversation?.machine ?? (model === null ? null : scripted(model, all))
  await using os = await boot({ kernel, shares: all, executables: { ...userland(), '/bin/domains': domainsTask(() => os.domains) }, ...(machine === null ? { console: true } : { machine }) })
  for (const folder of ['/tmp', HOME]) await os.fs.mkdir(folder, { recursive: true })
  const cwd = shares[0]?.guestPath ?? HOME
  conversation?.begin(os)
  const child = os.spawn(conversation === null ? shellOf() : interactiveShell(conversation), {
    args: words ?? ['sh'], env, cwd, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit', limits: limitsOf(options)
  })
  try {
    return conversation === null ? await follow(os, child) : (await child.wait()).status
  } finally {
    conversation?.end()
    await os.close()
    machine?.close()
  }
}

/** What the shell is started with; null for a person, or a script on standard input. */
async function wordsOf (script: string | undefined, args: readonly string[], { command }: ShellOptions): Promise<string[] | null> {
  // As bash: after -c the first word is the script's name.
  if (command !== undefined) return ['sh', '-c', command, ...script === undefined ? [] : [script, ...args]]
  if (script === undefined) return process.stdin.isTTY && process.stdout.isTTY ? null : ['sh']
  const text = await readFile(script, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw new CommandError(`${script}: no such script`, 'Give the path of a script of this host, or -c COMMAND.', notFound)
    throw new CommandError(`${script} cannot be read: ${error.message}`, '', notExecutable)
  })
  return ['sh', '-c', text, script, ...args]
}

/** Waits for the end of a script; signals of this process go to all that it started. */
async function follow (os: OperatingSystem, child: Process): Promise<Ending> {
  let received: NodeJS.Signals | undefined
  const { stop } = onSignals(signal => {
    if (received !== undefined) process.exit(statusOfSignal(signal))
    received = signal
    void interruptAll(os, child, signal)
  })
  let exit: Exit
  try {
    exit = await child.wait()
  } finally {
    stop()
  }
  return exit.signal !== null && exit.signal === received ? { signal: received } : exit.status
}

async function interruptAll (os: OperatingSystem, child: Process, signal: NodeJS.Signals): Promise<void> {
  const group = await child.started
  const { host } = systemOf(os)
  const number = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 }[signal as 'SIGINT'] ?? 15
  await systemOf(os).run('interrupt', function * () {
    const result = host.processes.kill(-group, number)
    return typeof result === 'number' ? result : yield * result
  })
}

/** A model machine whose console is this process's streams. */
function scripted (model: ChosenModel, shares: readonly Share[]): Machine {
  return modelled(model, shares, arrived => new WholeInput(arrived), false, unit => unit === 1 ? process.stdout : process.stderr)
}

function modelled (
  { json, processors, seed }: ChosenModel, shares: readonly Share[], stdin: (arrived: () => void) => ModelInput, terminal: boolean, outputOf: (unit: number) => Writable
): Machine {
  return modelMachine({
    profile: json, processors, seed, stdin, terminal, shares: writableOrNot(shares),
    stdout: bytes => { outputOf(1).write(bytes) }, stderr: bytes => { outputOf(2).write(bytes) },
    heard: () => drained([outputOf(1), outputOf(2)])
  })
}

function writableOrNot (shares: readonly Share[]): { hostPath: string, writable: boolean }[] {
  return shares.map(({ hostPath, writable }) => ({ hostPath, writable: writable ?? true }))
}

/** A person's terminal and history, as the shell sees them. */
class Conversation implements Session {
  readonly machine: Machine
  readonly #terminal: Terminal
  readonly #history = new History()
  #os: OperatingSystem | null = null
  #completion: Completion | null = null

  constructor (shares: readonly Share[], model: ChosenModel | null) {
    this.#terminal = new Terminal({
      input: process.stdin, output: process.stdout,
      interrupt: () => { this.#os?.interrupt().catch(() => {}) },
      complete: async line => this.#os === null || this.#completion === null ? [[], line] : await complete(this.#os, line, this.#completion)
    })
    const { makeInput, output } = this.#terminal
    this.machine = model === null
      ? liveMachine({ shares: writableOrNot(shares), stdin: makeInput, stdout: output, stderr: output })
      : modelled(model, shares, makeInput, true, () => output)
  }

  begin (os: OperatingSystem): void {
    this.#os = os
    this.#terminal.history = this.#history.lines
  }

  end (): void {
    this.#terminal.close()
    if (this.#history.failure !== null) process.stderr.write(`kaleidos: the history could not be kept: ${this.#history.failure}\n`)
  }

  prompt (text: string, completion: Completion): void {
    this.#completion = completion
    this.#terminal.prompt(text)
  }

  get size (): { columns: number, rows: number } {
    return this.#terminal.size
  }

  interrupted (): boolean {
    return this.#terminal.interrupted()
  }

  interruption (): Promise<void> {
    return this.#terminal.interruption()
  }

  get history (): readonly string[] {
    return this.#history.lines
  }

  remember (line: string): void {
    this.#history.add(line)
  }

  clearHistory (): void {
    this.#history.clear()
  }
}
