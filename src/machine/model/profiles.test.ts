import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, test } from 'node:test'
import { errorLine, isErrors, profileSchema, profiles, readProfile, readProfileData, sources, type Figure } from './index.ts'

const folder = import.meta.dirname

function figuresOf (json: unknown): readonly Figure[] {
  const data = readProfileData(json)
  assert.ok(!isErrors(data), isErrors(data) ? data.map(errorLine).join('\n') : '')
  return data.figures
}

/** Published figures that a model is checked with: whole systems, and what a message costs a kernel. None may set a number. */
const targets = /^(B\d+|A00[1-9]|A01\d|A02[0-2]|A02[5-9]|A03[0-5]|A03[7-9]|A04\d|A05\d|A06\d)$/

describe('the profiles that come along', () => {
  for (const [name, json] of profiles) {
    test(`${name} is sound`, () => {
      const profile = readProfile(json)
      assert.ok(!isErrors(profile), isErrors(profile) ? profile.map(errorLine).join('\n') : '')
      assert.equal(profile.name, name)
    })

    test(`${name}: what is measured or derived names its source, which is listed and no target`, () => {
      for (const { place, basis, source } of figuresOf(json)) {
        const keys = [...source.matchAll(/(?:^|; )([A-Za-z0-9-]+): /g)].map(match => match[1]!)
        if (basis !== 'assumed') assert.ok(keys.length > 0, `${place}: ${source}`)
        for (const key of keys) {
          assert.ok(Object.hasOwn(sources, key), `${place}: there is no source ${key}`)
          assert.doesNotMatch(key, targets, place)
        }
      }
    })
  }

  test('all files of the folder are there, and every source is used', () => {
    assert.deepEqual([...profiles.keys()].sort(), globSync('*.json', { cwd: join(folder, 'profiles') }).map(file => basename(file, '.json')).sort())
    const said = [...profiles.values()].flatMap(figuresOf).map(figure => figure.source).join('\n')
    assert.deepEqual(Object.keys(sources).filter(key => !said.includes(`${key}: `)), [])
  })

  test('with and without page-table isolation nothing else differs', () => {
    const [without, isolated] = ['skylake', 'skylake-pti'].map(name => figuresOf(profiles.get(name)))
    const differs = without!.filter((figure, at) => figure.value !== isolated![at]!.value).map(figure => figure.place)
    assert.deepEqual(differs, ['pageTableIsolation', 'tlb.globalPages'])
  })
})

describe('the JSON Schema', () => {
  test('is the one that the table of fields gives (node scripts/profile-schema.mjs writes it)', () => {
    assert.deepEqual(JSON.parse(readFileSync(join(folder, 'profile.schema.json'), 'utf8')), profileSchema())
  })

  const validate = new Ajv2020({ allErrors: true, strictRequired: false }).compile(profileSchema())
  for (const [name, json] of profiles) {
    test(`takes ${name}`, () => { assert.ok(validate(json), JSON.stringify(validate.errors)) })
  }
})
