/**
 * Attacks through the language: what code of one heap and one thread can reach, whatever it was given. Tried by a server
 * and by a task; each in a process of its own, since most of them are the end of it.
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Task } from '../../os/index.ts'
import type { Attack, AttackLibrary, Reach } from './attack.ts'
import { withHostile } from './hostile-server.ts'
import { VAULT, sleep, within } from './stage.ts'
import type { Stage } from './stage.ts'

/** A heap of the size that the campaign gives is full long before. */
const HEAP_FULL_MS = 60_000

/** What the code does, once it runs behind its wall; `path` names a file of the host with a secret in it. */
type Payload = (keep: (loot: Uint8Array | string) => void, path: string) => unknown

interface LanguageAttack {
  readonly name: string
  readonly term: string
  readonly tries: string
  readonly does: Payload
  /** What happens in the system afterwards, for what was laid to go off. */
  readonly then?: (stage: Stage) => Promise<void>
}

const attacks: readonly LanguageAttack[] = [
  {
    name: 'prototype-pollution', term: 'prototype pollution (CWE-1321)', tries: 'adds to what all objects have',
    does: () => { Object.assign(Object.prototype, { polluted: 'yes' }) }
  },
  {
    name: 'patched-copy', term: 'modification of a shared function (CWE-471)', tries: 'puts its own function in the place of the one by which all bytes are copied, and reads what goes through it',
    does: keep => {
      const { set } = Uint8Array.prototype
      Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, at?: number) {
        if (source instanceof Uint8Array) keep(source.slice())
        set.call(this, source, at)
      }
    },
    then: async stage => { await stage.os.fs.readFile(`${VAULT}/large`) }
  },
  {
    name: 'patched-call', term: 'modification of a shared function (CWE-471)', tries: 'puts its own function in the place of Function.prototype.call, and reads the arguments of the core\'s own calls',
    does: keep => {
      const { apply } = Reflect
      // oxlint-disable-next-line no-extend-native
      Function.prototype.call = function (this: (...args: unknown[]) => unknown, self: unknown, ...args: unknown[]) {
        for (const arg of args) if (typeof arg === 'string') keep(arg)
        return apply(this, self, args)
      }
    },
    then: async stage => { await stage.os.fs.symlink(stage.told, '/told') }
  },
  {
    name: 'global-variable', term: 'exposure to the wrong sphere (CWE-668)', tries: 'leaves a variable where all code of the host finds it', does: () => { Object.assign(globalThis, { left: 'here' }) }
  },
  {
    name: 'host-file', term: 'ambient authority (Miller 2003; CWE-250)', tries: 'reads a file of the host by the host\'s own library',
    does: (keep, path) => { keep(process.getBuiltinModule('node:fs').readFileSync(path)) }
  },
  {
    name: 'exit', term: 'ambient authority (Miller 2003; CWE-382)', tries: 'ends the process of the host', does: () => { process.exit(77) }
  },
  {
    name: 'uncaught', term: 'uncaught exception (CWE-248)', tries: 'throws where nobody of the kernel is on the stack', does: () => { setTimeout(() => { throw new Error('thrown later') }, 0) }
  },
  {
    name: 'busy-loop', term: 'infinite loop (CWE-835)', tries: 'loops for ever', does: () => { for (;;) { /* for ever */ } }
  },
  {
    name: 'heap', term: 'uncontrolled resource consumption (CWE-400)', tries: 'fills the heap of the host',
    // With turns of the host in between: else it is the processor that it is seen to take.
    does: () => {
      const kept: unknown[] = []
      setInterval(() => { kept.push(new Array(2_000_000).fill(0.5 + kept.length)) }, 0)
    },
    then: () => sleep(HEAP_FULL_MS)
  },
  {
    name: 'outlives-its-end', term: 'operation after expiration (CWE-672)', tries: 'goes on by a timer of the host when it has been ended',
    does: keep => {
      setInterval(() => { keep('alive') }, 1)
    }
  }
]

function byServer ({ name, does, then, ...attack }: LanguageAttack): Attack {
  return {
    ...attack, name: `server-${name}`, by: 'server', server: 'entropy', through: 'language', alone: true,
    run: (library, plan) => tried(library, async (keep, path) => {
      let stage: Stage | null = null
      const services = withHostile('entropy', real => ({
        fill: (into: unknown) => {
          does(loot => { keep(loot); stage?.keep(loot) }, path)
          return real['fill']!(into)
        }
      }))
      stage = await library.stage({ plan, hostile: 'entropy', services, program: library.program })
      return { stage, run: async () => { await stage.client(async calls => { await calls.random(8) }, 3000) }, end: async () => { stage.system.state.fault(stage.system.domains.get(plan.domains.find(domain => domain.services.includes('entropy'))!.name)!, new Error('ended')) } }
    }, name, then)
  }
}

function byTask ({ name, does, then, ...attack }: LanguageAttack): Attack {
  return {
    ...attack, name: `task-${name}`, by: 'task', through: 'language', alone: true,
    run: (library, plan) => tried(library, async (keep, path) => {
      const stage = await library.stage({ plan, program: library.program })
      const task: Task = async calls => {
        await calls.pid()
        does(loot => { keep(loot); stage.keep(loot) }, path)
        await calls.sleep(60_000)
      }
      const process = stage.os.spawn(task, { args: ['hostile'], stdin: null, stdout: null, stderr: null, preopens: {} })
      return {
        stage,
        run: async () => {
          await process.started
          await sleep(200)
        },
        end: async () => {
          await process.kill('SIGKILL')
          await within(process.wait())
        }
      }
    }, name, then)
  }
}

interface Tried {
  readonly stage: Stage
  readonly run: () => Promise<void>
  readonly end: () => Promise<void>
}

/** Lets the code do what it does, and looks at what was kept, and whether it does it still when it has been ended. */
async function tried (library: AttackLibrary, set: (keep: (loot: Uint8Array | string) => void, path: string) => Promise<Tried>, name: string, then: LanguageAttack['then']): Promise<Reach[]> {
  const folder = await mkdtemp(join(tmpdir(), 'kaleidos-attack-'))
  const path = join(folder, 'secret')
  const secret = randomBytes(16).toString('hex')
  await writeFile(path, secret)
  let kept = 0
  let read = false
  try {
    const { stage, run, end } = await set(loot => {
      kept++
      read ||= (typeof loot === 'string' ? loot : new TextDecoder().decode(loot)) === secret
    }, path)
    await using _ = stage
    await stage.hideFile('large', text => text.padEnd(5000, text))
    // What does not work any more is seen by the watch.
    await run().catch(() => {})
    await then?.(stage).catch(() => {})
    const reached = [...read ? [{ property: 'confidentiality', of: 'the host', seen: 'it read a file of the host' } as const] : [], ...await stage.seen()]
    if (name !== 'outlives-its-end') return reached
    await end()
    const before = kept
    await sleep(50)
    return kept > before ? [...reached, { property: 'kill', of: 'the host', seen: 'its code goes on when it has been ended' }] : reached
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export const languageAttacks: readonly Attack[] = [...attacks.map(byServer), ...attacks.map(byTask)]
