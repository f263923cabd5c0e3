// What programs of ours show when they run: the list of runs, and what is looked at of each. It names no host, so that a page can
// make the same runs (test/browser).

import type * as Library from 'kaleidos/browser'
import type { OperatingSystem, Plan, Program, SpawnOptions, Task } from 'kaleidos/browser'

export type EveryName = keyof typeof Library.kernels | Exclude<keyof typeof Library.presets, 'linux'>

/** Where the runs are made: a library, and the programs of `programs/` and of this folder by name. */
export interface Host {
  readonly library: Pick<typeof Library, 'boot' | 'kernels' | 'presets'>
  readonly program: (name: string) => Program
  readonly bytesOf: (name: string) => Uint8Array
}

/** Every plan by its name; that of a preset which is one of the kernels is left out. */
export function plansOf ({ kernels, presets }: Pick<Host['library'], 'kernels' | 'presets'>): Readonly<Record<EveryName, () => Plan>> {
  const { linux: _, ...others } = presets
  return { ...kernels, ...others }
}

/** Data alone: it can be sent from a worker. */
export interface Observation {
  readonly kind: 'exit' | 'signal'
  readonly status: number
  readonly signal: string | null
  readonly message: string
  /** Bytes, each as the character of that number. */
  readonly stdout: string
  readonly stderr: string
  /** Names in /tree afterwards. */
  readonly tree: readonly string[]
  readonly faults: number
  readonly refusals: number
  readonly tainted: boolean
}

/** One run of a program, and what a right answer is. */
export interface Case {
  readonly args: readonly string[]
  readonly options?: SpawnOptions
  /** Needs programs in `/bin`, so more than one program at once. */
  readonly installed?: readonly string[]
  /** What a right answer has in it; without it a program that fails everywhere alike would pass. */
  readonly status?: number
  readonly shows?: RegExp
  /** Times differ from run to run: what is left of the output is compared. */
  readonly without?: RegExp
}

const allBytes = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 31 + (i >> 8)) & 255)
const times = /\d+ \d+\.\d+$/gm

