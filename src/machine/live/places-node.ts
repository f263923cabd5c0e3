/**
 * Places on Node: worker threads, and processes of the same Node that are sent bytes through a socket of their own.
 *
 * A process is started without the environment, and behind Node's permission model: it may read the modules that it is made
 * of and nothing else, and start nothing. A thread is one of this process, and its code may use what that may.
 */

import type { Duplex } from 'node:stream'
import type { PlaceWish } from '../places.ts'
import type { HostPlace, PlacesHost } from './places.ts'

/** Loaded by who starts a place: no other system pays for it. */
const threads = (): typeof import('node:worker_threads') => process.getBuiltinModule('node:worker_threads')
const processes = (): typeof import('node:child_process') => process.getBuiltinModule('node:child_process')
const pathOf = (url: URL): string => process.getBuiltinModule('node:url').fileURLToPath(url)

const MIB = 2 ** 20
/** What the host's engine needs to load modules at all. */
const HEAP_MIB_MIN = 16

export const nodePlaces: PlacesHost = {
  mayBlock: true,
  start: (wish, told) => wish.kind === 'thread' ? startThread(wish, told) : startProcess(wish, told)
}

/** The module that a place begins with: it lies beside this one, or in `dist` where the command was put together in a folder of its own. */
function mainOf (): URL {
  // In these words: where the command is put together, they are what is put in place of it.
  const url = import.meta.url
  return new URL(url.endsWith('.ts') ? './place-node.ts' : url.includes('/machine/live/') ? './place-node.js' : '../machine/live/place-node.js', url)
}

function heapMiB (bytes: number | undefined): number | null {
  return bytes === undefined ? null : Math.max(HEAP_MIB_MIN, Math.ceil(bytes / MIB))
}

function startThread (wish: PlaceWish, told: Parameters<PlacesHost['start']>[1]): HostPlace {
  const heap = heapMiB(wish.heapBytesMax)
  const worker = new (threads().Worker)(mainOf(), {
    name: wish.label,
    workerData: { occupant: wish.occupant, data: wish.data },
    execArgv: [],
    env: {},
    ...(heap === null ? {} : { resourceLimits: { maxOldGenerationSizeMb: heap, maxYoungGenerationSizeMb: Math.max(1, Math.ceil(heap / 4)) } })
  })
  worker.unref()
  let why = 'its thread has ended'
  worker.on('error', (error: unknown) => { why = error instanceof Error ? `${error.name}: ${error.message}` : String(error) })
  worker.on('exit', () => { told.ended(why) })
  return {
    send: () => { throw new TypeError('a thread is sent nothing: memory is shared') },
    tell: message => { worker.postMessage(message) },
    kill: () => { void worker.terminate() },
    keep: alive => {
      if (alive) worker.ref()
      else worker.unref()
    }
  }
}

function startProcess (wish: PlaceWish, told: Parameters<PlacesHost['start']>[1]): HostPlace {
  const main = mainOf()
  const heap = heapMiB(wish.heapBytesMax)
  const child = processes().spawn(process.execPath, [
    '--permission', `--allow-fs-read=${pathOf(new URL('../../../', main.href))}`, `--allow-fs-read=${pathOf(new URL('.', wish.occupant))}`,
    ...heap === null ? [] : [`--max-old-space-size=${heap}`],
    pathOf(main)
  ], { env: {}, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  const pipe = child.stdio[3] as Duplex & { ref (): void, unref (): void }
  const errors = child.stderr as unknown as NodeJS.ReadableStream & { ref (): void, unref (): void }
  let said = ''
  errors.on('data', (text: Buffer) => { said = (said + text.toString()).slice(-4096) })
  pipe.on('data', (bytes: Buffer) => { told.received(bytes) })
  // Whoever writes to a process that has gone hears of that by its end.
  pipe.on('error', () => {})
  let over = false
  const end = (why: string): void => {
    if (over) return
    over = true
    told.ended(why)
  }
  child.on('error', error => { end(`its process cannot be started: ${error.message}`) })
  child.on('exit', (code, signal) => { end(`its process has ended${signal === null ? ` with ${code}` : ` by ${signal}`}${firstLine(said)}`) })
  const keep = (alive: boolean): void => {
    for (const handle of [child, pipe, errors]) {
      if (alive) handle.ref()
      else handle.unref()
    }
  }
  keep(false)
  pipe.write(`${JSON.stringify({ occupant: wish.occupant, data: wish.data })}\n`)
  return {
    send: bytes => { pipe.write(bytes) },
    tell: () => { throw new TypeError('a process is sent bytes') },
    kill: () => { child.kill('SIGKILL') },
    keep
  }
}

/** What a process said of its end: the first line that names an error. */
function firstLine (text: string): string {
  const line = text.split('\n').find(candidate => /error/i.test(candidate))
  return line === undefined ? '' : `: ${line.trim()}`
}
