// The rules of the tree, worked out from the imports of the sources: what may name what.
//
// - Imports point down only. `layers` is the order, top to bottom; the library (its entry and os/)
//   stands just above the kernels. The library has an entry for each kind of host, index.ts and browser.ts.
// - A unit (a layer's folder, or one folder below it in the layers that hold one folder per thing) is entered through its
//   index.ts only; the live machine in a browser through its browser.ts.
// - The kernel layers import nothing but relative paths: no host module, no package. The userland may use packages.
// - The live machine is chosen where a system is put together, and nowhere below.
// Tests are exempt: they may look at anything. Source: ARCHITECTURE.md, "Layers".

export const layers = [
  'cli', 'web', 'lab', 'userland', 'index.ts', 'browser.ts', 'library.ts', 'os', 'kernels', 'link', 'abi', 'services', 'core', 'gates', 'walls',
  'machine', 'roles', 'fiber',
] as const

/** Layers whose folders are units of their own. */
const nested = new Set(['services', 'kernels', 'core', 'walls', 'gates', 'machine'])
const seesHost = new Set(['cli', 'web', 'lab', 'machine/live'])
/** Layers that may use packages, and see no host all the same. */
const usesPackages = new Set(['userland'])
const choosesMachine = new Set(['cli', 'web', 'lab', 'index.ts', 'browser.ts', 'machine/live'])

/** Every broken rule in `sources` (path below src/ to text), each as one readable line. */
export function brokenRules(sources: ReadonlyMap<string, string>): string[] {
  const broken: string[] = []
  for (const [file, text] of sources) {
    if (file.endsWith('.test.ts')) continue
    const layer = layerOf(file)
    if (!isLayer(layer)) broken.push(`${file}: ${layer}/ is not a layer`)
    for (const target of importsOf(text)) broken.push(...judge(file, target))
  }
  return broken
}

/** What is read when `entry` is: each file's path below src/, and what else it names, which is no file of src/. */
export function reachedFrom(entry: string, sources: ReadonlyMap<string, string>): { files: Set<string>, others: Set<string> } {
  const files = new Set([entry])
  const others = new Set<string>()
  for (const file of files) {
    for (const target of importsOf(sources.get(file) ?? '')) {
      const imported = target.startsWith('.') ? resolve(file, target) : undefined
      // Data: it names nothing.
      if (imported?.endsWith('.json') === true) continue
      if (imported === undefined || !sources.has(imported)) others.add(target)
      else files.add(imported)
    }
  }
  return { files, others }
}

/** The module names that a source imports: statically, dynamically, as a type, or as the file of a worker. */
export function importsOf(text: string): string[] {
  const forms = [
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\(\s*['"`]([^'"`]+)['"`]/g,
    /\bnew URL\(\s*['"`](\.[^'"`]+\.ts)['"`]\s*,\s*import\.meta\.url/g,
  ]
  return forms.flatMap(form => [...text.matchAll(form)].map(match => match[1]!))
}

function judge(file: string, target: string): string[] {
  const unit = unitOf(file)
  if (!target.startsWith('.')) return seesHost.has(unit) || (usesPackages.has(unit) && !target.startsWith('node:')) ? [] : [`${file}: imports ${target}, which is not part of the kernel`]
  const imported = resolve(file, target)
  if (imported === undefined) return [`${file}: imports ${target}, which lies outside src/`]

  const broken: string[] = []
  const rank = layers.indexOf(layerOf(file) as typeof layers[number])
  const importedRank = layers.indexOf(layerOf(imported) as typeof layers[number])
  if (importedRank < rank) broken.push(`${file}: imports ${imported}, which is in a layer above`)
  const entered = unitOf(imported)
  // A unit may use the files that its layer holds for all its units; by way of the layer's index it would import itself.
  const own = unit === entered || unit.startsWith(`${entered}/`)
  if (!own && imported !== entered && imported !== indexOf(entered, file)) {
    broken.push(`${file}: imports ${imported}, past ${indexOf(entered, file)}`)
  }
  if (entered === 'machine/live' && !choosesMachine.has(unit)) broken.push(`${file}: chooses the live machine`)
  if (imported.endsWith('.test.ts')) broken.push(`${file}: imports a test, ${imported}`)
  return broken
}

/** What a unit is entered by: the live machine has an index for each kind of host, and the library's entry for pages takes that for pages. */
function indexOf(unit: string, by: string): string {
  return `${unit}/${unit === 'machine/live' && by === 'browser.ts' ? 'browser.ts' : 'index.ts'}`
}

function layerOf(file: string): string {
  return file.split('/')[0]!
}

function isLayer(name: string): boolean {
  return layers.some(layer => layer === name)
}

/** `services/ramfs` of services/ramfs/inode.ts, `roles` of roles/clock.ts. */
function unitOf(file: string): string {
  const parts = file.split('/')
  return nested.has(parts[0]!) && parts.length > 2 ? `${parts[0]}/${parts[1]}` : parts[0]!
}

/** The imported path below src/, or undefined if it is not there. */
function resolve(file: string, target: string): string | undefined {
  const parts = file.split('/').slice(0, -1)
  for (const step of target.split('/')) {
    if (step === '.') continue
    if (step !== '..') parts.push(step)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}
