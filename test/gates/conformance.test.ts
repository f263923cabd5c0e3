/** Each role's suite through each gate, and through the gates of each kernel: a client cannot tell which one it calls through. */

import { PassThrough, Writable } from 'node:stream'
import { test } from 'node:test'
import { setTimeout as pass } from 'node:timers/promises'
import { settle } from '../../src/fiber/index.ts'
import type { Fiber } from '../../src/fiber/index.ts'
import { boot, liveMachine } from '../../src/index.ts'
import type { Plan } from '../../src/index.ts'
import type { System } from '../../src/link/index.ts'
import { systemOf } from '../../src/os/index.ts'
import type { OperatingSystem } from '../../src/index.ts'
import type { LoadedProgram } from '../../src/os/program.ts'
import {
  Clock, Console, Entropy, FileInformation, FileSystem, INIT, ProcessInformation, RIGHTS_ALL, Sockets, SystemInformation, Threads
} from '../../src/roles/index.ts'
import type { AnyService, DescriptorTables, Files, Implementation, Role } from '../../src/roles/index.ts'
import {
  clockConformance, consoleConformance, descriptorTablesConformance, entropyConformance, fileInformationConformance, fileSystemConformance,
  filesConformance, onlyPipes, processInformationConformance, processesConformance, socketsConformance, systemInformationConformance,
  threadsConformance, wholeFileSystem, wholeFiles
} from '../../src/roles/conformance/index.ts'
import type { Driver } from '../../src/roles/conformance/index.ts'
import { Entry, TrapCore } from '../../src/core/index.ts'
import { clock } from '../../src/services/clock/index.ts'
import { console as consoleService } from '../../src/services/console/index.ts'
import { entropy } from '../../src/services/entropy/index.ts'
import { pipefs } from '../../src/services/pipefs/index.ts'
import { ramfs } from '../../src/services/ramfs/index.ts'
import { socketfs } from '../../src/services/socketfs/index.ts'
import { TestClock, startService } from '../../src/services/testing.ts'
import type { Surroundings } from '../../src/services/testing.ts'
import { bytesOf, planNamed, program } from '../system/support.ts'
import { driverOf } from './driver.ts'
import { gateNames, gates } from './gates.ts'

for (const gate of gateNames) {
  /** A service behind the gate, and a client before it. */
  const behind = (service: AnyService, role: unknown, provided: string, surroundings: Surroundings = {}) => {
    const side = gates[gate]()
    const served = startService(service, { ...surroundings, arena: side.arena, caller: side.caller, counter: side.counter })
    const { idle } = side
    return {
      stubs: side.stubs(role as Role, served[provided] as Implementation), arena: side.client, counter: side.counter,
      ...(idle === undefined ? {} : { idle: () => { idle(); return Promise.resolve() } })
    }
  }
  /** The same on a live machine, whose interrupts come when everything waits. */
  const onMachine = (service: AnyService, role: unknown, provided: string, machine = liveMachine()) => {
    const side = behind(service, role, provided, { devices: { ...machine } })
    return {
      ...side,
      async idle () {
        await pass(1)
        machine.interrupts.deliver()
        await side.idle?.()
      },
      close: () => machine.close()
    }
  }
  const name = (service: string): string => `${service} through ${gate}`

  fileSystemConformance({
    name: name('ramfs'), test, skip: wholeFileSystem,
    make () {
      const made = behind(ramfs, FileSystem, 'files', { requires: { clock: new TestClock() } })
      return { ...made, files: made.stubs as unknown as FileSystem }
    }
  })
  fileSystemConformance({
    name: name('pipefs'), test, skip: onlyPipes,
    make () {
      const made = behind(pipefs, FileSystem, 'files')
      return { ...made, files: made.stubs as unknown as FileSystem }
    }
  })
  socketsConformance({
    name: name('socketfs'), test, skip: { streams: null, names: null, ends: null },
    make () {
      const made = behind(socketfs, Sockets, 'sockets')
      return { ...made, sockets: made.stubs as unknown as Sockets }
    }
  })
  clockConformance({
    name: name('clock'), test, skip: { time: null, sleeping: null },
    make () {
      const made = onMachine(clock, Clock, 'clock')
      return { ...made, clock: made.stubs as unknown as Clock }
    }
  })
  entropyConformance({
    name: name('entropy'), test, skip: { 'random bytes': null },
    make () {
      const made = onMachine(entropy, Entropy, 'entropy')
      return { ...made, entropy: made.stubs as unknown as Entropy }
    }
  })
  consoleConformance({
    name: name('console'), test, skip: { input: null, output: null, readiness: null },
    make () {
      const input = new PassThrough()
      const shown = ['', '', '']
      const screen = (unit: number): Writable => new Writable({
        write (chunk: Buffer, _encoding, done) {
          shown[unit] += chunk.toString('latin1')
          done()
        }
      })
      const made = onMachine(consoleService, Console, 'console', liveMachine({ stdin: input, stdout: screen(1), stderr: screen(2) }))
      return {
        ...made, console: made.stubs as unknown as Console,
        type: text => { input.write(text) }, end: () => { input.end() }, shown: unit => shown[unit]!
      }
    }
  })
}

