// Calls for processes and pipes, which WASI preview 1 has none of: the import module `kaleidos`.
//
// Each returns an errno of WASI (0 is success); results go through pointers. A path is looked up as the C library does it:
// by the preopened directory with the longest matching name.

#ifndef KALEIDOS_H
#define KALEIDOS_H

#include <stddef.h>
#include <stdint.h>

#define KALEIDOS(name) __attribute__((import_module("kaleidos"), import_name(#name))) uint16_t kaleidos_##name

// Starts the program in a file as a child. argv is a block of NUL-terminated strings; the child's descriptor i is a duplicate
// of the caller's fds[i], and it has the caller's preopened directories after those.
KALEIDOS(proc_spawn)(const char *path, size_t path_length, const char *argv, size_t argv_length,
                     const uint32_t *fds, size_t fds_count, uint32_t *process_out);

// Waits for a child (0: any) to end, and takes its zombie away. With KALEIDOS_NO_HANG: process 0 when none has ended.
#define KALEIDOS_NO_HANG 1u
KALEIDOS(proc_wait)(uint32_t process, uint32_t flags, uint32_t *process_out, uint32_t *status_out);

// A status as POSIX has it: the exit code in the second byte, the signal that ended the process in the first.
#define KALEIDOS_EXIT_CODE(status) ((status) >> 8 & 0xff)
#define KALEIDOS_SIGNAL(status) ((status) & 0x7f)

// Sends a signal, with WASI's numbers. Signal 0 only asks whether the process is there.
KALEIDOS(proc_kill)(uint32_t process, uint32_t signal);
KALEIDOS(proc_id)(uint32_t *process_out);
KALEIDOS(proc_parent)(uint32_t *process_out);

// Makes a pipe: fds_out[0] is the end to read from, fds_out[1] the end to write to.
KALEIDOS(pipe)(uint32_t *fds_out);

#endif
