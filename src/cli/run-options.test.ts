import assert from 'node:assert/strict'
import { Command } from 'commander'
import fc from 'fast-check'
import { test } from 'node:test'
import { commands } from './command-line.ts'
import { readRun } from './run-options.ts'
import type { RunRequest } from './run-options.ts'

/** What Commander makes of a command line, or null where it finds something to say. */
async function byCommander (words: readonly string[]): Promise<RunRequest | null> {
  let request: RunRequest | null = null
  const program = commands(() => {}, { out () {}, err () {} })
  const run = program.commands.find(command => command.name() === 'run')!
  run.action((path: string, args: string[], options: RunRequest['options'], command: Command) => {
    assert.ok(command instanceof Command)
    request = { path, args, options }
  })
  try {
    await program.parseAsync([...words], { from: 'user' })
  } catch {
    return null
  }
  return request
}

test('what is read without Commander is what Commander would read', async () => {
  for (const words of [
    ['run', 'a.wasm'], ['run', 'a.wasm', '--json', '-x', '--', '--help'], ['run', '--json', 'a.wasm'],
    ['run', '--kernel', 'microkernel', '--dir', './a:/b:ro', '--dir=./c', '--env', 'A=1', '--env', 'B=--x', 'a.wasm', 'b'],
    ['run', '--mem', '64M', '--cpu-time=10s', '--processes', '3', '--descriptors', '4', '--files', '5', '--disk', '1.5G', '--pipe-bytes', '64K', 'a.wasm'],
    ['run', '--kernel=', 'a.wasm'], ['run', '--kernel', '--json', 'a.wasm'], ['run', '--env', 'A=1\n2', 'a.wasm'], ['run', '--env=A=1\n2', 'a.wasm'], ['run', ''], ['run', '', 'b']
  ]) {
    const read = readRun(words)
    assert.notEqual(read, null, words.join(' '))
    assert.deepEqual(read, await byCommander(words), words.join(' '))
  }
})

test('what is wrong, or asks for help, is left to Commander', () => {
  for (const words of [
    [], ['run'], ['run', '--json'], ['run', '--help', 'a.wasm'], ['run', '-h'], ['run', '--', 'a.wasm'], ['run', '-', 'a.wasm'], ['run', '--jason', 'a.wasm'],
    ['run', '--json=1', 'a.wasm'], ['run', '--mem', '1x', 'a.wasm'], ['run', '--mem'], ['run', '--env', '=1', 'a.wasm'], ['run', '--dir', '', 'a.wasm'],
    ['run', '--dir', 'a:/x', '--dir', 'b:/x', 'a.wasm'], ['shell'], ['help', 'run'], ['--version']
  ]) assert.equal(readRun(words), null, words.join(' '))
})

test('no command line is read otherwise than by Commander', async () => {
  const word = fc.constantFrom('--kernel', '--dir', '--env', '--json', '--mem', '--cpu-time', '--files', '--kernel=x', '--dir=a:b', '--env=A=2', '--json=', '--no-json', '--me', '--help', '-h',
    '-', '--', '-j', 'microkernel', 'a', 'a:/b', 'a:b:ro', 'A=1', '64M', '10s', '7', 'x.wasm', '', '--constructor', '--to-string')
  await fc.assert(fc.asyncProperty(fc.array(word, { maxLength: 7 }), async words => {
    const read = readRun(['run', ...words])
    if (read !== null) assert.deepEqual(read, await byCommander(['run', ...words]))
  }), { numRuns: 2000 })
})
