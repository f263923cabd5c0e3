// What the small programs share: errors as Unix commands print them, and exact reads and writes on descriptors.

#ifndef PROGRAM_H
#define PROGRAM_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

static const char *program_name = "program";

// Says what failed on what, and returns 1, for `return fail(path)`.
static inline int fail(const char *what) {
  fprintf(stderr, "%s: %s: %s\n", program_name, what, strerror(errno));
  return 1;
}

static inline int usage(const char *text) {
  fprintf(stderr, "usage: %s %s\n", program_name, text);
  return 2;
}

static inline int write_all(int fd, const void *data, size_t size) {
  const char *from = data;
  while (size > 0) {
    ssize_t written = write(fd, from, size);
    if (written < 0) return -1;
    from += written;
    size -= (size_t)written;
  }
  return 0;
}

// Copies everything from one descriptor to another. Returns -1 when reading failed, -2 when writing did.
static inline int copy_all(int from, int to) {
  static char chunk[CHUNK];
  for (;;) {
    ssize_t got = read(from, chunk, sizeof chunk);
    if (got < 0) return -1;
    if (got == 0) return 0;
    if (write_all(to, chunk, (size_t)got) < 0) return -2;
  }
}

// A whole number from an argument; anything else ends the program.
static inline long long number(const char *text) {
  char *end;
  long long value = strtoll(text, &end, 10);
  if (*text == '\0' || *end != '\0') {
    fprintf(stderr, "%s: not a whole number: %s\n", program_name, text);
    exit(2);
  }
  return value;
}

#endif
