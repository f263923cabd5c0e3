// bench WORKLOAD ITERATIONS BATCHES [FOLDER [FILES [DEPTH]]]: how long one system call takes, as the program sees it.
//
// Each batch makes the workload's calls ITERATIONS times between two readings of the monotonic clock and prints one line:
//   WORKLOAD ITERATIONS NANOSECONDS NANOSECONDS-PER-ITERATION
// What is held fixed: the calls go to WASI directly, without the C library, from a loop that does nothing else; files are read
// and written in place, so that none grows; a batch makes the same calls as the one before. The first batches warm the host
// up: the reader drops them.
// Every result is checked. The last line, `# checksum N`, says that the work was done: it depends on the arguments only.
// FOLDER (default `.`) is where the files of a run are made, and removed again. With FILES or DEPTH that is in a directory of
// FOLDER which has FILES files besides, and paths are DEPTH names long. `bench fill` leaves that directory for later runs with
// the same FILES and DEPTH: they find it, and leave it too.

#include "program.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))
#define FILE_SIZE 65536
#define LARGE_FILE_SIZE 1048576
#define BUFFER_SIZE 4096
#define NAMES 32
#define PATH_SIZE 1024

// `once`, from a loop that the compiler makes one function of with it.
#define LOOP(once) static void once##_loop(long long times) { while (times-- > 0) once(); }

struct path { u32 length; char text[PATH_SIZE]; };

static u32 folder, file, null_in, position;
static unsigned char buffer[BUFFER_SIZE] __attribute__((aligned(8)));
static char names_folder[64];
static struct path data, created, source, target;
static long long iterations, files, depth;
static int tree_made;
static uint64_t checksum;

static void check(int32_t error, const char *call) {
  if (error == 0) return;
  fprintf(stderr, "bench: %s: errno %d\n", call, (int)error);
  exit(1);
}

static void check_size(u32 size, u32 wanted, const char *call) {
  if (size == wanted) return;
  fprintf(stderr, "bench: %s: %u bytes and not %u\n", call, (unsigned)size, (unsigned)wanted);
  exit(1);
}

// Calls about the process itself.

static void null_once(void) {
  __wasi_fdstat_t status;
  check(raw_fd_fdstat_get(null_in, AT(&status)), "fd_fdstat_get");
  checksum += status.fs_filetype != 255;
}

static void yield_once(void) {
  check(raw_sched_yield(), "sched_yield");
  checksum++;
}

static void clock_once(void) {
  u64 now;
  check(raw_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, AT(&now)), "clock_time_get");
  checksum += now != 0;
}

static void random_once(void) {
  check(raw_random_get(AT(buffer), 16), "random_get");
  checksum++;
}

// Calls on an open file.

static inline void pread_bytes(u32 size) {
  __wasi_iovec_t into = {buffer, size};
  u32 got;
  check(raw_fd_pread(file, AT(&into), 1, BUFFER_SIZE, AT(&got)), "fd_pread");
  check_size(got, size, "fd_pread");
  checksum += buffer[size - 1];
}

static inline void pwrite_bytes(u32 size) {
  __wasi_ciovec_t from = {buffer, size};
  u32 put;
  check(raw_fd_pwrite(file, AT(&from), 1, BUFFER_SIZE, AT(&put)), "fd_pwrite");
  check_size(put, size, "fd_pwrite");
  checksum += put;
}

static inline void seek_to(u32 offset) {
  u64 now;
  check(raw_fd_seek(file, offset, __WASI_WHENCE_SET, AT(&now)), "fd_seek");
  checksum += now == offset;
}

static inline void read_bytes(u32 size) {
  __wasi_iovec_t into = {buffer, size};
  u32 got;
  check(raw_fd_read(file, AT(&into), 1, AT(&got)), "fd_read");
  check_size(got, size, "fd_read");
  checksum += buffer[size - 1];
}

static inline void write_bytes(u32 size) {
  __wasi_ciovec_t from = {buffer, size};
  u32 put;
  check(raw_fd_write(file, AT(&from), 1, AT(&put)), "fd_write");
  check_size(put, size, "fd_write");
  checksum += put;
}

// Room for `size` more bytes of the large file: at its end from the start again.
static inline void go_on(u32 size) {
  if (position == LARGE_FILE_SIZE) {
    seek_to(0);
    position = 0;
  }
  position += size;
}

