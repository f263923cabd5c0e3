// check PART [SEED]: works with data that it can verify, and says by its exit status what it found. For fault injection:
// 0 all was right; 1 a call said that it failed; 3 what came back is not what was stored, and no call had said so.
//
// PART is one of: files, names, pipe, child (starts /bin/exit), relay (a pipe through /bin/cat), clock, random, print (lines on
// standard output), information (/proc and /dev), serve (a socket at descriptor 3), memory (its own memory and no call but
// sched_yield), alone (what one program can do by itself, one part after the other).

#include <dirent.h>
#include <sched.h>
#include <sys/stat.h>
#include <time.h>
#include <wasi/api.h>
#include "process.h"

enum { RIGHT = 0, FAILED = 1, WRONG = 3 };

static uint32_t seed = 1;

// Ends the program: a call that failed was told of, a wrong byte was not.
#define OK(condition) do { if (!(condition)) exit(FAILED); } while (0)
#define SAME(condition) do { if (!(condition)) exit(WRONG); } while (0)

// What belongs at a place of a stream: depends on seed, stream and place, so that bytes of another file, or of another part of
// this one, are seen.
static unsigned char expected(uint32_t stream, uint32_t at) {
  uint32_t z = seed * 0x9e3779b9u ^ stream * 0x85ebca6bu ^ at * 0xc2b2ae35u;
  z = (z ^ z >> 15) * 0x2c1b3c6du;
  return (unsigned char)(z ^ z >> 13);
}

static void fill(unsigned char *to, uint32_t stream, uint32_t from, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) to[i] = expected(stream, from + i);
}

static void compare(const unsigned char *got, uint32_t stream, uint32_t from, uint32_t size) {
  for (uint32_t i = 0; i < size; i++) SAME(got[i] == expected(stream, from + i));
}

static void pause_us(uint32_t us) {
  struct timespec time = {0, (long)us * 1000};
  OK(nanosleep(&time, NULL) == 0);
}

static unsigned char buffer[2048];

static void read_exactly(int fd, uint32_t stream, uint32_t from, uint32_t size) {
  while (size > 0) {
    ssize_t got = read(fd, buffer, size < sizeof buffer ? size : sizeof buffer);
    OK(got >= 0);
    SAME(got > 0);
    compare(buffer, stream, from, (uint32_t)got);
    from += (uint32_t)got;
    size -= (uint32_t)got;
  }
}

// ---- files

#define FILE_BYTES 10000

static void files(void) {
  char path[32];
  for (uint32_t round = 0; round < 3; round++) {
    snprintf(path, sizeof path, "/files%u-%u", seed, round);
    int fd = open(path, O_CREAT | O_TRUNC | O_RDWR, 0666);
    OK(fd >= 0);
    for (uint32_t at = 0; at < FILE_BYTES; at += 1250) {
      fill(buffer, round, at, 1250);
      OK(write_all(fd, buffer, 1250) == 0);
    }
    pause_us(50);
    struct stat state;
    OK(fstat(fd, &state) == 0);
    SAME(state.st_size == FILE_BYTES && S_ISREG(state.st_mode));
    OK(lseek(fd, 0, SEEK_SET) == 0);
    read_exactly(fd, round, 0, FILE_BYTES);
    ssize_t end = read(fd, buffer, 1);
    OK(end >= 0);
    SAME(end == 0);
    // A hole in the middle of the last one is rewritten.
    if (round == 2) {
      fill(buffer, 77, 3000, 500);
      OK(pwrite(fd, buffer, 500, 3000) == 500);
      OK(ftruncate(fd, 7000) == 0);
    }
    OK(close(fd) == 0);
  }
  snprintf(path, sizeof path, "/files%u-1", seed);
  OK(unlink(path) == 0);
  SAME(open(path, O_RDONLY) < 0);
  OK(errno == ENOENT);
  pause_us(50);
  snprintf(path, sizeof path, "/files%u-2", seed);
  int fd = open(path, O_RDONLY);
  OK(fd >= 0);
  read_exactly(fd, 2, 0, 3000);
  read_exactly(fd, 77, 3000, 500);
  read_exactly(fd, 2, 3500, 3500);
  ssize_t end = read(fd, buffer, 1);
  OK(end >= 0);
  SAME(end == 0);
  OK(close(fd) == 0);
}

// ---- names

#define NAMES 6

