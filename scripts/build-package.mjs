// Builds the package as it is published, in out/package or the folder named: `npm run build`, then `npm publish out/package`.
//
// A checkout runs its TypeScript as it is; Node refuses that under node_modules, and a page cannot read it at all. So the
// published package carries JavaScript in dist/, and its manifest points there. It is staged in a folder of its own, so that
// building changes no file of the checkout: the checkout's own manifest is private and points to src/. The sources of what was
// compiled go along, for source maps and for counting lines; tsconfig.dist.json says what is compiled, and nobody else.
//
// The command is put together besides, from dist/cli into dist/command, in as few files as its own lazy imports leave: Node
// takes longer to find and link some 250 modules than everything else of a start takes. Packages stay packages.
// What `kaleidos run` takes is one file more, run-code.cjs: a script, since importing one of Node's own libraries into a module
// loads all that it could ever need; and minified, since a start reads and keeps the whole text. For every other command it
// imports command-line.js. The rewriter, which a program that is known does without, is a file of its own beside it, and is
// required at its first call. run.cjs runs it, with what the engine compiled of it in an earlier process; so it is no module to Node,
// and requires what the sources import().

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const staged = resolve(process.argv[2] ?? join(root, 'out', 'package'))
const carried = ['bin', 'docs', 'examples', 'programs', 'LICENSE', 'README.md', 'CHANGELOG.md', 'GLOSSARY.md', 'ARCHITECTURE.md']

rmSync(staged, { recursive: true, force: true })
mkdirSync(staged, { recursive: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.dist.json', '--outDir', join(staged, 'dist')], { cwd: root, stdio: 'inherit' })
const compiledFiles = filesOf(join(staged, 'dist'))
const command = { absWorkingDir: root, bundle: true, platform: 'node', packages: 'external', logLevel: 'warning' }
const [entry, folder] = [join(staged, 'dist', 'cli'), join(staged, 'dist', 'command')]
await build({ ...command, entryPoints: ['main.js', 'command-line.js'].map(name => join(entry, name)), outdir: folder, chunkNames: 'part-[hash]', splitting: true, format: 'esm', target: 'node22' })
const script = { ...command, format: 'cjs', target: 'node26', minify: true }
/** Of a function, what loads it from the script that has it when it is called. */
const fromScript = (name, file) => `export const ${name} = (...given) => require('./${file}').${name}(...given)`
await build({
  ...script, entryPoints: [join(entry, 'main.js')], outfile: join(folder, 'run-code.cjs'),
  supported: { 'dynamic-import': false }, define: { 'import.meta.url': 'here.url' }, banner: { js: 'const here={get url(){return require("node:url").pathToFileURL(__filename).href}}' },
  plugins: [{
    name: 'what run takes',
    setup ({ onLoad, onResolve }) {
      onResolve({ filter: /\/command-line\.js$/ }, () => ({ path: './command-line.js', external: true }))
      onResolve({ filter: /^\.\/rewriter\.cjs$/ }, ({ path }) => ({ path, external: true }))
      // What is loaded lazily stays outside, as it was compiled; of model machines, which `run` has none of, and of the rewriter goes what nobody uses.
      onResolve({ filter: /^\./ }, ({ path, resolveDir, kind }) => {
        const target = join(resolveDir, path)
        if (kind === 'dynamic-import' && !path.endsWith('/run.js')) return { path: relative(folder, target).replaceAll('\\', '/'), external: true }
        const folders = relative(staged, target).split(sep)
        return folders.includes('model') || path.endsWith('/model.js') || folders.includes('rewriter') ? { path: target, sideEffects: false } : undefined
      })
      onLoad({ filter: /[\\/]rewriter[\\/]rewrite\.js$/ }, () => ({ contents: fromScript('rewrite', 'rewriter.cjs') }))
      onLoad({ filter: /[\\/]trampoline-bytes\.js$/ }, async ({ path }) => {
        const { trampolineBytes } = await import(pathToFileURL(path))
        return { contents: `export const trampolineBytes = () => Uint8Array.fromBase64('${Buffer.from(trampolineBytes()).toString('base64')}')` }
      })
    }
  }]
})
await build({ ...script, entryPoints: [join(staged, 'dist', 'walls', 'wasm', 'rewriter', 'rewrite.js')], outfile: join(folder, 'rewriter.cjs') })
await build({
  ...script, outfile: join(folder, 'run.cjs'), minify: false,
  stdin: {
    resolveDir: join(staged, 'dist'),
    contents: `
      const { runKept } = require('./machine/live/kept-code-node.js')
      const { cacheFolder } = require('./cli/cache-folder.js')
      const folder = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : cacheFolder('code')
      runKept(__dirname + '/run-code.cjs', '${digestOf(join(folder, 'run-code.cjs'))}', folder, { module, require })`
  }
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

function digestOf(path) {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
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
