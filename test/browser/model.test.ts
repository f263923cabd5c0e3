// Model machines in a worker of Chromium give the traces that they give in Node, bit for bit.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { buildPackage, root, scratch } from '../package.ts'
import { fingerprint, specs, workloads } from '../model/runs.ts'
import type { Fingerprint, Spec } from '../model/runs.ts'
import { here } from '../model/support.ts'
import { everyMultiprogram, everyName } from '../system/support.ts'
import { launch, serve, skipWithoutChromium } from './chromium.ts'
import type { StaticServer } from './chromium.ts'

const RUNS = Number(process.env['KALEIDOS_SEED_RUNS'] ?? 3 * workloads.length)

describe('model machines in Chromium', { skip: skipWithoutChromium() }, () => {
  const folder = scratch('browser-model')
  let server: StaticServer
  let browser: Browser
  let page: Page

  before(async () => {
    buildPackage(folder)
    server = await serve([folder, root])
    browser = await launch()
    page = await browser.newPage()
    await page.goto(`${server.url}test/browser/page.html`)
  })
  after(async () => {
    await browser?.close()
    await server?.[Symbol.asyncDispose]()
  })

  test(`${RUNS} seeds give the traces of Node`, { timeout: 1_200_000 }, async () => {
    for (const spec of specs(RUNS, everyName, everyMultiprogram)) {
      const there = await page.evaluate(asked => (globalThis as unknown as { ask (...words: unknown[]): Promise<unknown> }).ask('model', 'modelled', asked), spec as Spec) as Fingerprint
      assert.deepEqual(there, await fingerprint(here, spec), JSON.stringify(spec))
    }
  })
})
