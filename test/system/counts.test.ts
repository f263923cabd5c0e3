// Counts explain times: what one system call adds to the counters under each kernel, worked out by hand from its plan.
//
// `bench` makes a workload's calls a given number of times; two runs that differ in that number only differ in the counts of
// those calls. Its output goes to /dev/null, which copies nothing, so that no printed time shows in the counts. Crossings,
// grants and bytes are exact. Address spaces also change when the host's own thread (which waits for the end) gets its turn, a
// few times a run and wherever the slice ends: so switches are divided by the calls and rounded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OperatingSystem, Stats } from '../../src/index.ts'
import { everyName, program, start } from './support.ts'
import type { EveryName } from './support.ts'

// Both written with as many digits: arguments are copied too.
const FEW = 1000
const MORE = 4000

interface Counts {
  readonly calls: number
  readonly crossings: number
  readonly switches: number
  readonly grants: number
  readonly bytesCopied: number
}

type Workload = 'null' | 'clock' | 'random' | 'pread1' | 'pread4k' | 'pwrite4k' | 'read4k' | 'stat' | 'open'

// One system call is one trap into the supervisor, which is mapped everywhere (no switch) and addresses the program's memory
// (no grant). Bytes: the data moves once between the program and the page cache; a path is copied in (`bench.data`, 10 bytes).
function trapped (calls: number, bytesCopied: number): Counts {
  return { calls, crossings: calls, switches: 0, grants: 0, bytesCopied }
}

// A call between domains is two entries into the core (call; reply and wait) and two switches. The personality stands in the
// program's own domain, so its call enters the core first when it asks a server. A word is 8 bytes; a string has its length
// before it; a record has a word before it that says whether there is one.
function called (calls: number, ipc: number, grants: number, bytesCopied: number): Counts {
  return { calls, crossings: 2 * ipc, switches: 2 * ipc, grants, bytesCopied }
}

// A whole kernel as a server that has its programs' memories mapped: so many calls, with so many words of arguments together and
// one of result each; of what is in memory nothing but what the monolithic kernel copies.
function served (calls: number, words: number, bytesCopied: number): Counts {
  return { calls, crossings: 2 * calls, switches: 2 * calls, grants: 0, bytesCopied: (words + calls) * WORD + bytesCopied }
}

// The same for programs that trap: one entry more, and the frame of the registers (twelve of them and the call's number) on the
// program's stack.
function bounced (calls: number, words: number, bytesCopied: number): Counts {
  const { crossings, bytesCopied: copied, ...counts } = served(calls, words, bytesCopied)
  return { ...counts, crossings: crossings + calls, bytesCopied: copied + calls * FRAME }
}

// A trap that becomes a message to a port, and is answered by one: each has a header of three words and is copied into the
// kernel's buffer and out again. The entries are the trap, and the server's call that replies and receives.
function queued (calls: number, switches: number, bytesCopied: number): Counts {
  return { calls, crossings: 2 * calls, switches, grants: 0, bytesCopied: calls * (2 * (HEADER + FRAME) + 2 * (HEADER + WORD)) + bytesCopied }
}

// The same calls and copies as in the monolithic kernel, and nothing to cross.
function joined (calls: number, bytesCopied: number): Counts {
  return { calls, crossings: 0, switches: 0, grants: 0, bytesCopied }
}

const WORD = 8
const FRAME = 13 * WORD
const HEADER = 3 * WORD
const NAME = 'bench.data'.length
const STRING = WORD + NAME
/** Of FileSystem's attributes: inode, type, links, size, three times of two words. Files adds the device. */
const ATTRIBUTES = WORD + 10 * WORD
const FILE_ATTRIBUTES = ATTRIBUTES + WORD