static void seek_once(void) { seek_to(BUFFER_SIZE); }
static void pread1_once(void) { pread_bytes(1); }
static void pread4k_once(void) { pread_bytes(BUFFER_SIZE); }
static void pwrite1_once(void) { pwrite_bytes(1); }
static void pwrite4k_once(void) { pwrite_bytes(BUFFER_SIZE); }
static void read1_once(void) { seek_to(BUFFER_SIZE); read_bytes(1); }
static void read4k_once(void) { seek_to(BUFFER_SIZE); read_bytes(BUFFER_SIZE); }
static void write1_once(void) { seek_to(BUFFER_SIZE); write_bytes(1); }
static void write4k_once(void) { seek_to(BUFFER_SIZE); write_bytes(BUFFER_SIZE); }
static void scan1_once(void) { go_on(1); read_bytes(1); }
static void scan4k_once(void) { go_on(BUFFER_SIZE); read_bytes(BUFFER_SIZE); }
static void rewrite1_once(void) { go_on(1); write_bytes(1); }
static void rewrite4k_once(void) { go_on(BUFFER_SIZE); write_bytes(BUFFER_SIZE); }

static void fdstat_once(void) {
  __wasi_fdstat_t status;
  check(raw_fd_fdstat_get(file, AT(&status)), "fd_fdstat_get");
  checksum += status.fs_filetype == __WASI_FILETYPE_REGULAR_FILE;
}

static void fstat_once(void) {
  __wasi_filestat_t status;
  check(raw_fd_filestat_get(file, AT(&status)), "fd_filestat_get");
  checksum += status.size;
}

// Calls on names.

#define RIGHTS (__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_FILESTAT_GET)
#define DIRECTORY_RIGHTS (__WASI_RIGHTS_FD_READDIR | __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_PATH_FILESTAT_GET | \
  __WASI_RIGHTS_PATH_FILESTAT_SET_SIZE | __WASI_RIGHTS_PATH_CREATE_FILE | __WASI_RIGHTS_PATH_UNLINK_FILE | \
  __WASI_RIGHTS_PATH_CREATE_DIRECTORY | __WASI_RIGHTS_PATH_REMOVE_DIRECTORY | __WASI_RIGHTS_PATH_RENAME_SOURCE | __WASI_RIGHTS_PATH_RENAME_TARGET)
#define NEW (__WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL)

static inline u32 open_path(const struct path *at, u32 flags, u64 rights) {
  u32 opened;
  check(raw_path_open(folder, 0, AT(at->text), at->length, flags, rights, RIGHTS, 0, AT(&opened)), "path_open");
  return opened;
}

static u32 open_directory(u32 in, const char *name, u32 length) {
  u32 opened;
  check(raw_path_open(in, 0, AT(name), length, __WASI_OFLAGS_DIRECTORY, DIRECTORY_RIGHTS, DIRECTORY_RIGHTS | RIGHTS, 0, AT(&opened)),
    "path_open a directory");
  return opened;
}

static inline void close_file(u32 fd) { check(raw_fd_close(fd), "fd_close"); }

static inline void unlink_path(const struct path *at) {
  check(raw_path_unlink_file(folder, AT(at->text), at->length), "path_unlink_file");
}

static inline void create_path(const struct path *at) { close_file(open_path(at, NEW, __WASI_RIGHTS_FD_WRITE)); }

static void open_once(void) {
  close_file(open_path(&data, 0, __WASI_RIGHTS_FD_READ));
  checksum++;
}

static void stat_once(void) {
  __wasi_filestat_t status;
  check(raw_path_filestat_get(folder, 0, AT(data.text), data.length, AT(&status)), "path_filestat_get");
  checksum += status.size;
}

static void create_once(void) {
  create_path(&created);
  unlink_path(&created);
  checksum++;
}

// Names that end in a number of six digits: the next one. Cheap, because it is done within what is measured.
static inline void count_up(struct path *at) {
  char *digit = at->text + at->length - 1;
  while (*digit == '9') *digit-- = '0';
  ++*digit;
}

static void make_once(void) {
  create_path(&source);
  count_up(&source);
  checksum++;
}

static void unlink_once(void) {
  unlink_path(&source);
  count_up(&source);
  checksum++;
}

