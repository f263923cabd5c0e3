import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Errno, runPlain } from '../../fiber/index.ts'
import { Access, FileType, READ, SetAttributes, WRITE, Window, inodeOf, takeDirectoryRecord } from '../../roles/index.ts'
import type { Arena, FileSystem } from '../../roles/index.ts'
import { store as storeService } from '../store/index.ts'
import { TestClock, startService, testArena, testCaller } from '../testing.ts'
import { ramfs } from './index.ts'

const PAGE = 4096

function world () {
  const storeArena = testArena('store')
  const { store } = startService(storeService, { arena: storeArena, caller: testCaller(1000) })
  const clock = new TestClock()
  const arena = testArena('client')
  const counter = { bytesCopied: 0 }
  return {
    storeArena, arena,
    /** A ramfs in an arena of its own, that begins with what is in the store. */
    begin: (): FileSystem => startService(ramfs, { requires: { clock, store } })['files'] as unknown as FileSystem,
    window: (text: string): Window => {
      const bytes = new TextEncoder().encode(text)
      const at = arena.allocate(Math.max(1, bytes.length))
      arena.bytes.set(bytes, at)
      return Window.of(arena, at, bytes.length, READ | WRITE, counter)!
    },
    room: (length: number): { at: number, window: Window } => {
      const at = arena.allocate(length)
      return { at, window: Window.of(arena, at, length, READ | WRITE, counter)! }
    }
  }
}

type World = ReturnType<typeof world>

/** All that can be seen of a file system, but for times of reading. */
function dump (fs: FileSystem, { arena, room }: World, handles: readonly number[]): unknown {
  const see = (inode: number, name: string): unknown => {
    const attributes = runPlain(fs.attributes(inode))
    assert.ok(typeof attributes === 'object', `${name}: ${String(attributes)}`)
    const { type, links, size, modifySec, modifyNsec, changeSec, changeNsec } = attributes
    const seen = { name, inode, type, links, size, modifySec, modifyNsec, changeSec, changeNsec }
    if (type === FileType.SYMBOLIC_LINK) return { ...seen, target: runPlain(fs.readLink(inode)) }
    const handle = runPlain(fs.open(inode, Access.READ))
    try {
      if (type === FileType.REGULAR) return { ...seen, bytes: contents(fs, handle, room, arena) }
      return { ...seen, entries: entriesOf(fs, handle, room, arena).map(entry => [entry.cookie, see(entry.inode, entry.name)]) }
    } finally {
      runPlain(fs.close(handle))
    }
  }
  return { tree: see(runPlain(fs.root()), ''), open: handles.map(handle => [handle, contents(fs, handle, room, arena)]) }
}

function contents (fs: FileSystem, handle: number, room: World['room'], arena: Arena): string | number {
  const size = runPlain(fs.available(handle))
  if (size < 0) return size
  const { at, window } = room(Math.min(size, 20 * PAGE) + 1)
  const got = runPlain(fs.read(handle, 0, window))
  return got < 0 ? got : Buffer.from(arena.bytes.slice(at, at + got)).toString('latin1')
}

function entriesOf (fs: FileSystem, handle: number, room: World['room'], arena: Arena) {
  const all = []
  for (let cookie = 0; ;) {
    const { at, window } = room(4096)
    const got = runPlain(fs.readDirectory(handle, cookie, window))
    assert.ok(got >= 0)
    if (got === 0) return all
    for (let next = at; next < at + got;) {
      const entry = takeDirectoryRecord(arena.bytes, next)
      all.push(entry)
      cookie = entry.cookie
      next = entry.next
    }
  }
}

test('after every operation, what begins anew with what is kept cannot be told from what did it', () => {
  const made = world()
  let fs = made.begin()
  let state = 4711
  const random = (below: number): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below
  const handles: number[] = []
  const names = ['a', 'b', 'c', 'd']
  const directories = (): number[] => {
    const found: number[] = []
    const visit = (inode: number): void => {
      found.push(inode)
      for (const name of names) {
        const entry = runPlain(fs.lookup(inode, name))
        if (entry >= 0 && entry % 8 === FileType.DIRECTORY && found.length < 20) visit(inodeOf(entry))
      }
    }
    visit(runPlain(fs.root()))
    return found
  }
  const name = (): string => names[random(names.length)]!
  let changes = 0
  for (let step = 0; step < 600; step++) {
    const all = directories()
    const directory = all[random(all.length)]!
    const found = runPlain(fs.lookup(directory, name()))
    const inode = found < 0 ? directory : inodeOf(found)
    const handle = handles[random(Math.max(1, handles.length))] ?? 0
    const operation = random(12)
    const result = [
      () => fs.create(directory, name(), FileType.REGULAR),
      () => fs.create(directory, name(), FileType.DIRECTORY),
      () => fs.symlink(directory, name(), 'x'.repeat(random(300))),
      () => fs.link(inode, directory, name()),
      () => fs.unlink(directory, name()),
      () => fs.removeDirectory(directory, name()),
      () => fs.rename(directory, name(), all[random(all.length)]!, name()),
      () => {
        const opened = runPlain(fs.open(inode, Access.READ | Access.WRITE))
        if (opened >= 0) handles.push(opened)
        return opened
      },
      () => {
        if (handles.length < 3) return 0
        return fs.close(handles.splice(handles.indexOf(handle), 1)[0]!)
      },
      () => fs.write(handle, random(3) * PAGE + random(100), made.window('w'.repeat(random(2 * PAGE)))),
      () => fs.setAttributes(inode, SetAttributes.SIZE, random(4 * PAGE), 0, 0, 0, 0),
      () => fs.allocate(handle, random(PAGE), random(PAGE))
    ][operation]!()
    if (runPlain(result as number) >= 0) changes++
    if (step % 7 !== 0) continue
    // What was told is kept: who begins after it tells the same.
    const before = dump(fs, made, handles)
    const again = made.begin()
    assert.deepEqual(dump(again, made, handles), before, `step ${step}, operation ${operation}`)
    fs = again
  }
  assert.ok(changes > 200, `${changes}`)
})

test('bytes that were damaged in the store are refused, and the rest of the files is there', () => {
  const made = world()
  const fs = made.begin()
  const root = runPlain(fs.root())
  for (const name of ['whole', 'broken']) {
    const handle = runPlain(fs.open(runPlain(fs.create(root, name, FileType.REGULAR)), Access.WRITE))
    runPlain(fs.write(handle, 0, made.window(`${name} bytes`)))
    runPlain(fs.close(handle))
  }
  const at = Buffer.from(made.storeArena.bytes).indexOf('broken bytes')
  assert.ok(at > 0)
  made.storeArena.bytes[at] = 66
  const again = made.begin()
  const read = (name: string): string | number => {
    const handle = runPlain(again.open(inodeOf(runPlain(again.lookup(root, name))), Access.READ))
    return contents(again, handle, made.room, made.arena)
  }
  assert.deepEqual([read('whole'), read('broken')], ['whole bytes', -Errno.EIO])
})

test('names that were damaged in the store are not used at all', () => {
  const made = world()
  const fs = made.begin()
  runPlain(fs.create(runPlain(fs.root()), 'a-name-to-be-found', FileType.REGULAR))
  const at = Buffer.from(made.storeArena.bytes).indexOf('a-name-to-be-found')
  assert.ok(at > 0)
  made.storeArena.bytes[at] = 66
  const again = made.begin()
  assert.throws(() => runPlain(again.lookup(1, 'a-name-to-be-found')), /damaged, and is not used/)
})
