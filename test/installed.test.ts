// The package as somebody has it who installs it: packed, installed into an empty folder from the registry, run as a command and as
// a library, type checked from outside.

import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, globSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, test } from 'node:test'
import { linksOf } from './markdown.ts'
import { buildPackage, root, scratch } from './package.ts'

/** Of the script that each start of `kaleidos run` reads. Whatever makes it larger makes each start slower, by some ms for 100 kB. */
const RUN_BYTES_MAX = 500_000
const windows = process.platform === 'win32'
const staged = scratch('package')
const project = scratch('installed')
const cache = scratch('command-cache')
const installed = join(project, 'node_modules', 'kaleidos')
const program = join(installed, 'programs', 'wasm', 'hello.wasm')

buildPackage(staged)
const skip = install()

/** False, or why it could not be. Without a registry there is nothing to try; in CI there must be one. */
function install(): string | false {
  const [{ filename }] = JSON.parse(npm('pack', staged, '--json', '--pack-destination', project)) as [{ filename: string }]
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  try {
    npm('install', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=0', join(project, filename))
    return false
  } catch (error) {
    const { stderr } = error as { stderr: string }
    const unreached = /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT)\b/.exec(stderr)
    if (unreached === null || process.env.CI === 'true') throw error
    return `the npm registry cannot be reached (${unreached[0]})`
  }
}

function npm(...args: string[]): string {
  // The npm that runs these tests, where there is one.
  const self = process.env.npm_execpath
  const [command, first] = self?.endsWith('.js') ? [process.execPath, [self]] : [windows ? 'npm.cmd' : 'npm', []]
  // What this checkout's own npm was told is not for another project's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_(?!config_(registry|cache))/i.test(name)))
  return execFileSync(command, [...first, ...args], { cwd: project, encoding: 'utf8', env, shell: windows && first.length === 0 })
}

/** Standard output of a program of the project; what it said where it failed. */
function run(command: string, args: readonly string[], env: Record<string, string> = {}): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: project, encoding: 'utf8', env: { ...process.env, ...env } })
  assert.equal(status, 0, `${command} ${args.join(' ')}: status ${status}\n${stdout}${stderr}`)
  return stdout
}

function typeCheck(file: string, ...options: string[]): void {
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // skipLibCheck off: the package's own declarations are checked too.
  run(process.execPath, [compiler, '--ignoreConfig', '--noEmit', '--strict', '--target', 'esnext', '--skipLibCheck', 'false', ...options, join(project, file)])
}

