// Whatever the bytes are, the answer is an error value, or a module that the engine accepts if it accepted the input.
// `MUTATION_SEEDS=first-last` chooses other seeds.

import assert from 'node:assert/strict'
import test from 'node:test'
import binaryen from 'binaryen'
import loadWabt from 'wabt'
import { rewrite } from './index.ts'
import { assembler } from './testing/assemble.ts'
import { writtenModules } from './testing/modules.ts'
import { Random } from './testing/random.ts'

const assemble = assembler({ wabt: await loadWabt(), binaryen })
/** Without those that are mostly data, of which a flipped byte changes nothing. */
const originals = writtenModules.map(({ tool, text }) => assemble(tool, text)).filter(({ length }) => length < 10_000)
const header = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]
const huge = [0xff, 0xff, 0xff, 0xff, 0x0f]

/**
 * Rewrites in both modes; where the engine takes the input, it must take the output. Where it does not, it may take the output if
 * all that was wrong was the index of a type, which now is one that was added: a name for a shape. Answers whether it took the input.
 */
function judge(bytes: Uint8Array<ArrayBuffer>, what: string): boolean {
  const valid = WebAssembly.validate(bytes)
  for (const mode of ['live', 'exact'] as const) {
    const result = rewrite(bytes, { mode })
    if ('kind' in result && result.kind === 'nondeterministic') assert.equal(mode, 'exact', what)
    else if ('kind' in result) assert.ok(!valid, `${what}: refused (${result.message} at ${result.offset}), but it is valid`)
    else if (valid) assert.doesNotThrow(() => new WebAssembly.Module(result.bytes), what)
    else if (WebAssembly.validate(result.bytes)) assert.match(whyInvalid(bytes), /type index|signature at index/i, `${what}: valid with what was added only`)
  }
  return valid
}

function whyInvalid(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    new WebAssembly.Module(bytes)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

const [first, last] = (process.env['MUTATION_SEEDS'] ?? '1-2000').split('-').map(Number)
test(`flipped bytes, seeds ${first} to ${last}`, () => {
  let valid = 0
  for (let seed = first!; seed <= last!; seed++) {
    const random = new Random(seed)
    const bytes = random.pick(originals).slice()
    for (let flips = 1 + random.below(3); flips > 0; flips--) {
      bytes[random.below(bytes.length)] = random.below(3) ? random.below(256) : random.pick([0, 1, 0x7f, 0x80, 0xff, 0x0b, 0x03])
    }
    if (judge(bytes, `seed ${seed}`)) valid++
  }
  assert.ok(valid > (last! - first!) / 50, `only ${valid} of the mutants were valid`)
})

test('every truncation of a module', () => {
  for (const original of originals.slice(0, 4)) {
    for (let length = 0; length < original.length; length++) judge(original.slice(0, length), `${length} bytes`)
  }
})

test('bytes put in and taken out', () => {
  for (let seed = first!; seed <= Math.min(last!, first! + 500); seed++) {
    const random = new Random(seed)
    const original = random.pick(originals)
    const at = random.below(original.length)
    const inserted = random.bytes(random.below(4))
    judge(Uint8Array.of(...original.slice(0, at), ...inserted, ...original.slice(at + random.below(3))), `seed ${seed}`)
  }
})

const lies: Record<string, number[]> = {
  'four billion types': [1, 6, ...huge, 0x60],
  'four billion members of a group': [1, 7, 1, 0x4e, ...huge],
  'four billion parameters': [1, 7, 1, 0x60, ...huge],
  'four billion imports': [2, 6, ...huge, 0],
  'a name of four billion bytes': [2, 6, 1, ...huge],
  'four billion functions': [1, 4, 1, 0x60, 0, 0, 3, 5, ...huge],
  'four billion tables': [4, 5, ...huge],
  'four billion bodies': [10, 5, ...huge],
  'a body of four billion bytes': [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, ...huge],
  'four billion locals': [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 10, 1, 8, 1, ...huge, 0x7f, 0x0b],
  'a section of four billion bytes': [1, ...huge],
  'four billion labels': [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 10, 1, 8, 0, 0x0e, ...huge, 0x0b],
  'a million open blocks': [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0],
}

for (const [name, sections] of Object.entries(lies)) {
  test(`refuses at once: ${name}`, () => {
    const result = rewrite(Uint8Array.from([...header, ...sections]), { mode: 'live' })
    assert.equal('kind' in result ? result.kind : 'rewritten', 'malformed')
  })
}

test('the work is linear in the size of the input: a million nested blocks, a million labels, a million functions', () => {
  const blocks = 1_000_000
  const body = new Uint8Array(blocks * 2 + 1)
  for (let at = 1; at < body.length; at += 2) body.set([0x02, 0x40], at)
  assert.ok('kind' in rewrite(oneFunction(body), { mode: 'exact' }))

  const labels = Uint8Array.from([0, 0x41, 0, 0x0e, ...number(blocks), ...new Uint8Array(blocks + 1), 0x0b])
  assert.ok(!('kind' in rewrite(oneFunction(labels), { mode: 'exact' })))

  const count = number(200_000)
  const types = new Uint8Array(200_000)
  const bodies = Uint8Array.from({ length: 200_000 * 3 }, (_item, at) => [2, 0, 0x0b][at % 3]!)
  const many = Uint8Array.from([
    ...header, 1, 4, 1, 0x60, 0, 0, ...section(3, [...count, ...types]), ...section(10, [...count, ...bodies]),
  ])
  assert.ok(!('kind' in rewrite(many, { mode: 'live' })))
})

function oneFunction(body: Uint8Array): Uint8Array {
  return Uint8Array.from([...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, ...section(10, [1, ...number(body.length), ...body])])
}

function section(id: number, contents: number[]): number[] {
  return [id, ...number(contents.length), ...contents]
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >> 7)]
}