static void names(void) {
  char directory[32], path[64], other[64], link[64];
  snprintf(directory, sizeof directory, "/names%u", seed);
  OK(mkdir(directory, 0777) == 0);
  for (int i = 0; i < NAMES; i++) {
    snprintf(path, sizeof path, "%s/n%d", directory, i);
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0666);
    OK(fd >= 0);
    OK(close(fd) == 0);
  }
  snprintf(path, sizeof path, "%s/n0", directory);
  snprintf(other, sizeof other, "%s/renamed", directory);
  OK(rename(path, other) == 0);
  snprintf(path, sizeof path, "%s/n1", directory);
  OK(unlink(path) == 0);
  snprintf(link, sizeof link, "%s/link", directory);
  OK(symlink("renamed", link) == 0);
  pause_us(80);
  ssize_t length = readlink(link, (char *)buffer, sizeof buffer);
  OK(length >= 0);
  SAME(length == 7 && memcmp(buffer, "renamed", 7) == 0);
  DIR *open = opendir(directory);
  OK(open != NULL);
  uint32_t seen = 0;
  for (;;) {
    errno = 0;
    struct dirent *entry = readdir(open);
    if (entry == NULL) break;
    const char *name = entry->d_name;
    if (name[0] == '.') continue;
    uint32_t bit = strcmp(name, "renamed") == 0 ? 0 : strcmp(name, "link") == 0 ? 1 : name[0] == 'n' && name[2] == '\0' ? (uint32_t)(name[1] - '0') : 31;
    SAME(bit <= NAMES && (seen >> bit & 1) == 0);
    seen |= 1u << bit;
  }
  OK(errno == 0);
  SAME(seen == (1u << NAMES) - 1);
  OK(closedir(open) == 0);
}

// ---- pipes and processes

static void through(int in, int out, uint32_t bytes) {
  for (uint32_t at = 0; at < bytes; at += 500) {
    fill(buffer, 5, at, 500);
    OK(write_all(in, buffer, 500) == 0);
    if (out >= 0) read_exactly(out, 5, at, 500);
  }
}

static void pipe_alone(void) {
  uint32_t ends[2];
  OK(kaleidos_pipe(ends) == 0);
  through((int)ends[1], (int)ends[0], 3000);
  OK(close((int)ends[1]) == 0);
  ssize_t end = read((int)ends[0], buffer, 1);
  OK(end >= 0);
  SAME(end == 0);
  OK(close((int)ends[0]) == 0);
}

static uint32_t start(char *path, char *argument, uint32_t in, uint32_t out) {
  size_t size = strlen(path) + 1, more = argument == NULL ? 0 : strlen(argument) + 1;
  memcpy(buffer, path, size);
  if (more > 0) memcpy(buffer + size, argument, more);
  int32_t fds[] = {(int32_t)in, (int32_t)out, 2};
  uint32_t process = 0;
  OK(spawn_block(path, (char *)buffer, size + more, fds, 3, &process) == 0);
  return process;
}

static int status_of(uint32_t process) {
  uint32_t ended = 0, status = 0;
  OK(kaleidos_proc_wait((int32_t)process, 0, &ended, &status) == 0);
  SAME(ended == process);
  // A child that was killed was told of.
  OK(KALEIDOS_SIGNAL(status) == 0);
  return (int)KALEIDOS_EXIT_CODE(status);
}

static void relay(void) {
  uint32_t there[2], back[2];
  OK(kaleidos_pipe(there) == 0 && kaleidos_pipe(back) == 0);
  uint32_t child = start("/bin/cat", NULL, there[0], back[1]);
  OK(close((int)there[0]) == 0 && close((int)back[1]) == 0);
  through((int)there[1], (int)back[0], 4000);
  OK(close((int)there[1]) == 0);
  ssize_t end = read((int)back[0], buffer, 1);
  OK(end >= 0);
  SAME(end == 0);
  OK(status_of(child) == 0);
}

static void child(void) {
  for (int i = 0; i < 2; i++) {
    char code[4];
    snprintf(code, sizeof code, "%d", 17 + i);
    uint32_t process = start("/bin/exit", code, 0, 1);
    SAME(process != 0);
    SAME(status_of(process) == 17 + i);
  }
  uint32_t me = 0, group = 0;
  OK(kaleidos_proc_id(&me) == 0 && kaleidos_proc_group(0, &group) == 0);
  SAME(me != 0 && group == me);
}

// ---- clock, randomness

#define MINUTE 60000000000u

