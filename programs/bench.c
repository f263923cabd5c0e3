// bench WORKLOAD ITERATIONS BATCHES [FOLDER]: how long one system call takes, as the program sees it.
//
// Each batch makes the workload's calls ITERATIONS times between two readings of the monotonic clock and prints one line:
//   WORKLOAD ITERATIONS NANOSECONDS NANOSECONDS-PER-ITERATION
// What is held fixed: the calls go to WASI directly, without the C library; files are read and written at a fixed offset, so
// that none grows; a batch makes the same calls as the one before. The first batches warm the host up: the reader drops them.
// Every result is checked. The last line, `# checksum N`, says that the work was done: it depends on the arguments only.
// FOLDER (default `.`) is where the files of a run are made, and removed again.

#include "program.h"
#include <wasi/api.h>

#define FILE_SIZE 65536
#define BUFFER_SIZE 4096
#define NAMES 32

static __wasi_fd_t folder, file, null_in;
static unsigned char buffer[BUFFER_SIZE];
static const char data_name[] = "bench.data", new_name[] = "bench.new", names_folder[] = "bench.names";
static uint64_t checksum;

static void check(__wasi_errno_t error, const char *call) {
  if (error == 0) return;
  fprintf(stderr, "bench: %s: errno %d\n", call, error);
  exit(1);
}

static void check_size(__wasi_size_t size, __wasi_size_t wanted, const char *call) {
  if (size == wanted) return;
  fprintf(stderr, "bench: %s: %zu bytes and not %zu\n", call, (size_t)size, (size_t)wanted);
  exit(1);
}

// Calls about the process itself.

static void fdstat_once(void) {
  __wasi_fdstat_t status;
  check(__wasi_fd_fdstat_get(null_in, &status), "fd_fdstat_get");
  checksum += status.fs_filetype != 255;
}

static void yield_once(void) {
  check(__wasi_sched_yield(), "sched_yield");
  checksum++;
}

static void clock_once(void) {
  __wasi_timestamp_t now;
  check(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now), "clock_time_get");
  checksum += now != 0;
}

static void random_once(void) {
  check(__wasi_random_get(buffer, 16), "random_get");
  checksum++;
}

// Calls on an open file.

static void pread_bytes(__wasi_size_t size) {
  __wasi_iovec_t into = {buffer, size};
  __wasi_size_t got;
  check(__wasi_fd_pread(file, &into, 1, BUFFER_SIZE, &got), "fd_pread");
  check_size(got, size, "fd_pread");
  checksum += buffer[size - 1];
}

static void pwrite_bytes(__wasi_size_t size) {
  __wasi_ciovec_t from = {buffer, size};
  __wasi_size_t put;
  check(__wasi_fd_pwrite(file, &from, 1, BUFFER_SIZE, &put), "fd_pwrite");
  check_size(put, size, "fd_pwrite");
  checksum += put;
}

static void seek_to_start(void) {
  __wasi_filesize_t position;
  check(__wasi_fd_seek(file, BUFFER_SIZE, __WASI_WHENCE_SET, &position), "fd_seek");
}

static void read_bytes(__wasi_size_t size) {
  __wasi_iovec_t into = {buffer, size};
  __wasi_size_t got;
  seek_to_start();
  check(__wasi_fd_read(file, &into, 1, &got), "fd_read");
  check_size(got, size, "fd_read");
  checksum += buffer[size - 1];
}

static void write_bytes(__wasi_size_t size) {
  __wasi_ciovec_t from = {buffer, size};
  __wasi_size_t put;
  seek_to_start();
  check(__wasi_fd_write(file, &from, 1, &put), "fd_write");
  check_size(put, size, "fd_write");
  checksum += put;
}

static void pread1_once(void) { pread_bytes(1); }
static void pread4k_once(void) { pread_bytes(BUFFER_SIZE); }
static void pwrite1_once(void) { pwrite_bytes(1); }
static void pwrite4k_once(void) { pwrite_bytes(BUFFER_SIZE); }
static void read1_once(void) { read_bytes(1); }
static void read4k_once(void) { read_bytes(BUFFER_SIZE); }
static void write1_once(void) { write_bytes(1); }
static void write4k_once(void) { write_bytes(BUFFER_SIZE); }

static void fstat_once(void) {
  __wasi_filestat_t status;
  check(__wasi_fd_filestat_get(file, &status), "fd_filestat_get");
  checksum += status.size;
}

// Calls on names.

#define RIGHTS (__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_FILESTAT_GET)

// Asks for `rights`, and in the case of a directory for all that its files are used with.
static __wasi_fd_t open_in(__wasi_fd_t directory, const char *name, __wasi_oflags_t flags, __wasi_rights_t rights) {
  __wasi_fd_t opened;
  check(__wasi_path_open(directory, 0, name, flags, rights, rights | RIGHTS, 0, &opened), "path_open");
  return opened;
}

static void open_once(void) {
  check(__wasi_fd_close(open_in(folder, data_name, 0, __WASI_RIGHTS_FD_READ)), "fd_close");
  checksum++;
}

static void stat_once(void) {
  __wasi_filestat_t status;
  check(__wasi_path_filestat_get(folder, 0, data_name, &status), "path_filestat_get");
  checksum += status.size;
}

static void create_once(void) {
  check(__wasi_fd_close(open_in(folder, new_name, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL, __WASI_RIGHTS_FD_WRITE)), "fd_close");
  check(__wasi_path_unlink_file(folder, new_name), "path_unlink_file");
  checksum++;
}

static void readdir_once(void) {
  __wasi_size_t used;
  check(__wasi_fd_readdir(file, buffer, sizeof buffer, 0, &used), "fd_readdir");
  checksum += used > NAMES * sizeof(__wasi_dirent_t) && used < sizeof buffer;
}

