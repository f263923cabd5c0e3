// Calls for processes, descriptors and the terminal, which WASI preview 1 has none of: the import module `kaleidos`.
//
// Any clang with a WASI sysroot compiles against this one file; the program then runs under every kernel. Each call returns
// an errno of WASI (0 is success) and gives its results through pointers; one that fails has done nothing. A path starts in
// the working directory unless it is absolute, and is looked up by the preopened directory with the longest matching name.
// docs/kaleidos-module.md has each call with its errors, and what is not there.

#ifndef KALEIDOS_H
#define KALEIDOS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define KALEIDOS(name) __attribute__((import_module("kaleidos"), import_name(#name))) uint16_t kaleidos_##name

// ---- starting programs

// What proc_spawn starts, and how. Set to zero what need not be said; KALEIDOS_SPAWN_INIT also says that the child stays in
// the caller's process group.
typedef struct kaleidos_spawn {
  const char *path;            // of the program
  size_t path_length;
  const void *program;         // where there is no path: the program's bytes
  size_t program_length;
  const char *argv;            // a block of NUL-terminated strings, the program's name first
  size_t argv_length;
  const char *env;             // a block of KEY=value, each NUL-terminated; NULL: the caller's
  size_t env_length;
  const int32_t *fds;          // the child's descriptor i is a duplicate of the caller's fds[i]; -1: none
  size_t fds_count;
  const char *directory;       // working directory; length 0: the caller's
  size_t directory_length;
  int32_t group;               // process group: -1 the caller's, 0 a new one that the child leads, else one to join
  uint32_t flags;
} kaleidos_spawn_t;
#define KALEIDOS_SPAWN_INIT {.group = -1}

// Flags: the child gets no preopened directories; otherwise it gets the caller's, after fds and from 3 on.
#define KALEIDOS_SPAWN_BARE 1u

KALEIDOS(proc_spawn)(const kaleidos_spawn_t *options, uint32_t *process_out);

// ---- the ends of programs

// Waits for a child (0: any; -g: any of process group g) to end, and takes its zombie away. With KALEIDOS_NO_HANG: process 0
// when none has ended.
#define KALEIDOS_NO_HANG 1u
KALEIDOS(proc_wait)(int32_t process, uint32_t flags, uint32_t *process_out, uint32_t *status_out);

// A status as POSIX has it: the exit code in the second byte, the signal that ended the process in the first.
#define KALEIDOS_EXIT_CODE(status) ((status) >> 8 & 0xff)
#define KALEIDOS_SIGNAL(status) ((status) & 0x7f)

// Sends a signal, with WASI's numbers, to a process (-g: to process group g). Signal 0 only asks whether it is there.
KALEIDOS(proc_kill)(int32_t process, uint32_t signal);

// What a signal does to the caller from now on; children begin with it. There are no handlers.
#define KALEIDOS_SIGNAL_DEFAULT 0u
#define KALEIDOS_SIGNAL_IGNORE 1u
KALEIDOS(proc_signal)(uint32_t signal, uint32_t action, uint32_t *before_out);

// ---- who is who

KALEIDOS(proc_id)(uint32_t *process_out);
KALEIDOS(proc_parent)(uint32_t *process_out);

// The process group of a process (0: the caller); moves the caller (0) or a child into one (0: a new one that it leads).
KALEIDOS(proc_group)(int32_t process, uint32_t *group_out);
KALEIDOS(proc_set_group)(int32_t process, int32_t group);

// The process group that an interrupt from the terminal goes to; 0: none. fd is a descriptor of a terminal.
KALEIDOS(tty_group)(uint32_t fd, uint32_t *group_out);
KALEIDOS(tty_set_group)(uint32_t fd, int32_t group);

// ---- descriptors and the working directory

// Makes a pipe: fds_out[0] is the end to read from, fds_out[1] the end to write to.
KALEIDOS(pipe)(uint32_t *fds_out);

// Another descriptor of the same open file: the lowest free number, from `from` on.
KALEIDOS(dup)(uint32_t fd, uint32_t from, uint32_t *fd_out);

// Makes the number `to` another descriptor of the same open file; what it was is closed.
KALEIDOS(dup2)(uint32_t fd, uint32_t to);

// The working directory. The C library has one of its own, which begins at "/": kaleidos_take_directory (below) gives it this
// one, and kaleidos_change_directory changes both.
KALEIDOS(chdir)(const char *path, size_t length);
KALEIDOS(getcwd)(char *buffer, size_t size, size_t *length_out);

// ---- for programs with a C library

int chdir(const char *);

// To be called first thing in main, by programs that use relative paths: the C library's working directory is then the
// process's.
static inline uint16_t kaleidos_take_directory(void) {
  char path[4096];
  size_t length = 0;
  uint16_t error = kaleidos_getcwd(path, sizeof path - 1, &length);
  if (error != 0) return error;
  path[length] = '\0';
  return chdir(path) == 0 ? 0 : 44; // ENOENT
}

static inline uint16_t kaleidos_change_directory(const char *path) {
  uint16_t error = kaleidos_chdir(path, strlen(path));
  return error != 0 ? error : kaleidos_take_directory();
}

#endif
