// The package in a page: the same programs with the same results as in Node, from plain ES modules that a server of files gives.
//
// A dedicated worker boots each kernel. What differs between the hosts (turns of the event loop, the clock's grain, what can be
// held of programs, the console) is tried in the page.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { buildPackage, root, scratch } from '../package.ts'
import { jobs } from '../../examples/jobs/jobs.ts'
import { cases, observe, observeJobs } from '../system/observations.ts'
import { here, kernelNames, multiprogram } from '../system/support.ts'
import * as model from '../../src/machine/model/index.ts'
import { launch, serve, skipWithoutChromium } from './chromium.ts'
import type { StaticServer } from './chromium.ts'
import { samplesOf } from './samples.ts'
import type { Tasks } from './worker.ts'

describe('in Chromium', { skip: skipWithoutChromium() }, () => {
  const folder = scratch('browser')
  let server: StaticServer
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  before(async () => {
    buildPackage(folder)
    server = await serve([folder, root])
    browser = await launch()
    page = await newPage('test/browser/page.html')
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  async function newPage(path: string): Promise<Page> {
    const made = await browser.newPage()
    made.on('pageerror', error => complaints.push(String(error)))
    made.on('console', message => { if (message.type() === 'error') complaints.push(message.text()) })
    await made.goto(server.url + path)
    return made
  }

  type Ask = <Name extends keyof Tasks>(worker: string, task: Name, ...args: Parameters<Tasks[Name]>) => Promise<Awaited<ReturnType<Tasks[Name]>>>

  /** What a task of a worker gives, in a page. */
  function asking(which: () => Page): Ask {
    const ask = (...asked: unknown[]): Promise<unknown> => which().evaluate(
      words => (globalThis as unknown as { ask (...words: unknown[]): Promise<unknown> }).ask(...words), asked)
    return ask as Ask
  }
  const ask = asking(() => page)

  test('profiles of hardware are read, and drawn from their ranges, as in Node: to the last bit', async () => {
    const inNode = samplesOf(model, 20)
    assert.ok(inNode.length >= 200 && inNode.every(sample => !Array.isArray(sample)))
    assert.deepEqual(await ask('same', 'sampledProfiles', 20), inNode)
  })

  for (const [index, given] of cases.entries()) {
    const kernels = given.installed === undefined ? kernelNames : multiprogram
    test(`${given.args.join(' ')} gives under ${kernels.join(', ')} what it gives in Node`, async () => {
      // In Node they are the same under every kernel: test/system/same-results.test.ts.
      const inNode = await observe(here, 'monolithic', given)
      for (const kernel of kernels) {
        const inPage = await ask('same', 'observed', kernel, index)
        // First by lines: which one differs is what a reader of the failure asks.
        const differing = inPage.stdout.split('\n').map((line, at) => [line, inNode.stdout.split('\n')[at]]).filter(([mine, its]) => mine !== its)
        assert.deepEqual(differing.slice(0, 5), [], `${kernel}: lines that differ, in the page and in Node`)
        assert.deepEqual(inPage, inNode, kernel)
      }
    })
  }

  for (const kernel of kernelNames) {
    test(`${kernel}: jobs, in C and as a task, give what they give in Node`, async () => {
      const inC = readFileSync(join(root, 'examples', 'jobs', 'jobs.wasm'))
      assert.deepEqual(await ask('same', 'jobs', kernel), [await observeJobs(here, kernel, inC), await observeJobs(here, kernel, jobs)])
    })
  }

  for (const kernel of kernelNames) {
    test(`${kernel}: endless loops stop neither other programs nor the worker's timers nor its messages`, async () => {
      const answer = ask('busy', 'preempted', kernel, 400)
      const heard: number[] = []
      const waits = setInterval(() => { void ask('busy', 'echo', 1).then(() => heard.push(1)) }, 50)
      const { answered, timers, exits, preemptions } = await answer
      clearInterval(waits)
      assert.equal(answered, kernel === 'unikernel' ? 'nobody else' : 'somebody else')
      for (const { signal } of exits) assert.equal(signal, 'SIGKILL')
      assert.ok(timers >= 10, `${timers} of about 80 timers fired`)
      assert.ok(heard.length >= 2, `${heard.length} of about 8 messages were answered`)
      if (kernel !== 'unikernel') assert.ok(preemptions > 0)
    })
  }

  test('where a browser has no tasks for turns, messages let timers through too', async () => {
    const { timers, answered } = await ask('without tasks', 'preemptedWithoutTasks', 'microkernel', 400)
    assert.equal(answered, 'somebody else')
    assert.ok(timers >= 5, `${timers} of about 80 timers fired`)
  })

  for (const kernel of kernelNames) {
    test(`${kernel}: a page's mistakes with its console are the page's, and the system goes on`, async () => {
      const { threw, reported, locked, failed } = await ask('busy', 'mistakes', kernel)
      assert.notEqual(threw, 0)
      assert.match(reported, /of the page/)
      assert.match(locked, /TypeError.*locked/)
      assert.equal(failed, 1)
    })
  }

  for (const kernel of multiprogram) {
    test(`${kernel}: a page holds a hundred programs, one too many is EAGAIN, and each still answers`, async () => {
      const own = await newPage('test/browser/page.html')
      const askOwn = asking(() => own)
      const { live, refused } = await askOwn('one', 'fill', kernel, 1000)
      assert.equal(refused, 'EAGAIN')
      assert.ok(live >= 100, `${live} programs`)
      // Another worker has what is left of the page's, and is below its own cap when Chromium refuses.
      const other = await askOwn('another', 'fill', kernel, 1000)
      assert.equal(other.refused, 'EAGAIN')
      assert.ok(other.live < 20, `${other.live} programs`)
      assert.equal((await askOwn('one', 'release')).answered, live)
      assert.deepEqual(await askOwn('one', 'fill', kernel, 1), { live: 1, refused: '' })
      assert.deepEqual(await askOwn('one', 'release'), { answered: 1, onceMore: 'Hello from KaleidOS\n' })
      await own.close()
    })
  }

  test('programs that have ended make room: 400 one after the other', async () => {
    assert.equal(await ask('busy', 'generations', 'microkernel', 400), 400)
  })

  for (const kernel of kernelNames) {
    test(`${kernel}: the console is streams and functions`, async () => {
      const { called, streamed, status } = await ask('busy', 'console', kernel)
      assert.equal(called, 'one\ntwo\nthree')
      assert.match(streamed, /missing/)
      assert.equal(status, 1)
    })
  }

  test('what a page has not is refused by what to do instead', async () => {
    const [shares, console, machine] = await ask('busy', 'refusals')
    assert.match(shares!, /a page has none; bring files in by os\.fs\.writeFile/)
    assert.match(console!, /a page has none; pass a machine/)
    assert.match(machine!, /ENODEV/)
  })

  test('short sleeps are short, though the page\'s own timeouts are 4 ms when nested', async () => {
    const laps = (await ask('quiet', 'sleeps', 1, 21)).sort((a, b) => a - b)
    assert.ok(laps[0]! >= 1, `${laps[0]} ms`)
    assert.ok(laps[10]! < 3.5, `${laps[10]} ms`)
  })

  test('the example runs a program under every kernel, and stops one that never ends', async () => {
    const example = await newPage('examples/browser/')
    const outputIs = (answer: string) => example.waitForFunction(text => {
      const of = (id: string) => (globalThis as unknown as { document: { getElementById (id: string): { textContent: string } } }).document.getElementById(id).textContent
      return of('answer').includes(text)
    }, answer)
    await example.selectOption('#program', 'sort')
    await example.click('#run')
    await outputIs('The same output under every kernel')
    assert.equal(await example.textContent('#output'), 'apple\nfig\npear\nplum\n')
    assert.deepEqual(await example.locator('tbody th').allTextContents(), kernelNames)
    const [monolithic, microkernel, unikernel] = await example.locator('tbody tr').allTextContents()
    assert.match(monolithic!, /exit 0/)
    assert.notEqual(microkernel, monolithic)
    assert.match(unikernel!, /exit 0/)

    await example.selectOption('#program', 'spin')
    await example.click('#run')
    await example.locator('tbody tr', { hasText: 'running …' }).nth(2).waitFor()
    await example.waitForTimeout(200)
    await example.click('#stop')
    await outputIs('The same output under every kernel')
    assert.deepEqual(await example.locator('tbody td:nth-child(2)').allTextContents(), ['SIGKILL', 'SIGKILL', 'SIGKILL'])
    await example.close()
  })

  test('every file that was asked for was there, and nothing was reported in the page', () => {
    assert.deepEqual(server.missing, [])
    assert.deepEqual(complaints, [])
  })
})
