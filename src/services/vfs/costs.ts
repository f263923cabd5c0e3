/** What the work of the vfs is: the part of each call that is its own. What file systems do is in their tables. */

import { CALL, SUCCESS, Steps, WAIT, byte, component, element, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, Lock, RoleCosts } from '../../roles/index.ts'

const { ALLOCATE, ALLOCATE_BLOCK, CHECK, DESCRIPTOR, DIRENT, FIELD, FIELDS, FRAME, LINK, LOCK, NOBODY, NUMBER, PROBE, REFERENCE, RELEASE, RELEASE_BLOCK, RIGHT, SCAN, SLOT, UNLINK, WAIT: QUEUE } = Steps

/** Numbers are given out and taken back under it; who only looks at one takes a reference instead (as Linux does since 2.6). */
const table: Lock = { name: 'descriptor table', of: 'caller' }
const tableOf = (process: string): Lock => ({ name: 'descriptor table', of: process })

/** What every call on a descriptor begins with. */
const descriptor = (reason: string, ...more: Parameters<typeof row>[2]): CostRow =>
  row(CALL, `the caller's descriptor, a reference on its file, the right; ${reason}`, [FRAME, DESCRIPTOR, REFERENCE, RIGHT, ...more])

/** A walk along a path. */
const walk = (path: string): readonly CostRow[] => [
  row(byte(path), 'the path split and hashed', [SCAN]),
  row(component(path), 'a step: whether it is a dot, whether a mount stands there, the file system called, its answer taken; nothing of it where the whole walk is known', [
    FRAME, CHECK, CHECK, FIELDS, { ...FRAME, range: [0, 26] }
  ])
]

const walking = (reason: string, ...more: Parameters<typeof row>[2]): CostRow =>
  descriptor(`the walk begun, and looked up among those that are known; ${reason}`, FRAME, FIELDS, FIELDS, PROBE, ...more)

/** A change of names: the walks that are known are forgotten by counting one up. */
const change = (path: string, reason: string): readonly CostRow[] => [walking(reason, CHECK, CHECK, CHECK, FRAME, FIELDS), ...walk(path)]

const newDescriptor = row(SUCCESS, 'the lowest free number stands for it', [NUMBER, FIELDS, LOCK], table)
const newFile = row(SUCCESS, 'an open file and a descriptor made and filled in', [ALLOCATE, ALLOCATE, FIELDS, FIELDS, FIELDS])

