// The package as npm sees it.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'

interface Dependencies { dependencies?: Record<string, string>, devDependencies?: Record<string, string> }
interface Locked extends Dependencies {
  version?: string
  resolved?: string
  optionalDependencies?: Record<string, string>
  dev?: boolean
  engines?: { node?: string }
}

const root = join(import.meta.dirname, '..')
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> }
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Dependencies & { engines: { node: string } }

// npm leaves the binaries of other platforms out of the lock file when it adds a package beside an existing install, and when
// a platform's binary is not published yet; `npm ci` then refuses the lock file, here or elsewhere.
test('the lock file holds every optional dependency of every platform', () => {
  const missing = Object.entries(lock.packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(name => lock.packages[`${path}/node_modules/${name}`] === undefined && lock.packages[`node_modules/${name}`] === undefined)
      .map(name => `${path} needs ${name}`))
  assert.deepEqual(missing, [])
})

test('the lock file and the manifest ask for the same', () => {
  const locked = lock.packages['']
  assert.deepEqual(locked?.devDependencies ?? {}, manifest.devDependencies ?? {})
  assert.deepEqual(locked?.dependencies ?? {}, manifest.dependencies ?? {})
})

test('the lock file names no registry', () => {
  const named = Object.entries(lock.packages).filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)
  assert.deepEqual(named, [])
})

// Whoever installs the package is warned otherwise, of something that is none of theirs.
test('no dependency asks for a newer Node than the package does', () => {
  const least = (range: string): number[] => range.split('||').map(part => /^\s*>=\s*(\d+)(?:\.(\d+))?/.exec(part))
    .map(match => match === null ? Infinity : Number(match[1]) * 1000 + Number(match[2] ?? 0))
  const own = Math.min(...least(manifest.engines.node))
  assert.ok(own < Infinity)
  const newer = Object.entries(lock.packages).filter(([path, { dev, engines }]) =>
    path !== '' && dev !== true && engines?.node !== undefined && Math.min(...least(engines.node)) > own)
  assert.deepEqual(newer.map(([path, { engines }]) => `${path} wants ${engines!.node}`), [])
})
