// Builds the package as it is published, in out/package or the folder named: `npm run build`, then `npm publish out/package`.
//
// A checkout runs its TypeScript as it is; Node refuses that under node_modules, and a page cannot read it at all. So the
// published package carries JavaScript in dist/, and its manifest points there. It is staged in a folder of its own, so that
// building changes no file of the checkout: the checkout's own manifest is private and points to src/. The sources of what was
// compiled go along, for source maps and for counting lines; tsconfig.dist.json says what is compiled, and nobody else.
//
// The command is put together besides, from dist/cli into dist/command, in as few files as its own lazy imports leave: Node
// takes longer to find and link some 250 modules than everything else of a start takes. Packages stay packages.

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const staged = resolve(process.argv[2] ?? join(root, 'out', 'package'))
const carried = ['bin', 'docs', 'examples', 'programs', 'LICENSE', 'README.md', 'CHANGELOG.md', 'GLOSSARY.md', 'ARCHITECTURE.md']

rmSync(staged, { recursive: true, force: true })
mkdirSync(staged, { recursive: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.dist.json', '--outDir', join(staged, 'dist')], { cwd: root, stdio: 'inherit' })
const compiledFiles = filesOf(join(staged, 'dist'))
await build({
  entryPoints: [join(staged, 'dist', 'cli', 'main.js')], outdir: join(staged, 'dist', 'command'), chunkNames: 'part-[hash]',
  bundle: true, splitting: true, format: 'esm', platform: 'node', packages: 'external', target: 'node22', logLevel: 'warning'
})
for (const name of carried) cpSync(join(root, name), join(staged, name), { recursive: true, filter: name => !/\.test\.ts$/.test(name) })
for (const path of sources()) cpSync(join(root, 'src', path), join(staged, 'src', path))
writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)
console.log(`The package is in ${relative(process.cwd(), staged) || '.'}; \`npm install ${staged}\` installs it elsewhere.`)

/** What was compiled, and the pages beside it, as paths below src/. */
function sources() {
  const compiled = compiledFiles.filter(path => path.endsWith('.js')).map(path => path.replace(/\.js$/, '.ts'))
  return [...compiled, ...filesOf(join(root, 'src')).filter(path => path.endsWith('.md'))]
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile()).map(entry => relative(folder, join(entry.parentPath, entry.name)))
}

function manifest() {
  const { private: own, scripts, devDependencies, allowScripts, exports, ...rest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  return { ...rest, exports: compiled(exports) }
}

/** Entries that name a source name what it is compiled to, and its types before it. */
function compiled(entry) {
  if (typeof entry === 'object') return Object.fromEntries(Object.entries(entry).map(([key, value]) => [key, compiled(value)]))
  const path = /^\.\/src\/(.*)\.ts$/.exec(entry)?.[1]
  return path === undefined ? entry : { types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` }
}
