/**
 * Attacks of servers, through what a server is given and what it answers: no more than code could do that is only wrong.
 * So a wall that holds faults has to hold them all.
 */

import { WaitQueue, settle } from '../../fiber/index.ts'
import { READ, WRITE } from '../../roles/index.ts'
import type { Window } from '../../roles/index.ts'
import type { Plan } from '../../link/index.ts'
import type { TaskCalls } from '../../os/index.ts'
import type { Attack, AttackLibrary, Reach } from './attack.ts'
import { severalPrograms } from './attack.ts'
import { exoticErrors, exoticFibers, exoticRecords, exoticValues, exoticWaits } from './exotic.ts'
import type { Exotic } from './exotic.ts'
import { withHostile } from './hostile-server.ts'
import type { Behaviour } from './hostile-server.ts'
import { MARK, sleep, within } from './stage.ts'
import type { Stage } from './stage.ts'

/** Bytes of the buffer of a call that is attacked, and of the block of memory in which it lies. */
const BUFFER_BYTES = 900
const BLOCK_BYTES = 1024
/** How long a client is left waiting before it is killed. */
const CLIENT_MS = 400

type Given = Omit<Attack, 'by' | 'through' | 'run' | 'server'>

/** A server that behaves so; then the act. */
function attack (server: string, given: Given, act: (set: (behave: Behaviour) => Promise<Stage>) => Promise<Reach[]>, through: Attack['through'] = 'gate'): Attack {
  return {
    ...given, by: 'server', server, through,
    run: (library, plan) => act(behave => library.stage({ plan, hostile: server, services: withHostile(server, behave), program: library.program }))
  }
}

/** What a client's buffer was in its memory, found by what is in it. */
interface Buffer { readonly process: number, readonly address: number }

/** A client that calls once with a large buffer; where that lies. What the call came to does not count. */
async function bufferOf (stage: Stage, calls: TaskCalls, call: (calls: TaskCalls) => Promise<Uint8Array>): Promise<Buffer> {
  const process = await calls.pid()
  const found = await call(calls)
  const memory = stage.memoryOf(process)!
  return { process, address: globalThis.Buffer.from(memory.bytes.slice()).indexOf(found) }
}

/** Uses a window that should be dead, in every way; what it read is loot. */
function use (stage: Stage, windows: readonly Window[]): void {
  for (const window of windows) {
    for (const from of [0, 1, 64]) {
      const into = new Uint8Array(MARK.length * 2)
      if (window.take(from, into, 0, into.length) > 0) stage.keep(into)
      window.put(from, MARK, 0, MARK.length)
    }
    window.fill(100, 50, 0x5a)
    window.transfer(READ, 0, BUFFER_BYTES, (bytes, at, length) => {
      stage.keep(bytes.slice(at, at + length))
      return length
    })
    window.transfer(WRITE, 0, BUFFER_BYTES, (bytes, at, length) => {
      bytes.fill(0x5a, at, at + length)
      return length
    })
    const other = window.derive(READ | WRITE)
    other.put(0, MARK, 0, MARK.length)
    window.slice(0, 40).put(0, MARK, 0, MARK.length)
  }
}

/** Windows on the same bytes that a callee can make of the one that it was granted. */
function all (window: Window): Window[] {
  return [window, window.derive(READ | WRITE), window.slice(0, 100), window.slice(10).slice(10), window.derive(WRITE).derive(WRITE)]
}

const unfit = severalPrograms

