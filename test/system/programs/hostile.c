// hostile WHAT [ARG…]: programs that take what they can get, each ending by itself unless said otherwise.
//
// chain SELF: starts itself, and so does that one, until there are no more processes; each waits for its child. The
//   last one says the error; all end with its number.
// bomb SELF: starts itself twice, and so does each of those, for ever.
// descriptors PATH: opens PATH until it may not, says how often and why, and closes nothing.
// files FOLDER COUNT: makes that many files of a few bytes, reads the folder, leaves them there.
// fill PATH: makes PATH and writes to it until it may not; says how many bytes and why, and leaves it there.
// names FOLDER: makes empty files until it may not; says how many and why, and leaves them there.
// all SELF FOLDER: makes most calls there are, with a child and pipes to it unless SELF is empty, and removes what it made.
// pipe: writes to a pipe that nobody reads any more; says the error if it lives to see it.
// closed: closes its standard streams, goes on calling, ends with the sum of the errors.
// deep: calls itself for ever, with a system call at every depth.
// pipes: makes pipes until it may not, fills each; says how many.
// flood: writes zeros to standard output for ever.
// sleep MS, read, wait SELF, poll: waits, for what never comes (`sleep`: for that time).

#include <sys/stat.h>

#include "process.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))

static int chain(char *self) {
  char block[256];
  char *end = stpcpy(stpcpy(stpcpy(block, self) + 1, "chain") + 1, self) + 1;
  int32_t fds[] = {0, 1, 2};
  uint32_t process = 0;
  uint16_t error = spawn_block(self, block, (size_t)(end - block), fds, 3, &process);
  if (error == 0) return wait_for(process);
  dprintf(STDOUT_FILENO, "no more processes: errno %u\n", error);
  return error;
}

static int bomb(char *self) {
  for (;;) {
    char block[256];
    char *end = stpcpy(stpcpy(stpcpy(block, self) + 1, "bomb") + 1, self) + 1;
    int32_t fds[] = {0, 1, 2};
    uint32_t process = 0;
    // Errors are what it goes on after.
    spawn_block(self, block, (size_t)(end - block), fds, 3, &process);
    raw_sched_yield();
  }
}

static int descriptors(const char *path) {
  int count = 0;
  while (open(path, O_RDONLY) >= 0) count++;
  printf("%d opened, then errno %d\n", count, errno);
  return 0;
}

static int files(const char *folder, long long count) {
  char path[256], name[512];
  for (long long i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%s/%lld", folder, i);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0 || write_all(fd, path, strlen(path)) < 0 || close(fd) < 0) return fail(path);
  }
  int fd = open(folder, O_RDONLY | O_DIRECTORY);
  if (fd < 0) return fail(folder);
  long long seen = 0;
  u64 cookie = 0;
  for (u32 used = sizeof name; used == sizeof name;) {
    if (raw_fd_readdir((u32)fd, AT(name), sizeof name, cookie, AT(&used)) != 0) return fail(folder);
    for (u32 at = 0; at + sizeof(__wasi_dirent_t) <= used;) {
      __wasi_dirent_t entry;
      memcpy(&entry, name + at, sizeof entry);
      at += sizeof entry + entry.d_namlen;
      if (at > used) break;
      cookie = entry.d_next;
      seen++;
    }
  }
  printf("%lld entries\n", seen);
  return 0;
}

static int fill(const char *path) {
  static char chunk[4096];
  memset(chunk, 'x', sizeof chunk);
  int fd = open(path, O_WRONLY | O_CREAT, 0666);
  if (fd < 0) return fail(path);
  long long written = 0;
  ssize_t n;
  while ((n = write(fd, chunk, sizeof chunk)) > 0) written += n;
  printf("%lld bytes, then errno %d\n", written, errno);
  return 0;
}

static int names(const char *folder) {
  char path[256];
  int count = 0;
  for (;; count++) {
    snprintf(path, sizeof path, "%s/%d", folder, count);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
    if (fd < 0) break;
    close(fd);
  }
  printf("%d files, then errno %d\n", count, errno);
  return 0;
}

