/** What every DescriptorTables does: tables of processes, made from each other's descriptors and ended. */

import { settle } from '../../fiber/index.ts'
import { RIGHTS_ALL } from '../index.ts'
import type { DescriptorTables, Files } from '../index.ts'
import { equal, fails, works } from './expect.ts'
import { registerCases } from './suite.ts'
import type { Case, Client, Suite } from './suite.ts'

export interface DescriptorTablesSubject extends Client {
  readonly tables: DescriptorTables
  /** Of the caller. */
  readonly files: Files
  /** The caller's process number. */
  readonly caller: number
}

export type DescriptorTablesFeature = 'preopened' | 'inheriting' | 'release'

export function descriptorTablesConformance (suite: Suite<DescriptorTablesSubject, DescriptorTablesFeature>): void {
  registerCases('DescriptorTables', cases, suite)
}

/** A process that the system never made. */
const CHILD = 77

const cases: readonly Case<DescriptorTablesSubject, DescriptorTablesFeature>[] = [
  {
    feature: 'preopened',
    name: 'a directory is opened for a process under the name that it is told',
    * body ({ tables, files, caller }) {
      const fd = works(yield * settle(tables.preopen(caller, '/', '/seen', RIGHTS_ALL, RIGHTS_ALL)), 'preopen')
      equal(yield * settle(files.preopened(fd)), '/seen', 'its name')
      fails(yield * settle(tables.preopen(caller, '/nowhere', '/x', RIGHTS_ALL, RIGHTS_ALL)), 'ENOENT', 'a path to nothing')
      fails(yield * settle(tables.preopen(caller, 'relative', '/x', RIGHTS_ALL, RIGHTS_ALL)), 'EINVAL', 'a relative path')
    }
  },
  {
    feature: 'inheriting',
    name: 'only what the parent has can be given on, and a process has one table',
    * body ({ tables, caller }) {
      const fd = works(yield * settle(tables.preopen(caller, '/', '/', RIGHTS_ALL, RIGHTS_ALL)), 'preopen')
      fails(yield * settle(tables.inherit(CHILD, caller, [fd, 4711], 0)), 'EBADF', 'a descriptor that is none')
      equal(yield * settle(tables.inherit(CHILD, caller, [-1, fd], 0)), 0, 'inherit')
      fails(yield * settle(tables.inherit(CHILD, caller, [], 0)), 'EEXIST', 'a second table')
      equal(yield * settle(tables.release(CHILD)), 0, 'release')
    }
  },
  {
    feature: 'release',
    name: 'all descriptors of a process end, those of others stay, and again is no error',
    * body ({ tables, files, caller }) {
      const fd = works(yield * settle(tables.preopen(caller, '/', '/', RIGHTS_ALL, RIGHTS_ALL)), 'preopen')
      equal(yield * settle(tables.inherit(CHILD, caller, [fd], 0)), 0, 'inherit')
      equal(yield * settle(tables.release(CHILD)), 0, 'release')
      equal(yield * settle(tables.release(CHILD)), 0, 'release again')
      equal(yield * settle(files.preopened(fd)), '/', 'the caller\'s own')
      equal(yield * settle(tables.inherit(CHILD, caller, [fd], 0)), 0, 'a table anew')
      equal(yield * settle(tables.release(CHILD)), 0, 'release')
    }
  }
]