static uint64_t now(clockid_t clock) {
  struct timespec time;
  OK(clock_gettime(clock, &time) == 0);
  return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void clocks(void) {
  uint64_t real = now(CLOCK_REALTIME), before = now(CLOCK_MONOTONIC), first = before;
  for (int i = 0; i < 6; i++) {
    pause_us(150);
    uint64_t after = now(CLOCK_MONOTONIC);
    // It slept, and not for long: no run lasts a minute, however busy the host.
    SAME(after >= before + 150000 && after < before + MINUTE);
    before = after;
  }
  uint64_t elapsed = now(CLOCK_REALTIME) - real, own = before - first;
  SAME(elapsed >= own && elapsed < own + MINUTE);
}

static void randomness(void) {
  unsigned char first[32], second[32];
  for (int round = 0; round < 4; round++) {
    memset(first, 0, sizeof first);
    memset(second, 0, sizeof second);
    OK(getentropy(first, sizeof first) == 0 && getentropy(second, sizeof second) == 0);
    SAME(memcmp(first, second, sizeof first) != 0);
    int zeros = 0;
    for (size_t i = 0; i < sizeof first; i++) zeros += (first[i] == 0) + (second[i] == 0);
    // Chance makes so many once in 10^12.
    SAME(zeros < 10);
    pause_us(60);
  }
}

// ---- console, information, sockets, memory

static void print(void) {
  for (uint32_t line = 0; line < 8; line++) {
    int length = snprintf((char *)buffer, sizeof buffer, "%u %u %08x\n", seed, line, expected(9, line) * 0x01010101u);
    OK(write_all(STDOUT_FILENO, buffer, (size_t)length) == 0);
    pause_us(70);
  }
}

static void information(void) {
  for (int round = 0; round < 2; round++) {
    uint32_t me = 0;
    OK(kaleidos_proc_id(&me) == 0);
    int fd = open("/proc/self/stat", O_RDONLY);
    OK(fd >= 0);
    ssize_t size = read(fd, buffer, sizeof buffer - 1);
    OK(size >= 0);
    buffer[size] = '\0';
    SAME(atoi((char *)buffer) == (int)me);
    OK(close(fd) == 0);
    fd = open("/dev/zero", O_RDWR);
    OK(fd >= 0);
    memset(buffer, 1, 300);
    OK(read(fd, buffer, 300) == 300);
    for (int i = 0; i < 300; i++) SAME(buffer[i] == 0);
    OK(write(fd, buffer, 300) == 300);
    OK(close(fd) == 0);
    pause_us(100);
  }
}

static void serve(void) {
  __wasi_fd_t connection;
  OK(__wasi_sock_accept(3, 0, &connection) == 0);
  for (uint32_t at = 0; at < 3000;) {
    __wasi_iovec_t into = {buffer, sizeof buffer};
    __wasi_size_t size = 0, sent = 0;
    __wasi_roflags_t flags;
    OK(__wasi_sock_recv(connection, &into, 1, 0, &size, &flags) == 0);
    SAME(size > 0 && size <= sizeof buffer);
    compare(buffer, 6, at, size);
    for (__wasi_size_t done = 0; done < size; done += sent) {
      __wasi_ciovec_t from = {buffer + done, size - done};
      OK(__wasi_sock_send(connection, &from, 1, 0, &sent) == 0);
      SAME(sent > 0 && sent <= size - done);
    }
    at += size;
  }
  OK(__wasi_fd_close(connection) == 0);
}

static unsigned char store[32768];

static void memory(int rounds) {
  fill(store, 8, 0, sizeof store);
  for (int round = 0; round < rounds; round++) {
    sched_yield();
    compare(store + round % 4 * (sizeof store / 4), 8, round % 4 * (uint32_t)(sizeof store / 4), sizeof store / 4);
  }
  compare(store, 8, 0, sizeof store);
}

int main(int argc, char **argv) {
  if (argc < 2) return usage("PART [SEED]");
  const char *part = argv[1];
  if (argc > 2) seed = (uint32_t)atoi(argv[2]);
  if (strcmp(part, "files") == 0) files();
  else if (strcmp(part, "names") == 0) names();
  else if (strcmp(part, "pipe") == 0) pipe_alone();
  else if (strcmp(part, "relay") == 0) relay();
  else if (strcmp(part, "child") == 0) child();
  else if (strcmp(part, "clock") == 0) clocks();
  else if (strcmp(part, "random") == 0) randomness();
  else if (strcmp(part, "print") == 0) print();
  else if (strcmp(part, "information") == 0) information();
  else if (strcmp(part, "serve") == 0) serve();
  else if (strcmp(part, "memory") == 0) memory(argc > 3 ? atoi(argv[3]) : 16);
  else if (strcmp(part, "alone") == 0) {
    files();
    names();
    pipe_alone();
    clocks();
    randomness();
    print();
    information();
    memory(16);
  } else return usage("PART [SEED]");
  return RIGHT;
}
