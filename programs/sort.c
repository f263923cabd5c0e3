// sort [FILE]: the lines of a file, or of standard input, sorted by byte.

#include "program.h"

struct line { const char *start; size_t length; };

static char *text;
static size_t size, room;

static int by_bytes(const void *a, const void *b) {
  const struct line *left = a, *right = b;
  size_t shorter = left->length < right->length ? left->length : right->length;
  int order = memcmp(left->start, right->start, shorter);
  return order != 0 ? order : (left->length > right->length) - (left->length < right->length);
}

static int read_all(int fd) {
  for (;;) {
    if (size == room && (text = realloc(text, room = room ? room * 2 : CHUNK)) == NULL) return -1;
    ssize_t got = read(fd, text + size, room - size);
    if (got <= 0) return (int)got;
    size += (size_t)got;
  }
}

int main(int argc, char **argv) {
  program_name = "sort";
  const char *path = argc > 1 ? argv[1] : "standard input";
  int fd = argc > 1 ? open(path, O_RDONLY) : STDIN_FILENO;
  if (fd < 0 || read_all(fd) < 0) return fail(path);

  size_t count = 0;
  for (size_t i = 0; i < size; i++) count += text[i] == '\n';
  if (size > 0 && text[size - 1] != '\n') count++;
  struct line *lines = malloc((count ? count : 1) * sizeof *lines);
  if (lines == NULL) return fail("lines");
  const char *start = text;
  for (size_t i = 0; i < count; i++) {
    const char *end = memchr(start, '\n', size - (size_t)(start - text));
    lines[i] = (struct line){start, end ? (size_t)(end - start) : size - (size_t)(start - text)};
    if (end) start = end + 1;
  }
  qsort(lines, count, sizeof *lines, by_bytes);
  for (size_t i = 0; i < count; i++) {
    fwrite(lines[i].start, 1, lines[i].length, stdout);
    putchar('\n');
  }
  return fflush(stdout) == 0 ? 0 : fail("standard output");
}
