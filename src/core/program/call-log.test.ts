// What calls came to, kept and answered again: what a call writes is written again, and who calls otherwise is found out.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Arena, CALL_LOG_BYTES_MAX } from '../../roles/index.ts'
import { CallLog, CallReplay } from './call-log.ts'
import type { CallEffects } from './call-log.ts'

/** Call 0 writes 4 bytes where its argument says; of call 1 nobody knows where it writes. */
const effects: CallEffects = { of: [(_memory, [at]) => [at!, 4], null] }

function memory (sizeBytes = 65536): Arena {
  return new Arena({ name: 'memory', sizeBytes, sizeBytesMax: 2 ** 30 })
}

function logged (): { log: CallLog, after: Uint8Array } {
  const arena = memory()
  const log = new CallLog(effects)
  log.begin({ index: 0, args: [100], order: 1, atNs: 0 }, arena)
  arena.bytes.set([1, 2, 3, 4], 100)
  log.end(0, arena)
  log.begin({ index: 1, args: [], order: 2, atNs: 0 }, arena)
  arena.bytes.set([5], 0)
  arena.bytes.set([6, 0, 7], 65530)
  log.end(28, arena)
  log.grew(3, 1, arena)
  log.begin({ index: 0, args: [-4], order: 3, atNs: 0 }, arena)
  return { log, after: arena.bytes.slice() }
}

test('answers are the same again, and what was written is', () => {
  const { log, after } = logged()
  const arena = memory()
  const replay = new CallReplay(log.bytes)
  assert.equal(replay.answer(0, [100], arena), 0)
  assert.equal(replay.answer(1, [], arena), 28)
  assert.equal(replay.done, false)
  assert.equal(replay.grow(3, arena), 1)
  assert.equal(replay.done, true)
  assert.deepEqual(arena.bytes.slice(), after)
  assert.equal(log.call?.order, 3, 'the call that has not come back is told beside it')
})

test('who makes another call, or one with other arguments, is found out', () => {
  const { log } = logged()
  for (const [index, args] of [[1, [100]], [0, [101]], [0, []], [0, [100, 1]]] as const) {
    const replay = new CallReplay(log.bytes)
    assert.equal(replay.answer(index, args, memory()), -1)
    assert.match(replay.failure!, /same calls/)
  }
})

test('a log that is cut off or changed anywhere answers or fails, and writes nothing outside of the memory', () => {
  const { log } = logged()
  const whole = log.bytes
  for (let at = 0; at < whole.length; at++) {
    for (const bytes of [whole.subarray(0, at), whole.map((byte, index) => index === at ? byte ^ 0xff : byte)]) {
      const replay = new CallReplay(bytes)
      const arena = memory()
      for (const [index, args] of [[0, [100]], [1, []]] as const) if (replay.answer(index, args, arena) < 0) break
      assert.equal(arena.sizeBytes, 65536)
    }
  }
})

test('a log that has become too large is dropped, once', () => {
  const bytes = 64 * 1024 * 1024
  const large: CallEffects = { of: [() => [0, bytes]] }
  const arena = memory(bytes)
  const log = new CallLog(large)
  for (let calls = 0; calls <= CALL_LOG_BYTES_MAX / bytes; calls++) {
    assert.equal(log.isDropped, calls === CALL_LOG_BYTES_MAX / bytes)
    log.begin({ index: 0, args: [], order: 1, atNs: 0 }, arena)
    log.end(0, arena)
  }
  assert.equal(log.isDropped, true)
})