// Set-up and removal of what a workload needs.

static void no_file(void) {}

static void make_data(void) {
  file = open_in(folder, data_name, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC, RIGHTS);
  for (size_t i = 0; i < sizeof buffer; i++) buffer[i] = (unsigned char)(i * 7 + 1);
  if (write_all((int)file, buffer, sizeof buffer) < 0) check((__wasi_errno_t)errno, "fd_write");
  for (size_t size = sizeof buffer; size < FILE_SIZE; size += sizeof buffer) {
    if (write_all((int)file, buffer, sizeof buffer) < 0) check((__wasi_errno_t)errno, "fd_write");
  }
}

static void remove_data(void) {
  check(__wasi_fd_close(file), "fd_close");
  check(__wasi_path_unlink_file(folder, data_name), "path_unlink_file");
}

static void make_names(void) {
  check(__wasi_path_create_directory(folder, names_folder), "path_create_directory");
  file = open_in(folder, names_folder, __WASI_OFLAGS_DIRECTORY,
    __WASI_RIGHTS_FD_READDIR | __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_PATH_CREATE_FILE | __WASI_RIGHTS_PATH_UNLINK_FILE);
  for (int i = 0; i < NAMES; i++) {
    char name[] = {'f', (char)('0' + i / 10), (char)('0' + i % 10), 0};
    check(__wasi_fd_close(open_in(file, name, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_WRITE)), "fd_close");
  }
}

static void remove_names(void) {
  for (int i = 0; i < NAMES; i++) {
    char name[] = {'f', (char)('0' + i / 10), (char)('0' + i % 10), 0};
    check(__wasi_path_unlink_file(file, name), "path_unlink_file");
  }
  check(__wasi_fd_close(file), "fd_close");
  check(__wasi_path_remove_directory(folder, names_folder), "path_remove_directory");
}

static const struct workload { const char *name, *calls; void (*make)(void), (*once)(void), (*remove)(void); } workloads[] = {
  {"null", "fd_fdstat_get of descriptor 0", no_file, fdstat_once, no_file},
  {"yield", "sched_yield", no_file, yield_once, no_file},
  {"clock", "clock_time_get", no_file, clock_once, no_file},
  {"random", "random_get of 16 B", no_file, random_once, no_file},
  {"pread1", "fd_pread of 1 B", make_data, pread1_once, remove_data},
  {"pread4k", "fd_pread of 4 KiB", make_data, pread4k_once, remove_data},
  {"pwrite1", "fd_pwrite of 1 B", make_data, pwrite1_once, remove_data},
  {"pwrite4k", "fd_pwrite of 4 KiB", make_data, pwrite4k_once, remove_data},
  {"read1", "fd_seek, fd_read of 1 B", make_data, read1_once, remove_data},
  {"read4k", "fd_seek, fd_read of 4 KiB", make_data, read4k_once, remove_data},
  {"write1", "fd_seek, fd_write of 1 B", make_data, write1_once, remove_data},
  {"write4k", "fd_seek, fd_write of 4 KiB", make_data, write4k_once, remove_data},
  {"fstat", "fd_filestat_get", make_data, fstat_once, remove_data},
  {"open", "path_open, fd_close", make_data, open_once, remove_data},
  {"stat", "path_filestat_get", make_data, stat_once, remove_data},
  {"create", "path_open (create), fd_close, path_unlink_file", no_file, create_once, no_file},
  {"readdir", "fd_readdir of 32 names", make_names, readdir_once, remove_names},
};
#define WORKLOADS (sizeof workloads / sizeof *workloads)

static __wasi_timestamp_t monotonic_ns(void) {
  __wasi_timestamp_t now;
  check(__wasi_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, &now), "clock_time_get");
  return now;
}

static void run(const struct workload *workload, long long iterations, long long batches) {
  workload->make();
  for (long long batch = 0; batch < batches; batch++) {
    __wasi_timestamp_t start = monotonic_ns();
    for (long long i = 0; i < iterations; i++) workload->once();
    unsigned long long ns = monotonic_ns() - start, tenths = (ns * 10 + (unsigned long long)iterations / 2) / (unsigned long long)iterations;
    printf("%s %lld %llu %llu.%llu\n", workload->name, iterations, ns, tenths / 10, tenths % 10);
  }
  workload->remove();
  printf("# checksum %llu\n", (unsigned long long)checksum);
}

int main(int argc, char **argv) {
  program_name = "bench";
  if (argc == 2 && strcmp(argv[1], "list") == 0) {
    for (size_t i = 0; i < WORKLOADS; i++) printf("%s\t%s\n", workloads[i].name, workloads[i].calls);
    return 0;
  }
  if (argc < 4 || argc > 5) return usage("WORKLOAD ITERATIONS BATCHES [FOLDER], or: bench list");
  const char *where = argc > 4 ? argv[4] : ".";
  long long iterations = number(argv[2]);
  if (iterations < 1) return usage("WORKLOAD ITERATIONS BATCHES [FOLDER]: ITERATIONS from 1");
  for (size_t i = 0; i < WORKLOADS; i++) {
    if (strcmp(argv[1], workloads[i].name) != 0) continue;
    if (workloads[i].make != no_file || workloads[i].once == create_once) {
      int opened = open(where, O_DIRECTORY | O_RDONLY);
      if (opened < 0) return fail(where);
      folder = (__wasi_fd_t)opened;
    }
    run(&workloads[i], iterations, number(argv[3]));
    return 0;
  }
  fprintf(stderr, "bench: no workload %s\n", argv[1]);
  return 2;
}