static int all(char *self, const char *folder) {
  char path[256], other[256], text[300];
  if (chdir(folder) != 0) return fail(folder);
  snprintf(path, sizeof path, "%s/file", folder);
  snprintf(other, sizeof other, "%s/other", folder);
  int fd = open(path, O_RDWR | O_CREAT | O_EXCL, 0666);
  if (fd < 0 || write_all(fd, "some text", 9) < 0 || lseek(fd, 0, SEEK_SET) != 0 || read(fd, text, 4) != 4) return fail(path);
  if (pwrite(fd, "x", 1, 5000) != 1 || ftruncate(fd, 100) != 0 || fsync(fd) != 0) return fail(path);
  struct stat found;
  if (stat(path, &found) != 0 || found.st_size != 100) return fail(path);
  if (link(path, other) != 0 || unlink(path) != 0 || rename(other, path) != 0) return fail(other);
  if (symlink("file", other) != 0 || readlink(other, text, sizeof text) != 4 || unlink(other) != 0) return fail(other);
  if (mkdir(other, 0777) != 0) return fail(other);
  int directory = open(folder, O_RDONLY | O_DIRECTORY);
  u32 used;
  if (directory < 0 || raw_fd_readdir((u32)directory, AT(text), sizeof text, 0, AT(&used)) != 0) return fail(folder);
  if (rmdir(other) != 0) return fail(other);
  int status = 0;
  uint32_t in[2], out[2];
  must(kaleidos_pipe(in), "pipe");
  must(kaleidos_pipe(out), "pipe");
  uint32_t child = *self == 0 ? 0 : spawn((char *[]){self, "read"}, 2, in[0], out[1], 2);
  close((int)in[0]);
  close((int)out[1]);
  if ((child != 0 && write((int)in[1], "x", 1) != 1) || read((int)out[0], text, 1) != 0) return fail("pipes");
  if (child != 0) status = wait_for(child);
  close((int)in[1]);
  close((int)out[0]);
  usleep(100);
  raw_sched_yield();
  raw_random_get(AT(text), 8);
  if (close(fd) != 0 || close(directory) != 0 || unlink(path) != 0) return fail(path);
  return status;
}

static int broken_pipe(void) {
  uint32_t ends[2];
  must(kaleidos_pipe(ends), "pipe");
  close((int)ends[0]);
  ssize_t written = write((int)ends[1], "x", 1);
  printf("written %d, errno %d\n", (int)written, errno);
  return 0;
}

static int closed(void) {
  int errors = 0;
  for (u32 fd = 0; fd < 3; fd++) errors += raw_fd_close(fd);
  for (u32 fd = 0; fd < 3; fd++) errors += raw_fd_close(fd);
  __wasi_ciovec_t from = {(const uint8_t *)"x", 1};
  uint32_t size;
  errors += raw_fd_write(1, AT(&from), 1, AT(&size)) + raw_fd_read(0, AT(&from), 1, AT(&size));
  return errors;
}

static unsigned deep(unsigned depth);
static unsigned (*volatile next)(unsigned) = deep;

static unsigned deep(unsigned depth) {
  u64 now;
  raw_clock_time_get(1, 1, AT(&now));
  if (depth % 64 == 0) raw_sched_yield();
  return next(depth + 1) + (unsigned)now;
}

static int pipes(void) {
  uint32_t ends[2];
  static char chunk[4096];
  int count = 0;
  uint16_t error;
  for (; (error = kaleidos_pipe(ends)) == 0; count++) {
    fcntl((int)ends[1], F_SETFL, O_NONBLOCK);
    if (count < 20) while (write((int)ends[1], chunk, sizeof chunk) > 0) {}
  }
  printf("%d pipes, then errno %u\n", count, error);
  return 0;
}

static int flood(void) {
  static char zeros[CHUNK];
  for (;;) {
    if (write_all(STDOUT_FILENO, zeros, sizeof zeros) < 0) return fail("standard output");
  }
}

static int poll_for_ever(void) {
  __wasi_subscription_t wanted = {.userdata = 1, .u = {.tag = __WASI_EVENTTYPE_FD_READ}};
  wanted.u.u.fd_read.file_descriptor = STDIN_FILENO;
  __wasi_event_t event;
  u32 count;
  return raw_poll_oneoff(AT(&wanted), AT(&event), 1, AT(&count));
}

int main(int argc, char **argv) {
  program_name = "hostile";
  const char *what = argc > 1 ? argv[1] : "";
  char *argument = argc > 2 ? argv[2] : "";
  if (strcmp(what, "chain") == 0) return chain(argument);
  if (strcmp(what, "bomb") == 0) return bomb(argument);
  if (strcmp(what, "descriptors") == 0) return descriptors(argument);
  if (strcmp(what, "files") == 0 && argc == 4) return files(argument, number(argv[3]));
  if (strcmp(what, "fill") == 0) return fill(argument);
  if (strcmp(what, "names") == 0) return names(argument);
  if (strcmp(what, "all") == 0 && argc == 4) return all(argument, argv[3]);
  if (strcmp(what, "pipe") == 0) return broken_pipe();
  if (strcmp(what, "closed") == 0) return closed();
  if (strcmp(what, "deep") == 0) return (int)deep(0);
  if (strcmp(what, "pipes") == 0) return pipes();
  if (strcmp(what, "flood") == 0) return flood();
  if (strcmp(what, "poll") == 0) return poll_for_ever();
  if (strcmp(what, "sleep") == 0) return usleep((useconds_t)number(argument) * 1000);
  if (strcmp(what, "read") == 0) {
    char byte;
    return read(STDIN_FILENO, &byte, 1) == 1 ? 0 : 1;
  }
  if (strcmp(what, "wait") == 0) return wait_for(spawn((char *[]){argument, "sleep", "1000000"}, 3, 0, 1, 2));
  return usage("WHAT [ARG...]");
}
