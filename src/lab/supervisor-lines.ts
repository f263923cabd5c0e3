/**
 * Lines of code that a plan runs privileged: its services in supervisor domains, with the core, gates, fibers, the loader
 * of programs and the walls, and all that these import.
 *
 * Counted from the sources that run. What the machine layer has in the place of hardware, and the host (V8 and Node), are
 * not in it: the report states them apart.
 */

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { onlyNeeded, wire, type Plan, type Registry } from '../link/index.ts'
import type { Program } from '../os/index.ts'
import { importGraph } from './import-graph.ts'
import { codeLines } from './source-lines.ts'

export interface SourceLines {
  readonly lines: number
  /** By folder: `services/vfs`, `core/l4`, `fiber` … */
  readonly parts: Readonly<Record<string, number>>
  /** The program that it is for, where the plan has only what that needs. */
  readonly program?: string
}

/** The privileged code of a plan, and of what it places for a program where it has only what that needs. */
export function supervisorLinesFor (plan: Plan, services: Registry, program: Program): SourceLines {
  if (plan.policies?.onlyNeeded !== true) return supervisorLines(plan)
  const calls = program.imports.map(name => name.slice(name.indexOf('.') + 1))
  return { ...supervisorLines(onlyNeeded(plan, wire(plan, services), calls)), program: program.name }
}

/** The folder `src/` of this checkout, or `dist/` of the published package. */
export const sourceRoot = join(import.meta.dirname, '..')

/** The privileged code of a plan. Throws when a service of it has no folder. */
export function supervisorLines (plan: Plan, root = sourceRoot): SourceLines {
  const services = plan.domains.filter(domain => domain.mode === 'supervisor').flatMap(domain => domain.services)
    .map(placement => typeof placement === 'string' ? placement : placement.service)
  const gates = plan.gates.map(gate => gate.gate).filter(gate => gate !== 'direct')
  const reflectsToPrograms = plan.gates.some(({ gate, from, to }) => gate === 'reflect' && from === to)
  const walls = plan.domains.map(domain => domain.wall)
  // Programs are WebAssembly under every plan: their loader, which rewrites and limits them, is that wall's, and what
  // makes, schedules and ends them is the core's `program`, with a core's gates or without.
  const units = [
    ...services.map(name => firstUnit(root, name, ['services', 'abi'])),
    ...[plan.core, 'program', ...(reflectsToPrograms ? ['reflect'] : [])].map(name => optionalUnit(root, 'core', name)),
    ...gates.map(name => optionalUnit(root, 'gates', name)),
    ...[...walls, 'wasm'].map(name => optionalUnit(root, 'walls', name)),
    join(root, `fiber/index${extension(root)}`)
  ]
  return linesOf(units.filter(unit => unit !== undefined), root)
}

/** Lines of modules and what they import, by folder. */
export function linesOf (roots: Iterable<string>, root = sourceRoot): SourceLines {
  const parts: Record<string, number> = {}
  let lines = 0
  for (const path of importGraph(roots).modules) {
    const count = codeLines(readFileSync(path, 'utf8'))
    const folder = folderOf(relative(root, path))
    parts[folder] = (parts[folder] ?? 0) + count
    lines += count
  }
  return { lines, parts: Object.fromEntries(Object.entries(parts).sort(([a], [b]) => a < b ? -1 : 1)) }
}

/** What is known of the host's size: its sources are not here to be counted. */
export function hostCode (): string {
  const megabytes = Math.round(statSync(process.execPath).size / 1e6)
  return `Node ${process.versions.node} with V8 ${process.versions.v8}, under every kernel alike: an executable of ${megabytes} MB, ` +
    'whose lines are not counted'
}

function firstUnit (root: string, name: string, layers: readonly string[]): string {
  const found = layers.map(layer => optionalUnit(root, layer, name)).find(unit => unit !== undefined)
  if (found === undefined) throw new Error(`service ${name}: no folder of that name in ${layers.join(' or ')}`)
  return found
}

function optionalUnit (root: string, layer: string, name: string): string | undefined {
  const path = join(root, layer, name, `index${extension(root)}`)
  return existsSync(path) ? path : undefined
}

function extension (root: string): string {
  return existsSync(join(root, 'fiber/index.ts')) ? '.ts' : '.js'
}

/** `services/vfs` of services/vfs/path/walk.ts; `roles` of roles/clock.ts. */
function folderOf (path: string): string {
  const steps = path.split(sep)
  return steps.length > 2 ? `${steps[0]}/${steps[1]}` : steps[0]!
}