const files: RoleCosts = {
  open: [
    walking('flags, rights to inherit and the type checked, the file system\'s open called', RIGHT, CHECK, CHECK, CHECK, CHECK, FRAME, FRAME),
    ...walk('path'), newFile, newDescriptor
  ],
  close: [
    row(CALL, 'the number freed', [FRAME, DESCRIPTOR, FIELDS, LOCK], table),
    row(SUCCESS, 'one descriptor less of the file; the last closes it: the file system called, both freed', [REFERENCE, FRAME, RELEASE, RELEASE])
  ],
  renumber: [
    row(CALL, 'both numbers looked up, one put in the place of the other', [FRAME, DESCRIPTOR, DESCRIPTOR, FIELDS, FIELDS, LOCK], table),
    row(SUCCESS, 'what stood there is closed', [REFERENCE, FRAME, RELEASE, RELEASE])
  ],
  duplicate: [
    row(CALL, 'the lowest free number from one on', [FRAME, DESCRIPTOR, CHECK, NUMBER, FIELDS, LOCK], table),
    row(SUCCESS, 'a descriptor made', [ALLOCATE, FIELDS, REFERENCE])
  ],
  duplicateTo: [
    row(CALL, 'both numbers looked up, one made to stand for the same', [FRAME, DESCRIPTOR, DESCRIPTOR, CHECK, FIELDS, LOCK], table),
    row(SUCCESS, 'a descriptor made, and what stood there closed', [ALLOCATE, FIELDS, REFERENCE, FRAME, RELEASE])
  ],
  read: [
    descriptor('whether it has a position, the file system called, the position moved', CHECK, FRAME, FIELDS, FIELDS),
    row(WAIT, 'the position held for who waits', [FRAME, FIELDS, QUEUE])
  ],
  write: [
    descriptor('whether it has a position and flags, the file system called, the position moved', CHECK, CHECK, FRAME, FIELDS, FIELDS),
    row(WAIT, 'the position held for who waits', [FRAME, FIELDS, QUEUE])
  ],
  pread: [descriptor('the offset checked, the file system called', RIGHT, CHECK, CHECK, FRAME)],
  pwrite: [descriptor('the offset and flags checked, the file system called', RIGHT, CHECK, CHECK, CHECK, FRAME)],
  seek: [descriptor('the kind of file and of move, the sum, its bounds', CHECK, CHECK, CHECK, FIELDS)],
  tell: [descriptor('the position', CHECK, FIELDS)],
  descriptor: [descriptor('four words of it', FIELDS), row(SUCCESS, 'four words of the result', [FIELD, FIELD, FIELD, FIELD])],
  setDescriptorFlags: [descriptor('flags that may be changed', CHECK, FIELDS)],
  setRights: [descriptor('no right more than it has', RIGHT, FIELDS)],
  preopened: [row(CALL, 'the caller\'s descriptor', [FRAME, DESCRIPTOR, REFERENCE, FIELDS])],
  attributes: [descriptor('the file system called', FRAME), row(SUCCESS, 'the device added, eleven words handed on', [FIELDS, FIELDS])],
  setSize: [descriptor('the type and the size, the file system called', CHECK, CHECK, CHECK, FRAME)],
  setTimes: [descriptor('which times, and whether they are any; the file system called', CHECK, CHECK, CHECK, CHECK, FRAME)],
  allocate: [descriptor('the type and the range, the file system called', CHECK, CHECK, CHECK, FRAME)],
  advise: [descriptor('the type, the range and the advice; nothing is done', CHECK, CHECK, CHECK)],
  sync: [descriptor('the type, the file system called', CHECK, CHECK, FRAME)],
  readDirectory: [
    descriptor('whether mounts stand in it, \'.\' and \'..\' where it begins; the file system called', CHECK, CHECK, PROBE, FRAME),
    row(SUCCESS, '\'.\' and \'..\' made; only where the reading begins', [{ ...DIRENT, range: [0, 25] }, { ...DIRENT, range: [0, 25] }])
  ],
  attributesAt: [walking('the file system called', CHECK, FRAME), ...walk('path'), row(SUCCESS, 'the device added, eleven words handed on', [FIELDS, FIELDS])],
  setTimesAt: [walking('which times, and whether they are any; the file system called', CHECK, CHECK, CHECK, CHECK, FRAME), ...walk('path')],
  createDirectory: change('path', 'that nothing is there, whether it may be written'),
  removeDirectory: change('path', 'that it is a directory, no mount and holds none'),
  unlink: change('path', 'that it is no directory'),
  link: [...change('path', 'what the link is to'), ...walk('toPath'), descriptor('where the link is to stand', FRAME, FIELDS, FIELDS, PROBE, CHECK, CHECK)],
  symlink: [...change('path', 'that nothing is there'), row(byte('target'), 'the target looked through', [SCAN])],
  readLink: [walking('the type; the file system called', CHECK, CHECK, FRAME), ...walk('path')],
  rename: [...change('path', 'from where'), ...walk('toPath'), descriptor('to where', FRAME, FIELDS, FIELDS, PROBE, CHECK, CHECK, CHECK)],
  poll: [
    row(CALL, 'the deadline; the answers counted', [FRAME, CHECK, FIELDS]),
    row(element('requests'), 'half of a request: a descriptor looked up, its right, the file system called (0.5 of each: a request is two numbers)', [
      times(0.5, DESCRIPTOR), times(0.5, REFERENCE), times(0.5, RIGHT), times(0.5, CHECK), times(0.5, FRAME), times(0.5, FIELDS)
    ]),
    row(WAIT, 'a place on each queue that is waited for (here for one), taken away again', [FRAME, QUEUE, UNLINK, FIELDS])
  ],
  pipe: [
    row(CALL, 'the file system of pipes called four times: its root, a pipe, two ends', [FRAME, FRAME, FRAME, FRAME, FRAME, FIELDS, CHECK, CHECK, CHECK, CHECK]),
    row(SUCCESS, 'two open files and descriptors made', [ALLOCATE, ALLOCATE, ALLOCATE, ALLOCATE, FIELDS, FIELDS, FIELDS, FIELDS]),
    row(SUCCESS, 'the two lowest free numbers', [NUMBER, NUMBER, FIELDS, FIELDS, LOCK], table)
  ],
  accept: [descriptor('whether it listens; the sockets called', CHECK, CHECK, FRAME), newFile, newDescriptor],
  receive: [descriptor('that it is a socket, the flags; the sockets called', CHECK, CHECK, FRAME)],
  send: [descriptor('that it is a socket, the flags; the sockets called', CHECK, CHECK, FRAME)],
  shutdown: [descriptor('that it is a socket, the directions; the sockets called', CHECK, CHECK, FRAME)]
}

