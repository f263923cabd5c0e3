// getpid ITERATIONS BATCHES: asks for its own process number; prints lines in the form of bench.

#include "process.h"
#include <stdint.h>
#include <wasi/api.h>

static unsigned long long monotonic_ns(void) {
  __wasi_timestamp_t now;
  must(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now), "clock_time_get");
  return now;
}

int main(int argc, char **argv) {
  program_name = "getpid";
  if (argc != 3) return usage("ITERATIONS BATCHES");
  long long iterations = strtoll(argv[1], NULL, 10), batches = strtoll(argv[2], NULL, 10);
  if (iterations <= 0 || batches <= 0) return usage("ITERATIONS BATCHES");
  uint32_t self = 0;
  for (long long batch = 0; batch < batches; batch++) {
    unsigned long long start = monotonic_ns();
    for (long long i = 0; i < iterations; i++) must(kaleidos_proc_id(&self), "proc_id");
    unsigned long long ns = monotonic_ns() - start, tenths = ns * 10 / (unsigned long long)iterations;
    printf("getpid %lld %llu %llu.%llu\n", iterations, ns, tenths / 10, tenths % 10);
  }
  return 0;
}
