// cp FROM TO: copies a file; TO is made or emptied first.

#include "program.h"

int main(int argc, char **argv) {
  program_name = "cp";
  if (argc != 3) return usage("FROM TO");
  int from = open(argv[1], O_RDONLY);
  if (from < 0) return fail(argv[1]);
  int to = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (to < 0) return fail(argv[2]);
  int result = copy_all(from, to);
  if (result < 0) return fail(argv[result == -1 ? 1 : 2]);
  return close(to) == 0 ? 0 : fail(argv[2]);
}