const tables: RoleCosts = {
  inherit: [
    row(CALL, 'a table made for the process; that there is none, what it may hold', [FRAME, PROBE, PROBE, CHECK, CHECK, ALLOCATE_BLOCK, FIELDS, FIELDS, LINK]),
    row(element('descriptors'), 'a descriptor of the parent\'s looked up and another made of it', [SLOT, CHECK, ALLOCATE, FIELDS, REFERENCE], tableOf('parent'))
  ],
  preopen: [
    row(CALL, 'the table of the process; the walk from the root begun; the file system\'s open called', [FRAME, PROBE, CHECK, FRAME, FIELDS, FIELDS, FRAME]),
    ...walk('path'), newFile,
    row(SUCCESS, 'the lowest free number stands for it', [NUMBER, FIELDS, LOCK], tableOf('process'))
  ],
  listen: [
    row(CALL, 'the table of the process; the sockets called', [FRAME, PROBE, CHECK, FRAME]), newFile,
    row(SUCCESS, 'the lowest free number stands for it', [NUMBER, FIELDS, LOCK], tableOf('process'))
  ],
  connect: [
    row(CALL, 'the table of the process; the sockets called', [FRAME, PROBE, CHECK, FRAME]), newFile,
    row(SUCCESS, 'the lowest free number stands for it', [NUMBER, FIELDS, LOCK], tableOf('process'))
  ],
  release: [
    row(CALL, 'the table looked up, and taken out', [FRAME, PROBE, UNLINK, RELEASE_BLOCK]),
    row(CALL, 'its descriptors closed: assumed four, as many as programs have that were given their input, outputs and one directory',
      [REFERENCE, REFERENCE, REFERENCE, REFERENCE, RELEASE, RELEASE, RELEASE, RELEASE, FRAME, FRAME, NOBODY], tableOf('process'))
  ]
}

const information: RoleCosts = {
  mounts: [row(CALL, 'the list of mounts', [FRAME, FIELDS]), row(element('result'), 'a mount told', [FIELD, FIELD, FIELD, FIELD, FIELDS])],
  descriptors: [row(CALL, 'the table of the process', [FRAME, PROBE, CHECK]), row(element('result'), 'a number told', [SLOT, CHECK, FIELD])],
  descriptorsMax: [row(CALL, 'the table of the process, a word of it', [FRAME, PROBE, CHECK, FIELD])],
  openFile: [row(CALL, 'the table of the process, a descriptor, eight words of it', [FRAME, PROBE, SLOT, REFERENCE, FIELDS, FIELDS, FIELD, FIELD])]
}

export const costs: CostTable = { Files: files, DescriptorTables: tables, FileInformation: information }