/** What a suite needs of a system that runs: the host's memory, and the kernel's own threads. */
function hostOf (os: OperatingSystem, system: System) {
  return {
    arena: system.host.arena,
    counter: system.state.counters,
    run: async (body: (driver: Driver) => Fiber<void>) => { await system.run('conformance', () => body(driverOf(system))) },
    close: () => os.close()
  }
}

async function start (plan: Plan) {
  const os = await boot({ kernel: plan })
  const system = systemOf(os)
  return { os, system, host: hostOf(os, system) }
}

function slotOf (system: System, name: string): number {
  return system.host.space.capabilities.mint((program(name) as LoadedProgram).image, 0)
}

for (const [name, kernel] of Object.entries(planNamed)) {
  const named = `the ${name} kernel, for the host`

  filesConformance({
    name: named, test, skip: wholeFiles,
    async make () {
      const { os, system, host } = await start(kernel())
      // A directory of its own: the kernels' root has the devices in it.
      await os.fs.mkdir('/suite')
      const root = await system.run('root', () => settle(system.host.tables!.preopen(INIT, '/suite', '/', RIGHTS_ALL, RIGHTS_ALL)))
      return { ...host, files: system.host.files as Files, root }
    }
  })
  descriptorTablesConformance({
    name: named, test, skip: { preopened: null, inheriting: null, release: null },
    async make () {
      const { system, host } = await start(kernel())
      return { ...host, tables: system.host.tables as DescriptorTables, files: system.host.files as Files, caller: INIT }
    }
  })
}

for (const [name, kernel] of Object.entries(planNamed)) {
  const named = `the ${name} kernel, for the host`
  const alone = kernel().core === 'none'

  processInformationConformance({
    name: named, test, skip: { 'one process': alone ? 'its program never lets others run' : null, 'many processes': alone ? 'it holds one program in all its life' : null, nobody: null },
    async make () {
      const { system, host } = await start(kernel())
      const information = system.host.reach(ProcessInformation as Role) as unknown as ProcessInformation
      return { ...host, information, processes: system.host.processes, exits: slotOf(system, 'exit'), spins: slotOf(system, 'spin') }
    }
  })
  fileInformationConformance({
    name: named, test, skip: { mounts: null, descriptors: null },
    async make () {
      const { system, host } = await start(kernel())
      const information = system.host.reach(FileInformation as Role) as unknown as FileInformation
      return { ...host, information, tables: system.host.tables as DescriptorTables, files: system.host.files as Files, caller: INIT }
    }
  })
  systemInformationConformance({
    name: named, test, skip: { plan: null, counts: null, domains: null, gates: null },
    async make () {
      const { system, host } = await start(kernel())
      return { ...host, information: system.host.reach(SystemInformation as Role) as unknown as SystemInformation }
    }
  })
}

const oneProgram = 'it holds one program in all its life'
for (const [name, kernel] of Object.entries(planNamed)) {
  const alone = kernel().core === 'none'
  processesConformance({
    name: `the ${name} kernel, for the host`, test,
    skip: { spawning: null, waiting: alone ? oneProgram : null, signals: alone ? oneProgram : null, groups: alone ? oneProgram : null, identity: null },
    async make () {
      const { system, host } = await start(kernel())
      return { ...host, processes: system.host.processes, exits: slotOf(system, 'exit'), spins: slotOf(system, 'spin') }
    }
  })
  for (const gate of alone ? ['direct'] as const : ['direct', 'trap'] as const) {
    threadsConformance({
      name: `the ${name} kernel's core through ${gate}`, test, skip: { images: null, threads: null, slots: null },
      async make () {
        const { system, host } = await start(kernel())
        const { space } = system.host
        const own = system.programs.threadsFor(space)
        if (gate === 'direct') return { ...host, threads: own, program: bytesOf('spin') }
        const entry = new Entry('Threads', system.state.supervisor, Threads as Role, own as unknown as Implementation, false)
        const slot = space.capabilities.derive(system.state.root, system.state.root.mint(entry, 0), undefined, INIT)
        const threads = new TrapCore(system.state).stubs(Threads as Role, space, slot) as unknown as Threads
        return { ...host, threads, program: bytesOf('spin') }
      }
    })
  }
}
