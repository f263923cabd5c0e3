// What programs that start others share: spawning from an argument vector, and errors with the call's name.

#ifndef PROCESS_H
#define PROCESS_H

#include "kaleidos.h"
#include "program.h"

// Ends the program if a call failed.
static inline void must(uint16_t error, const char *call) {
  if (error == 0) return;
  errno = error;
  exit(fail(call));
}

// Starts the program at a path with a block of NUL-terminated arguments; the errno.
static inline uint16_t spawn_block(const char *path, const char *block, size_t size, const int32_t *fds, size_t fds_count, uint32_t *process) {
  kaleidos_spawn_t options = KALEIDOS_SPAWN_INIT;
  options.path = path;
  options.path_length = strlen(path);
  options.argv = block;
  options.argv_length = size;
  options.fds = fds;
  options.fds_count = fds_count;
  return kaleidos_proc_spawn(&options, process);
}

// Starts argv[0] with argv[0..count), its descriptors 0, 1 and 2 being these.
static inline uint32_t spawn(char *const *argv, size_t count, uint32_t in, uint32_t out, uint32_t err) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) size += strlen(argv[i]) + 1;
  char *block = malloc(size), *at = block;
  if (block == NULL) exit(fail("arguments"));
  for (size_t i = 0; i < count; i++) at = stpcpy(at, argv[i]) + 1;
  int32_t fds[] = {(int32_t)in, (int32_t)out, (int32_t)err};
  uint32_t process = 0;
  uint16_t error = spawn_block(argv[0], block, size, fds, 3, &process);
  free(block);
  must(error, argv[0]);
  return process;
}

// Waits for a child, and returns its status as a shell gives it: the exit code, or 128 and the signal.
static inline int wait_for(uint32_t process) {
  uint32_t ended = 0, status = 0;
  must(kaleidos_proc_wait(process, 0, &ended, &status), "proc_wait");
  return KALEIDOS_SIGNAL(status) ? 128 + (int)KALEIDOS_SIGNAL(status) : (int)KALEIDOS_EXIT_CODE(status);
}

#endif
