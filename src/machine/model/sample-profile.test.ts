import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isErrors, profiles, Random, readProfileData, sampleProfile, type Profile } from './index.ts'

function sampled (json: unknown, random: Random): Profile {
  const profile = sampleProfile(json, random)
  assert.ok(!isErrors(profile))
  return profile
}

function at (profile: Profile, place: string): unknown {
  return place.replaceAll('[', '.').replaceAll(']', '').split('.').reduce<unknown>((object, step) => (object as Record<string, unknown>)[step], profile)
}

describe('a profile is drawn from its ranges', () => {
  for (const [name, json] of profiles) {
    test(`${name}: each number within its range, those without as they are`, () => {
      const data = readProfileData(json)
      assert.ok(!isErrors(data))
      for (let seed = 0; seed < 30; seed++) {
        const profile = sampled(json, new Random(seed))
        for (const { place, value, range } of data.figures) {
          const drawn = at(profile, place)
          if (range === undefined) assert.equal(drawn, value, place)
          else assert.ok((drawn as number) >= range[0] && (drawn as number) <= range[1], `${place}: ${drawn} of ${range}`)
          if (/Bytes$|entries|queueDepth|processors/.test(place)) assert.ok(Number.isInteger(drawn), `${place}: ${drawn}`)
        }
      }
    })
  }

  test('one seed, one profile; another seed, another', () => {
    const json = profiles.get('pentium')
    assert.deepEqual(sampled(json, new Random(5)), sampled(json, new Random(5)))
    assert.notDeepEqual(sampled(json, new Random(5)), sampled(json, new Random(6)))
  })

  test('what a number is does not depend on which others there are', () => {
    const json = profiles.get('pentium')
    const other = structuredClone(json) as { trapEntry: { basis: string, range?: unknown } }
    other.trapEntry.basis = 'measured'
    delete other.trapEntry.range
    const [all, without] = [sampled(json, new Random(5)), sampled(other, new Random(5))]
    assert.notEqual(all.trapEntry, without.trapEntry)
    assert.deepEqual({ ...all, trapEntry: 0 }, { ...without, trapEntry: 0 })
  })

  /** Of 4,000 draws of trapEntry in this range, how many lie below `bound`. */
  function below (range: [number, number], bound: number): number {
    const json = structuredClone(profiles.get('pentium')) as { trapEntry: { value: number, range: [number, number] } }
    json.trapEntry = { ...json.trapEntry, value: range[0], range }
    let count = 0
    for (let seed = 0; seed < 4000; seed++) if (sampled(json, new Random(seed)).trapEntry < bound) count++
    return count
  }

  test('up to four times the least, alike over the range', () => {
    const count = below([100, 400], 250)
    assert.ok(Math.abs(count - 2000) < 150, `${count}`)
  })

  test('beyond that, alike over its orders of magnitude', () => {
    assert.ok(Math.abs(below([1, 10_000], 100) - 2000) < 150)
    assert.ok(Math.abs(below([1, 10_000], 10) - 1000) < 150)
  })

  test('a bad profile is refused as by reading', () => {
    assert.ok(isErrors(sampleProfile({}, new Random(0))))
  })
})
