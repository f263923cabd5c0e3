// Programs on threads of their own in a page that is isolated from other origins: the same programs with the same results as in
// Node, also where they could not be suspended. What a page that shares no memory is told.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { buildPackage, root, scratch } from '../package.ts'
import { cases, observe } from '../system/observations.ts'
import { here } from '../system/support.ts'
import { isolation, launch, serve, skipWithoutChromium } from './chromium.ts'
import type { StaticServer } from './chromium.ts'

/** One of each kind: output, input, files, growth, an end by a trap, children. */
const tried = ['args', 'cat', 'find', 'grow', 'recurse', 'sha256sum', 'trap', 'pipeline']

describe('threads in Chromium', { skip: skipWithoutChromium() }, () => {
  const folder = scratch('browser-threads')
  const servers: StaticServer[] = []
  let browser: Browser
  let isolated: Page
  let open: Page
  const complaints: string[] = []

  before(async () => {
    buildPackage(folder)
    browser = await launch()
    isolated = await newPage(isolation)
    open = await newPage({})
  })
  after(async () => {
    await browser?.close()
    for (const server of servers) await server[Symbol.asyncDispose]()
  })

  async function newPage (headers: Readonly<Record<string, string>>): Promise<Page> {
    const server = await serve([folder, root], headers)
    servers.push(server)
    const page = await browser.newPage()
    page.on('pageerror', error => complaints.push(String(error)))
    await page.goto(`${server.url}test/browser/page.html`)
    return page
  }

  const ask = (page: Page, ...asked: unknown[]): Promise<unknown> => page.evaluate(
    words => (globalThis as unknown as { ask (...words: unknown[]): Promise<unknown> }).ask(...words), asked)

  for (const worker of ['same', 'without suspension']) {
    test(`${worker}: programs on threads of their own give what they give in Node`, async () => {
      for (const [index, given] of cases.entries()) {
        if (!tried.includes(given.args[0]!)) continue
        const inNode = await observe(here, 'monolithic', given)
        for (const kernel of ['monolithic', 'microkernel']) assert.deepEqual(await ask(isolated, worker, 'onThreads', kernel, index), inNode, `${kernel}: ${given.args.join(' ')}`)
      }
    })
  }

  test('endless loops on threads of their own hold up nobody, and end by a kill', async () => {
    assert.deepEqual(await ask(isolated, 'busy', 'spinsOnThreads', 'microkernel'), { answered: 'somebody else', signals: ['SIGKILL', 'SIGKILL'] })
  })

  test('a page that shares no memory is told what is missing', async () => {
    assert.match(String(await ask(open, 'any', 'refusedThreads')), /cross-origin isolated/)
  })

  test('nothing was reported in the page', () => {
    assert.deepEqual(complaints, [])
  })
})
