import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { WaitQueue } from '../../fiber/index.ts'
import { FileType } from '../../roles/index.ts'
import { MOVING, OpenFile } from './open-file.ts'
import type { Stream } from './open-file.ts'

test('one of those who wait for a position that is ended, after it was woken, leaves it to the next', () => {
  const file = new OpenFile({} as Stream, null, 1, 1, FileType.REGULAR, 0)
  const first = file.hold().next(undefined as never)
  assert.deepEqual(first, { done: true, value: 0 })
  const woken: number[] = []
  const [second, third] = [2, 3].map(number => {
    const fiber = file.hold()
    const queue = fiber.next(undefined as never).value as WaitQueue
    queue.enter({ wake: () => { woken.push(number) } })
    return fiber
  })
  file.release(10)
  assert.deepEqual(woken, [2])
  second!.return(0)
  assert.deepEqual(woken, [2, 3])
  assert.deepEqual(third!.next(undefined as never), { done: true, value: 10 })
  assert.equal(file.position, MOVING)
})
