import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { RESOURCES, Resource } from '../../roles/index.ts'
import { Accounts } from './index.ts'

const none = new Array<number>(RESOURCES).fill(Infinity)
const limits = (resource: number, limit: number): number[] => none.map((_, i) => i === resource ? limit : Infinity)

test('what is charged is charged to all above, and refused whole when one of them has less left', () => {
  const accounts = new Accounts(limits(Resource.DISK, 100))
  assert.equal(accounts.enter(2, 1, limits(Resource.DISK, 60)), 0)
  assert.equal(accounts.enter(3, 2, limits(Resource.DISK, 50)), 0)
  assert.equal(accounts.enter(4, 2, []), 0, 'its parent\'s')
  const [two, three] = [accounts.of(2, Resource.DISK), accounts.of(3, Resource.DISK)]
  assert.equal(accounts.of(4, Resource.DISK), two)
  assert.equal(accounts.charge(three, Resource.DISK, 51), -Errno.EDQUOT)
  assert.equal(accounts.charge(three, Resource.DISK, 40), 0)
  assert.equal(accounts.charge(two, Resource.DISK, 21), -Errno.EDQUOT)
  assert.equal(accounts.charge(two, Resource.DISK, 20), 0)
  assert.equal(accounts.charge(three, Resource.DISK, 1), -Errno.EDQUOT, 'the one above has no more')
  assert.equal(accounts.system.used[Resource.DISK], 60)
  accounts.credit(three, Resource.DISK, 40)
  assert.equal(accounts.charge(two, Resource.DISK, 40), 0)
})

test('an account goes with the last that stands for it, and a limit cannot be widened below', () => {
  const accounts = new Accounts(none)
  accounts.enter(2, 1, limits(Resource.PIPES, 10))
  accounts.enter(3, 2, limits(Resource.PIPES, 1000))
  const three = accounts.of(3, Resource.PIPES)
  assert.equal(accounts.charge(three, Resource.PIPES, 11), -Errno.EDQUOT)
  assert.equal(accounts.charge(three, Resource.PIPES, 10), 0)
  accounts.leave(2)
  accounts.leave(3)
  assert.equal(accounts.size, 3, 'something was charged and not credited')
  accounts.credit(three, Resource.PIPES, 10)
  assert.equal(accounts.size, 1)
  assert.deepEqual(accounts.system.used, none.map(() => 0))
  assert.equal(accounts.credit(three, Resource.PIPES, 10), -Errno.EINVAL, 'it is gone')
})

test('processes are counted from when they enter until they leave', () => {
  const accounts = new Accounts(limits(Resource.PROCESSES, 3))
  assert.equal(accounts.enter(2, 1, limits(Resource.PROCESSES, 2)), 0)
  assert.equal(accounts.enter(3, 2, []), 0)
  assert.equal(accounts.enter(4, 3, []), -Errno.EAGAIN)
  assert.equal(accounts.enter(5, 1, limits(Resource.PROCESSES, 0)), -Errno.EAGAIN)
  assert.equal(accounts.enter(5, 1, []), 0)
  assert.equal(accounts.enter(6, 1, []), -Errno.EAGAIN)
  accounts.leave(3)
  assert.equal(accounts.enter(6, 1, []), 0)
  assert.equal(accounts.leave(4), -Errno.ESRCH)
  assert.equal(accounts.enter(7, 1, [1, 2]), -Errno.EINVAL)
  assert.equal(accounts.size, 2)
})

test('who is limited in nothing charges nobody', () => {
  const accounts = new Accounts(none)
  accounts.enter(2, 1, limits(Resource.MEMORY, 5))
  assert.equal(accounts.of(2, Resource.DISK), 0)
  assert.equal(accounts.of(1, Resource.DISK), 0)
  assert.notEqual(accounts.of(2, Resource.MEMORY), 0)
})
