// Builds the package as it is published, in out/package: `npm run build`, then `npm publish out/package`.
//
// A checkout runs its TypeScript as it is; Node refuses that under node_modules, so the published package carries JavaScript in
// dist/ and its manifest points there. It is staged in a folder of its own, so that building changes no file of the checkout:
// the checkout's own manifest is private and points to src/. The sources go along, for source maps and for counting lines.

import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const staged = join(root, 'out', 'package')
const carried = ['bin', 'src', 'programs', 'LICENSE', 'README.md', 'CHANGELOG.md', 'GLOSSARY.md', 'ARCHITECTURE.md']

rmSync(staged, { recursive: true, force: true })
const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
execFileSync(process.execPath, [compiler, '--project', 'tsconfig.dist.json'], { cwd: root, stdio: 'inherit' })
for (const name of carried.filter(name => existsSync(join(root, name)))) {
  cpSync(join(root, name), join(staged, name), { recursive: true, filter: published })
}
writeFileSync(join(staged, 'package.json'), `${JSON.stringify(manifest(), null, 2)}\n`)

function published(path) {
  return !/\.(test|fixture)\.ts$/.test(path)
}

function manifest() {
  const { private: own, scripts, devDependencies, allowScripts, exports, ...rest } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const entry = { types: './dist/index.d.ts', default: './dist/index.js' }
  return { ...rest, exports: { ...exports, '.': entry } }
}
