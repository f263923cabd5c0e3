// attack WHAT [ARG…]: a program that tries to reach what is not its own. `kaleidos attacks` runs it, and looks from outside at
// what it reached: whatever it could read it writes to standard output, and what it could change it overwrites with its mark.
//
// descriptors: reads and writes every number that could be a descriptor of somebody.
// paths: leaves its directory (descriptor 3) by dots, slashes, symbolic and hard links, renames, and files as directories.
// rights: gives up rights on its directory, and takes them back.
// memory: hands the system addresses at and beyond the end of its memory, and lengths that run over.
// outside: reads outside its memory itself.
// kill COUNT: signals every process and group up to COUNT.
// groups COUNT: joins every process group up to COUNT, and takes the terminal.
// deputy PATH: has the process server start PATH for it, by every name, and hand it descriptors that it does not have.
// proc PATH…: reads each of these files.
// race SECONDS: opens a name while its child, on the other end of it, changes that between a directory and a symbolic link.
// flip: that child.
// open, pipes, make: opens its directory, makes pipes, makes files until it may not; then waits for the end of its input.
// bomb: starts itself twice, and so does each of those, for ever.
// grow: takes memory until there is none; then waits.
// wait: says where its vector and its buffer are, and reads its standard input by that vector.
// spin: never ends.

#include <sys/stat.h>
#include <time.h>

#include "process.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))
#define MARK "MARKED-BY-THE-ATTACKER-0123456789"

static char loot[4096];

static void keep(const void *data, size_t size) {
  write_all(STDOUT_FILENO, data, size);
}

// Reads what there is at a descriptor, in every way, and marks it.
static void plunder(u32 fd) {
  __wasi_iovec_t into = {(uint8_t *)loot, sizeof loot};
  __wasi_ciovec_t from = {(const uint8_t *)MARK, sizeof MARK - 1};
  u32 size = 0;
  if (raw_fd_pread(fd, AT(&into), 1, 0, AT(&size)) == 0) keep(loot, size < sizeof loot ? size : sizeof loot);
  if (fd > 2 && raw_fd_read(fd, AT(&into), 1, AT(&size)) == 0) keep(loot, size < sizeof loot ? size : sizeof loot);
  if (fd > 2) raw_fd_pwrite(fd, AT(&from), 1, 0, AT(&size));
  if (fd > 2) raw_fd_write(fd, AT(&from), 1, AT(&size));
}

static int descriptors(void) {
  for (u32 fd = 0; fd < 2048; fd++) {
    if (fd != 1 && fd != 3) plunder(fd);
  }
  u32 odd[] = {0x7fffffff, 0x80000000, 0x80000003, 0xffffffff, 0xfffffffe, 65536, 65536 + 3, 1u << 30, (1u << 30) + 1};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) plunder(odd[i]);
  return 0;
}

// Opens a path with whatever rights there are to have, and plunders it.
static void reach(u32 directory, const char *path) {
  u64 rights[] = {0x3fffffff, 2, 64, 66};
  for (u32 lookup = 0; lookup < 2; lookup++) {
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
      u32 fd = 0;
      if (raw_path_open(directory, lookup, AT(path), strlen(path), 0, rights[i], rights[i], 0, AT(&fd)) != 0) continue;
      plunder(fd);
      raw_fd_close(fd);
    }
  }
}

static void reach_by(const char *target) {
  raw_path_unlink_file(3, AT("link"), 4);
  if (raw_path_symlink(AT(target), strlen(target), 3, AT("link"), 4) == 0) reach(3, "link");
  char through[256];
  snprintf(through, sizeof through, "link/secret");
  reach(3, through);
  raw_path_unlink_file(3, AT("hard"), 4);
  if (raw_path_link(3, 1, AT(target), strlen(target), 3, AT("hard"), 4) == 0) reach(3, "hard");
  if (raw_path_link(3, 0, AT(target), strlen(target), 3, AT("hard"), 4) == 0) reach(3, "hard");
}

