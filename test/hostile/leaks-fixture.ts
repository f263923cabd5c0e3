// Run by leaks.test.ts in a Node of its own with --expose-gc: does one thing many times, and prints as JSON what the process
// holds before and after: heap, buffers, descriptors, maps of memory, active resources.

import { readFileSync, readdirSync } from 'node:fs'
import { boot, kernels, loadProgram } from '../../src/index.ts'
import type { OperatingSystem } from '../../src/index.ts'

const [what, kernel, rounds] = [process.argv[2]!, process.argv[3] as keyof typeof kernels, Number(process.argv[4])]
const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`../../programs/wasm/${name}.wasm`, import.meta.url))
const none = loadProgram(bytesOf('true'), { name: 'true' })

async function measure (): Promise<object> {
  // What has ended is given back in turns of the host.
  for (let i = 0; i < 10; i++) {
    globalThis.gc!()
    await new Promise(resolve => setTimeout(resolve, 5))
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage()
  const count = (read: () => number): number => {
    try {
      return read()
    } catch {
      // Not on this host.
      return 0
    }
  }
  return {
    heapUsed, external, arrayBuffers,
    descriptors: count(() => readdirSync('/proc/self/fd').length),
    maps: count(() => readFileSync('/proc/self/maps', 'utf8').split('\n').length),
    resources: process.getActiveResourcesInfo().filter(name => name !== 'Timeout').sort()
  }
}

async function spawnMany (os: OperatingSystem, count: number): Promise<void> {
  const { status, stderr } = await os.spawn(bytesOf('spawns'), { stdin: null, args: ['spawns', '/bin/true', String(count), '1'] }).output()
  if (status !== 0) throw new Error(new TextDecoder().decode(stderr))
}

async function spawned (): Promise<object> {
  await using os = await boot({ kernel: kernels[kernel]() })
  await os.fs.mkdir('/bin')
  await os.fs.writeFile('/bin/true', bytesOf('true'))
  await spawnMany(os, rounds / 10)
  for (let i = 0; i < 20; i++) await os.spawn(none, { stdin: null }).output()
  const before = await measure()
  await spawnMany(os, rounds)
  for (let i = 0; i < rounds / 20; i++) await os.spawn(none, { stdin: null }).output()
  return { before, after: await measure() }
}

async function booted (): Promise<object> {
  const once = async (): Promise<void> => {
    await using os = await boot({ kernel: kernels[kernel](), program: none })
    await os.spawn(none, { stdin: null }).output()
  }
  for (let i = 0; i < 20; i++) await once()
  const before = await measure()
  for (let i = 0; i < rounds; i++) await once()
  return { before, after: await measure() }
}

process.stdout.write(`${JSON.stringify(await (what === 'spawns' ? spawned() : booted()))}\n`)
