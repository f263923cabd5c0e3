// spawns PROGRAM ITERATIONS BATCHES: starts a program and waits for its end, ITERATIONS times a batch; prints a line for each
// batch in the form of bench: `spawn ITERATIONS NANOSECONDS NANOSECONDS-PER-ITERATION`.

#include "process.h"
#include <wasi/api.h>

static unsigned long long monotonic_ns(void) {
  __wasi_timestamp_t now;
  must(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now), "clock_time_get");
  return now;
}

int main(int argc, char **argv) {
  program_name = "spawns";
  if (argc != 4 || number(argv[2]) < 1) return usage("PROGRAM ITERATIONS BATCHES");
  long long iterations = number(argv[2]);
  for (long long batch = number(argv[3]); batch > 0; batch--) {
    unsigned long long start = monotonic_ns();
    for (long long i = 0; i < iterations; i++) {
      int status = wait_for(spawn(argv + 1, 1, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO));
      if (status != 0) {
        fprintf(stderr, "spawns: %s: status %d\n", argv[1], status);
        return 1;
      }
    }
    unsigned long long ns = monotonic_ns() - start, tenths = ns * 10 / (unsigned long long)iterations;
    printf("spawn %lld %llu %llu.%llu\n", iterations, ns, tenths / 10, tenths % 10);
  }
  return 0;
}
