import assert from 'node:assert/strict'
import { test } from 'node:test'
import { errorLine, isErrors, profiles, readProfile } from './index.ts'

for (const [name, json] of profiles) {
  test(`the profile ${name} is sound`, () => {
    const profile = readProfile(json)
    assert.ok(!isErrors(profile), isErrors(profile) ? profile.map(errorLine).join('\n') : '')
    assert.equal(profile.name, name)
  })
}