const expected: Readonly<Record<EveryName, Readonly<Record<Workload, Counts>>>> = {
  monolithic: {
    null: trapped(1, 0),
    clock: trapped(1, 0),
    random: trapped(1, 16),
    pread1: trapped(1, 1),
    pread4k: trapped(1, 4096),
    pwrite4k: trapped(1, 4096),
    // fd_seek, fd_read
    read4k: trapped(2, 4096),
    stat: trapped(1, NAME),
    // path_open, fd_close
    open: trapped(2, NAME)
  },
  microkernel: {
    // descriptor(fd) of the vfs; a record of four words comes back.
    null: called(1, 1, 0, WORD + WORD + 4 * WORD),
    // time(clock) of the clock server; one word comes back.
    clock: called(1, 1, 0, WORD + WORD),
    // fill(into) of the entropy server: the buffer is granted, a word comes back, 16 bytes go straight into the program's memory.
    random: called(1, 1, 1, WORD + 16),
    // pread(fd, offset, into) of the vfs, read(handle, offset, into) of ramfs: two words there and one back, each; the program's
    // buffer is granted to the vfs and by it to ramfs, which copies the data once, from its page to the program.
    pread1: called(1, 2, 2, 2 * (2 * WORD + WORD) + 1),
    pread4k: called(1, 2, 2, 2 * (2 * WORD + WORD) + 4096),
    pwrite4k: called(1, 2, 2, 2 * (2 * WORD + WORD) + 4096),
    // seek(fd, offset, whence) ends in the vfs, which keeps positions; read(fd, into), then read(handle, offset, into) of ramfs.
    read4k: called(2, 3, 2, 3 * WORD + WORD + (WORD + WORD) + (2 * WORD + WORD) + 4096),
    // The personality takes the path from memory; attributesAt(fd, flags, path) of the vfs; lookup(directory, name) and
    // attributes(inode) of ramfs.
    stat: called(1, 3, 0, NAME + (2 * WORD + STRING + FILE_ATTRIBUTES) + (WORD + STRING + WORD) + (WORD + ATTRIBUTES)),
    // open(fd, lookup, path, flags, base, inheriting, descriptor flags), lookup, open(inode, access); close(fd), close(handle).
    open: called(2, 5, 0, NAME + (6 * WORD + STRING + WORD) + (WORD + STRING + WORD) + (2 * WORD + WORD) + 2 * (WORD + WORD))
  },
  l4linux: whole(served),
  'l4linux-trampoline': whole(bounced),
  'mklinux-user': whole((calls, _words, bytesCopied) => queued(calls, 2 * calls, bytesCopied)),
  'mklinux-kernel': whole((calls, _words, bytesCopied) => queued(calls, 0, bytesCopied)),
  unikernel: {
    null: joined(1, 0),
    clock: joined(1, 0),
    random: joined(1, 16),
    pread1: joined(1, 1),
    pread4k: joined(1, 4096),
    pwrite4k: joined(1, 4096),
    read4k: joined(2, 4096),
    stat: joined(1, NAME),
    open: joined(2, NAME)
  }
}

/** A kernel that serves each call as a whole: from its calls, the words of their arguments, and the bytes moved. */
function whole (served: (calls: number, words: number, bytesCopied: number) => Counts): Readonly<Record<Workload, Counts>> {
  return {
    null: served(1, 2, 0),
    clock: served(1, 4, 0),
    random: served(1, 2, 16),
    pread1: served(1, 6, 1),
    pread4k: served(1, 6, 4096),
    pwrite4k: served(1, 6, 4096),
    // fd_seek (5), fd_read (4)
    read4k: served(2, 9, 4096),
    stat: served(1, 5, NAME),
    // path_open (11), fd_close (1)
    open: served(2, 12, NAME)
  }
}

/** Entries into the core for an invocation: of a call between domains two; a trap that goes back to its program is one, and makes a call of two. */
const entries: Readonly<Record<EveryName, number>> = {
  monolithic: 1, microkernel: 2, unikernel: 1, l4linux: 2, 'l4linux-trampoline': 3 / 2, 'mklinux-user': 2, 'mklinux-kernel': 2
}

/** The counters of a whole run of the benchmark, from boot to its end, in a system of its own. */
async function countsOf (kernel: EveryName, workload: Workload, iterations: number): Promise<Stats['counters']> {
  const bench = program('bench')
  await using os: OperatingSystem = await start(kernel, { program: bench })
  const { status } = await os.spawn(bench, { args: ['bench', workload, String(iterations), '1', '/'], stdin: null, stdout: null, stderr: null }).wait()
  assert.equal(status, 0)
  return os.stats().counters
}

for (const kernel of everyName) {
  test(`${kernel}: what a call costs in counts`, async t => {
    for (const workload of Object.keys(expected[kernel]) as Workload[]) {
      await t.test(workload, async () => {
        const few = await countsOf(kernel, workload, FEW)
        const more = await countsOf(kernel, workload, FEW + MORE)
        const each = (name: keyof Counts): number => (more[name] - few[name]) / MORE
        assert.deepEqual({
          calls: each('calls'), crossings: each('crossings'), switches: Math.round(each('switches')) + 0, grants: each('grants'),
          bytesCopied: each('bytesCopied')
        }, expected[kernel][workload])
        // Nothing but the calls enters the core: every crossing is one of an invocation.
        assert.equal(more.crossings - few.crossings, (more.invocations - few.invocations) * entries[kernel])
        assert.deepEqual([more.faults, more.refusals], [0, 0])
      })
    }
  })
}

test('a kernel of one domain crosses nothing in all its life', async () => {
  const { crossings, invocations, switches, grants } = await countsOf('unikernel', 'open', MORE)
  assert.deepEqual({ crossings, invocations, switches, grants }, { crossings: 0, invocations: 0, switches: 0, grants: 0 })
})
