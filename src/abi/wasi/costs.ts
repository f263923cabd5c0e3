/**
 * What the work of the WASI personality is: arguments taken from the caller's memory and checked, a neighbour called, the
 * answer put where the caller wants it.
 */

import { ARGUMENT_BYTES_MAX, CALL, IOVECS_MAX, PATH_BYTES_MAX, SUBSCRIPTIONS_MAX, SUCCESS, Steps, WAIT, assumed, block, byte, element, row, times } from '../../roles/index.ts'
import type { CostRow, CostTable, RoleCosts } from '../../roles/index.ts'
import { DIRECTORY_BYTES_MAX, RANDOM_CHUNK_BYTES } from './limits.ts'

const { ALLOCATE_BLOCK, CHECK, DIRENT, FIELD, FIELDS, FRAME, PIECE, RANGE, RELEASE_BLOCK, TEXT, TIME, WORD } = Steps

/** Strings of a program's arguments and of its environment, and bytes of one: assumed. */
const TEXTS = 6
const TEXT_BYTES = 24

/** What every call begins with and ends with: its own frame and its neighbour's, errors turned round. */
const call = (reason: string, ...more: Parameters<typeof row>[2]): CostRow => row(CALL, reason, [FRAME, FRAME, CHECK, ...more])

const word = row(SUCCESS, 'a word of the answer put', [WORD])
const words = row(SUCCESS, 'two words of the answer put', [WORD, WORD])

/** A path of the caller's, whose length is in this argument. */
const path = (length: string): readonly CostRow[] => [
  row(CALL, 'a path: whether it lies in the caller\'s memory and is not too long', [RANGE, CHECK]),
  row(byte(length, PATH_BYTES_MAX), 'a byte of it taken, checked to be UTF-8', [TEXT])
]

/** A vector of buffers, whose number is in this argument. */
const vector = (count: string): readonly CostRow[] => [
  row(CALL, 'the vector and the place of the result: whether they lie in the caller\'s memory', [RANGE, RANGE, CHECK, FIELDS]),
  row(element(count, IOVECS_MAX), 'a buffer of it: taken, checked, made a piece of the window', [PIECE])
]

const onPath = (reason: string): readonly CostRow[] => [call(reason), ...path('length')]
const status = (reason: string, ...more: Parameters<typeof row>[2]): readonly CostRow[] => [call(reason, ...more)]
const answer = (reason: string): readonly CostRow[] => [call(reason, RANGE), word]

const waits = row(WAIT, 'where the answer goes, kept until it comes', [FRAME, FIELDS])

/** The strings of the caller, as many and as long as assumed. */
const texts = (what: string): readonly CostRow[] => [
  call(`${what} asked for`, RANGE, RANGE),
  row(SUCCESS, `${what}: assumed ${TEXTS} of ${TEXT_BYTES} bytes, each pointed to and copied out`, [
    times(TEXTS, WORD), times(TEXTS, FRAME), times(TEXTS * TEXT_BYTES, assumed(1, 0.25, 4, 0.016))
  ])
]
const sizes = (what: string): readonly CostRow[] => [
  call(`${what} asked for`, RANGE, RANGE), words,
  row(SUCCESS, `the lengths of ${what} added: assumed ${TEXTS}`, [times(TEXTS, FIELDS)])
]

const times64 = (reason: string): CostRow => row(CALL, reason, [TIME, TIME, CHECK])
const filestat = row(SUCCESS, 'ten fields put, three of them times joined', [times(10, FIELD), times(3, TIME), WORD])