static void rename_once(void) {
  check(raw_path_rename(folder, AT(source.text), source.length, folder, AT(target.text), target.length), "path_rename");
  count_up(&source);
  count_up(&target);
  checksum++;
}

static void readdir_once(void) {
  u32 used;
  check(raw_fd_readdir(file, AT(buffer), sizeof buffer, 0, AT(&used)), "fd_readdir");
  checksum += used > NAMES * sizeof(__wasi_dirent_t) && used < sizeof buffer;
}

// The whole directory, as much as fits in a buffer at a time.
static void list_once(void) {
  u64 cookie = 0;
  long long seen = 0;
  u32 used;
  do {
    u32 at = 0;
    check(raw_fd_readdir(file, AT(buffer), sizeof buffer, cookie, AT(&used)), "fd_readdir");
    while (at + sizeof(__wasi_dirent_t) <= used) {
      __wasi_dirent_t entry;
      memcpy(&entry, buffer + at, sizeof entry);
      u32 end = at + (u32)sizeof entry + entry.d_namlen;
      if (end > used) break;
      cookie = entry.d_next;
      seen += buffer[at + sizeof entry] != '.';
      at = end;
    }
    if (at == 0) break;
  } while (used == sizeof buffer);
  if (seen != files) {
    fprintf(stderr, "bench: fd_readdir: %lld files and not %lld\n", seen, files);
    exit(1);
  }
  checksum += (uint64_t)seen;
}

LOOP(null_once) LOOP(yield_once) LOOP(clock_once) LOOP(random_once) LOOP(fdstat_once) LOOP(fstat_once) LOOP(seek_once)
LOOP(pread1_once) LOOP(pread4k_once) LOOP(pwrite1_once) LOOP(pwrite4k_once)
LOOP(read1_once) LOOP(read4k_once) LOOP(write1_once) LOOP(write4k_once)
LOOP(scan1_once) LOOP(scan4k_once) LOOP(rewrite1_once) LOOP(rewrite4k_once)
LOOP(open_once) LOOP(stat_once) LOOP(create_once) LOOP(make_once) LOOP(rename_once) LOOP(unlink_once)
LOOP(readdir_once) LOOP(list_once)

// Set-up and removal of what a workload needs.

// A name in the directory that is worked in: behind the DEPTH - 1 names that lead there.
static void set_path(struct path *at, const char *name) {
  at->length = 0;
  for (long long i = 1; i < depth; i++) {
    memcpy(at->text + at->length, "d/", 2);
    at->length += 2;
  }
  memcpy(at->text + at->length, name, strlen(name));
  at->length += strlen(name);
}

static void nothing(void) {}

static void make_file(u32 size) {
  file = open_path(&data, __WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC, RIGHTS);
  for (size_t i = 0; i < sizeof buffer; i++) buffer[i] = (unsigned char)(i * 7 + 1);
  for (u32 done = 0; done < size; done += sizeof buffer) {
    if (write_all((int)file, buffer, sizeof buffer) < 0) check(errno, "fd_write");
  }
}

static void make_data(void) { make_file(FILE_SIZE); }

static void make_large(void) {
  make_file(LARGE_FILE_SIZE);
  seek_to(0);
}

static void remove_data(void) {
  close_file(file);
  unlink_path(&data);
}

// What was written is there: with another first byte than the file was made with.
static void mark(void) { buffer[0] = 0xa5; }

static void remove_rewritten(void) {
  __wasi_iovec_t into = {buffer, 1};
  u32 got;
  check(raw_fd_pread(file, AT(&into), 1, 0, AT(&got)), "fd_pread");
  if (got != 1 || buffer[0] != 0xa5) check(-1, "fd_write did not write");
  remove_data();
}

static void open_names(void) {
  if (depth == 1) {
    file = open_directory(folder, ".", 1);
    return;
  }
  set_path(&source, ".");
  file = open_directory(folder, source.text, source.length);
}

static void close_names(void) { close_file(file); }

static void first_names(void) {
  set_path(&source, "s000000");
  set_path(&target, "t000000");
}

static void create_names(void) {
  first_names();
  for (long long i = 0; i < iterations; i++) make_once();
  checksum -= (uint64_t)iterations;
  first_names();
}

