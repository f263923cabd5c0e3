// Question: how long does a system call take, beside everybody else who runs WASI programs in JavaScript?
//
// Units: ns a call, as the program sees it; the quotient is with the fastest of the others, operation by operation.
// Held fixed: the program (`programs/bench.c`: the same bytes for all, the loop within, every error number checked, reads and
// writes verified) and its arguments. Ours runs as any process does: rewritten, metered, on a stack of its own, on ramfs. Each
// of the others runs the program as it is, in the set-up that suits it best. Each system has a process of its own; they take
// turns, one at a time, in an order drawn from a seed; medians count (`timed-system.ts`). Where a system's clock steps by
// milliseconds the program is given another one for timing, if the system allows that.
// `node bench/system-calls.ts [--quick | --trial] [--rounds N] [--seed N] [--json] [CALL…]`: of calls whose name has that in it.

import { duration, ratio } from '../src/lab/index.ts'
import { benchmark, inTurns, progress, verdict, wanted } from './harness.ts'
import type { Finding, Scale, Table, Target } from './harness.ts'
import { labelOf, ours, peers } from './peers/index.ts'
import { once, outcomeOf, timed } from './timed-system.ts'
import type { Operation, Outcome, TimedSystem } from './timed-system.ts'

/** A call, and what is wanted of it. */
interface Compared extends Operation {
  /** At least so many times as fast as the fastest other; or, of one other, at most so many times as slow. */
  readonly target: { readonly faster: number } | { readonly slower: number, readonly than: string }
  readonly large: boolean
}

const namesMax = 256
const hugeDirectory = 100_000

function operations (trial: boolean): Compared[] {
  const [directory, huge] = trial ? [20, 200] : [1000, hugeDirectory]
  const faster = { faster: 3 }
  const call = (name: string, workload: string, more: Partial<Compared> = {}): Compared => ({
    name, workload, files: 0, depth: 1, perIteration: 1, iterationsMax: 1e6, target: faster, large: false, ...more
  })
  const bulk = { target: { faster: 2 } }
  const names = (files: number, more: Partial<Compared> = {}): Compared[] => {
    const place = `among ${files.toLocaleString('en')}`
    const changing = { files, iterationsMax: namesMax, ...more }
    return [
      call(`path_open (create) + fd_close, ${place}`, 'make', changing),
      call(`path_rename, ${place}`, 'rename', changing),
      call(`path_unlink_file, ${place}`, 'unlink', changing),
      call(`fd_readdir, ${place}: an entry`, 'list', { files, perIteration: files, ...more })
    ]
  }
  const large = { large: true }
  return [
    call('clock_time_get', 'clock', { target: { slower: 1.5, than: 'node:wasi' } }),
    call('fd_fdstat_get', 'fdstat'),
    call('fd_seek', 'seek'),
    call('fd_read 1 B', 'scan1'),
    call('fd_read 4 KiB', 'scan4k', bulk),
    call('fd_pread 1 B', 'pread1'),
    call('fd_pread 4 KiB', 'pread4k', bulk),
    call('fd_write 1 B', 'rewrite1'),
    call('fd_write 4 KiB', 'rewrite4k', bulk),
    call('path_open + fd_close', 'open'),
    call('path_filestat_get', 'stat'),
    call('path_filestat_get, 8 deep', 'stat', { depth: 8 }),
    ...names(directory),
    call('path_open + fd_close, 64 deep', 'open', { depth: 64, ...large }),
    call('path_filestat_get, 64 deep', 'stat', { depth: 64, ...large }),
    call(`path_open + fd_close, among ${huge.toLocaleString('en')}`, 'open', { files: huge, ...large }),
    call(`path_filestat_get, among ${huge.toLocaleString('en')}`, 'stat', { files: huge, ...large }),
    ...names(huge, large)
  ]
}

async function measure (scale: Scale): Promise<Finding> {
  const trial = scale.name === 'trial'
  const list = operations(trial).filter(({ name }) => wanted(scale, name))
  const systems = [...ours, ...peers].map(timed)
  try {
    for (const [done, operation] of list.entries()) {
      progress(`system calls: ${operation.name} (${done + 1} of ${list.length})`)
      await inTurns(systems, scale, scale.name === 'full' ? 2 : 1, async (system, round) => {
        if (operation.large && !system.peer.keepsFiles) system.failures.set(operation.name, 'not tried: its files do not stay for the next run')
        else await once(system, operation, round, scale)
      })
    }
  } finally {
    for (const { process } of systems) process.stop()
  }
  return finding(list, systems, scale)
}

