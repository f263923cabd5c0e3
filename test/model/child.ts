// Makes runs in a process of its own, and prints what came of each as a line of JSON. `node test/model/child.ts '[SPEC, …]'`, or - for
// specs on standard input.

import { readFileSync } from 'node:fs'
import { fingerprint } from './runs.ts'
import type { Spec } from './runs.ts'
import { here } from './support.ts'

const given = process.argv[2] ?? '[]'
for (const spec of JSON.parse(given === '-' ? readFileSync(0, 'utf8') : given) as Spec[]) {
  process.stdout.write(`${JSON.stringify(await fingerprint(here, spec))}\n`)
}
