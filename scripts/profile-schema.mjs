// Writes src/machine/model/profile.schema.json from the table of fields, a number of a profile a line; a test compares the two.

import { writeFileSync } from 'node:fs'
import { profileSchema } from '../src/machine/model/index.ts'

writeFileSync(new URL('../src/machine/model/profile.schema.json', import.meta.url), `${lines(profileSchema(), '')}\n`)

function lines(value, indent) {
  if (typeof value !== 'object' || Array.isArray(value) || value.properties?.unit !== undefined) return JSON.stringify(value)
  const inner = `${indent}  `
  return `{\n${Object.entries(value).map(([key, value]) => `${inner}${JSON.stringify(key)}: ${lines(value, inner)}`).join(',\n')}\n${indent}}`
}