function finding (list: readonly Compared[], systems: readonly TimedSystem[], scale: Scale): Finding {
  const own = systems.filter(({ peer }) => ours.includes(peer))
  const others = systems.filter(({ peer }) => peers.includes(peer))
  const rows = list.map(operation => compared(operation, own, others))
  const failures = others.flatMap(system => list.flatMap(operation => {
    const reason = outcomeOf(system, operation)
    return typeof reason === 'number' ? [] : [{ system: labelOf(system.peer), name: operation.name, reason }]
  }))
  return {
    title: 'System calls',
    question: 'How long does a system call take, beside everybody else who runs WASI programs in JavaScript?',
    held: 'the program, its arguments and its checks; a process for each system; turns. ' +
      `${scale.rounds} rounds, order drawn from seed ${scale.seed}.`,
    targets: rows.map(({ target }) => target),
    tables: [
      {
        title: 'ns a call: ours, and the fastest of the others',
        columns: [
          { name: 'call', words: true }, ...own.map(({ peer }) => ({ name: peer.name })),
          { name: 'fastest other' }, { name: 'which', words: true }, { name: 'ratio' }, { name: 'wanted', words: true }, { name: '', words: true }
        ],
        rows: rows.map(({ cells }) => cells),
        notes: ['ratio: the fastest other over monolithic.']
      },
      everySystem(list, [...own, ...others]),
      ...(failures.length === 0 ? [] : [{
        title: 'What others could not do',
        columns: [{ name: 'system', words: true }, { name: 'call', words: true }, { name: 'reason', words: true }] as const,
        rows: failures.map(({ system, name, reason }) => [system, name, reason])
      }])
    ],
    figures: Object.fromEntries(list.map(operation => [operation.name, Object.fromEntries(systems.map(system => {
      const outcome = outcomeOf(system, operation)
      return [labelOf(system.peer), typeof outcome === 'string' ? { failure: outcome } : { ns: outcome, rounds: system.rounds.get(operation.name) }]
    }))]))
  }
}

/** Every figure, a column a system. */
function everySystem (list: readonly Compared[], systems: readonly TimedSystem[]): Table {
  return {
    title: 'ns a call: every system',
    columns: [{ name: 'call', words: true }, ...systems.map((_, at) => ({ name: letter(at) }))],
    rows: list.map(operation => [operation.name, ...systems.map(system => shown(outcomeOf(system, operation)))]),
    notes: systems.map(({ peer }, at) => `${letter(at)}: ${labelOf(peer)}`)
  }
}

function letter (at: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + at)
}

function compared (operation: Compared, own: readonly TimedSystem[], others: readonly TimedSystem[]): { cells: string[], target: Target } {
  const { target: goal } = operation
  const mine = outcomeOf(own[0]!, operation)
  const rivals = others.filter(({ peer }) => !('than' in goal) || peer.name === goal.than)
    .map(system => ({ system, ns: outcomeOf(system, operation) }))
    .filter((rival): rival is { system: TimedSystem, ns: number } => typeof rival.ns === 'number')
    .sort((a, b) => a.ns - b.ns)
  const best = rivals[0]
  const quotient = best === undefined || typeof mine === 'string' ? null : best.ns / mine
  const target: Target = {
    what: operation.name,
    wanted: 'faster' in goal ? `${goal.faster}× as fast` : `at most ${goal.slower}× ${goal.than}`,
    measured: typeof mine === 'string' ? mine : quotient === null ? 'no other could do it'
      : 'faster' in goal ? `${ratio(quotient)} as fast` : `${ratio(1 / quotient)} ${goal.than}`,
    met: quotient === null ? null : 'faster' in goal ? quotient >= goal.faster : 1 / quotient <= goal.slower
  }
  const cells = [
    operation.name, ...own.map(system => shown(outcomeOf(system, operation))),
    best === undefined ? '–' : shown(best.ns), best === undefined ? '' : labelOf(best.system.peer),
    quotient === null ? '–' : ratio(quotient), target.wanted, verdict(target)
  ]
  return { cells, target }
}

function shown (outcome: Outcome): string {
  return typeof outcome === 'string' ? '–' : duration(outcome)
}

if (import.meta.main) await benchmark(measure)
