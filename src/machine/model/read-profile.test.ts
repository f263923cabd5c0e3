import { Ajv2020 } from 'ajv/dist/2020.js'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { errorLine, fields, isErrors, profileSchema, profiles, readProfile } from './index.ts'

/** A profile that may be spoilt. */
type Spoilt = { [key: string]: any } // eslint-disable-line typescript/no-explicit-any
const sound = (): Spoilt => structuredClone(profiles.get('skylake')) as Spoilt
const schema = new Ajv2020({ strictRequired: false }).compile(profileSchema())

/** What is told of a profile that `spoil` has spoilt. */
function told (spoil: (profile: Spoilt) => void): string[] {
  const profile = sound()
  spoil(profile)
  const result = readProfile(profile)
  return isErrors(result) ? result.map(errorLine) : []
}

describe('a profile is read', () => {
  test('into plain numbers', () => {
    const profile = readProfile(sound())
    assert.ok(!isErrors(profile))
    assert.equal(profile.frequencyMHz, 2200)
    assert.equal(profile.tlb.tagged, true)
    assert.deepEqual(profile.caches.map(cache => [cache.name, cache.sizeBytes]), [['L1', 65536], ['L2', 1048576], ['L3', 14417920]])
    assert.equal(profile.devices.disk.queueDepth, 128)
    assert.deepEqual(Object.keys(profile.lineTransfer), ['near', 'far', 'processorsNear'])
  })

  test('every number of the table, each from its own place', () => {
    // Each place gets a value of its own, so that two that were mixed up would show.
    const profile = sound()
    const places = Object.keys(fields).filter(place => !place.includes('[]') && !/unit|tagged|globalPages|pageBytes/.test(place))
    const at = (from: Spoilt, place: string): Spoilt => place.split('.').reduce((object, step) => object[step], from)
    for (const [index, place] of places.entries()) {
      const figure = at(profile, place)
      figure.value = 1 + index
      delete figure.range
      figure.basis = 'measured'
    }
    const read = readProfile(profile)
    assert.ok(!isErrors(read), isErrors(read) ? read.map(errorLine).join('\n') : '')
    for (const [index, place] of places.entries()) assert.equal(at(read as unknown as Spoilt, place), 1 + index, place)
  })
})

