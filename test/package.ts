// The package as it would be published, built for one test file.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'

export const root = join(import.meta.dirname, '..')

/** A new empty folder, removed after the tests. */
export function scratch(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `kaleidos-${name}-`))
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Builds the package into a folder. */
export function buildPackage(folder: string): void {
  execFileSync(process.execPath, [join(root, 'scripts', 'build-package.mjs'), folder], { encoding: 'utf8' })
}
