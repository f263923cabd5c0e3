import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { profiles } from '../machine/model/index.ts'
import { CommandError, usage } from './exit.ts'
import { machineNamed, profileNamed } from './machine-option.ts'

const folder = mkdtempSync(join(tmpdir(), 'kaleidos-machine-'))
after(() => rmSync(folder, { recursive: true }))
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

describe('--machine', () => {
  test('names the live machine', () => { assert.deepEqual(machineNamed('live'), { kind: 'live' }) })

  for (const name of profiles.keys()) {
    test(`names ${name}`, () => {
      const machine = machineNamed(`model:${name}`)
      assert.equal(machine.kind === 'model' && machine.profile.name, name)
    })
  }

  test('names a file', () => {
    const mine = { ...profiles.get('pentium') as object, name: 'mine' }
    const machine = machineNamed(`model:${file('mine.json', JSON.stringify(mine))}`)
    assert.equal(machine.kind === 'model' && machine.profile.name, 'mine')
    assert.equal(machine.kind === 'model' && machine.profile.trapEntry, 64)
  })

  const bad: [word: string, message: RegExp, advice: RegExp][] = [
    ['', /no machine is named by the empty word/, /There are: live; model:NAME/],
    ['model', /no machine is named model/, /There are: live; model:NAME/],
    ['model:', /no machine is named model:/, /There are/],
    ['lve', /no machine is named lve/, /^Did you mean live\? /],
    ['pentium', /no machine is named pentium/, /^Did you mean model:pentium\? /],
    ['model:skylak', /no profile is named skylak/, /^Did you mean skylake\? .*cortex-a57/],
    ['modle:skylake', /no machine is named modle:skylake/, /^Did you mean model:skylake\? /],
    ['model:__proto__', /no profile is named __proto__/, /There are/],
    [`model:${join(folder, 'none.json')}`, /cannot read .*none\.json: there is no such file/, /named by its path/],
    [`model:${folder}/`, /it is a folder/, /./],
    ...process.platform === 'win32' ? [] : [['model:/dev/zero', /cannot read \/dev\/zero: it is no file/, /./] as [string, RegExp, RegExp]],
    [`model:${file('broken.json', '{ "name": ')}`, /broken\.json is not JSON: /, /prints a profile/],
    [`model:${file('list.json', '[]')}`, /is no profile that can be used:\n {2}a profile is an object, not \[\]/, /schema/],
    [`model:${file('bad.json', JSON.stringify({ ...profiles.get('pentium') as object, atomic: 3, more: 1 }))}`,
      /bad\.json is no profile that can be used:\n {2}more: is unknown.*\n {2}atomic: is 3, not a figure/, /show NAME --json/],
    [`model:${file('huge.json', ' '.repeat(2_000_000))}`, /larger than a profile can be/, /at most 1000000/]
  ]
  mkdirSync(join(folder, 'x.json'))
  for (const [word, message, advice] of bad) {
    test(`refuses ${word.replace(folder, '')}`, () => {
      assert.throws(() => machineNamed(word), error => {
        assert.ok(error instanceof CommandError, String(error))
        assert.match(error.message, message)
        assert.match(error.advice, advice)
        assert.equal(error.status, usage)
        return true
      })
    })
  }

  test('a folder with the name of a file is one', () => {
    assert.throws(() => profileNamed(join(folder, 'x.json')), /it is a folder/)
  })
})