describe('the installed package', { skip }, () => {
  test('installs without a warning of a dependency, and brings no second copy of itself', () => {
    const tree = JSON.parse(npm('ls', '--all', '--json')) as { problems?: string[] }
    assert.deepEqual(tree.problems ?? [], [])
  })

  test('the command runs a program, lists the kernels and has a shell', () => {
    const launcher = join(project, 'node_modules', '.bin', windows ? 'kaleidos.cmd' : 'kaleidos')
    const [command, first] = windows ? [launcher, []] : [process.execPath, [launcher]]
    assert.equal(run(command, [...first, 'run', program]), 'Hello from KaleidOS\n')
    assert.match(run(command, [...first, 'kernels']), /monolithic/)
    assert.match(run(command, [...first, 'machines', 'show', 'pentium']), /trapEntry +64 cycles/)
    assert.equal(run(command, [...first, 'shell', '-c', 'printf "b\\na\\n" | sort']), 'a\nb\n')
    // The Node that runs npm may be too old, as a user's may; it then starts the one that is named.
    const older = process.env.npm_node_execpath
    if (older !== undefined && !windows) assert.equal(run(older, [launcher, 'run', program], { KALEIDOS_NODE: process.execPath }), 'Hello from KaleidOS\n')
  })

  test('what a start loads later is found, and no engine warns of how', () => {
    const command = join(installed, 'dist', 'command', 'run.cjs')
    for (const args of [['run', '--machine', 'model:pentium', program], ['run', '--trace', join(project, 'trace.json'), program], ['run', '--kernel', 'microkernel', '--wall', 'vfs=thread', program]]) {
      const { stdout, stderr } = spawnSync(process.execPath, [command, ...args], { encoding: 'utf8', env: { ...process.env, KALEIDOS_CACHE: join(project, 'cache') } })
      assert.deepEqual([stdout, stderr], ['Hello from KaleidOS\n', ''], args.join(' '))
    }
  })

  test('the library boots a kernel and runs a program', () => {
    writeFileSync(join(project, 'library.js'), `
      import { readFile } from 'node:fs/promises'
      import { boot, kernels } from 'kaleidos'
      await using os = await boot({ kernel: kernels.microkernel() })
      const { text } = await os.spawn(await readFile(process.argv[2]), { args: ['hello'] }).output()
      process.stdout.write(text)
    `)
    assert.equal(run(process.execPath, [join(project, 'library.js'), program]), 'Hello from KaleidOS\n')
  })

  test('types: a consumer in Node', () => {
    writeFileSync(join(project, 'in-node.ts'), `
      import { boot, kernels, liveMachine } from 'kaleidos'
      import type { Exit, OperatingSystem } from 'kaleidos'
      const os: OperatingSystem = await boot({ kernel: kernels.microkernel(), machine: liveMachine({ stdout: process.stdout }) })
      const exit: Exit = await os.spawn(new Uint8Array(), { args: ['program'] }).wait()
      // @ts-expect-error: a kernel is a plan, not a name
      await boot({ kernel: 'microkernel' })
      console.log(exit.status + 1)
    `)
    typeCheck('in-node.ts', '--module', 'nodenext', '--lib', 'esnext,dom', '--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node')
  })

  test('types: a consumer in a page, which a bundler resolves', () => {
    writeFileSync(join(project, 'in-page.ts'), `
      import { boot, kernels, liveMachine } from 'kaleidos'
      import { boot as same } from 'kaleidos/browser'
      const shown: string[] = []
      const machine = liveMachine({ stdout: bytes => { shown.push(new TextDecoder().decode(bytes)) } })
      await boot({ kernel: kernels.microkernel(), machine })
      // @ts-expect-error: a page has no descriptors
      liveMachine({ stdout: 1 })
      console.log(same === boot)
    `)
    typeCheck('in-page.ts', '--module', 'preserve', '--moduleResolution', 'bundler', '--customConditions', 'browser', '--lib', 'esnext,webworker', '--types', '')
  })
})

describe('the package', () => {
  const files = globSync('**/*', { cwd: staged, withFileTypes: true }).filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name).slice(staged.length + 1).replaceAll('\\', '/'))

  test('has nothing that only tests need', () => {
    assert.deepEqual(files.filter(file => /^(dist|src)\//.test(file) && /conformance|testing|fixture|fakes|\.test\./.test(file)), [])
  })

  test('a start of `run` reads little, and no rewriter', () => {
    const [code, rewriter] = ['run-code.cjs', 'rewriter.cjs'].map(name => readFileSync(join(staged, 'dist', 'command', name), 'latin1'))
    assert.ok(code!.length < RUN_BYTES_MAX, `${code!.length} bytes`)
    const refusal = /out of order/
    assert.match(rewriter!, refusal)
    assert.doesNotMatch(code!, refusal)
    // It is read as one byte a character.
    assert.match(code!, /^[\0-\x7f]*$/)
  })

  test('the second start of `run` has the code of the first, and needs neither', () => {
    const command = join(staged, 'dist', 'command', 'run.cjs')
    const hello = join(staged, 'programs', 'wasm', 'hello.wasm')
    for (const [variable, kept] of [[cache, ['code', 'rewritten']], [cache, ['code', 'rewritten']], ['off', []]] as const) {
      assert.equal(run(process.execPath, ['--no-warnings', command, 'run', hello], { KALEIDOS_CACHE: variable }), 'Hello from KaleidOS\n')
      assert.deepEqual(variable === 'off' ? [] : readdirSync(variable).sort(), kept)
    }
    assert.equal(readdirSync(join(cache, 'code')).length, 1)
  })

  test('has a source for every source map', () => {
    for (const map of files.filter(file => file.endsWith('.js.map'))) {
      const { sources } = JSON.parse(readFileSync(join(staged, map), 'utf8')) as { sources: string[] }
      for (const source of sources) assert.ok(existsSync(join(staged, dirname(map), source)), `${map}: ${source}`)
    }
  })

  for (const document of files.filter(file => file.endsWith('.md'))) {
    test(`${document}: what it links to comes along`, () => {
      for (const link of linksOf(readFileSync(join(staged, document), 'utf8'))) {
        const target = normalize(join(dirname(document), link.split('#')[0]!))
        assert.ok(existsSync(join(staged, target)), `${link} leads to ${target}, which is not in the package`)
      }
    })
  }
})
