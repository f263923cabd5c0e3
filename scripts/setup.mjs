// Set-up of a checkout: installs the dependencies when they are missing or the lock file changed, never otherwise, and links
// the package's own command.
//
// Runs on any Node >= 20, before anything is installed, so it is plain JavaScript on the standard library alone.
// - The hash of the lock file at the last good install is kept inside node_modules, so that removing the folder forgets it.
// - An install that was cut short leaves no record; the next one starts from nothing (`npm ci`), since npm takes a half
//   unpacked package for a whole one.
// - `npm install` and `npm ci` in the checkout call it afterwards (`postinstall`), so that nothing is installed twice.
// - Of two set-ups at once one installs, and the other waits for it.
// - npm links the commands of dependencies and not the package's own: node_modules/.bin/kaleidos is made here, which is also
//   where `npx kaleidos` looks.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync }
  from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { acquire } from './lock.mjs'

const root = process.env.KALEIDOS_SETUP_ROOT ?? dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const record = join(modules, '.kaleidos-setup')
const windows = process.platform === 'win32'
/** Lines of npm's output that are shown when an install fails. */
const failureLinesMax = 24
/** How often it is said, where no terminal is, that the install goes on. */
const tellEveryMs = Number(process.env.KALEIDOS_SETUP_TELL_MS ?? 20_000)

await main().catch(error => {
  if (!error.reported) throw error
  process.exitCode = 1
})

async function main() {
  const wanted = lockFileHash()
  if (process.argv[2] === '--installed') {
    // npm itself has just installed what the lock file says, for whoever typed `npm install` or `npm ci`.
    writeFileSync(record, `${wanted}\n`)
    linkCommand()
    return
  }
  if (installed() !== wanted) {
    const release = await acquire(join(root, '.setup-lock'), () => say('waiting for another set-up of this folder'))
      .catch(error => fail(`the dependencies cannot be installed: ${error.message}\nWork in a folder that you may write.`))
    try {
      if (installed() !== wanted) await install(wanted)
    } finally {
      release()
    }
  }
  // Looked for each time and not as part of the install: whoever follows the advice has not to install all again.
  if (!existsSync(join(modules, '.bin', windows ? 'node.cmd' : 'node'))) {
    fail('npm installed the packages and did not run the install script of the package `node`, which brings Node 26.\n' +
      'If your npm is set to ignore scripts, allow this one: npm rebuild node --ignore-scripts=false')
  }
  linkCommand()
}

/** Identifies the wanted dependencies: the lock file, and the platform whose binaries were installed. */
function lockFileHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex')
}

function installed() {
  return existsSync(record) ? readFileSync(record, 'utf8').trim() : undefined
}

async function install(wanted) {
  // A good install whose lock file changed is brought up to date in place; anything else is made anew.
  const update = installed() !== undefined
  rmSync(record, { force: true })
  const started = performance.now()
  say(update ? 'the lock file changed: updating the dependencies …' : 'first use: installing the dependencies (about 500 MB) …')
  const stopTelling = tellTime(started)
  const { status, output } = await npm(update ? ['install', '--no-save'] : ['ci']).finally(stopTelling)
  if (status !== 0) {
    fail(`npm could not install the dependencies (status ${status}):\n${excerpt(output)}\n` +
      'Set-up needs the npm registry once; run the same command again when it can be reached.')
  }
  writeFileSync(record, `${wanted}\n`)
  say(`dependencies installed in ${Math.round((performance.now() - started) / 1000)} s`)
}

/** npm says nothing for minutes: whoever waits is told that it goes on, on a terminal in one line that is written over. */
function tellTime(started) {
  const terminal = process.stderr.isTTY === true
  const timer = setInterval(() => {
    const text = `still installing, ${Math.round((performance.now() - started) / 1000)} s`
    if (terminal) process.stderr.write(`\r\x1b[Kkaleidos: ${text}`)
    else say(text)
  }, terminal ? 1000 : tellEveryMs)
  return () => {
    clearInterval(timer)
    if (terminal) process.stderr.write('\r\x1b[K')
  }
}

function npm(args) {
  const flags = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  // The npm that runs this script, where there is one, so that no second version meddles with the lock file.
  const self = process.env.npm_execpath
  const [command, first] = self?.endsWith('.js') ? [process.execPath, [self]] : [windows ? 'npm.cmd' : 'npm', []]
  const child = spawn(command, [...first, ...args, ...flags], {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell: windows && first.length === 0,
  })
  process.once('exit', () => child.kill())
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', text => { output += text })
  return new Promise(resolve => {
    child.on('error', error => resolve({ status: 1, output: String(error) }))
    child.on('close', (status, signal) => resolve({ status: status ?? signal, output }))
  })
}

function linkCommand() {
  const folder = join(modules, '.bin')
  const link = join(folder, 'kaleidos')
  mkdirSync(folder, { recursive: true })
  if (windows) {
    writeFileSync(`${link}.cmd`, '@node "%~dp0\\..\\..\\bin\\kaleidos.js" %*\r\n')
    return
  }
  const target = join('..', '..', 'bin', 'kaleidos.js')
  if (linkTarget(link) === target) return
  chmodSync(join(root, 'bin', 'kaleidos.js'), 0o755)
  try {
    rmSync(link, { force: true })
    symlinkSync(target, link)
  } catch (error) {
    // Another set-up made the same link between the two calls.
    if (linkTarget(link) !== target) throw error
  }
}

function linkTarget(path) {
  try {
    return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : undefined
  } catch {
    return undefined
  }
}

/** npm says first what was wrong and ends with advice; a lifecycle script's own words come at the end. */
function excerpt(text) {
  const lines = text.trim().split('\n')
  return lines.length <= failureLinesMax ? lines.join('\n')
    : [...lines.slice(0, failureLinesMax / 2), '…', ...lines.slice(-failureLinesMax / 2)].join('\n')
}

/** Progress goes to standard error: standard output belongs to the command that follows. */
function say(text) {
  process.stderr.write(`kaleidos: ${text}\n`)
}

function fail(text) {
  say(text)
  // Thrown and not process.exit, so that the lock is released on the way out.
  throw Object.assign(new Error('set-up failed'), { reported: true })
}
