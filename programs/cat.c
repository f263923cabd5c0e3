// cat [FILE…]: copies files, or standard input (also as `-`), to standard output.

#include "program.h"

static int cat(const char *path) {
  int fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY);
  if (fd < 0) return fail(path);
  int result = copy_all(fd, STDOUT_FILENO);
  if (result < 0) return fail(result == -1 ? path : "standard output");
  if (fd != STDIN_FILENO) close(fd);
  return 0;
}

int main(int argc, char **argv) {
  program_name = "cat";
  if (argc == 1) return cat("-");
  int status = 0;
  for (int i = 1; i < argc; i++) status |= cat(argv[i]);
  return status;
}
