// plumbing WHAT …: what pipes and shared descriptors do.
//
// capacity: how much a pipe holds before a write that does not wait is refused, and how much is room again after reads.
// records LETTER COUNT SIZE: waits for a byte of input, or its end; then writes that many records of one letter, each in one write.
// two SELF COUNT SIZE: two of those at once, of different letters, on this program's output.
// shared SELF FILE: writes to a file, then has a child write through the same descriptor, and goes on; another opens it anew.
// held SELF MS: ends at once, but leaves a child that holds its output for that long.

#include "process.h"
#include "wasi.h"

static int capacity(void) {
  uint32_t ends[2];
  static char chunk[CHUNK];
  must(kaleidos_pipe(ends), "pipe");
  fcntl((int)ends[1], F_SETFL, O_NONBLOCK);
  fcntl((int)ends[0], F_SETFL, O_NONBLOCK);
  long long total = 0;
  for (ssize_t n; (n = write((int)ends[1], chunk, 1000)) > 0;) total += n;
  printf("%lld bytes in writes of 1000, then errno %d\n", total, errno);
  printf("%d of a large one that need not be whole\n", (int)write((int)ends[1], chunk, sizeof chunk));
  printf("%d bytes read\n", (int)read((int)ends[0], chunk, 4095));
  printf("%d of 4096, which is written whole or not at all: errno %d\n", (int)write((int)ends[1], chunk, 4096), errno);
  printf("%d of 4095\n", (int)write((int)ends[1], chunk, 4095));
  close((int)ends[1]);
  long long left = 0;
  for (ssize_t n; (n = read((int)ends[0], chunk, sizeof chunk)) > 0;) left += n;
  printf("%lld bytes left, then the end\n", left);
  return 0;
}

static int records(char letter, long long count, size_t size) {
  char *record = malloc(size), start;
  if (read(STDIN_FILENO, &start, 1) < 0) return fail("standard input");
  if (record == NULL) return fail("memory");
  memset(record, letter, size);
  while (count-- > 0) {
    if (write(STDOUT_FILENO, record, size) != (ssize_t)size) return fail("standard output");
  }
  return 0;
}

static int two(char *self, char *count, char *size) {
  uint32_t gate[2];
  must(kaleidos_pipe(gate), "pipe");
  uint32_t a = spawn((char *[]){self, "records", "a", count, size}, 5, gate[0], 1, 2);
  uint32_t b = spawn((char *[]){self, "records", "b", count, size}, 5, gate[0], 1, 2);
  if (write_all((int)gate[1], "go", 2) < 0) return fail("gate");
  return wait_for(a) | wait_for(b);
}

static int shared(char *self, const char *path) {
  int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666), other = open(path, O_RDWR);
  if (fd < 0 || other < 0) return fail(path);
  if (write_all(fd, "one;", 4) < 0) return fail(path);
  int status = wait_for(spawn((char *[]){self, "records", "x", "3", "2"}, 5, 0, (uint32_t)fd, 2));
  if (write_all(fd, ";two", 4) < 0 || write_all(other, "ONE", 3) < 0) return fail(path);
  printf("position %d, and its own %d\n", (int)lseek(fd, 0, SEEK_CUR), (int)lseek(other, 0, SEEK_CUR));
  return status;
}

int main(int argc, char **argv) {
  program_name = "plumbing";
  const char *what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "capacity") == 0) return capacity();
  if (strcmp(what, "records") == 0 && argc == 5) return records(argv[2][0], number(argv[3]), (size_t)number(argv[4]));
  if (strcmp(what, "two") == 0 && argc == 5) return two(argv[2], argv[3], argv[4]);
  if (strcmp(what, "shared") == 0 && argc == 4) return shared(argv[2], argv[3]);
  if (strcmp(what, "held") == 0 && argc == 4) {
    spawn((char *[]){argv[2], "sleep", argv[3]}, 3, 0, 1, 2);
    return 0;
  }
  if (strcmp(what, "sleep") == 0) return usleep((useconds_t)number(argv[2]) * 1000);
  return usage("WHAT [ARG...]");
}
