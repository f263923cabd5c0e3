import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FileType } from '../../roles/index.ts'
import type { HostAttributes } from '../../machine/index.ts'
import { FOREIGN_FIRST, InodeTable } from './inode-table.ts'

function host (inode: bigint, device = 1n, type: number = FileType.REGULAR): HostAttributes {
  return {
    device, inode, type, links: 1, size: 0, accessSec: 0, accessNsec: 0, modifySec: 0, modifyNsec: 0, changeSec: 0, changeNsec: 0
  }
}

function make (inodesMax = 100) {
  const forgotten: number[] = []
  const table = new InodeTable(host(2n, 1n, FileType.DIRECTORY), inodesMax, inode => forgotten.push(inode.number))
  return { table, forgotten }
}

test('a number is the host\'s on the share\'s own device, and one of ours on another or beyond a double', () => {
  const { table } = make()
  assert.equal(table.root.number, 2)
  assert.equal(table.know(host(77n)).number, 77)
  const numbers = [host(77n, 2n), host(77n, 3n), host(2n ** 63n), host(2n ** 63n + 1n)].map(each => table.know(each).number)
  assert.equal(new Set(numbers).size, 4)
  assert.ok(numbers.every(number => number >= FOREIGN_FIRST && Number.isSafeInteger(number)))
  assert.equal(table.numberOf(host(77n, 3n)), numbers[1])
})

test('a place has one inode, a directory one place, and what has no place and no handle is forgotten', () => {
  const { table, forgotten } = make()
  const directory = table.know(host(10n, 1n, FileType.DIRECTORY))
  table.place(directory, 2, 'd')
  table.place(directory, 2, 'e')
  assert.equal(table.at(2, 'd'), undefined)
  const file = table.know(host(11n))
  table.place(file, 2, 'a')
  table.place(file, 2, 'b')
  const other = table.know(host(12n))
  table.place(other, 2, 'a')
  assert.equal(table.at(2, 'a'), other)
  assert.equal(table.get(11), file, 'it has another name')
  file.handles.add(1)
  table.clear(2, 'b')
  assert.equal(table.get(11), file, 'it is open')
  file.handles.delete(1)
  table.forgetUnreachable(file)
  assert.deepEqual([table.get(11), forgotten], [undefined, [11]])
})

test('the table is bounded: the root, what is open, what was used and directories stay before others', () => {
  const { table } = make(40)
  const open = table.know(host(1000n))
  open.handles.add(1)
  const directory = table.know(host(1001n, 1n, FileType.DIRECTORY))
  table.place(directory, 2, 'd')
  for (let i = 0; i < 500; i++) {
    table.place(table.know(host(BigInt(10_000 + i))), 2, `f${i}`)
    assert.ok(table.size <= 40)
    table.get(10_000)
  }
  assert.equal(table.get(2), table.root)
  assert.equal(table.get(1000), open)
  assert.equal(table.get(1001), directory)
  assert.notEqual(table.get(10_000), undefined)
  for (let i = 0; i < 500; i++) table.numberOf(host(BigInt(i), 9n))
  assert.equal(table.numberOf(host(499n, 9n)), table.numberOf(host(499n, 9n)))
})
