// Scheduling: programs that compute share the processor, those that wait for input answer within a few slices, priorities are
// kept, and the host's event loop stays alive. Judged by counts of slices and by shares, not by times: other programs run on the
// host too.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { liveMachine } from '../../src/index.ts'
import type { OperatingSystem, Process } from '../../src/index.ts'
import { systemOf } from '../../src/os/index.ts'
import { everyName, latin1, everyMultiprogram, program, sleep, start } from './support.ts'

const SPINNERS = 4
const spinner = (os: OperatingSystem, priority?: number): Process =>
  os.spawn(program('spin'), { stdin: null, stdout: null, stderr: null, ...(priority === undefined ? {} : { priority }) })

/** How long a process has had the processor, in ms. */
async function ranMs (os: OperatingSystem, process: Process): Promise<number> {
  return systemOf(os).programs.thread(await process.started)!.ranNs / 1e6
}

/** Lets programs run until they have had this much processor time together. */
async function runFor (os: OperatingSystem, processes: readonly Process[], ms: number): Promise<number[]> {
  for (let tries = 0; tries < 2000; tries++) {
    const ran = await Promise.all(processes.map(process => ranMs(os, process)))
    if (ran.reduce((sum, one) => sum + one, 0) >= ms) return ran
    await sleep(5)
  }
  assert.fail('they do not run')
}

/** A program that gives back every byte it reads. */
function echo (os: OperatingSystem, priority?: number): { ask: (text: string) => Promise<string>, process: Process } {
  const process = os.spawn(program('pingpong'), { args: ['pingpong', 'pong'], ...(priority === undefined ? {} : { priority }) })
  const writer = process.stdin.getWriter()
  const reader = process.stdout.getReader()
  const ask = async (text: string): Promise<string> => {
    await writer.write(Buffer.from(text))
    const { value } = await reader.read()
    return latin1(value!)
  }
  return { ask, process }
}

async function end (processes: readonly Process[]): Promise<void> {
  for (const process of processes) await process.kill('SIGKILL')
  for (const process of processes) assert.equal((await process.wait()).status, 137)
}

for (const kernel of everyMultiprogram) {
  test(`${kernel}: programs that compute have their turns one after the other`, async () => {
    // Whose address space it is says whose turn it is.
    const turns: number[] = []
    const { processor, ...machine } = liveMachine()
    const watched = { ...processor, switchTo (space: number): void { turns.push(space) } }
    await using os = await start(kernel, { machine: { ...machine, processor: watched } })
    const spinners = Array.from({ length: SPINNERS }, () => spinner(os))
    const spaces = await Promise.all(spinners.map(async process => systemOf(os).programs.thread(await process.started)!.home.id))
    await runFor(os, spinners, 40)
    turns.length = 0
    const ran = await runFor(os, spinners, 400)
    const order = turns.filter(space => spaces.includes(space))
    assert.ok(order.length > 3 * SPINNERS, `${order.length} turns`)
    const round = order.slice(0, SPINNERS)
    assert.deepEqual([...round].sort(), [...spaces].sort())
    assert.deepEqual(order, order.map((_, i) => round[i % SPINNERS]!))
    // Turns are of one length, as far as the host lets them.
    const fair = ran.reduce((sum, one) => sum + one, 0) / SPINNERS
    for (const share of ran) assert.ok(share > fair / 4, `shares of ${ran.map(one => one.toFixed(1)).join(', ')} ms`)
    await end(spinners)
  })

  test(`${kernel}: one that waits for input answers within a round`, async () => {
    await using os = await start(kernel)
    const { ask, process } = echo(os)
    assert.equal(await ask('a'), 'a')
    const spinners = Array.from({ length: SPINNERS }, () => spinner(os))
    await runFor(os, spinners, 40)
    for (const letter of 'bcdefgh') {
      const before = os.stats().counters.preemptions
      assert.equal(await ask(letter), letter)
      const slices = os.stats().counters.preemptions - before
      // The write, the answer and the read each wait at most for those that stand before them, once.
      assert.ok(slices <= 2 * (SPINNERS + 1), `${slices} slices`)
    }
    await end(spinners)
    await process.kill()
  })

  test(`${kernel}: priorities are kept`, async () => {
    await using os = await start(kernel)
    const low = spinner(os, 6)
    await runFor(os, [low], 20)
    const high = spinner(os, 2)
    await runFor(os, [high], 5)
    const before = await ranMs(os, low)
    await runFor(os, [high], 60)
    assert.equal(await ranMs(os, low), before, 'the lower one had the processor')
    // What is served before both answers without waiting for the end of a round.
    const { ask, process } = echo(os, 0)
    assert.equal(await ask('x'), 'x')
    await end([high])
    await runFor(os, [low], before + 20)
    await end([low])
    await process.kill()
  })

  test(`${kernel}: one that yields without end starves nobody, and uses no slice`, async () => {
    await using os = await start(kernel)
    const { ask, process } = echo(os)
    const yielding = os.spawn(program('bench'), { args: ['bench', 'yield', '100000000', '1'], stdin: null, stdout: null, stderr: null })
    const spinning = spinner(os)
    await runFor(os, [spinning], 40)
    for (const letter of 'abc') assert.equal(await ask(letter), letter)
    // It gives way at once each time, so the one that computes has nearly all.
    const [yielded, spun] = [await ranMs(os, yielding), await ranMs(os, spinning)]
    assert.ok(yielded < spun, `${yielded} ms of yielding, ${spun} ms of computing`)
    await end([yielding, spinning])
    await process.kill()
  })
}

for (const kernel of everyName) {
  test(`${kernel}: the host's event loop stays alive, and kills what never ends`, async () => {
    await using os = await start(kernel, { program: program('spin') })
    const spinners = everyMultiprogram.includes(kernel) ? Array.from({ length: SPINNERS }, () => spinner(os)) : [spinner(os)]
    let ticks = 0
    const timer = setInterval(() => { ticks++ }, 1)
    const used = globalThis.process.cpuUsage()
    await runFor(os, spinners, 300)
    clearInterval(timer)
    const { user, system } = globalThis.process.cpuUsage(used)
    const usedMs = (user + system) / 1000
    // Of what this thread really had of the host, each turn of the programs was a few ms.
    assert.ok(ticks >= usedMs / 50, `${ticks} ticks in ${usedMs} ms`)
    await end(spinners)
    assert.equal(os.stats().processes, 0)
  })
}