static int paths(void) {
  static const char *const names[] = {
    "../vault/secret", "/vault/secret", "./../vault/secret", "inner/../../vault/secret", "inner/../inner/../../vault/secret", "..//vault/secret",
    "//vault/secret", "/../vault/secret", "/..//..//vault/secret", "inner/./.././../vault/secret", ".../vault/secret", "../vault/./secret",
    "file/../../vault/secret", "file/secret", "/proc/self/root/vault/secret", "..\\vault\\secret", "%2e%2e/vault/secret", "../vault/secret/"
  };
  static const char *const targets[] = {"/vault/secret", "../vault/secret", "/vault", "../vault", "..", "/", "../../../../vault", "inner/../../vault", ".//..//vault"};
  u32 inner = 0;
  raw_path_create_directory(3, AT("inner"), 5);
  raw_path_open(3, 0, AT("file"), 4, 1, 0x3fffffff, 0x3fffffff, 0, AT(&inner));
  raw_path_open(3, 0, AT("inner"), 5, 2, 0x3fffffff, 0x3fffffff, 0, AT(&inner));
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    reach(3, names[i]);
    if (inner > 3) reach(inner, names[i]);
  }
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) reach_by(targets[i]);
  // A directory that is held open is moved away from under it: does its `..` lead out?
  raw_path_rename(3, AT("inner"), 5, 3, AT("moved"), 5);
  if (inner > 3) {
    reach(inner, "../vault/secret");
    reach(inner, "../../vault/secret");
    raw_path_rename(3, AT("../vault/secret"), 15, 3, AT("taken"), 5);
    raw_path_rename(3, AT("file"), 4, inner, AT("../../vault/secret"), 18);
    reach(3, "taken");
  }
  raw_path_remove_directory(3, AT("../vault"), 8);
  raw_path_unlink_file(3, AT("../vault/secret"), 15);
  return 0;
}

static int rights(void) {
  u32 fd = 0;
  // Reading, opening and asking are kept; what was given up must not come back, by a copy, a lower number or itself opened again.
  u64 reading = 2 | 4 | 1 << 13 | 1 << 14 | 1 << 18 | 1 << 21;
  if (raw_fd_fdstat_set_rights(3, reading, reading) != 0) return fail("rights");
  raw_fd_fdstat_set_rights(3, 0x3fffffff, 0x3fffffff);
  if (kaleidos_dup(3, 10, &fd) == 0) raw_fd_fdstat_set_rights(fd, 0x3fffffff, 0x3fffffff);
  reach(3, "kept");
  reach(fd, "kept");
  raw_path_open(3, 0, AT("."), 1, 2, 0x3fffffff, 0x3fffffff, 0, AT(&fd));
  reach(fd, "kept");
  raw_path_unlink_file(3, AT("kept"), 4);
  raw_path_rename(3, AT("kept"), 4, 3, AT("gone"), 4);
  raw_fd_filestat_set_size(fd, 0);
  return 0;
}

static int memory(void) {
  u32 end = (u32)__builtin_wasm_memory_size(0) * 65536;
  u32 places[] = {0, 4, end - 8, end - 1, end, end + 1, end + 65536, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
  u32 lengths[] = {0, 1, 8, 64, 65536, end, 0x7fffffff, 0x80000000, 0xffffffff, 0xffffffff - 7};
  u32 size = 0;
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
      u32 vector[] = {places[i], lengths[k], places[i], lengths[k]};
      raw_fd_write(STDOUT_FILENO, AT(vector), 2, AT(&size));
      raw_fd_write(STDOUT_FILENO, places[i], 1, AT(&size));
      raw_fd_write(STDOUT_FILENO, AT(vector), lengths[k], AT(&size));
      if (places[i] >= end) {
        raw_fd_read(STDIN_FILENO, AT(vector), 1, AT(&size));
        raw_random_get(places[i], lengths[k]);
        raw_fd_filestat_get(STDIN_FILENO, places[i]);
        raw_clock_time_get(1, 1, places[i]);
        raw_args_get(places[i], AT(loot));
        raw_environ_sizes_get(places[i], places[i]);
        raw_path_open(3, 0, places[i], lengths[k], 0, 2, 2, 0, AT(&size));
        raw_poll_oneoff(places[i], places[i], 1, AT(&size));
      }
    }
  }
  return 0;
}

static int outside(void) {
  volatile char *at = (volatile char *)((u32)__builtin_wasm_memory_size(0) * 65536);
  for (u32 i = 0; i < 65536; i++) loot[i % sizeof loot] = at[i];
  keep(loot, sizeof loot);
  return 0;
}

