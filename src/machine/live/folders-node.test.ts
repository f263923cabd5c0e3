import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { Errno } from '../../fiber/index.ts'
import { FileType, HOST_HANDLES_MAX } from '../../roles/index.ts'
import { pathAnchors } from './anchors-path-node.ts'
import { procAnchors, procAnchorsWork } from './anchors-proc-node.ts'
import { NodeFolders } from './folders-node.ts'
import { hostTime } from './host-time-node.ts'

const folder = mkdtempSync(join(tmpdir(), 'folders-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let made = 0

const kinds = procAnchorsWork() ? [procAnchors, pathAnchors] : [pathAnchors]
for (const anchors of kinds) {
  const share = (writable = true) => {
    const hostPath = join(folder, `share-${++made}`)
    mkdirSync(hostPath)
    const folders = new NodeFolders([{ hostPath, writable }], anchors)
    return { hostPath, folders, root: folders.openShare(0) }
  }
  const bytes = new TextEncoder().encode('hello')

  test(`handles: what is held moves no bytes, what is open does, what is closed is gone (${anchors.name})`, () => {
    const { hostPath, folders, root } = share()
    writeFileSync(join(hostPath, 'a'), 'abc')
    const held = folders.find(root, 'a')
    const room = new Uint8Array(10)
    assert.equal(folders.read(held, 0, room, 0, 10), -Errno.EBADF)
    const open = folders.open(held, true, false)
    assert.equal(folders.read(open, 1, room, 5, 5), 2)
    assert.deepEqual([...room.subarray(4, 8)], [0, 98, 99, 0])
    assert.equal(folders.write(open, 0, bytes, 0, 5), -Errno.EBADF)
    assert.equal(folders.find(held, 'x'), -Errno.ENOTDIR)
    assert.equal(folders.open(root, true, true), -Errno.EISDIR)
    for (const handle of [open, held]) {
      assert.equal(folders.close(handle), 0)
      assert.equal(folders.close(handle), -Errno.EBADF)
      assert.equal(typeof folders.attributes(handle), 'number')
    }
    assert.equal(folders.find(root, 'a' + 'x'.repeat(300)), -Errno.ENAMETOOLONG)
    assert.equal(folders.openShare(1), -Errno.ENODEV)
    assert.equal(folders.handles, 1)
    folders.closeAll()
  })

  test(`a handle outlives its directory's new name (${anchors.name})`, () => {
    const { folders, root } = share()
    folders.createDirectory(root, 'd')
    const directory = folders.find(root, 'd')
    assert.ok(folders.createFile(directory, 'f') > 0)
    assert.equal(folders.rename(root, 'd', root, 'e'), 0)
    assert.notEqual(typeof folders.attributesAt(directory, 'f'), 'number')
    assert.equal(folders.rename(directory, 'f', root, 'g'), 0)
    assert.equal(folders.removeDirectory(root, 'e'), 0)
    assert.equal(folders.createFile(directory, 'h'), -Errno.ENOENT)
    folders.closeAll()
  })

  test(`creating, linking and writing never follow a link (${anchors.name})`, () => {
    const { hostPath, folders, root } = share()
    const outside = join(folder, `outside-${made}`)
    writeFileSync(outside, 'outside')
    symlinkSync(outside, join(hostPath, 'l'))
    symlinkSync(`${outside}-new`, join(hostPath, 'dangling'))
    assert.equal(folders.createFile(root, 'l'), -Errno.EEXIST)
    assert.equal(folders.createFile(root, 'dangling'), -Errno.EEXIST)
    assert.equal(folders.open(folders.find(root, 'l'), false, true), -Errno.ELOOP)
    assert.equal(folders.link(root, 'l', root, 'l2'), 0)
    assert.equal(folders.readLink(root, 'l2'), outside, 'the link itself has another name')
    assert.equal(folders.setSize(folders.find(root, 'l'), 0), -Errno.EINVAL)
    assert.equal(folders.setTimes(folders.find(root, 'l'), 1, 0, 1, 0), 0)
    assert.equal(folders.unlink(root, 'l'), 0)
    assert.equal(readFileSync(outside, 'utf8'), 'outside')
    folders.closeAll()
  })

  test(`a byte order mark is part of a name and of a target (${anchors.name})`, () => {
    const { hostPath, folders, root } = share()
    writeFileSync(join(hostPath, '\ufeffa'), '')
    folders.symlink(root, 'l', '\ufefftarget')
    const entries = folders.entries(folders.open(root, true, false), 10)
    assert.deepEqual(new Set((entries as { name: string }[]).map(entry => entry.name)), new Set(['\ufeffa', 'l']))
    assert.equal(folders.readLink(root, 'l'), '\ufefftarget')
    folders.closeAll()
  })

  test(`a listing goes on where it was, ends, and starts again (${anchors.name})`, () => {
    const { hostPath, folders, root } = share()
    for (const name of 'abc') writeFileSync(join(hostPath, name), '')
    const open = folders.open(root, true, false)
    const next = (count: number) => (folders.entries(open, count) as { name: string, type: number }[])
    const all = [...next(2), ...next(2)]
    assert.deepEqual(all.map(entry => entry.name).sort(), ['a', 'b', 'c'])
    assert.ok(all.every(entry => entry.type === FileType.REGULAR))
    assert.deepEqual(next(2), [])
    folders.rewind(open)
    assert.equal(next(9).length, 3)
    assert.equal(folders.entries(folders.createFile(root, 'f'), 1), -Errno.ENOTDIR)
    folders.closeAll()
  })

  test(`space that the host has not is ENOSPC, and allocating never shrinks (${anchors.name})`, () => {
    const { folders, root } = share()
    const file = folders.createFile(root, 'f')
    assert.equal(folders.write(file, -1, bytes, 0, 5), 5)
    assert.equal(folders.allocate(file, 0, 3), 0)
    assert.equal(folders.allocate(file, 100, 100), 0)
    const attributes = folders.attributes(file)
    assert.equal(typeof attributes !== 'number' && attributes.size, 200)
    assert.equal(folders.allocate(file, 0, 2 ** 51), -Errno.ENOSPC)
    assert.equal(folders.write(file, -1, bytes, 1, 4), 4)
    const room = new Uint8Array(10)
    assert.equal(folders.read(file, 200, room, 0, 10), 4)
    folders.closeAll()
  })
}

test('a checked path that leads to its file by way of a link is refused all the same', () => {
  const hostPath = join(folder, `share-${++made}`)
  mkdirSync(join(hostPath, 'd', 'e'), { recursive: true })
  const folders = new NodeFolders([{ hostPath, writable: true }], pathAnchors)
  const held = folders.find(folders.find(folders.openShare(0), 'd'), 'e')
  renameSync(join(hostPath, 'd'), join(folder, 'moved-out'))
  symlinkSync(join(folder, 'moved-out'), join(hostPath, 'd'))
  assert.equal(folders.attributes(held), -Errno.ESTALE)
  assert.equal(folders.createFile(held, 'f'), -Errno.ESTALE)
  folders.closeAll()
})

test('handles are bounded', () => {
  const folders = new NodeFolders([{ hostPath: folder, writable: false }], pathAnchors)
  const root = folders.openShare(0)
  const before = folders.handles
  let last = root
  for (let i = before; i < HOST_HANDLES_MAX; i++) last = folders.openShare(0)
  assert.ok(last > 0)
  assert.equal(folders.openShare(0), -Errno.ENFILE)
  folders.close(last)
  assert.ok(folders.openShare(0) > 0)
  folders.closeAll()
})

test('a time becomes a double that the host cuts to the same us', () => {
  const cut = (time: number): [number, number] => {
    const sec = Math.trunc(time)
    const nsec = Math.trunc((time - sec) * 1e9)
    return nsec < 0 ? [sec - 1, nsec + 1e9] : [sec, nsec]
  }
  for (const sec of [-2_000_000_000, -1, 0, 1, 1_700_000_000, 4_102_444_800]) {
    for (const nsec of [0, 1, 999, 1000, 123_456_789, 500_000_000, 999_999_000, 999_999_999]) {
      const [gotSec, gotNsec] = cut(Number(hostTime(sec, nsec)))
      assert.deepEqual([gotSec, Math.floor(gotNsec / 1000)], [sec, Math.floor(nsec / 1000)], `${sec} ${nsec}`)
    }
  }
  assert.ok(Number.isNaN((hostTime(NaN, 0) as Date).getTime()))
})