export const serverAttacks: readonly Attack[] = [
  attack('entropy', {
    name: 'window-after-call', term: 'use after revocation (Redell 1974; CWE-672)',
    tries: 'keeps the window that it was granted, and pieces of it, and reads and writes by them when the call is over'
  }, async set => {
    const kept: Window[] = []
    await using stage = await set(real => ({
      fill (into: Window) {
        if (into.length === BUFFER_BYTES) kept.push(...all(into))
        return real['fill']!(into)
      }
    }))
    await stage.client(async calls => {
      const buffer = await bufferOf(stage, calls, () => calls.random(BUFFER_BYTES))
      stage.hide(buffer.process, buffer.address, 'the buffer of a call that is over')
      use(stage, kept)
      await stage.look()
    })
    return await stage.seen()
  }),

  ...(['killed', 'failed', 'thrown'] as const).map(how => attack('entropy', {
    name: `window-after-${how}`, term: 'use after revocation (Redell 1974; CWE-672)', unfit,
    tries: `keeps the window of a call that ${{ killed: 'never came to an end, since its caller was killed', failed: 'it refused', thrown: 'it died in' }[how]}, and uses it when that memory is another's`
  }, async set => {
    const kept: Window[] = []
    await using stage = await set(real => ({
      fill (into: Window) {
        if (into.length !== BUFFER_BYTES) return real['fill']!(into)
        kept.push(...all(into))
        if (how === 'failed') return -5
        if (how === 'thrown') throw new Error('it dies with the window in its hand')
        return (function * () { yield new WaitQueue('for ever') })()
      }
    }))
    await stage.client(async calls => { await calls.random(BUFFER_BYTES) }, CLIENT_MS)
    // Whoever comes next has the memory that is free now.
    await stage.client(async calls => {
      const process = await calls.pid()
      const memory = stage.memoryOf(process)!
      for (let address = 4096; address + 64 < memory.sizeBytes; address += 1024) stage.hide(process, address, 'the memory of the program that came after')
      use(stage, kept)
      await stage.look()
    })
    return await stage.seen()
  })),

  attack('entropy', {
    name: 'beyond-window', term: 'out-of-bounds write (CWE-787)', tries: 'reads and writes before and behind the window, by offsets and lengths that are none'
  }, async set => {
    let buffer: Buffer | null = null
    await using stage = await set(real => ({
      fill (into: Window) {
        if (buffer === null) return real['fill']!(into)
        // Now: a block that is given out anew is cleared.
        stage.hide(buffer.process, buffer.address + BUFFER_BYTES, 'what lies behind the buffer', BLOCK_BYTES - BUFFER_BYTES)
        stage.hide(buffer.process, stage.memoryOf(buffer.process)!.sizeBytes - 64, 'the end of the memory')
        const loot = new Uint8Array(256)
        for (const at of [-1, -64, -1024, BUFFER_BYTES - 8, BUFFER_BYTES, BUFFER_BYTES + 4, BUFFER_BYTES + 64, 2 ** 31, 2 ** 32, 2 ** 53, 0.5, -0, NaN, Infinity, -Infinity]) {
          for (const length of [-1, 1, 33, 256, 2 ** 31, 2 ** 32 + 1, NaN, Infinity, 0.5]) {
            for (const window of [into, into.slice(at, length), into.slice(-64, 256), into.slice(at), into.derive(READ | WRITE)]) {
              try {
                if (window.take(at, loot, 0, length) > 0) stage.keep(loot.slice())
              } catch { /* a loot that is too small */ }
              try {
                window.put(at, MARK, 0, length)
              } catch { /* no such bytes */ }
              if (Math.abs(length) < 2 ** 20) window.fill(at, length, 0x5a)
            }
          }
        }
        return BUFFER_BYTES
      }
    }))
    await stage.client(async calls => {
      buffer = await bufferOf(stage, calls, () => calls.random(BUFFER_BYTES))
      await calls.random(BUFFER_BYTES).catch(() => {})
      await stage.look()
    })
    return await stage.seen()
  }),

  attack('entropy', {
    name: 'wrong-direction', term: 'rights amplification (CWE-269)', tries: 'reads by a window that it was granted to write, and derives one that may do both'
  }, async set => {
    let buffer: Buffer | null = null
    await using stage = await set(real => ({
      fill (into: Window) {
        if (buffer === null) return real['fill']!(into)
        stage.hide(buffer.process, buffer.address + 100, 'what was in the buffer before')
        for (const window of [into, into.derive(READ), into.derive(READ | WRITE), into.derive(-1), into.slice(0)]) {
          const loot = new Uint8Array(BUFFER_BYTES)
          if (window.take(0, loot, 0, BUFFER_BYTES) > 0) stage.keep(loot)
        }
        return BUFFER_BYTES
      }
    }))
    await stage.client(async calls => {
      buffer = await bufferOf(stage, calls, () => calls.random(BUFFER_BYTES))
      await calls.random(BUFFER_BYTES).catch(() => {})
    })
    return await stage.seen()
  }),

  attack('ramfs', {
    name: 'forged-badge', term: 'identity spoofing (CWE-290)', unfit, tries: 'writes another\'s number into the register that says who calls'
  }, async set => {
    let victim = 0
    await using stage = await set((real, { caller }) => ({
      open (inode: number, access: number) {
        const handle = real['open']!(inode, access)
        if (victim > 0) caller.principal = caller.immediate = victim
        return handle
      }
    }))
    await stage.os.fs.writeFile('/plain', 'text')
    let lost = false
    await stage.client(async calls => {
      const own = await calls.pid()
      victim = stage.neighbour
      const fd = await calls.open('/plain')
      lost = await calls.fstat(fd).then(() => false, () => true)
      lost ||= await calls.pid() !== own
    })
    return [...lost ? [{ property: 'integrity', of: 'its clients', seen: 'what one process opened is another\'s' } as const] : [], ...await stage.seen()]
  }),

  attack('proc', {
    name: 'capability-after-call', term: 'use after revocation (Redell 1974; CWE-672)', unfit,
    tries: 'keeps the slot of a capability that it was lent, and makes a process of it when the call is over'
  }, async set => {
    let kept = 0
    let threads: Readonly<Record<'create', (image: number, badge: number, priority: number) => number>> | null = null
    await using stage = await set((real, { requires }) => ({
      spawn (image: number, ...rest: unknown[]) {
        kept = image
        threads = requires['threads'] as never
        return real['spawn']!(image, ...rest)
      }
    }))
    await within(stage.os.spawn(stage.programBytes('true'), { stdin: null, stdout: null, stderr: null }).wait())
    const made = threads === null ? -1 : await within(stage.system.run('use', () => settle(threads!.create(kept, 9999, 4))))
    const lent: Reach[] = made > 0 ? [{ property: 'integrity', of: 'the kernel', seen: 'it made a thread of an image that it had been lent' }] : []
    return [...lent, ...await stage.seen()]
  }),

  attack('proc', {
    name: 'forged-capability', term: 'forged handle (CWE-639)', tries: 'names every slot that a capability could be in, and what is no slot'
  }, async set => {
    let made = 0
    let armed = false
    await using stage = await set((real, { requires }) => ({
      list () {
        const threads = requires['threads'] as unknown as Readonly<Record<string, (...args: unknown[]) => unknown>>
        if (armed) {
          for (const slot of [0, -1, -0, NaN, Infinity, 0.5, 2 ** 31, 2 ** 32, 2 ** 53, 1e300, ...Array.from({ length: 400 }, (_, at) => at + 1)]) {
            for (const badge of [0, 1, -1, NaN]) if ((threads['create']!(slot, badge, 4) as number) > 0) made++
          }
        }
        return real['list']!()
      }
    }))
    armed = true
    await within(stage.system.run('list', () => settle(stage.system.host.processes.list()))).catch(() => {})
    armed = false
    const forged: Reach[] = made > 0 ? [{ property: 'integrity', of: 'the kernel', seen: `it made ${made} threads of images that it was never given` }] : []
    return [...forged, ...await stage.seen()]
  }),

  attack('entropy', {
    name: 'never-answers', term: 'denial of service by the server (Shapiro 2003; CWE-834)', tries: 'takes a call, and its only thread, and never answers'
  }, async set => {
    await using stage = await set(() => ({ fill: () => (function * () { for (;;) yield new WaitQueue('for ever') })() }))
    const [first, second] = severalPrograms(stage.plan) === null
      ? await Promise.all([1, 2].map(() => stage.client(async calls => { await calls.random(8) }, CLIENT_MS)))
      : [await stage.client(async calls => { await calls.random(8) }, CLIENT_MS), { waited: false }]
    const waits: Reach[] = first!.waited ? [{ property: 'service', of: 'its clients', seen: second!.waited ? 'who calls it waits, and who comes after, until they are killed' : 'who calls it waits until it is killed' }] : []
    return [...waits, ...await stage.seen()]
  }),

  attack('entropy', {
    name: 'replies-twice', term: 'duplicated reply (CWE-675)', unfit, tries: 'answers two calls by one and the same thread of control, and goes on after its answer'
  }, async set => {
    const queue = new WaitQueue('both')
    let steps = 0
    const shared = {
      next () {
        steps++
        return steps <= 2 ? { done: false, value: queue } : { done: true, value: 8 }
      },
      return: () => ({ done: true, value: 8 }), throw: () => ({ done: true, value: 8 }), [Symbol.iterator] () { return this }
    }
    await using stage = await set(() => ({ fill: () => shared }))
    const clients = Promise.all([1, 2].map(() => stage.client(async calls => { await calls.random(8) }, CLIENT_MS)))
    await sleep(20)
    for (let times = 0; times < 5; times++) {
      queue.wakeAll()
      await sleep(1)
    }
    await clients
    return await stage.seen()
  }),

  attack('ramfs', {
    name: 'wrong-length', term: 'improper validation of a length (CWE-1284)', tries: 'says that it read more than was asked for, less than nothing, and no number of bytes at all'
  }, async set => {
    let says = 0
    await using stage = await set(real => ({
      read: (...args: unknown[]) => says === 0 ? real['read']!(...args) : says
    }))
    await stage.os.fs.writeFile('/plain', 'text')
    const believed: number[] = []
    for (says of [17, 1_000_000, 2 ** 31, 2 ** 53, 0.5, Infinity]) {
      await stage.client(async calls => {
        const fd = await calls.open('/plain')
        const bytes = await calls.read(fd, 16)
        const position = await calls.seek(fd, 0, 'current')
        if (bytes.length > 16 || position > 16) believed.push(says)
      }, CLIENT_MS)
    }
    says = 0
    const told: Reach[] = believed.length === 0 ? [] : [{ property: 'integrity', of: 'its clients', seen: `${believed.map(String).join(', ')} bytes were said to have come into a buffer of 16` }]
    return [...told, ...await stage.seen()]
  }),

  exotics('wrong-kind', 'improper validation of a type (CWE-1287)', 'answers what is no number: objects, functions, symbols, proxies, thenables', exoticValues, value => ({ fill: () => value }), 'entropy', calls => calls.random(8)),
  exotics('wrong-record', 'improper validation of a structure (CWE-1287)', 'answers records with fields that are missing, that throw, that are others each time', exoticRecords,
    value => ({ attributes: () => value }), 'ramfs', async calls => await calls.stat('/plain')),
  exotics('throws', 'uncaught exception (CWE-248)', 'throws what is no error, and errors that throw when they are looked at', exoticErrors, value => ({ fill: () => { throw value } }), 'entropy', calls => calls.random(8)),
  exotics('foreign-waits', 'improper input to the scheduler (CWE-20)', 'waits for what is no queue: numbers, promises, proxies, queues of its own making', exoticWaits, value => ({
    fill: () => (function * () {
      yield value as WaitQueue
      return 8
    })()
  }), 'entropy', calls => calls.random(8)),
  exotics('false-fibers', 'improper input to the scheduler (CWE-20)', 'answers with objects that step like fibers and do not: they throw, they lie about being done, they never let themselves be ended', exoticFibers,
    value => ({ fill: () => value }), 'entropy', calls => calls.random(8)),

  attack('ramfs', {
    name: 'huge-result', term: 'memory exhaustion by a reply (CWE-789)', tries: 'answers with strings of sixteen MiB, and lists that say that they are longer than they are'
  }, async set => {
    let says: unknown = 'x'
    await using stage = await set(() => ({ readLink: () => says }))
    await stage.os.fs.symlink('target', '/link')
    for (says of ['x'.repeat(16 * 2 ** 20), { length: 1e9, charCodeAt: () => 65 }, Array.from({ length: 1e6 }, () => 'x'), new String('x')]) {
      await stage.client(async calls => { await calls.readlink('/link') }, 5 * CLIENT_MS)
    }
    return await stage.seen()
  }),

  attack('vfs', {
    name: 'false-list', term: 'memory exhaustion by a reply (CWE-789)', tries: 'answers with a list that says that it has a thousand million numbers'
  }, async set => {
    let armed = false
    await using stage = await set(real => ({
      poll: (...args: unknown[]) => armed ? { length: 1e9, every: () => true, [Symbol.iterator]: () => [][Symbol.iterator]() } : real['poll']!(...args)
    }))
    armed = true
    await stage.client(async calls => { await calls.poll([{ fd: 0, for: 'read' }], 1) }, 5 * CLIENT_MS)
    armed = false
    return await stage.seen()
  }),

  attack('console', {
    name: 'masks-interrupts', term: 'missing authorisation (CWE-862) of a driver', tries: 'masks interrupts, and leaves them so'
  }, async set => {
    await using stage = await set((_real, { devices }) => ({
      write: () => {
        (devices['interrupts'] as unknown as { mask (): void }).mask()
        return 1
      }
    }))
    await stage.client(async calls => {
      const fd = await calls.open('/dev/stdout', { write: true })
      await calls.write(fd, 'x')
    }, CLIENT_MS)
    return await stage.seen()
  }),

  attack('console', {
    name: 'steals-interrupt', term: 'missing authorisation (CWE-862) of a driver', tries: 'connects itself to the timer, raises lines that are not its own'
  }, async set => {
    await using stage = await set((_real, { devices }) => ({
      write: () => {
        const interrupts = devices['interrupts'] as unknown as { connect (line: string, handler: () => void): void, raise (line: string): void }
        for (const line of ['host', 'console-out', 'timer', 'nothing']) interrupts.raise(line)
        for (const line of ['timer', 'host']) {
          try {
            interrupts.connect(line, () => {})
          } catch { /* it has a handler */ }
        }
        return 1
      }
    }))
    await stage.client(async calls => {
      const fd = await calls.open('/dev/stdout', { write: true })
      await calls.write(fd, 'x')
    }, CLIENT_MS)
    return await stage.seen()
  }),

  attack('entropy', {
    name: 'dma-beyond', term: 'direct memory access beyond the buffer (no IOMMU: Markettos 2019; CWE-1257)',
    tries: 'takes the bytes that a device is to move, and by them all of the memory that they are part of'
  }, async set => {
    await using stage = await set(() => ({
      fill: (into: Window) => into.transfer(WRITE, 0, into.length, bytes => {
        const whole = new Uint8Array(bytes.buffer)
        stage.keep(whole.slice())
        whole.set(MARK, whole.length - 64)
        return bytes.length
      })
    }))
    await stage.client(async calls => {
      const process = await calls.pid()
      stage.hide(process, stage.memoryOf(process)!.sizeBytes - 64, 'the memory of its client, outside of the buffer')
      await calls.random(8)
      await stage.look()
    })
    return await stage.seen()
  }, 'language')
]

/** A system for each value: a domain that dies of one shall not keep the next from being tried. */
function exotics (
  name: string, term: string, tries: string, values: () => readonly Exotic[], behave: (value: unknown) => ReturnType<Behaviour>,
  server: string, call: (calls: TaskCalls) => Promise<unknown>
): Attack {
  return {
    name, term, tries, by: 'server', server, through: 'gate',
    async run (library: AttackLibrary, plan: Plan) {
      const reached: Reach[] = []
      for (const { what, value } of values()) {
        let armed = false
        const services = withHostile(server, real => Object.fromEntries(Object.entries(behave(value)).map(([operation, hostile]) =>
          [operation, (...args: unknown[]) => armed ? (hostile as (...args: unknown[]) => unknown)(...args) : real[operation]!(...args)])))
        await using stage = await library.stage({ plan, hostile: server, services, program: library.program })
        await stage.os.fs.writeFile('/plain', 'text')
        armed = true
        await stage.client(async calls => { await call(calls) }, CLIENT_MS)
        armed = false
        reached.push(...(await stage.seen()).map(reach => ({ ...reach, seen: `${what}: ${reach.seen}` })))
      }
      return reached
    }
  }
}