export const cases: readonly Case[] = [
  { args: ['args', '', 'two words', 'ünïcode €', '-x'], options: { env: { A: '1', EMPTY: '', 'B_Ü': 'x=y' } }, shows: /arg 2 \[two words\][^]*env \[B_/ },
  { args: ['bytes', '200000'], shows: /^\0\x01\x02[^]*\xff/ },
  { args: ['calls'], shows: /fd_read/ },
  { args: ['calls', 'faults'], shows: /FAULT/ },
  { args: ['cat'], options: { stdin: allBytes }, shows: /^\0\x1f/ },
  { args: ['cat', '/tree/text', '/tree/missing', '/tree/deep/er/binary'], status: 1, shows: /^one\n/ },
  { args: ['cat', '/tree'], status: 1 },
  { args: ['cat', '/tree/loop'], status: 1 },
  { args: ['cp', '/tree/deep/er/binary', '/tree/copy'] },
  { args: ['cp', '/tree/text', '/tree/nowhere/copy'], status: 1 },
  { args: ['echo', '-n', 'a', 'b'], shows: /^a b$/ },
  { args: ['exit', '0'] },
  { args: ['exit', '77'], status: 77 },
  { args: ['exit', '255'], status: 255 },
  { args: ['find', '/tree'], shows: /\n8 files, 4 directories, \d+ bytes\n$/ },
  { args: ['getpid', '5', '2'], without: times, shows: /^getpid 5/ },
  { args: ['grow', '6'], shows: /^done after 6 MiB/ },
  { args: ['grow'], options: { limits: { memoryBytes: 12 * 2 ** 20 } }, status: 1, shows: /^refused after 1[01] MiB/ },
  { args: ['heap', '3000', '7'], shows: /^checksum [0-9a-f]{8}\n$/ },
  { args: ['hello'], shows: /^Hello from KaleidOS\n$/ },
  { args: ['ls', '-l', '/tree'], shows: /^l   1 +\d+ dangling -> nowhere$/m },
  { args: ['ls', '/', '/dev'], shows: /^null$/m },
  { args: ['ls', '/tree/missing'], status: 1 },
  { args: ['primes', '20000', '3'], shows: /^2262 primes/ },
  { args: ['recurse'], status: 139 },
  { args: ['sha256sum', '/tree/text', '/tree/deep/er/binary', '/tree/missing'], status: 1, shows: /^[0-9a-f]{64}  \/tree\/text\n/ },
  { args: ['sha256sum'], options: { stdin: allBytes }, shows: /^[0-9a-f]{64}  -\n$/ },
  { args: ['sort', '/tree/lines'], shows: /^\nApfel\napple\nbanana\n\xc3\xa9clair\n$/ },
  { args: ['trap', 'unreachable'], status: 134, shows: /^before/ },
  { args: ['trap', 'divide'], status: 136, shows: /^before/ },
  { args: ['trap', 'overflow'], status: 136, shows: /^before/ },
  { args: ['trap', 'memory'], status: 139, shows: /^before/ },
  { args: ['trap', 'table'], status: 139, shows: /^before/ },
  { args: ['trap', 'signature'], status: 132, shows: /^before/ },
  { args: ['true'] },
  { args: ['wc', '/tree/text', '/tree/lines', '/tree/missing'], status: 1 },
  { args: ['bench', 'readdir', '5', '2', '/tree'], without: times, shows: /# checksum \d+/ },
  { args: ['bench', 'create', '5', '2', '/tree'], without: times, shows: /# checksum \d+/ },
  { args: ['bench', 'list'], shows: /^pread4k\t/m },
  { args: ['sweep', 'read', '5000', '3', '2', '/tree'], without: times, shows: /# checksum \d+/ },
  { args: ['sweep', 'write', '5000', '3', '2', '/tree'], without: times, shows: /# checksum \d+/ },
  { args: ['sweep', 'compute', '100', '3', '2'], without: times, shows: /# checksum \d+/ },
  { args: ['sweep', 'read', '0', '3', '2'], status: 2 },
  { args: ['family', '/bin/family', '/bin/spin'], installed: ['family', 'spin'], shows: /wait for the killed: errno 0, the child, code 0, signal 9/ },
  { args: ['pipeline', '/bin/bytes', '300000', '--', '/bin/cat', '--', '/bin/sha256sum'], installed: ['bytes', 'cat', 'sha256sum'], shows: /^[0-9a-f]{64}/ },
  { args: ['pipeline', '/bin/exit', '3', '--', '/bin/exit', '4'], installed: ['exit'], status: 4 },
  { args: ['pair', '/bin/pingpong', '20', '2'], installed: ['pingpong'], without: times, shows: /^pingpong 20/ },
  { args: ['pour', '/bin/pour', '65536', '20', '2'], installed: ['pour'], without: times, shows: /^pour 20 \npour 20 \n$/ },
  { args: ['spawns', '/bin/true', '5', '2'], installed: ['true'], without: times, shows: /^spawn 5/ },
]

async function makeTree (os: OperatingSystem): Promise<void> {
  await os.fs.mkdir('/tree/deep/er', { recursive: true })
  await os.fs.mkdir('/tree/empty')
  await os.fs.writeFile('/tree/text', 'one\ntwo three\nfour')
  await os.fs.writeFile('/tree/lines', 'banana\nApfel\n\néclair\napple')
  await os.fs.writeFile('/tree/deep/er/binary', allBytes)
  await os.fs.writeFile('/tree/deep/nothing', '')
  await os.fs.link('/tree/text', '/tree/second name')
  await os.fs.symlink('nowhere', '/tree/dangling')
  await os.fs.symlink('deep/er/../../text', '/tree/through')
  await os.fs.symlink('loop', '/tree/loop')
}

/** What a run shows, with what it left in the tree. */
export async function observe (host: Host, kernel: EveryName | Plan, { args, options, installed = [], without }: Case): Promise<Observation> {
  const name = args[0]!
  const plan = typeof kernel === 'string' ? plansOf(host.library)[kernel]() : kernel
  await using os = await host.library.boot({ kernel: plan, program: host.program(name) })
  // A unikernel whose program uses no files has none.
  const files = host.program(name).imports.some(wanted => /\.(fd|path|poll)_/.test(wanted))
  if (files) await makeTree(os)
  if (installed.length > 0) await install(os, host.bytesOf, ...installed)
  const { stdout, stderr, text: _, ...exit } = await os.spawn(host.program(name), { stdin: null, ...options, args }).output()
  const shown = (bytes: Uint8Array): string => latin1(bytes).replace(without ?? /$^/, '')
  const { counters, tainted } = os.stats()
  return {
    ...exit, stdout: shown(stdout), stderr: shown(stderr), tree: files ? await os.fs.readdir('/tree') : [],
    faults: counters.faults, refusals: counters.refusals, tainted,
  }
}

/** What the example of jobs shows, in C or as a task: every call of our own. */
export async function observeJobs (host: Host, kernel: EveryName, program: Uint8Array | Task): Promise<string> {
  await using os = await host.library.boot({ kernel: plansOf(host.library)[kernel](), executables: { '/bin/jobs': program } })
  const { status, text } = await os.spawn(program, { args: ['/bin/jobs'], stdin: null }).output()
  return `status ${status}\n${text}`
}

/** Puts programs into `/bin`, for others to start. */
export async function install (os: OperatingSystem, bytesOf: Host['bytesOf'], ...names: string[]): Promise<void> {
  await os.fs.mkdir('/bin', { recursive: true })
  for (const name of names) await os.fs.writeFile(`/bin/${name}`, bytesOf(name))
}

/** Bytes as text in which no two differ and look alike. */
export function latin1 (bytes: Uint8Array): string {
  return Array.from(bytes, byte => String.fromCharCode(byte)).join('')
}