static void unlink_names(void) {
  first_names();
  for (long long i = 0; i < iterations; i++) unlink_once();
  checksum -= (uint64_t)iterations;
}

// Back, so that the next batch finds what this one found.
static void rename_back(void) {
  set_path(&source, "t000000");
  set_path(&target, "s000000");
  for (long long i = 0; i < iterations; i++) rename_once();
  checksum -= (uint64_t)iterations;
}

// Whether a run before left the directory, complete.
static int tree_stands(void) {
  char last[PATH_SIZE];
  __wasi_filestat_t status;
  set_path(&data, files == 0 ? "." : "f000000");
  for (long long i = 1; i < files; i++) count_up(&data);
  u32 length = (u32)snprintf(last, sizeof last, "%s/%.*s", names_folder, (int)data.length, data.text);
  return raw_path_filestat_get(folder, 0, AT(last), length, AT(&status)) == 0;
}

static void enter_tree(void) {
  u32 length = (u32)snprintf(names_folder, sizeof names_folder, "bench.%lld.%lld", files, depth);
  tree_made = !tree_stands();
  if (tree_made) check(raw_path_create_directory(folder, AT(names_folder), length), "path_create_directory");
  folder = open_directory(folder, names_folder, length);
  if (!tree_made) return;
  set_path(&source, "");
  for (u32 end = 1; end < source.length; end += 2) {
    check(raw_path_create_directory(folder, AT(source.text), end), "path_create_directory");
  }
  set_path(&source, "f000000");
  for (long long i = 0; i < files; i++) {
    create_path(&source);
    count_up(&source);
  }
}

static void leave_tree(u32 outside) {
  set_path(&source, "f000000");
  for (long long i = 0; tree_made && i < files; i++) {
    unlink_path(&source);
    count_up(&source);
  }
  set_path(&source, "");
  for (u32 end = source.length; tree_made && end > 1; end -= 2) {
    check(raw_path_remove_directory(folder, AT(source.text), end - 1), "path_remove_directory");
  }
  close_file(folder);
  if (tree_made) check(raw_path_remove_directory(outside, AT(names_folder), (u32)strlen(names_folder)), "path_remove_directory");
}

static void leave_it(void) { tree_made = 0; }

static const struct workload {
  const char *name, *calls;
  // make and remove: once a run; before and after: for each batch, not timed.
  void (*make)(void), (*before)(void), (*loop)(long long), (*after)(void), (*remove)(void);
} workloads[] = {
  {"null", "fd_fdstat_get of descriptor 0", nothing, nothing, null_once_loop, nothing, nothing},
  {"yield", "sched_yield", nothing, nothing, yield_once_loop, nothing, nothing},
  {"clock", "clock_time_get", nothing, nothing, clock_once_loop, nothing, nothing},
  {"random", "random_get of 16 B", nothing, nothing, random_once_loop, nothing, nothing},
  {"pread1", "fd_pread of 1 B", make_data, nothing, pread1_once_loop, nothing, remove_data},
  {"pread4k", "fd_pread of 4 KiB", make_data, nothing, pread4k_once_loop, nothing, remove_data},
  {"pwrite1", "fd_pwrite of 1 B", make_data, nothing, pwrite1_once_loop, nothing, remove_data},
  {"pwrite4k", "fd_pwrite of 4 KiB", make_data, nothing, pwrite4k_once_loop, nothing, remove_data},
  {"read1", "fd_seek, fd_read of 1 B", make_data, nothing, read1_once_loop, nothing, remove_data},
  {"read4k", "fd_seek, fd_read of 4 KiB", make_data, nothing, read4k_once_loop, nothing, remove_data},
  {"write1", "fd_seek, fd_write of 1 B", make_data, nothing, write1_once_loop, nothing, remove_data},
  {"write4k", "fd_seek, fd_write of 4 KiB", make_data, nothing, write4k_once_loop, nothing, remove_data},
  {"scan1", "fd_read of 1 B after the other", make_large, nothing, scan1_once_loop, nothing, remove_data},
  {"scan4k", "fd_read of 4 KiB after the other", make_large, nothing, scan4k_once_loop, nothing, remove_data},
  {"rewrite1", "fd_write of 1 B after the other", make_large, mark, rewrite1_once_loop, nothing, remove_rewritten},
  {"rewrite4k", "fd_write of 4 KiB after the other", make_large, mark, rewrite4k_once_loop, nothing, remove_rewritten},
  {"seek", "fd_seek", make_data, nothing, seek_once_loop, nothing, remove_data},
  {"fdstat", "fd_fdstat_get of a file", make_data, nothing, fdstat_once_loop, nothing, remove_data},
  {"fstat", "fd_filestat_get", make_data, nothing, fstat_once_loop, nothing, remove_data},
  {"open", "path_open, fd_close", make_data, nothing, open_once_loop, nothing, remove_data},
  {"stat", "path_filestat_get", make_data, nothing, stat_once_loop, nothing, remove_data},
  {"create", "path_open (create), fd_close, path_unlink_file", nothing, nothing, create_once_loop, nothing, nothing},
  {"make", "path_open (create), fd_close, of new names", nothing, first_names, make_once_loop, unlink_names, nothing},
  {"rename", "path_rename", create_names, first_names, rename_once_loop, rename_back, unlink_names},
  {"unlink", "path_unlink_file", nothing, create_names, unlink_once_loop, nothing, nothing},
  {"readdir", "fd_readdir of 32 names", open_names, nothing, readdir_once_loop, nothing, close_names},
  {"list", "fd_readdir of all FILES names, 4 KiB at a time", open_names, nothing, list_once_loop, nothing, close_names},
  {"fill", "nothing, and the directory stays", leave_it, nothing, yield_once_loop, nothing, nothing},
};
#define WORKLOADS (sizeof workloads / sizeof *workloads)

