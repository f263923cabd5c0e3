// Counts explain times: what one system call adds to the counters under each kernel, worked out by hand from its plan.
//
// `bench` makes a workload's calls a given number of times; two runs that differ in that number only differ in the counts of
// those calls. Its output goes to /dev/null, which copies nothing, so that no printed time shows in the counts. Crossings,
// grants and bytes are exact. Address spaces also change when the host's own thread (which waits for the end) gets its turn, a
// few times a run and wherever the slice ends: so switches are divided by the calls and rounded.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OperatingSystem, Stats } from '../../src/index.ts'
import { kernelNames, program, start } from './support.ts'
import type { KernelName } from './support.ts'

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

// The same calls and copies as in the monolithic kernel, and nothing to cross.
function joined (calls: number, bytesCopied: number): Counts {
  return { calls, crossings: 0, switches: 0, grants: 0, bytesCopied }
}

const WORD = 8
const NAME = 'bench.data'.length
const STRING = WORD + NAME
/** Of FileSystem's attributes: inode, type, links, size, three times of two words. Files adds the device. */
const ATTRIBUTES = WORD + 10 * WORD
const FILE_ATTRIBUTES = ATTRIBUTES + WORD

const expected: Readonly<Record<KernelName, Readonly<Record<Workload, Counts>>>> = {
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

/** The counters of a whole run of the benchmark, from boot to its end, in a system of its own. */
async function countsOf (kernel: KernelName, workload: Workload, iterations: number): Promise<Stats['counters']> {
  const bench = program('bench')
  await using os: OperatingSystem = await start(kernel, { program: bench })
  const { status } = await os.spawn(bench, { args: ['bench', workload, String(iterations), '1', '/'], stdin: null, stdout: null, stderr: null }).wait()
  assert.equal(status, 0)
  return os.stats().counters
}

for (const kernel of kernelNames) {
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
        assert.equal(more.crossings - few.crossings, (more.invocations - few.invocations) * (kernel === 'microkernel' ? 2 : 1))
        assert.deepEqual([more.faults, more.refusals], [0, 0])
      })
    }
  })
}

test('a kernel of one domain crosses nothing in all its life', async () => {
  const { crossings, invocations, switches, grants } = await countsOf('unikernel', 'open', MORE)
  assert.deepEqual({ crossings, invocations, switches, grants }, { crossings: 0, invocations: 0, switches: 0, grants: 0 })
})
