/**
 * The form of a profile as a JSON Schema (draft 2020-12), for editors: worked out from the table of fields, so that there is
 * one list. What holds several numbers together only `readProfile` checks.
 */

import { bases } from './read-profile.ts'
import { cachesMost, fields, isFieldPlace, nameForm, textMost, yearLeast, yearMost, type Field } from './profile-fields.ts'

type Schema = Readonly<Record<string, unknown>>

/** `profile.schema.json`, as a value. */
export function profileSchema (): Schema {
  const top: Record<string, unknown> = {
    $schema: { type: 'string' },
    name: { type: 'string', pattern: nameForm, description: 'what --machine model:NAME calls it' },
    hardware: { ...text, description: 'the part, as its maker calls it' },
    year: { type: 'integer', minimum: yearLeast, maximum: yearMost, description: 'when the part was sold' },
    summary: { ...text, description: 'one sentence that says what it is good for' }
  }
  for (const [place, field] of Object.entries(fields)) if (isFieldPlace(place)) enter(top, place.split('.'), figureSchema(field))
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'KaleidOS machine profile',
    description: 'What hardware costs: every number with its unit, what it rests on, and its source.',
    ...objectOf(top)
  }
}

const text = { type: 'string', minLength: 1, maxLength: textMost }

function enter (properties: Record<string, unknown>, steps: readonly string[], schema: Schema): void {
  const [step, ...rest] = steps
  const key = step!.replace('[]', '')
  if (rest.length === 0) {
    properties[key] = schema
    return
  }
  const list = step!.endsWith('[]')
  const there = properties[key] as { properties?: Record<string, unknown>, items?: { properties: Record<string, unknown> } } | undefined
  const inner = there?.items?.properties ?? there?.properties ?? (list ? { name: text } : {})
  enter(inner, rest, schema)
  properties[key] = list ? { type: 'array', minItems: 1, maxItems: cachesMost, items: objectOf(inner) } : objectOf(inner)
}

function objectOf (properties: Record<string, unknown>): { properties: Record<string, unknown> } & Schema {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties).filter(key => key !== '$schema'), properties }
}

function figureSchema ({ unit, least, most, whole, meaning }: Field): Schema {
  const number = { type: whole === true ? 'integer' : 'number', minimum: least, maximum: most }
  const truth = unit === 'boolean'
  const properties = {
    value: truth ? { type: 'boolean' } : number,
    unit: { const: unit },
    ...truth ? {} : { range: { type: 'array', items: number, minItems: 2, maxItems: 2 } },
    basis: { enum: bases },
    source: text
  }
  return {
    type: 'object', description: meaning, additionalProperties: false, required: ['value', 'unit', 'basis', 'source'], properties,
    // What is derived or assumed says between what it may lie.
    ...truth ? {} : { if: { properties: { basis: { const: 'measured' } } }, else: { required: ['range'] } }
  }
}
