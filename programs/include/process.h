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

// Starts argv[0] with argv[0..count), its descriptors 0, 1 and 2 being these.
static inline uint32_t spawn(char *const *argv, size_t count, uint32_t in, uint32_t out, uint32_t err) {
  size_t size = 0;
  for (size_t i = 0; i < count; i++) size += strlen(argv[i]) + 1;
  char *block = malloc(size), *at = block;
  if (block == NULL) exit(fail("arguments"));
  for (size_t i = 0; i < count; i++) at = stpcpy(at, argv[i]) + 1;
  uint32_t fds[] = {in, out, err}, process = 0;
  uint16_t error = kaleidos_proc_spawn(argv[0], strlen(argv[0]), block, size, fds, 3, &process);
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
