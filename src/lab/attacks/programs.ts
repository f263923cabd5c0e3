/** Attacks of programs: WebAssembly behind its wall, with its system calls to go through and nothing else. */

import type { Limits } from '../../os/index.ts'
import { Errno } from '../../fiber/index.ts'
import type { Attack, AttackLibrary, Reach } from './attack.ts'
import { severalPrograms } from './attack.ts'
import type { Stage } from './stage.ts'
import { JAIL, MARK, VAULT, sleep, within } from './stage.ts'

/** What a program that one does not trust is given, so that it takes no more than that from the others. */
const limited: Limits = { memoryBytes: 32 * 2 ** 20, processes: 16, descriptors: 64, files: 64, diskBytes: 2 * 2 ** 20, pipeBytes: 16 * 65536 }

function attack (given: Omit<Attack, 'by' | 'through' | 'run'>, act: (stage: Stage, library: AttackLibrary) => Promise<Reach[] | void>, limits?: Limits): Attack {
  return {
    ...given, by: 'program', through: 'gate',
    run: async (library, plan) => {
      await using stage = await library.stage({ plan, program: library.program, ...(limits === undefined ? {} : { limits }) })
      const reached = await act(stage, library) ?? []
      return [...reached, ...await stage.seen()]
    }
  }
}

/** Programs that start others need several. */
const unfit = severalPrograms

/** Others get what they ask for: a file, a pipe, a process. */
async function othersServed (stage: Stage): Promise<Reach[]> {
  const asked: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a file', () => stage.os.fs.writeFile('/other', 'text')],
    ['a process with three pipes', () => stage.os.spawn(async calls => {
      const [read, write] = Object.values(await calls.pipe())
      await calls.write(write!, 'x')
      await calls.read(read!, 1)
    }).output().then(({ status, message }) => { if (status !== 0) throw new Error(message) })]
  ]
  const refused: Reach[] = []
  for (const [what, ask] of severalPrograms(stage.plan) === null ? asked : asked.slice(0, 1)) {
    await within(ask()).catch((error: Error) => { refused.push({ property: 'service', of: 'its neighbours', seen: `others do not get ${what} any more: ${error.message}` }) })
  }
  return refused
}

/** Takes all there is of something, holds it, and lets the others ask. `limits`: null for a program that was given none. */
function exhausts (what: string, args: readonly string[], limits: Limits | null): (stage: Stage) => Promise<Reach[]> {
  return async stage => {
    const process = stage.start(args, { stdin: 'pipe', ...(limits === null ? {} : { limits }) })
    const reader = process.stdout.getReader()
    const said = await within(reader.read(), 30_000)
    if (said.done) throw new Error(`${what}: the attacker ended before it had them all`)
    const reached = await othersServed(stage)
    await process.kill('SIGKILL')
    await within(process.wait())
    return reached
  }
}