static u64 monotonic_ns(void) {
  u64 now;
  check(raw_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, AT(&now)), "clock_time_get");
  return now;
}

static void run(const struct workload *workload, long long batches) {
  workload->make();
  for (long long batch = 0; batch < batches; batch++) {
    workload->before();
    u64 start = monotonic_ns();
    workload->loop(iterations);
    u64 ns = monotonic_ns() - start, tenths = (ns * 10 + (u64)iterations / 2) / (u64)iterations;
    workload->after();
    printf("%s %lld %llu %llu.%llu\n", workload->name, iterations, (unsigned long long)ns, (unsigned long long)(tenths / 10),
      (unsigned long long)(tenths % 10));
  }
  workload->remove();
}

int main(int argc, char **argv) {
  program_name = "bench";
  if (argc == 2 && strcmp(argv[1], "list") == 0) {
    for (size_t i = 0; i < WORKLOADS; i++) printf("%s\t%s\n", workloads[i].name, workloads[i].calls);
    return 0;
  }
  if (argc < 4 || argc > 7) return usage("WORKLOAD ITERATIONS BATCHES [FOLDER [FILES [DEPTH]]], or: bench list");
  const char *where = argc > 4 ? argv[4] : ".";
  iterations = number(argv[2]);
  files = argc > 5 ? number(argv[5]) : 0;
  depth = argc > 6 ? number(argv[6]) : 1;
  if (iterations < 1 || files < 0 || files > 999999 || depth < 1 || depth > 256) {
    return usage("WORKLOAD ITERATIONS BATCHES [FOLDER [FILES [DEPTH]]]: ITERATIONS from 1, FILES to 999999, DEPTH from 1 to 256");
  }
  for (size_t i = 0; i < WORKLOADS; i++) {
    const struct workload *workload = &workloads[i];
    if (strcmp(argv[1], workload->name) != 0) continue;
    if (workload->make == open_names && files == 0) files = NAMES;
    u32 outside = 0;
    int in_folder = workload->make != nothing || workload->before != nothing || workload->loop == create_once_loop;
    int in_tree = in_folder && (files > 0 || depth > 1);
    if (in_folder) {
      int opened = open(where, O_DIRECTORY | O_RDONLY);
      if (opened < 0) return fail(where);
      outside = folder = (u32)opened;
    }
    if (in_tree) enter_tree();
    set_path(&data, "bench.data");
    set_path(&created, "bench.new");
    run(workload, number(argv[3]));
    if (in_tree) leave_tree(outside);
    printf("# checksum %llu\n", (unsigned long long)checksum);
    return 0;
  }
  fprintf(stderr, "bench: no workload %s\n", argv[1]);
  return 2;
}
