// A headless Chromium, if this machine has one, and a server of static files for it to read.
//
// No browser is downloaded: the person's own is taken, or Debian's. A test that finds none is skipped and says what is missing,
// except in CI, where it must run.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { stripTypeScriptTypes } from 'node:module'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

/** The first with JavaScript Promise Integration switched on. */
const VERSION_MIN = 137

const known = [
  ...['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge'].map(name => `/usr/bin/${name}`),
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ...[process.env.ProgramFiles, process.env['ProgramFiles(x86)'], process.env.LOCALAPPDATA]
    .filter(folder => folder !== undefined).map(folder => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
]
const path = process.env.KALEIDOS_CHROMIUM ?? known.find(existsSync)

/** For the options of a test: false, or why it is skipped. */
export function skipWithoutChromium(): string | false {
  const reason = whyNot()
  if (reason !== false && process.env.CI === 'true') throw new Error(reason)
  return reason
}

function whyNot(): string | false {
  const advice = 'install Chromium or Chrome (Debian: the package chromium), or name one in KALEIDOS_CHROMIUM'
  if (path === undefined) return `no Chromium: ${advice}`
  // Chrome on Windows has no --version.
  const { stdout } = spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 20_000 })
  const version = /\b(\d+)\.\d+\.\d+/.exec(stdout ?? '')?.[1]
  return version !== undefined && Number(version) < VERSION_MIN ? `${path} is version ${version}, ${VERSION_MIN} is needed: ${advice}` : false
}

export async function launch(): Promise<Browser> {
  const options = path === undefined ? {} : { executablePath: path }
  // Chromium refuses its sandbox to root, as which containers run.
  return await chromium.launch({ ...options, args: ['--disable-gpu', '--disable-quic', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])] })
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html', '.js': 'text/javascript', '.ts': 'text/javascript', '.wasm': 'application/wasm', '.json': 'application/json',
}

export interface StaticServer extends AsyncDisposable {
  /** Ends in a slash. */
  readonly url: string
  /** Paths that were asked for and are not there. */
  readonly missing: readonly string[]
}

/** What isolates a page from other origins, so that its workers may share memory. */
export const isolation = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' } as const

/** Serves files below the folders, the first that has one; TypeScript without its types. Nothing is bundled or rewritten. */
export async function serve(folders: readonly string[], headers: Readonly<Record<string, string>> = {}): Promise<StaticServer> {
  const missing: string[] = []
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url!, 'http://any').pathname).replace(/\/$/, '/index.html')
    const file = folders.map(folder => join(folder, path)).find(existsSync)
    if (file === undefined) {
      missing.push(path)
      response.writeHead(404).end()
      return
    }
    const bytes = readFileSync(file)
    response.writeHead(200, { ...headers, 'content-type': types[extname(file)] ?? 'application/octet-stream' })
    response.end(file.endsWith('.ts') ? stripTypeScriptTypes(bytes.toString()) : bytes)
  })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    missing,
    [Symbol.asyncDispose]: () => new Promise(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}