static int kill_all(u32 count) {
  u32 self = 0;
  kaleidos_proc_id(&self);
  static const u32 signals[] = {9, 15, 2, 1, 11};
  for (u32 process = 0; process <= count; process++) {
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
      if (process != self) kaleidos_proc_kill((int32_t)process, signals[i]);
      // Its own group would be itself.
      u32 group = 0;
      kaleidos_proc_group(0, &group);
      if (process != 0 && process != group) kaleidos_proc_kill(-(int32_t)process, signals[i]);
    }
  }
  kaleidos_proc_kill(INT32_MIN, 9);
  kaleidos_proc_kill(INT32_MAX, 9);
  return 0;
}

static int groups(u32 count) {
  for (u32 process = 1; process <= count; process++) {
    kaleidos_proc_set_group(0, (int32_t)process);
    kaleidos_proc_set_group((int32_t)process, 0);
    for (u32 fd = 0; fd < 3; fd++) kaleidos_tty_set_group(fd, (int32_t)process);
    u32 ended = 0, status = 0;
    kaleidos_proc_wait((int32_t)process, KALEIDOS_NO_HANG, &ended, &status);
  }
  // A group that others are in, once joined, could be killed as one's own.
  return kill_all(count);
}

static int deputy(const char *path) {
  char names[8][256];
  snprintf(names[0], 256, "%s", path);
  snprintf(names[1], 256, "..%s", path);
  snprintf(names[2], 256, "/..%s", path);
  snprintf(names[3], 256, "inner/../..%s", path);
  snprintf(names[4], 256, "link");
  snprintf(names[5], 256, "link/secret");
  snprintf(names[6], 256, "/link");
  snprintf(names[7], 256, "./..%s", path);
  raw_path_create_directory(3, AT("inner"), 5);
  raw_path_symlink(AT(path), strlen(path), 3, AT("link"), 4);
  for (size_t i = 0; i < 8; i++) {
    char block[300];
    char *end = stpcpy(block, names[i]) + 1;
    int32_t fds[] = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    kaleidos_spawn_t options = KALEIDOS_SPAWN_INIT;
    options.path = names[i];
    options.path_length = strlen(names[i]);
    options.argv = block;
    options.argv_length = (size_t)(end - block);
    options.fds = fds;
    for (options.fds_count = 3; options.fds_count <= 9; options.fds_count += 6) {
      for (options.group = -1; options.group < 6; options.group++) {
        u32 child = 0, ended = 0, status = 0;
        if (kaleidos_proc_spawn(&options, &child) == 0) kaleidos_proc_wait((int32_t)child, 0, &ended, &status);
      }
    }
    kaleidos_chdir(names[i], strlen(names[i]));
    reach(3, "secret");
  }
  return 0;
}

static int files(char **paths) {
  for (; *paths != NULL; paths++) {
    // As absolute names of whatever directory it has.
    reach(3, **paths == '/' ? *paths + 1 : *paths);
  }
  return 0;
}

static int flip(void) {
  for (;;) {
    raw_path_symlink(AT("/vault"), 6, 3, AT("place"), 5);
    raw_sched_yield();
    raw_path_unlink_file(3, AT("place"), 5);
    raw_path_symlink(AT("../vault"), 8, 3, AT("place"), 5);
    raw_sched_yield();
    raw_path_unlink_file(3, AT("place"), 5);
    raw_path_rename(3, AT("inner"), 5, 3, AT("place"), 5);
    raw_sched_yield();
    raw_path_rename(3, AT("place"), 5, 3, AT("inner"), 5);
  }
}

static int race(const char *self, u32 seconds) {
  raw_path_create_directory(3, AT("inner"), 5);
  raw_path_create_directory(3, AT("inner/deep"), 10);
  u32 child = 0;
  if (*self != '\0') {
    char block[300];
    char *end = stpcpy(stpcpy(block, self) + 1, "flip") + 1;
    int32_t fds[] = {0, 1, 2};
    must(spawn_block(self, block, (size_t)(end - block), fds, 3, &child), "spawn");
  }
  for (time_t until = time(NULL) + seconds; time(NULL) <= until;) {
    for (int i = 0; i < 50; i++) {
      reach(3, "place/secret");
      reach(3, "place/../vault/secret");
      reach(3, "place/deep/../../vault/secret");
      reach(3, "place/deep/../../../vault/secret");
      raw_path_unlink_file(3, AT("place/secret"), 12);
      raw_path_rename(3, AT("place/secret"), 12, 3, AT("taken"), 5);
      raw_sched_yield();
    }
  }
  reach(3, "taken");
  if (child != 0) {
    u32 ended = 0, status = 0;
    kaleidos_proc_kill((int32_t)child, 9);
    kaleidos_proc_wait((int32_t)child, 0, &ended, &status);
  }
  return 0;
}

