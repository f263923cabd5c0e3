// pingpong pong: gives every byte of standard input back on standard output, one at a time, until the input ends.
// pingpong ping ITERATIONS BATCHES: sends a byte and waits for it to come back, ITERATIONS times a batch; prints a line for
// each batch on standard error, in the form of bench: `pingpong ITERATIONS NANOSECONDS NANOSECONDS-PER-ITERATION`.
// Two of them, joined by two pipes, measure a round trip between processes.

#include "program.h"
#include <wasi/api.h>

static unsigned long long monotonic_ns(void) {
  __wasi_timestamp_t now;
  if (__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now) != 0) exit(fail("clock"));
  return now;
}

static int pong(void) {
  char byte;
  ssize_t got;
  while ((got = read(STDIN_FILENO, &byte, 1)) == 1) {
    if (write(STDOUT_FILENO, &byte, 1) != 1) return fail("standard output");
  }
  return got == 0 ? 0 : fail("standard input");
}

static int ping(long long iterations, long long batches) {
  for (long long batch = 0; batch < batches; batch++) {
    unsigned long long start = monotonic_ns();
    for (long long i = 0; i < iterations; i++) {
      char sent = (char)i, back;
      if (write(STDOUT_FILENO, &sent, 1) != 1) return fail("standard output");
      if (read(STDIN_FILENO, &back, 1) != 1) return fail("standard input");
      if (back != sent) {
        fprintf(stderr, "pingpong: sent %d, got %d back\n", sent, back);
        return 1;
      }
    }
    unsigned long long ns = monotonic_ns() - start, tenths = ns * 10 / (unsigned long long)iterations;
    fprintf(stderr, "pingpong %lld %llu %llu.%llu\n", iterations, ns, tenths / 10, tenths % 10);
  }
  return 0;
}

int main(int argc, char **argv) {
  program_name = "pingpong";
  if (argc == 2 && strcmp(argv[1], "pong") == 0) return pong();
  if (argc == 4 && strcmp(argv[1], "ping") == 0 && number(argv[2]) > 0) return ping(number(argv[2]), number(argv[3]));
  return usage("pong, or: pingpong ping ITERATIONS BATCHES");
}
