import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { isErrors, profileSchema, profiles, readProfileData } from '../machine/model/index.ts'

const main = join(import.meta.dirname, '../../bin/kaleidos.js')
const folder = mkdtempSync(join(tmpdir(), 'kaleidos-machines-'))
after(() => rmSync(folder, { recursive: true }))

function kaleidos (...words: string[]): { status: number | null, out: string, err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'machines', ...words], { cwd: folder, encoding: 'utf8', timeout: 60_000 })
  return { status, out: stdout, err: stderr }
}

test('every profile is listed with what its numbers rest on', () => {
  const { out } = kaleidos()
  for (const name of profiles.keys()) assert.match(out, new RegExp(`^${name.replaceAll('.', '\\.')} {2}\\d{4}, [\\d,]+ MHz$`, 'm'))
  const list = JSON.parse(kaleidos('--json').out) as { name: string, frequencyMHz: number, basis: Record<string, number> }[]
  assert.deepEqual(list.map(({ name }) => name), [...profiles.keys()])
  for (const { name, basis } of list) {
    const data = readProfileData(profiles.get(name))
    assert.ok(!isErrors(data))
    assert.equal(basis['measured']! + basis['derived']! + basis['assumed']!, data.figures.length)
    assert.ok(out.includes(`${basis['measured']} measured, ${basis['derived']} derived, ${basis['assumed']} assumed`), name)
  }
})

test('one is shown with every number, range, basis and source', () => {
  const { out, status } = kaleidos('show', 'skylake')
  assert.equal(status, 0)
  const data = readProfileData(profiles.get('skylake'))
  assert.ok(!isErrors(data))
  for (const { place, unit, basis } of data.figures) {
    assert.match(out, new RegExp(`^${place.replace(/[.[\]]/g, '\\$&')} +\\S+ ${unit === 'boolean' ? '' : unit}.*${basis}`, 'm'))
  }
  assert.match(out, /trapEntry +80 cycles +65 to 108 +derived/)
  assert.match(out, /^A076: Lefeuvre et al\., "FlexOS"/m)
  assert.match(out, /^trapEntry: system call, user to supervisor/m)
  for (const line of out.split('\n')) assert.ok([...line].length <= 80, line)
})

test('what show --json prints is a profile that a file may hold', () => {
  const { out } = kaleidos('show', 'pentium', '--json')
  assert.deepEqual(JSON.parse(out), profiles.get('pentium'))
  writeFileSync(join(folder, 'mine.json'), out.replace('"pentium"', '"mine"'))
  assert.match(kaleidos('show', './mine.json').out, /^mine {2}1995, 133 MHz$/m)
})

test('the schema is printed', () => {
  assert.deepEqual(JSON.parse(kaleidos('schema').out), JSON.parse(JSON.stringify(profileSchema())))
})

test('a mistake is told with what to do', () => {
  const named = kaleidos('show', 'skylak')
  assert.equal(named.status, 2)
  assert.match(named.err, /no profile is named skylak\nDid you mean skylake\?/)
  const command = kaleidos('pentium')
  assert.equal(command.status, 2)
  assert.match(command.err, /kaleidos machines show pentium/)
  assert.equal(kaleidos('show').status, 2)
})

test('calibrate measures this machine, says what it could not, and keeps a profile that can be used', { timeout: 120_000 }, () => {
  const { status, out, err } = kaleidos('calibrate', '--out', 'this.json', '--name', 'here')
  assert.equal(status, 0, err)
  const data = readProfileData(JSON.parse(readFileSync(join(folder, 'this.json'), 'utf8')))
  assert.ok(!isErrors(data), JSON.stringify(data))
  assert.equal(data.name, 'here')
  const measured = data.figures.filter(({ basis }) => basis === 'measured')
  assert.match(out, new RegExp(`Measured here: ${measured.length}$`, 'm'))
  assert.match(out, new RegExp(`Not measured: ${data.figures.length - measured.length}$`, 'm'))
  assert.match(out, /trapEntry .* assumed\n +not measured \(needs supervisor mode\); as in /)
  assert.match(out, /--machine model:this\.json/)
  assert.match(kaleidos('show', 'this.json').out, /^here {2}/m)
})

test('what cannot be written, or named so, is told before anything is measured', () => {
  for (const out of [join('none', 'this.json'), '.']) {
    const { status, err } = kaleidos('calibrate', '--out', out)
    assert.equal(status, 1)
    assert.match(err, /^kaleidos: cannot write /)
  }
  const { status, err } = kaleidos('calibrate', '--name', 'My Machine')
  assert.equal(status, 2)
  assert.match(err, /^kaleidos: a profile cannot be named My Machine\n/)
})