const calls: RoleCosts = {
  args_get: texts('the arguments'),
  args_sizes_get: sizes('the arguments'),
  environ_get: texts('the environment'),
  environ_sizes_get: sizes('the environment'),
  clock_res_get: [call('which clock', RANGE, CHECK), words],
  clock_time_get: [call('which clock', RANGE, CHECK), words],
  fd_advise: status('offset, length and advice checked', CHECK, CHECK),
  fd_allocate: status('offset and length checked', CHECK, CHECK),
  fd_close: status('handed on'),
  fd_datasync: [...status('handed on'), waits],
  fd_fdstat_get: [call('where the answer goes', RANGE), row(SUCCESS, 'six fields put', [times(6, FIELD), WORD])],
  fd_fdstat_set_flags: status('flags checked', CHECK),
  fd_fdstat_set_rights: status('two sets of rights checked', CHECK, CHECK),
  fd_filestat_get: [call('where the answer goes', RANGE), filestat],
  fd_filestat_set_size: status('the size checked', CHECK),
  fd_filestat_set_times: [...status('flags checked', CHECK), times64('two times split')],
  fd_pread: [call('the offset checked', CHECK), ...vector('count'), word, waits],
  fd_prestat_get: [call('where the answer goes', RANGE), words],
  fd_prestat_dir_name: [call('whether it fits', RANGE, CHECK), row(byte('length', PATH_BYTES_MAX), 'a byte of the name put', [assumed(1, 0.25, 4, 0.016)])],
  fd_pwrite: [call('the offset checked', CHECK), ...vector('count'), word, waits],
  fd_read: [call('the window handed on'), ...vector('count'), word, waits],
  fd_readdir: [
    call('a buffer for the records, given back; the cookie checked', RANGE, RANGE, CHECK, ALLOCATE_BLOCK, RELEASE_BLOCK), word,
    row(block('length', 40, DIRECTORY_BYTES_MAX), 'an entry made a dirent of about 40 bytes, its name too; as many as the buffer has room for, half of it used (assumed)', [
      times(0.5, { ...DIRENT, range: [0, 50] }), times(0.5, { ...assumed(16, 0, 80, 1) }), times(0.5, { ...CHECK, range: [0, 20] })
    ])
  ],
  fd_renumber: status('handed on'),
  fd_seek: [call('the distance and from where', RANGE, CHECK, CHECK), words],
  fd_sync: [...status('handed on'), waits],
  fd_tell: [call('where the answer goes', RANGE), words],
  fd_write: [call('the window handed on'), ...vector('count'), word, waits],
  path_create_directory: onPath('handed on'),
  path_filestat_get: [...onPath('lookup flags, where the answer goes'), row(CALL, 'the place of the answer', [RANGE, CHECK]), filestat],
  path_filestat_set_times: [...onPath('flags checked'), times64('two times split')],
  path_link: [...onPath('lookup flags checked'), ...path('toLength')],
  path_open: [...onPath('five sets of flags and rights checked'), row(CALL, 'the flags, the rights, the place of the answer', [RANGE, times(5, CHECK)]), word],
  path_readlink: [...onPath('whether the buffer lies in the caller\'s memory'), row(CALL, 'the buffer and the place of the answer', [RANGE, RANGE]), word,
    row(byte('bufferLength', PATH_BYTES_MAX), 'a byte of the target put; as many as there is room for, a quarter of it used (assumed)', [assumed(0.25, 0, 4, 0.004)])],
  path_remove_directory: onPath('handed on'),
  path_rename: [...onPath('handed on'), ...path('toLength')],
  path_symlink: [...onPath('handed on'), ...path('targetLength')],
  path_unlink_file: onPath('handed on'),
  poll_oneoff: [
    call('three places checked, room for the subscriptions, deadlines made monotonic', times(3, RANGE), CHECK, ALLOCATE_BLOCK, RELEASE_BLOCK), word,
    row(element('count', SUBSCRIPTIONS_MAX), 'a subscription taken and looked at, and asked for; its event put', [times(9, FIELD), CHECK, CHECK, times(7, FIELD)]),
    waits
  ],
  proc_raise: status('which signal', CHECK),
  random_get: [
    call('the buffer checked', RANGE, FIELDS),
    row(block('length', RANDOM_CHUNK_BYTES, 2 ** 32), 'a part of it asked for', [FRAME, FIELDS, CHECK])
  ],
  sched_yield: status('way given; who goes on is the core\'s to say'),
  sock_accept: [call('flags checked, where the answer goes', RANGE, CHECK), word, waits],
  sock_recv: [call('flags checked', RANGE, CHECK), ...vector('count'), words, waits],
  sock_send: [call('flags checked', CHECK), ...vector('count'), word, waits],
  sock_shutdown: status('directions checked', CHECK),
  proc_spawn: [
    call('fourteen words of the structure taken, five places checked', times(14, FIELD), times(5, RANGE), times(4, CHECK)), word,
    row(CALL, `arguments and environment taken, as many as assumed: ${TEXTS} strings of ${TEXT_BYTES} bytes; a path of as many`, [
      times(TEXTS * TEXT_BYTES, { ...TEXT, range: [0.5, 10] }), times(TEXTS, FIELDS), times(TEXT_BYTES, TEXT)
    ]),
    row(CALL, 'the directory in which the path is found, among two that the caller was given: asked for (three calls) and compared', [
      times(3, FRAME), times(2, FIELDS), times(TEXT_BYTES, assumed(3, 1, 6, 0.016))
    ]),
    waits
  ],
  proc_wait: [call('two places checked, flags', RANGE, RANGE, CHECK), words, waits],
  proc_kill: status('which signal', CHECK),
  proc_signal: answer('handed on'),
  proc_id: answer('handed on'),
  proc_parent: answer('handed on'),
  proc_group: answer('handed on'),
  proc_set_group: status('handed on'),
  tty_group: [call('whether it is the terminal: its descriptor asked for; then handed on', RANGE, FRAME, CHECK), word],
  tty_set_group: status('whether it is the terminal: its descriptor asked for; then handed on', FRAME, CHECK),
  chdir: [
    ...onPath('the path made absolute; its directory found, its attributes and each name\'s link asked for: calls for two directories and four names'),
    row(CALL, 'the path put together name by name, assumed four names of eight bytes', [times(8, FRAME), times(32, assumed(6, 2, 20, 0.03)), times(4, CHECK)])
  ],
  getcwd: [call('the buffer checked', RANGE, RANGE, CHECK), word, row(byte('length', ARGUMENT_BYTES_MAX), 'a byte of the path put; an eighth of the buffer used (assumed)', [assumed(0.125, 0, 2, 0.002)])],
  pipe: [call('where the answer goes', RANGE), words],
  dup: [call('where the answer goes', RANGE), word],
  dup2: status('handed on')
}

export const costs: CostTable = { SystemCalls: calls }
