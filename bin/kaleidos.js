#!/usr/bin/env node
// The command `kaleidos`: finds a Node with JavaScript Promise Integration (JSPI) and runs the command line in it.
//
// Any Node must be able to parse this file, so that an old one can say what is missing: no syntax after ES2018.
// - If this Node has JSPI, the command runs in this very process.
// - Otherwise the first of these that has it replaces this process, or where that cannot be (Windows, Node < 22.15) runs as
//   its child, with the same standard streams, signals passed on, and the child's exit status or death by signal as ours:
//   $KALEIDOS_NODE; the package `node` of this checkout, or of the project that kaleidos is installed in; this Node with JSPI
//   switched on by its flag.
// - The command line is src/cli/main.ts in a checkout and dist/command/run.cjs in the published package, since Node refuses to
//   strip types under node_modules. It runs when it is loaded, reads process.argv, and exports when it has ended.
//
// A script and no module (bin/package.json says so), and each part of Node is loaded where it is used: this stands before
// every start.

const fs = require('fs')
const path = require('path')

const launcher = fs.realpathSync(__filename)
const root = path.dirname(path.dirname(launcher))
const checkout = fs.existsSync(path.join(root, 'scripts', 'setup.mjs'))
const windows = process.platform === 'win32'
const jspiFlag = '--experimental-wasm-jspi'
/** Set for the process that a launcher starts, so that a mistake here cannot start processes without end. */
const startedMark = 'KALEIDOS_STARTED'

const wanted = process.env.KALEIDOS_NODE
const here = typeof WebAssembly === 'object' && 'Suspending' in WebAssembly

if (here && (!wanted || process.env[startedMark] || sameFile(wanted, process.execPath))) runHere()
else if (process.env[startedMark]) refuse(process.execPath + ' was expected to have JSPI and has not.')
else if (wanted) {
  if (hasJspi([wanted])) runIn([wanted])
  else refuse('KALEIDOS_NODE names ' + wanted + ', which is not a Node with JSPI (or cannot be run).')
} else {
  const found = candidates().find(hasJspi)
  if (found) runIn(found)
  else refuse('KaleidOS needs a Node with JSPI; this is Node ' + process.versions.node + '.')
}

function runHere() {
  delete process.env[startedMark]
  const { enableCompileCache } = require('module')
  if (enableCompileCache) enableCompileCache()
  const [published, source] = ['dist/command/run.cjs', 'src/cli/main.ts'].map(name => path.join(root, name))
  if (fs.existsSync(published)) watch(new Promise(resolve => resolve(require(published))))
  else if (fs.existsSync(source)) watch(import(require('url').pathToFileURL(source).href))
  else refuse('This installation is incomplete: ' + published + ' is missing.')
}

/** Reports what ended the command line where it is itself broken. */
function watch(loading) {
  loading.then(main => main.ended).catch(error => {
    if (checkout && error && error.code === 'ERR_MODULE_NOT_FOUND' && /^Cannot find package/.test(error.message)) {
      end('The dependencies of this checkout are not installed.\nRun `npm run setup` in ' + root + '.')
      return
    }
    // Rethrown outside the promise, so that it is reported as any uncaught error of the command is.
    setImmediate(() => { throw error })
  })
}

/** Nodes to try, best first, each with the flags it needs. */
function candidates() {
  const found = []
  for (let folder = root; ; folder = path.dirname(folder)) {
    const node = path.join(folder, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node')
    if (fs.existsSync(node)) found.push([node])
    if (folder === path.dirname(folder)) break
  }
  // An old Node refuses the flag, and hasJspi finds that out.
  found.push([process.execPath, jspiFlag])
  return found
}

function hasJspi(command) {
  const probe = 'process.exit("Suspending" in WebAssembly ? 0 : 1)'
  const result = require('child_process').spawnSync(command[0], command.slice(1).concat('-e', probe), { stdio: 'ignore' })
  return result.status === 0
}

function runIn(command) {
  const node = command[0]
  const args = command.slice(1).concat(process.execArgv, launcher, process.argv.slice(2))
  const env = Object.assign({}, process.env, { [startedMark]: '1' })
  if (process.execve && !windows) process.execve(fs.realpathSync(node), [node].concat(args), env)
  const child = require('child_process').spawn(node, args, { stdio: 'inherit', env: env })
  child.on('error', error => refuse('Cannot run ' + node + ': ' + error.message))
  passSignals(child)
}

function passSignals(child) {
  // A terminal sends its signals to the whole foreground group: the child has them already, and twice would be wrong.
  const os = require('os')
  const fromTerminal = [0, 1, 2].some(require('tty').isatty) ? ['SIGINT', 'SIGQUIT'] : []
  const handlers = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR2']
    .filter(signal => signal in os.constants.signals)
    .map(signal => {
      const handler = () => { if (!fromTerminal.includes(signal)) child.kill(signal) }
      process.on(signal, handler)
      return () => process.removeListener(signal, handler)
    })
  child.on('exit', (status, signal) => {
    for (const remove of handlers) remove()
    if (signal === null) process.exit(status)
    process.kill(process.pid, signal)
    // Still here: a signal that Node itself ignores, such as SIGPIPE. A shell would report it as this status.
    setTimeout(() => process.exit(128 + os.constants.signals[signal]), 100)
  })
}

function sameFile(a, b) {
  try {
    return fs.realpathSync(a) === fs.realpathSync(b)
  } catch {
    return false
  }
}

function refuse(problem) {
  const advice = checkout
    ? 'Run `npm run setup` in ' + root + ', which installs one'
    : 'Install one beside it (npm install --save-dev node@26)'
  end(problem + '\n' + advice + ', or use Node 26 or newer, or set KALEIDOS_NODE to one.')
}

function end(message) {
  process.stderr.on('error', () => {})
  process.exitCode = 1
  process.stderr.write('kaleidos: ' + message + '\n')
}
