// pour PROGRAM SIZE COUNT BATCHES: bytes through a pipe from one program to another: starts PROGRAM (itself) twice, joined by a
// pipe, for each batch. Prints a line for each batch in the form of bench: `pour COUNT NANOSECONDS NANOSECONDS-PER-WRITE`, as
// the program that reads sees it, from its first byte to the end.
// pour out SIZE COUNT: writes SIZE bytes COUNT times. pour in SIZE COUNT: reads until the end, SIZE bytes at a time, and checks
// how many came and the first of each.

#include "process.h"
#include <wasi/api.h>

#define SIZE_MAX_BYTES 1048576
static unsigned char buffer[SIZE_MAX_BYTES];

static unsigned long long monotonic_ns(void) {
  __wasi_timestamp_t now;
  must(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now), "clock_time_get");
  return now;
}

static int out(long long size, long long count) {
  memset(buffer, 0x5a, (size_t)size);
  for (long long i = 0; i < count; i++) {
    if (write_all(STDOUT_FILENO, buffer, (size_t)size) < 0) return fail("standard output");
  }
  return 0;
}

static int in(long long size, long long count) {
  unsigned long long start = 0;
  long long total = 0;
  for (;;) {
    ssize_t got = read(STDIN_FILENO, buffer, (size_t)size);
    if (got < 0) return fail("standard input");
    if (got == 0) break;
    if (start == 0) start = monotonic_ns();
    if (buffer[0] != 0x5a || buffer[got - 1] != 0x5a) {
      fprintf(stderr, "pour: other bytes than were written\n");
      return 1;
    }
    total += got;
  }
  unsigned long long ns = monotonic_ns() - start, tenths = ns * 10 / (unsigned long long)count;
  if (total != size * count) {
    fprintf(stderr, "pour: %lld bytes and not %lld\n", total, size * count);
    return 1;
  }
  printf("pour %lld %llu %llu.%llu\n", count, ns, tenths / 10, tenths % 10);
  return 0;
}

int main(int argc, char **argv) {
  program_name = "pour";
  int writes = argc == 4 && strcmp(argv[1], "out") == 0, reads = argc == 4 && strcmp(argv[1], "in") == 0;
  if (argc != 5 && !writes && !reads) return usage("PROGRAM SIZE COUNT BATCHES, or: pour out SIZE COUNT, or: pour in SIZE COUNT");
  long long size = number(argv[2]), count = number(argv[3]);
  if (size < 1 || size > SIZE_MAX_BYTES || count < 1) return usage("… SIZE COUNT: SIZE from 1 to 1048576, COUNT from 1");
  if (writes) return out(size, count);
  if (reads) return in(size, count);
  for (long long batch = number(argv[4]); batch > 0; batch--) {
    uint32_t pipe[2];
    must(kaleidos_pipe(pipe), "pipe");
    uint32_t reader = spawn((char *[]){argv[1], "in", argv[2], argv[3]}, 4, pipe[0], STDOUT_FILENO, STDERR_FILENO);
    uint32_t writer = spawn((char *[]){argv[1], "out", argv[2], argv[3]}, 4, STDIN_FILENO, pipe[1], STDERR_FILENO);
    for (int i = 0; i < 2; i++) close((int)pipe[i]);
    int status = wait_for(writer);
    status |= wait_for(reader);
    if (status != 0) return status;
  }
  return 0;
}
