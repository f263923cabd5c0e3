// wc [FILE…]: lines, words and bytes of files, or of standard input.

#include "program.h"
#include <ctype.h>

struct counts { unsigned long long lines, words, bytes; };

static int count(int fd, struct counts *counts) {
  static unsigned char chunk[CHUNK];
  int in_word = 0;
  for (;;) {
    ssize_t got = read(fd, chunk, sizeof chunk);
    if (got <= 0) return (int)got;
    counts->bytes += (unsigned long long)got;
    for (ssize_t i = 0; i < got; i++) {
      if (chunk[i] == '\n') counts->lines++;
      if (isspace(chunk[i])) in_word = 0;
      else if (!in_word) in_word = 1, counts->words++;
    }
  }
}

static void print(const struct counts *counts, const char *name) {
  printf("%7llu %7llu %7llu%s%s\n", counts->lines, counts->words, counts->bytes, *name ? " " : "", name);
}

int main(int argc, char **argv) {
  program_name = "wc";
  struct counts total = {0};
  int status = 0;
  if (argc == 1) {
    if (count(STDIN_FILENO, &total) < 0) return fail("standard input");
    print(&total, "");
    return 0;
  }
  for (int i = 1; i < argc; i++) {
    struct counts one = {0};
    int fd = open(argv[i], O_RDONLY);
    if (fd < 0 || count(fd, &one) < 0) status = fail(argv[i]);
    else print(&one, argv[i]);
    if (fd >= 0) close(fd);
    total.lines += one.lines, total.words += one.words, total.bytes += one.bytes;
  }
  if (argc > 2) print(&total, "total");
  return status;
}