export const programAttacks: readonly Attack[] = [
  attack({
    name: 'forged-descriptor', term: 'forged handle (CWE-639)', tries: 'reads and writes every descriptor number there can be'
  }, async stage => { await stage.attack(['descriptors']) }),

  attack({
    name: 'path-escape', term: 'path traversal (CWE-22), link following (CWE-59)',
    tries: 'leaves its directory by dots, slashes, links, renames, and files taken for directories'
  }, async stage => { await stage.attack(['paths']) }),

  attack({
    name: 'symlink-race', term: 'race of check and use (TOCTOU, CWE-367)', unfit,
    tries: 'opens a name while a second program changes that between a directory and a link out'
  }, async stage => {
    await stage.os.fs.writeFile(`${JAIL}/attack`, stage.programBytes('attack'))
    await stage.attack(['race', '1', '/attack'])
  }),

  attack({
    name: 'rights-widened', term: 'rights amplification (CWE-269)', tries: 'gives up the right to write, and takes it back: on its directory, a copy of it, itself opened again'
  }, async stage => {
    await stage.os.fs.writeFile(`${JAIL}/kept`, 'kept as it is')
    await stage.attack(['rights'])
    const now = await within(stage.os.fs.readText(`${JAIL}/kept`)).catch(() => 'gone')
    return now === 'kept as it is' ? [] : [{ property: 'integrity', of: 'its neighbours', seen: 'a file that it may only read changed' }]
  }),

  attack({
    name: 'confused-deputy', term: 'confused deputy (Hardy 1988, CWE-441)', unfit,
    tries: 'has the process server, which may read all files, start a program from outside its directory and hand on descriptors that it has not'
  }, async stage => {
    await stage.os.fs.writeFile(`${VAULT}/echo`, stage.programBytes('echo'))
    const { text } = await stage.attack(['deputy', `${VAULT}/echo`])
    // The program prints its name when it is run.
    return text.includes('echo') || text.includes('link') ? [{ property: 'integrity', of: 'its neighbours', seen: 'a program that it may not open was started for it' }] : []
  }),

  attack({
    name: 'neighbour-memory', term: 'out-of-bounds read (CWE-125) by a system call', tries: 'hands the system addresses beyond its memory, and lengths that run over'
  }, async stage => { await stage.attack(['memory']) }),

  attack({
    name: 'wild-read', term: 'out-of-bounds read (CWE-125)', tries: 'reads outside of its memory by its own instructions'
  }, async stage => { await stage.attack(['outside']) }),

  attack({
    name: 'others-environment', term: 'exposure of information (CWE-200)', unfit, tries: 'reads what /proc says of its neighbour'
  }, async stage => {
    const files = ['environ', 'cmdline', 'status', 'maps', 'mem', 'fd', 'fd/0', 'root/vault/secret', 'cwd/vault/secret'].map(file => `${stage.neighbour}/${file}`)
    await stage.attack(['proc', ...files, 'self/environ', '1/environ'], { preopens: { '/': '/proc' } })
  }),

  attack({
    name: 'kill-others', term: 'missing authorisation (CWE-862)', unfit, tries: 'signals every process and process group, by numbers that it guesses'
  }, async stage => { await stage.attack(['kill', '200']) }),

  attack({
    name: 'join-groups', term: 'missing authorisation (CWE-862)', unfit, tries: 'joins the process groups of others, takes the terminal, waits for children of others, then kills'
  }, async stage => { await stage.attack(['groups', '200']) }),

  attack({
    name: 'vector-race', term: 'double fetch (TOCTOU, CWE-367)', tries: 'changes its vector of buffers while the call that was checked by it waits'
  }, vectorRace),

  attack({
    name: 'fork-bomb', term: 'uncontrolled resource consumption (CWE-400)', unfit, tries: 'starts itself twice, and so does each of those'
  }, async stage => {
    await stage.os.fs.writeFile(`${JAIL}/attack`, stage.programBytes('attack'))
    const bomb = stage.start(['bomb', '/attack'], { limits: { processes: 16 } })
    await bomb.started
    await sleep(200)
    const reached = [...await othersServed(stage), ...await stage.seen()]
    await stage.killOthers()
    await within(bomb.wait())
    const left = stage.os.stats().processes
    return left <= (stage.neighbour > 0 ? 1 : 0) ? reached : [...reached, { property: 'kill', of: 'its neighbours', seen: `${left} processes are left` }]
  }),

  attack({
    name: 'endless-loop', term: 'infinite loop (CWE-835)', tries: 'never ends and never calls'
  }, async stage => {
    const spin = stage.start(['spin'])
    await spin.started
    const reached = await stage.seen()
    await spin.kill('SIGKILL')
    const gone = await within(spin.wait()).then(() => true, () => false)
    const late = reached.map(reach => reach.property === 'availability' ? { ...reach, property: 'processor' as const } : reach)
    return gone ? late : [...late, { property: 'kill', of: 'the kernel', seen: 'it does not end when it is killed' }]
  }),

  attack({
    name: 'exhaust-memory', term: 'uncontrolled resource consumption (CWE-400)', tries: 'takes memory until there is none, within a limit of 32 MiB'
  }, async stage => {
    const process = stage.start(['grow'], { stdin: 'pipe', limits: limited })
    const { value } = await within(process.stdout.getReader().read(), 30_000)
    const taken = Number(new TextDecoder().decode(value).split(' ')[0]) * 2 ** 20
    const reached: Reach[] = taken > limited.memoryBytes! ? [{ property: 'heap', of: 'the host', seen: `it took ${taken} bytes` }] : []
    reached.push(...await othersServed(stage))
    await process.kill('SIGKILL')
    return reached
  }),

  attack({
    name: 'exhaust-descriptors', term: 'allocation without limits (CWE-770)', tries: 'opens until it may not; a process has 1024'
  }, exhausts('descriptors', ['open'], null)),

  attack({
    name: 'exhaust-pipes', term: 'allocation without limits (CWE-770)', tries: 'makes pipes until it may not, within a limit'
  }, exhausts('pipes', ['pipes'], limited)),

  attack({
    name: 'exhaust-files', term: 'allocation without limits (CWE-770)', tries: 'makes files until it may not, within a limit'
  }, exhausts('files', ['make'], limited)),

  attack({
    name: 'exhaust-unlimited', term: 'allocation without limits (CWE-770)', tries: 'makes files until it may not, given no limit, in a system of 16 MiB of files'
  }, exhausts('files', ['make'], null), { diskBytes: 16 * 2 ** 20 }),

  {
    name: 'host-heap', by: 'program', through: 'gate', alone: true, term: 'allocation without limits (CWE-770)',
    tries: 'takes the host\'s garbage-collected heap, by WebAssembly\'s own arrays, until there is none',
    run: async (library, plan) => {
      await using stage = await library.stage({ plan, program: library.program })
      await within(stage.os.spawn(collected, { args: ['collected'], stdin: null, preopens: {} }).wait(), 60_000).catch(() => {})
      return await stage.seen()
    }
  }
]

