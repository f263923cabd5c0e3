/**
 * Wild writes: what a domain that runs wild damages is what it could address, and what follows from that follows.
 */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { boot } from '../../src/index.ts'
import type { OperatingSystem } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { wildWrite } from '../../src/link/index.ts'
import type { System } from '../../src/link/index.ts'
import { randomFrom } from '../../src/lab/random.ts'
import { everyName, planNamed } from '../system/support.ts'
import type { EveryName } from '../system/support.ts'
import type { Arena } from '../../src/roles/index.ts'

const SEED = Number(process.env['SEED'] ?? 1975)
const WRITES = 2000
const cat = readFileSync(new URL('../../programs/wasm/cat.wasm', import.meta.url))

/** A system with files, and a program in it that waits for input. */
async function busy (kernel: EveryName): Promise<{ os: OperatingSystem, system: System, program: string }> {
  const os = await boot({ kernel: planNamed[kernel]() })
  await os.fs.writeFile('/kept.bin', new Uint8Array(200_000).fill(0xa5))
  const process = os.spawn(cat, { args: ['cat'] })
  const badge = await process.started
  return { os, system: systemOf(os), program: systemOf(os).programs.thread(badge)!.home.label }
}

function arenasOf (system: System): Arena[] {
  return [...new Set(system.addressable().flatMap(space => space.arenas))]
}

for (const kernel of everyName) {
  test(`${kernel}: random writes of each domain change only what it could address (seed ${SEED})`, async () => {
    const { os, system } = await busy(kernel)
    const random = randomFrom(SEED)
    for (const { domain, arenas } of system.addressable()) {
      if (arenas.length === 0) continue
      const all = arenasOf(system)
      const before = new Map(all.map(arena => [arena, arena.bytes.slice()]))
      const hit = new Set<Arena>()
      for (let i = 0; i < WRITES; i++) hit.add(wildWrite(system, domain, random).arena)
      for (const arena of all) {
        const same = Buffer.compare(before.get(arena)!, arena.bytes) === 0
        assert.equal(same, !hit.has(arena), `${domain} wrote, and ${arena.name} ${same ? 'did not change' : 'changed'}`)
        if (!same) assert.ok(arenas.includes(arena), `${domain} changed ${arena.name}, which it cannot address`)
        arena.bytes.set(before.get(arena)!)
      }
    }
    await os.close()
  })
}

/** Overwrites all that a domain can address. */
function scribble (system: System, domain: string): void {
  const space = system.addressable().find(other => other.domain === domain)!
  for (const arena of space.arenas) arena.bytes.fill(0x5a)
}

async function survives (kernel: EveryName, wild: (program: string) => string): Promise<boolean> {
  const { os, system, program } = await busy(kernel)
  scribble(system, wild(program))
  const data = await os.fs.readFile('/kept.bin')
  await os.close()
  return data.length === 200_000 && data.every(byte => byte === 0xa5)
}

test('a file survives any server of the microkernel that runs wild but its own file system', async () => {
  for (const domain of ['process', 'pipefs', 'devfs', 'console', 'clock', 'entropy', 'vfs']) {
    assert.equal(await survives('microkernel', () => domain), true, `${domain} ran wild`)
  }
  assert.equal(await survives('microkernel', () => 'ramfs'), false, 'the file system\'s own pages are gone')
})

test('in the monolithic kernel any part that runs wild takes the files with it; a program does not', async () => {
  assert.equal(await survives('monolithic', () => 'kernel'), false)
  assert.equal(await survives('monolithic', program => program), true)
})

test('in the unikernel the program and its services are one domain', async () => {
  assert.equal(await survives('unikernel', () => 'image'), false)
})

test('who can address what: the supervisor the programs above it, a server itself alone', async () => {
  const mono = await busy('monolithic')
  assert.deepEqual(mono.os.addressability(), [
    { domain: 'kernel', addresses: ['kernel', `memory of ${mono.program}`] },
    { domain: 'host', addresses: ['host'] },
    { domain: mono.program, addresses: [`memory of ${mono.program}`] }
  ])
  await mono.os.close()
  const micro = await busy('microkernel')
  const addresses = new Map(micro.os.addressability().map(line => [line.domain, line.addresses]))
  assert.deepEqual(addresses.get('vfs'), ['vfs'])
  assert.deepEqual(addresses.get(micro.program), [`library of ${micro.program}`, `memory of ${micro.program}`])
  await micro.os.close()
})