describe('a bad profile is refused with the place and the reason', () => {
  const bad: [what: string, spoil: (profile: Spoilt) => void, told: RegExp, schemaKnows?: false][] = [
    ['missing number', p => { delete p.trapEntry }, /^trapEntry: is missing: system call, .* in cycles$/],
    ['missing number of a device', p => { delete p.devices.disk.latencyNs }, /^devices\.disk\.latencyNs: is missing/],
    ['missing group', p => { delete p.devices }, /^devices: is missing: it has console, disk, link$/],
    ['missing caches', p => { delete p.caches }, /^caches: is missing: it has sizeBytes/],
    ['no caches', p => { p.caches = [] }, /^caches: is a list of 0: a list of 1 to 4/],
    ['too many caches', p => { p.caches = Array(5).fill(p.caches[0]) }, /^caches: is a list of 5/],
    ['caches as a number', p => { p.caches = 3 }, /^caches: is 3: a list/],
    ['a cache as a number', p => { p.caches[1] = 7 }, /^caches\[1\]: is 7, not an object/],
    ['a cache without a name', p => { delete p.caches[2].name }, /^caches\[2\]\.name: is missing/],
    ['a group as a number', p => { p.tlb = 64 }, /^tlb: is 64, not an object with entries/],
    ['a bare number', p => { p.atomic = 18 }, /^atomic: is 18, not a figure \{ "value", "unit", "range", "basis", "source" \}$/],
    ['a list for a figure', p => { p.atomic = [18] }, /^atomic: is \[18\], not a figure/],
    ['null for a figure', p => { p.atomic = null }, /^atomic: is null, not a figure/],
    ['negative', p => { p.trapExit.value = -60 }, /^trapExit\.value: is -60, less than 1 cycles$/],
    ['negative in a cache', p => { p.caches[0].missCycles.value = -1 }, /^caches\[0\]\.missCycles\.value: is -1/],
    ['too much', p => { p.frequencyMHz.value = 2.2e9 }, /^frequencyMHz\.value: is 2200000000, more than 10000 MHz$/],
    ['NaN', p => { p.kernelInstruction.value = NaN }, /^kernelInstruction\.value: is NaN: a number from 0\.05 to 50$/],
    ['infinite', p => { p.atomic.value = Infinity }, /^atomic\.value: is Infinity/],
    ['text for a number', p => { p.atomic.value = '18' }, /^atomic\.value: is "18": a number/],
    ['no value', p => { delete p.atomic.value }, /^atomic\.value: is missing/],
    ['half an entry', p => { p.tlb.entries.value = 1.5 }, /^tlb\.entries\.value: is 1\.5, and there are only whole entries$/],
    ['a number for true', p => { p.tlb.tagged.value = 1 }, /^tlb\.tagged\.value: is 1: true or false$/],
    ['wrong unit', p => { p.trapEntry.unit = 'ns' }, /^trapEntry\.unit: is "ns": system call, .* is given in cycles$/],
    ['no unit', p => { delete p.trapEntry.unit }, /^trapEntry\.unit: is missing: cycles$/],
    ['unknown key', p => { p.fudge = p.atomic }, /^fudge: is unknown: there are \$schema, name, .*devices$/],
    ['unknown key in a group', p => { p.tlb.ways = p.tlb.entries }, /^tlb\.ways: is unknown: there are entries, pageBytes/],
    ['unknown key in a cache', p => { p.caches[0].ways = 8 }, /^caches\[0\]\.ways: is unknown: there are name, sizeBytes/],
    ['unknown key in a figure', p => { p.atomic.note = 'x' }, /^atomic\.note: is unknown: there are value, unit/],
    ['__proto__ as a key', p => { Object.defineProperty(p, '__proto__', { value: 1, enumerable: true }) }, /^__proto__: is unknown/, false],
    ['a number that is only inherited', p => { const { atomic } = p; delete p.atomic; Object.setPrototypeOf(p, { atomic }) }, /^atomic: is missing/, false],
    ['range without the value', p => { p.atomic.range = [20, 24] }, /^atomic\.range: is \[20, 24\], and the value, 18, does not lie in it$/, false],
    ['range the wrong way round', p => { p.atomic.range = [24, 16] }, /^atomic\.range: is \[24, 16\]: the least comes first$/, false],
    ['range of one', p => { p.atomic.range = [18] }, /^atomic\.range: is \[18\]: a list of two numbers/],
    ['range beyond bounds', p => { p.atomic.range = [0, 20] }, /^atomic\.range: is 0, less than 1 cycles$/],
    ['range with NaN', p => { p.atomic.range = [NaN, 20] }, /^atomic\.range: is NaN/],
    ['range for a truth', p => { p.tlb.tagged.range = [0, 1] }, /^tlb\.tagged\.range: is not for what is true or false$/],
    ['derived without range', p => { delete p.trapEntry.range }, /^trapEntry\.range: is missing: what is derived says between what it may lie$/],
    ['assumed without range', p => { delete p.copy.startCycles.range }, /^copy\.startCycles\.range: is missing: what is assumed/],
    ['no source', p => { delete p.atomic.source }, /^atomic\.source: is missing: where the number is from$/],
    ['empty source', p => { p.atomic.source = '  ' }, /^atomic\.source: is " {2}"/, false],
    ['source with an escape', p => { p.atomic.source = '\u001b[2J' }, /^atomic\.source: has a control character in it$/, false],
    ['no basis', p => { delete p.atomic.basis }, /^atomic\.basis: is missing: one of measured, derived, assumed$/],
    ['unknown basis', p => { p.atomic.basis = 'guessed' }, /^atomic\.basis: is "guessed": one of/],
    ['no name', p => { delete p.name }, /^name: is missing/],
    ['a name that is a path', p => { p.name = '../x' }, /^name: is "\.\.\/x": small letters/],
    ['no year', p => { delete p.year }, /^year: is missing/],
    ['a year of the future', p => { p.year = 20170 }, /^year: is 20170: a year from 1970 to 2100$/],
    ['a page that is no power of two', p => { p.tlb.pageBytes.value = 4095 }, /^tlb\.pageBytes: is 4095: such a size is a power of two$/, false],
    ['a line that is no power of two', p => { p.caches[1].lineBytes.value = 48 }, /^caches\[1\]\.lineBytes: is 48/, false],
    ['caches that shrink', p => { [p.caches[0], p.caches[1]] = [p.caches[1], p.caches[0]] }, /^caches\[1\]\.sizeBytes: is 65536: a cache farther away is larger/, false],
    ['ranges of caches that cross', p => { p.caches[0].sizeBytes.range = [32768, 2097152] }, /^caches\[1\]\.sizeBytes: .*whatever lies in their ranges$/, false],
    ['a stream slower than a lone line', p => { p.caches[0].streamCycles = { ...p.caches[0].streamCycles, value: 20, range: [1, 20] } }, /^caches\[0\]\.streamCycles: is 20, more than a lone line/, false],
    ['far nearer than near', p => { p.lineTransfer.far = { ...p.lineTransfer.far, value: 50, range: [50, 60] } }, /^lineTransfer\.far: is 50, less than near, 115$/, false],
  ]
  for (const [what, spoil, reason, schemaKnows = true] of bad) {
    test(what, () => {
      const lines = told(spoil)
      assert.equal(lines.length, 1, lines.join('\n') || 'it was taken')
      assert.match(lines[0]!, reason)
      if (!schemaKnows) return
      const profile = sound()
      spoil(profile)
      // What JSON cannot say is not the schema's matter.
      const asFile = JSON.parse(JSON.stringify(profile)) as unknown
      assert.equal(schema(asFile), false, 'the schema takes it')
    })
  }

  for (const json of [null, undefined, 7, 'pentium', [], true]) {
    test(`no object: ${JSON.stringify(json)}`, () => {
      const result = readProfile(json)
      assert.ok(isErrors(result))
      assert.equal(result.length, 1)
      assert.match(errorLine(result[0]!), /^a profile is an object, not /)
    })
  }

  test('all that is wrong is told at once', () => {
    const lines = told(p => {
      delete p.atomic
      p.trapEntry.value = -1
      p.tlb.entries.unit = 'pages'
      p.colour = 'blue'
      p.devices.link.queueDepth.value = 0
    })
    assert.deepEqual(lines.map(line => line.split(': ')[0]), ['colour', 'trapEntry.value', 'tlb.entries.unit', 'atomic', 'devices.link.queueDepth.value'])
  })

  test('a file of nothing but mistakes is told up to a limit', () => {
    const mistakes = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, 1]))
    const result = readProfile({ ...mistakes, tlb: mistakes, copy: mistakes, devices: { disk: mistakes, link: mistakes } })
    assert.ok(isErrors(result))
    assert.equal(result.length, 60)
  })
})
