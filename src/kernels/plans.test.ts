/**
 * The pages of the kernels say what the kernels are: the drawing in each README.md is the plan's, and the counts in it are
 * those that a booted system counts. `UPDATE=1` writes both anew; the difference is then read, not trusted.
 */

import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { isFiber, settle } from '../fiber/index.ts'
import { boot, checkPlan, kernels, presets, services } from '../index.ts'
import { drawPlan } from '../lab/draw-plan.ts'
import { systemOf } from '../os/index.ts'
import { RIGHTS_ALL } from '../roles/index.ts'
import type { SystemCalls } from '../roles/index.ts'

// Linux is the monolithic kernel, and has its page.
const { linux: _, ...whole } = presets
const plans = { ...kernels, ...whole }
type KernelName = keyof typeof plans

const PAGE_BYTES = 65536
const KIB4 = 4096
const ROOT = 3
const names = Object.keys(plans) as KernelName[]
const counted = ['crossings', 'switches', 'grants', 'bytesCopied'] as const
const heads = ['entries into the core', 'switches', 'grants', 'bytes copied']

for (const name of names) {
  test(`${name}: the drawing in its page is that of its plan`, () => {
    assert.deepEqual(checkPlan(plans[name](), services), [])
    assertPart(name, 'plan', `\`\`\`text\n${drawPlan(plans[name]())}\`\`\``)
  })

  test(`${name}: the counts in its page are those of a system that runs`, async () => {
    const rows = await countCalls(name)
    assertPart(name, 'counts', table(['call', ...heads], rows.map(row => row.map(String))))
  })
}

/** Asserts that a part of a page, between `<!-- part -->` and `<!-- /part -->`, is this text. */
function assertPart (name: KernelName, part: string, text: string): void {
  const page = new URL(`./${name}/README.md`, import.meta.url)
  const before = readFileSync(page, 'utf8')
  const between = new RegExp(`(<!-- ${part} -->\\n)[^]*?(\\n<!-- /${part} -->)`)
  assert.match(before, between, `${page.pathname} has a part <!-- ${part} -->`)
  const after = before.replace(between, (_whole, open: string, close: string) => open + text + close)
  if (process.env['UPDATE'] === '1') writeFileSync(page, after)
  else assert.equal(before, after, 'UPDATE=1 writes the page anew')
}

function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, column) => column === 0 ? '---' : '---:')), ...rows.map(line)].join('\n')
}

/** What each of a program's calls adds to the counts, by its own gates and in its own address space. */
async function countCalls (name: KernelName): Promise<[string, ...number[]][]> {
  await using os = await boot({ kernel: plans[name]() })
  await os.fs.writeFile('/file', new Uint8Array(2 * KIB4).fill(7))
  const system = systemOf(os)
  // A process that does nothing of itself: the calls are made for it.
  const reactor = await os.react(readFileSync(new URL('../../programs/wasm/true.wasm', import.meta.url)), { stdin: null, stdout: null, stderr: null })
  const badge = await reactor.process.started
  const thread = system.programs.thread(badge)!
  const memory = thread.home.memory!
  const data = thread.instance!.memory.grow(2) * PAGE_BYTES
  const [path, vector, result] = [data + PAGE_BYTES, data + PAGE_BYTES + 64, data + PAGE_BYTES + 128]
  memory.bytes.set(new TextEncoder().encode('file'), path)
  thread.onBegin?.()
  const calls = system.programs.callsOf(thread)
  const { counters } = system.state
  const rows: [string, ...number[]][] = []

  const make = function * () {
    const counts = (): number[] => counted.map(counter => counters[counter])
    const measure = function * (label: string, ...steps: (() => ReturnType<SystemCalls['fd_read']>)[]) {
      const before = counts()
      for (const step of steps) {
        const eventual = step()
        // Where each call is two messages it waits for the other's.
        assert.equal(isFiber(eventual), plans[name]().core === 'mach', `${label} need not wait`)
        assert.equal(yield * settle(eventual), 0, label)
      }
      rows.push([label, ...counts().map((count, i) => count - before[i]!)])
    }
    const open = () => calls.path_open(ROOT, 0, path, 4, 0, RIGHTS_ALL, 0, 0, 0, 0, result)
    assert.equal(yield * settle(open()), 0)
    const fd = memory.view.getUint32(result, true)
    const buffer = (length: number) => {
      memory.view.setUint32(vector, data, true)
      memory.view.setUint32(vector + 4, length, true)
    }
    // First calls make message buffers, and bring the times up to date that a read or a write has marked: not counted.
    buffer(1)
    yield * settle(calls.fd_read(fd, vector, 1, result))
    yield * settle(calls.path_filestat_get(ROOT, 0, path, 4, result))
    yield * measure('`fd_fdstat_get`', () => calls.fd_fdstat_get(fd, result))
    yield * measure('`clock_time_get`', () => calls.clock_time_get(1, 0, 0, result))
    yield * measure('`path_open` of a file in the root, `fd_close`', open, () => calls.fd_close(memory.view.getUint32(result, true)))
    yield * measure('`fd_read` of 1 B', () => calls.fd_read(fd, vector, 1, result))
    buffer(KIB4)
    yield * measure('`fd_read` of 4 KiB', () => calls.fd_read(fd, vector, 1, result))
    yield * measure('`fd_pwrite` of 4 KiB', () => calls.fd_pwrite(fd, vector, 1, 0, 0, result))
    yield * measure('`random_get` of 16 B', () => calls.random_get(data, 16))
  }
  await new Promise<void>((resolve, reject) => {
    const guarded = function * () {
      try {
        yield * make()
        resolve()
      } catch (error) {
        reject(error as Error)
      }
    }
    system.state.scheduler.startFiber('counted calls', badge, 0, thread.home, guarded(), () => {})
  })
  return rows
}
