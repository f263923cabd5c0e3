// sweep KIND SIZE ITERATIONS BATCHES [FOLDER]: how long one operation takes whose size is chosen, as the program sees it.
//
// KIND is `read` (fd_pread of SIZE bytes, to 1 MiB), `write` (fd_pwrite of them) or `compute` (SIZE turns of a loop of
// integers, then fd_fdstat_get: the fewer calls a second, the larger SIZE).
// Each batch prints a line as `bench` does: KIND ITERATIONS NANOSECONDS NANOSECONDS-PER-ITERATION; the last line is
// `# checksum N`, which depends on the arguments only.

#include "program.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))
#define SIZE_MAX_BYTES (1 << 20)

static unsigned char buffer[SIZE_MAX_BYTES] __attribute__((aligned(8)));
static u32 file;
static uint64_t checksum;

static void check(int32_t error, const char *call) {
  if (error == 0) return;
  fprintf(stderr, "sweep: %s: errno %d\n", call, (int)error);
  exit(1);
}

static void check_size(u32 size, u32 wanted, const char *call) {
  if (size == wanted) return;
  fprintf(stderr, "sweep: %s: %u bytes and not %u\n", call, (unsigned)size, (unsigned)wanted);
  exit(1);
}

static void read_once(u32 size) {
  __wasi_iovec_t into = {buffer, size};
  u32 got;
  check(raw_fd_pread(file, AT(&into), 1, 0, AT(&got)), "fd_pread");
  check_size(got, size, "fd_pread");
  checksum += buffer[size - 1];
}

static void write_once(u32 size) {
  __wasi_ciovec_t from = {buffer, size};
  u32 put;
  check(raw_fd_pwrite(file, AT(&from), 1, 0, AT(&put)), "fd_pwrite");
  check_size(put, size, "fd_pwrite");
  checksum += put;
}

static void compute_once(u32 size) {
  uint32_t value = (uint32_t)checksum;
  for (u32 turn = 0; turn < size; turn++) {
    value = value * 1664525u + 1013904223u;
    __asm__ volatile("" : "+r"(value));
  }
  __wasi_fdstat_t status;
  check(raw_fd_fdstat_get(0, AT(&status)), "fd_fdstat_get");
  checksum = value;
}

static const struct kind {
  const char *name;
  void (*once)(u32);
  int needs_file;
} kinds[] = {{"read", read_once, 1}, {"write", write_once, 1}, {"compute", compute_once, 0}};

static u64 monotonic_ns(void) {
  u64 now;
  check(raw_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, AT(&now)), "clock_time_get");
  return now;
}

int main(int argc, char **argv) {
  program_name = "sweep";
  if (argc < 5 || argc > 6) return usage("KIND SIZE ITERATIONS BATCHES [FOLDER]");
  long long size = number(argv[2]), iterations = number(argv[3]), batches = number(argv[4]);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    const struct kind *kind = &kinds[i];
    if (strcmp(argv[1], kind->name) != 0) continue;
    if (iterations < 1 || batches < 1 || size < kind->needs_file || size > (kind->needs_file ? SIZE_MAX_BYTES : 1000000000)) {
      return usage("KIND SIZE ITERATIONS BATCHES [FOLDER]: SIZE from 1 to 1048576 for read and write, ITERATIONS and BATCHES from 1");
    }
    char path[256];
    snprintf(path, sizeof path, "%s/sweep.data", argc > 5 ? argv[5] : ".");
    if (kind->needs_file) {
      for (long long at = 0; at < size; at++) buffer[at] = (unsigned char)at;
      int opened = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644);
      if (opened < 0) return fail(path);
      file = (u32)opened;
      write_once((u32)size);
      checksum = 0;
    }
    for (long long batch = 0; batch < batches; batch++) {
      u64 start = monotonic_ns();
      for (long long turn = 0; turn < iterations; turn++) kind->once((u32)size);
      u64 ns = monotonic_ns() - start, tenths = (ns * 10 + (u64)iterations / 2) / (u64)iterations;
      printf("%s %lld %llu %llu.%llu\n", kind->name, iterations, (unsigned long long)ns, (unsigned long long)(tenths / 10),
        (unsigned long long)(tenths % 10));
    }
    if (kind->needs_file) unlink(path);
    printf("# checksum %llu\n", (unsigned long long)checksum);
    return 0;
  }
  fprintf(stderr, "sweep: no kind %s\n", argv[1]);
  return 2;
}
