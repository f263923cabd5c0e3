// Tries the package of out/package as somebody who installs it: `npm run test:pack`.
//
// It is packed, installed into an empty project, run as a command (also started by a Node without JSPI, when
// KALEIDOS_OLD_NODE names one), imported as a library, and type checked from outside. It needs the npm registry for the
// package's own dependencies, so it is a command of its own and not one of the tests.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const node = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
const project = mkdtempSync(join(tmpdir(), 'kaleidos-pack-'))
const program = join(project, 'node_modules', 'kaleidos', 'programs', 'wasm', 'hello.wasm')

try {
  install()
  tryCommand()
  tryLibrary()
  tryTypes()
} finally {
  rmSync(project, { recursive: true, force: true })
}

function install() {
  const [{ filename, unpackedSize, entryCount }] = JSON.parse(
    npm(['pack', join(root, 'out', 'package'), '--json', '--pack-destination', project]))
  console.log(`packed: ${entryCount} files, ${Math.round(unpackedSize / 1024)} KiB`)
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  npm(['install', '--no-audit', '--no-fund', '--prefer-offline', join(project, filename)])
}

function tryCommand() {
  const launcher = join(project, 'node_modules', '.bin', 'kaleidos')
  const starts = [[node, {}]]
  if (process.env.KALEIDOS_OLD_NODE) starts.push([process.env.KALEIDOS_OLD_NODE, { KALEIDOS_NODE: node }])
  for (const [started, env] of starts) {
    assert.equal(run(started, [launcher, 'run', program], env), 'Hello from KaleidOS\n')
    assert.match(run(started, [launcher, 'kernels'], env), /monolithic/)
  }
  console.log('command: runs a program and lists the kernels')
}

function tryLibrary() {
  writeFileSync(join(project, 'library.js'), `
    import { readFile } from 'node:fs/promises'
    import { boot, kernels } from 'kaleidos'
    await using os = await boot({ kernel: kernels.microkernel() })
    const { text } = await os.spawn(await readFile(process.argv[2]), { args: ['hello'] }).output()
    process.stdout.write(text)
  `)
  assert.equal(run(node, [join(project, 'library.js'), program]), 'Hello from KaleidOS\n')
  console.log('library: boots a kernel and spawns a program')
}

function tryTypes() {
  writeFileSync(join(project, 'typed.ts'), `
    import { boot, kernels } from 'kaleidos'
    const os = await boot({ kernel: kernels.microkernel() })
    const status: number = (await os.spawn(new Uint8Array()).wait()).status
    // @ts-expect-error: a kernel is a plan, not a name
    await boot({ kernel: 'microkernel' })
    console.log(status)
  `)
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // skipLibCheck off: the package's own declarations are checked too.
  run(node, [compiler, '--noEmit', '--strict', '--module', 'nodenext', '--target', 'esnext', '--lib', 'esnext,dom',
    '--skipLibCheck', 'false', '--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node', join(project, 'typed.ts')])
  console.log('types: as they are in the sources')
}

function npm(args) {
  return execFileSync(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, { cwd: project, encoding: 'utf8' })
}

function run(command, args, env = {}) {
  try {
    return execFileSync(command, args, { cwd: project, encoding: 'utf8', env: { ...process.env, ...env } })
  } catch (error) {
    throw new Error(`${command} ${args.join(' ')}: status ${error.status}\n${error.stdout}`, { cause: error })
  }
}
