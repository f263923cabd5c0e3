import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BELL_BYTES } from '../../machine/index.ts'
import { FarRing, KernelRing, Malformed, channelMemory } from './index.ts'
import { FRAME_WORDS_MAX, RING_WORDS } from './limits.ts'

function pair (): { near: KernelRing, far: FarRing, memory: SharedArrayBuffer } {
  const memory = channelMemory()
  return { near: new KernelRing(memory), far: new FarRing(memory, new SharedArrayBuffer(BELL_BYTES), () => 0), memory }
}

test('frames of all lengths come as they were sent, in both directions and over the end of the ring', () => {
  const { near, far } = pair()
  let seed = 1
  for (let round = 0; round < 3000; round++) {
    seed = (seed * 48271) % 2147483647
    const [from, to] = seed % 2 === 0 ? [near, far] : [far, near]
    const length = 1 + (round % 50 === 0 ? seed % (3 * RING_WORDS) : seed % 90)
    from.out.begin()
    for (let i = 0; i < length; i++) assert.ok(from.out.putNumber(round + i))
    assert.ok(from.send())
    let frame = to.receive()
    for (let turn = 0; frame === null && turn < 20; turn++) {
      from.flush()
      frame = to.receive()
    }
    assert.ok(frame !== null, `round ${round}`)
    assert.equal(frame.length, length)
    for (let i = 0; i < length; i++) assert.equal(frame.takeNumber(), round + i)
    frame.end()
    assert.equal(to.receive(), null)
  }
})

test('who takes nothing is sent no more than a limit, and loses nothing of that', () => {
  const { near, far } = pair()
  let sent = 0
  for (;;) {
    near.out.begin()
    for (let i = 0; i < 4096; i++) near.out.putNumber(sent)
    if (!near.send()) break
    sent++
  }
  assert.ok(sent > RING_WORDS / 4097)
  for (let taken = 0; taken < sent;) {
    const frame = far.receive()
    if (frame === null) near.flush()
    else assert.equal(frame.takeNumber(), taken++)
  }
  near.flush()
  assert.equal(far.receive(), null)
})

test('strings, lists and bytes cross; what is not in a frame is malformed', () => {
  const { near, far } = pair()
  near.out.begin()
  near.out.put('string', 'größe')
  near.out.put('numbers', [1, 2, 3])
  near.out.put('strings', ['', 'b'])
  near.out.putBytes(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), 1, 8)
  near.send()
  const frame = far.receive()!
  assert.equal(frame.take('string'), 'größe')
  assert.deepEqual(frame.take('numbers'), [1, 2, 3])
  assert.deepEqual(frame.take('strings'), ['', 'b'])
  const bytes = new Uint8Array(8)
  assert.equal(frame.takeBytes(bytes, 0, 8), 8)
  assert.deepEqual([...bytes], [2, 3, 4, 5, 6, 7, 8, 9])
  assert.throws(() => frame.takeNumber(), Malformed)

  for (const words of [[1e9], [-1], [NaN], [Infinity], [0.5], [9]]) {
    near.out.begin()
    for (const word of words) near.out.putNumber(word)
    near.send()
    assert.throws(() => far.receive()!.takeString(), Malformed, `a string of ${words[0]} bytes`)
  }
  near.out.begin()
  near.out.putNumber(2)
  near.out.putNumber(new Float64Array(Uint8Array.of(0xff, 0xfe, 0, 0, 0, 0, 0, 0).buffer)[0]!)
  near.send()
  assert.throws(() => far.receive()!.takeString(), /UTF-8/)
})

test('a frame that is too long is not sent', () => {
  const { near } = pair()
  near.out.begin()
  assert.equal(near.out.put('string', 'x'.repeat(FRAME_WORDS_MAX * 8 + 1)), false)
})

test('whatever the other side writes to the shared memory, the reader stops at once or reads frames', () => {
  let seed = 7
  const random = (below: number): number => {
    seed = (seed * 48271) % 2147483647
    return seed % below
  }
  let malformed = 0
  for (let round = 0; round < 600; round++) {
    const { near, far, memory } = pair()
    const words = new Int32Array(memory)
    const doubles = new Float64Array(memory)
    for (let write = 0; write < 20; write++) {
      near.out.begin()
      for (let i = random(20); i >= 0; i--) near.out.putNumber(random(1000))
      try {
        near.send()
        if (random(3) === 0) words[[0, 32, 64, random(128)][random(4)]! + (random(2) * words.length / 2)] = random(2) === 0 ? random(2 ** 31) - 2 ** 30 : random(RING_WORDS)
        if (random(3) === 0) doubles[random(400) + (random(2) * doubles.length / 2)] = random(2) === 0 ? -random(1e6) : random(100)
        for (let frames = 0; frames < 100_000; frames++) {
          const frame = far.receive()
          if (frame === null) break
          assert.ok(frame.length <= FRAME_WORDS_MAX)
        }
      } catch (error) {
        assert.ok(error instanceof Malformed, String(error))
        malformed++
        break
      }
    }
  }
  assert.ok(malformed > 50, `${malformed}`)
})
