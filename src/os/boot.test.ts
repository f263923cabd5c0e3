import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { boot, kernels, loadProgram } from '../index.ts'

const program = (name: string): Uint8Array => readFileSync(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))

test('an image for one program says what another would need', async () => {
  const nothing = loadProgram(Uint8Array.of(
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 10, 1, 6, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0, 0, 10, 4, 1, 2, 0, 0x0b))
  await using os = await boot({ kernel: kernels.unikernel(), program: nothing })
  assert.throws(() => os.spawn(program('cat'), { args: ['cat'] }), /cat needs vfs, .*this image was made for a program that does without/)
  assert.equal((await os.spawn(nothing).wait()).status, 0)
})

test('what is no program is refused at once, in a sentence', async () => {
  await using os = await boot({ kernel: kernels.monolithic() })
  assert.throws(() => os.spawn(new Uint8Array(0)), /not a WebAssembly module/)
  assert.throws(() => os.spawn(new TextEncoder().encode('#!/bin/sh\n')), /not a WebAssembly module/)
  assert.throws(() => os.spawn(new WebAssembly.Module(program('true').slice()) as never), /pass its bytes/)
  assert.throws(() => os.spawn('hello.wasm' as never), /a program is the bytes/)
})

test('a program whose data does not fit its memory is told of by what is wrong with it', async () => {
  await using os = await boot({ kernel: kernels.monolithic() })
  // One page, and a byte of data at 65536; `_start` does nothing.
  const outside = Uint8Array.of(
    0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1, 7, 10, 1, 6, 0x5f, 0x73, 0x74, 0x61, 0x72, 0x74, 0, 0,
    10, 4, 1, 2, 0, 0x0b, 11, 9, 1, 0, 0x41, 0x80, 0x80, 4, 0x0b, 1, 7)
  await assert.rejects(os.spawn(outside, { args: ['outside'] }).wait(), /outside cannot be started: .*data segment/)
})

test('a wrong option of boot is told', async () => {
  const booted = (options: object): Promise<unknown> => boot({ kernel: kernels.monolithic(), ...options })
  await assert.rejects(booted({ limit: {} }), /^TypeError: boot: there is no option 'limit'; there are .*limits/)
  await assert.rejects(booted({ decorate: [] }), /^TypeError: boot: decorate is a function/)
})