static int hold(int count, int error) {
  char byte;
  printf("%d errno %d\n", count, error);
  fflush(stdout);
  while (read(STDIN_FILENO, &byte, 1) > 0) {}
  return 0;
}

static int open_all(void) {
  int count = 0;
  u32 fd;
  uint16_t error;
  while ((error = kaleidos_dup(3, 0, &fd)) == 0) count++;
  return hold(count, error);
}

static int pipes(void) {
  int count = 0;
  u32 ends[2];
  uint16_t error;
  for (; (error = kaleidos_pipe(ends)) == 0; count++) {}
  return hold(count, error);
}

static int make(void) {
  char name[32];
  static char chunk[CHUNK];
  int count = 0;
  u32 fd = 0, size = 0;
  int error;
  for (;; count++) {
    int length = snprintf(name, sizeof name, "f%d", count);
    if ((error = raw_path_open(3, 0, AT(name), (u32)length, 1, 66, 66, 0, AT(&fd))) != 0) break;
    __wasi_ciovec_t from = {(const uint8_t *)chunk, sizeof chunk};
    error = raw_fd_write(fd, AT(&from), 1, AT(&size));
    raw_fd_close(fd);
    if (error != 0) break;
  }
  return hold(count, error);
}

static int bomb(const char *self) {
  for (;;) {
    char block[256];
    char *end = stpcpy(stpcpy(stpcpy(block, self) + 1, "bomb") + 1, self) + 1;
    int32_t fds[] = {0, 1, 2};
    u32 process = 0;
    spawn_block(self, block, (size_t)(end - block), fds, 3, &process);
    raw_sched_yield();
  }
}

static int grow(void) {
  int count = 0;
  while (__builtin_wasm_memory_grow(0, 16) != (size_t)-1) count++;
  return hold(count, 0);
}

static int wait_by_vector(void) {
  static __wasi_iovec_t vector[2];
  static char buffer[256], beside[256];
  vector[0] = (__wasi_iovec_t){(uint8_t *)buffer, sizeof buffer};
  u32 size = 0;
  printf("%u %u %u\n", (u32)AT(vector), (u32)AT(buffer), (u32)AT(beside));
  fflush(stdout);
  int error = raw_fd_read(STDIN_FILENO, AT(vector), 1, AT(&size));
  printf("%d %u %.16s\n", error, size, buffer);
  return 0;
}

int main(int argc, char **argv) {
  program_name = "attack";
  const char *what = argc > 1 ? argv[1] : "";
  const char *argument = argc > 2 ? argv[2] : "";
  if (strcmp(what, "descriptors") == 0) return descriptors();
  if (strcmp(what, "paths") == 0) return paths();
  if (strcmp(what, "rights") == 0) return rights();
  if (strcmp(what, "memory") == 0) return memory();
  if (strcmp(what, "outside") == 0) return outside();
  if (strcmp(what, "kill") == 0) return kill_all((u32)number(argument));
  if (strcmp(what, "groups") == 0) return groups((u32)number(argument));
  if (strcmp(what, "deputy") == 0) return deputy(argument);
  if (strcmp(what, "proc") == 0) return files(argv + 2);
  if (strcmp(what, "race") == 0) return race(argc > 3 ? argv[3] : "", (u32)number(argument));
  if (strcmp(what, "flip") == 0) return flip();
  if (strcmp(what, "open") == 0) return open_all();
  if (strcmp(what, "pipes") == 0) return pipes();
  if (strcmp(what, "make") == 0) return make();
  if (strcmp(what, "bomb") == 0) return bomb(argument);
  if (strcmp(what, "grow") == 0) return grow();
  if (strcmp(what, "wait") == 0) return wait_by_vector();
  if (strcmp(what, "spin") == 0) for (volatile int i = 0;; i++) {}
  return usage("WHAT [ARG...]");
}