/** A call waits for input by a vector that was checked; the vector is changed, as another thread of the program could; the input comes. */
async function vectorRace (stage: Stage): Promise<Reach[]> {
  const process = stage.start(['wait'], { stdin: 'pipe' })
  const number = await process.started
  const reader = process.stdout.getReader()
  const { value } = await within(reader.read())
  const [vector, , beside] = new TextDecoder().decode(value).trim().split(' ').map(Number) as [number, number, number]
  await sleep(20)
  const memory = stage.memoryOf(number)!
  // Now elsewhere, then outside; either is for nobody to follow that has checked.
  memory.view.setUint32(vector, beside, true)
  memory.view.setUint32(vector + 4, 0xffffffff, true)
  memory.view.setUint32(vector + 8, 0xfffffff0, true)
  const writer = process.stdin.getWriter()
  await writer.write(MARK)
  await writer.close()
  const text = new TextDecoder().decode((await within(reader.read())).value)
  const moved = new TextDecoder().decode(memory.bytes.slice(beside, beside + MARK.length))
  await within(process.wait())
  if (moved.startsWith('MARKED')) return [{ property: 'integrity', of: 'the kernel', seen: 'the call went by the vector as it was changed, unchecked' }]
  const [error] = text.split(' ').map(Number)
  return error === 0 || error === Errno.EFAULT ? [] : [{ property: 'integrity', of: 'the kernel', seen: `the call came to ${text.trim()}` }]
}

/**
 * (module (type $a (array (mut i64))) (type $l (struct (field (ref null $l)) (field (ref $a)))) (global $list (mut (ref null $l)) (ref.null $l))
 * (memory (export "memory") 1) (func (export "_start") (loop (global.set $list (struct.new $l (global.get $list) (array.new $a (i64.const 1)
 * (i32.const 16384)))) (br 0)))): a list for ever, of arrays that the host's collector keeps.
 */
const collected = new Uint8Array(Buffer.from('AGFzbQEAAAABDwNefgFfAmMBAGQAAGAAAAMCAQIFAwEAAQYHAWMBAdBxCwcTAgZtZW1vcnkCAAZfc3RhcnQAAAoaARgAA0AjAEIBQYCAAfsGAPsAASQADAALAAs=', 'base64'))
