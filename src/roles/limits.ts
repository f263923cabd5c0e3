/** Every limit of the system, by name. Reaching one is an operating error, said beside it. */

/** Bytes of a path, UTF-8 (ENAMETOOLONG). */
export const PATH_BYTES_MAX = 4096
/** Bytes of one name in a directory (ENAMETOOLONG). */
export const NAME_BYTES_MAX = 255
/** Symbolic links followed in one lookup (ELOOP). */
export const SYMLINKS_MAX = 40
/** Descriptors of a process (EMFILE). */
export const DESCRIPTORS_MAX = 1024
/** Pieces of one vectored read or write (EINVAL). */
export const IOVECS_MAX = 1024
/** Subscriptions of one poll (EINVAL). */
export const SUBSCRIPTIONS_MAX = 4096
/** Bytes in a pipe, as on Linux; a write of up to PIPE_ATOMIC_BYTES is not torn. */
export const PIPE_BYTES = 65536
export const PIPE_ATOMIC_BYTES = 4096
/** Pipes there can be at once (ENFILE). */
export const PIPES_MAX = 32768
/** Bytes of arguments and environment of a process together (E2BIG). */
export const ARGUMENT_BYTES_MAX = 1024 * 1024
/** Bytes of all files of a ramfs, unless the plan says otherwise (ENOSPC). */
export const RAMFS_BYTES_MAX = 1024 * 1024 * 1024
/** Inodes of a ramfs (ENOSPC). */
export const RAMFS_INODES_MAX = 1024 * 1024
/** Open handles of one file system (ENFILE). */
export const HANDLES_MAX = 65536
/** Largest offset of a file (EFBIG): offsets are numbers, exact to 2^53. */
export const FILE_BYTES_MAX = 2 ** 52
/** Links of one inode (EMLINK). */
export const LINKS_MAX = 65000
/** Bytes of one message that crosses a gate, strings and lists included (EMSGSIZE). */
export const MESSAGE_BYTES_MAX = 2 * 1024 * 1024
/** How often a call is made to a domain that dies again and again before it is told to be lost (EOWNERDEAD). */
export const CALL_REPEATS_MAX = 8
/** Capabilities of one domain (ENFILE). */
export const CAPABILITIES_MAX = 65536
/** Callers queued at one endpoint (EAGAIN). */
export const ENDPOINT_QUEUE_MAX = 65536
/** Messages queued at one port; who sends one more waits. Mach 3's most. */
export const PORT_MESSAGES_MAX = 16
/** Threads of a domain that receives messages, however many it may have; messages queue beyond. */
export const SERVER_THREADS_MAX = 32768
/** Faults of domains that a core keeps the messages of; the oldest are forgotten. */
export const FAULTS_KEPT_MAX = 256
/** Bytes of memory of a program unless it is given another cap (memory.grow fails beyond). */
export const PROGRAM_MEMORY_BYTES = 1024 * 1024 * 1024
/** Bytes of what the calls of a program came to, where they are kept so that it can be saved; beyond, it cannot be any more. */
export const CALL_LOG_BYTES_MAX = 256 * 1024 * 1024
/** Bytes that the open files of a procfs keep (ENOMEM). */
export const PROCFS_BYTES_MAX = 64 * 1024 * 1024
/** Elements of a program's tables together. */
export const PROGRAM_TABLE_ELEMENTS = 1 << 20
/** Processes, zombies too (EAGAIN); the machine may allow fewer. */
export const PROCESSES_MAX = 16384
/** Handles on host folders of one machine, held and open (ENFILE); the host may allow fewer. */
export const HOST_HANDLES_MAX = 16384
/** Inodes that a hostfs knows at a time; the one unused longest is forgotten, and has to be looked up again (ENOENT). */
export const HOST_INODES_MAX = 65536
/** Directories that a hostfs holds while nobody has them open; the one unused longest is let go, and found again. */
export const HOST_DIRECTORIES_HELD_MAX = 256
/** Sleepers of one clock (EAGAIN). */
export const SLEEPERS_MAX = 65536
/** How long a call of host code into a program that it hosts may take before the program is trapped (SIGXCPU). */
export const SYNCHRONOUS_SLICE_NS = 10e9
/** Bytes of rewritten modules that the cache of compiled programs keeps. */
export const COMPILED_BYTES_MAX = 256 * 1024 * 1024
/** Pages that the memory of a program may begin with to be used again by a later one, and pages of all that are kept for that. */
export const SPARE_MEMORY_PAGES = 32
export const SPARE_MEMORIES_PAGES = 128
/** How often one is used again: the host keeps a list of all whose it was. */
export const SPARE_MEMORY_USES = 64
/** Programs that are each on a thread of its own (EAGAIN), those that wait for the next program too. */
export const PROGRAM_THREADS_MAX = 256
/** Bytes of the heap of garbage-collected objects of a program on a thread of its own: it is ended when that is full (SIGKILL). */
export const THREAD_HEAP_BYTES = 256 * 1024 * 1024
/** Threads that wait for the next program, since the host takes long to start one; and bytes of a memory that one may still hold meanwhile. */
export const SPARE_THREADS = 2
export const SPARE_THREAD_BYTES = 32 * 1024 * 1024
/** Bytes of memory of a task, through which the buffers of its calls go (ENOMEM). */
export const TASK_MEMORY_BYTES = 64 * 1024 * 1024
/** Calls of one task that are under way at once (EAGAIN). */
export const TASK_CALLS_MAX = 1024
/** Tasks that files may start (ENFILE). */
export const TASK_FILES_MAX = 4096
/** Events that a recorder of traces keeps, unless it is told otherwise; those beyond are counted. */
export const TRACE_EVENTS_MAX = 500_000
