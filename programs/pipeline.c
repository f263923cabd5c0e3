// pipeline PROGRAM [ARG…] -- PROGRAM [ARG…] …: runs programs with each one's output as the next one's input, as a shell's `|`
// does. Its status is that of the last one; that of any other that failed is said on standard error.

#include "process.h"

int main(int argc, char **argv) {
  program_name = "pipeline";
  if (argc < 2) return usage("PROGRAM [ARG...] -- PROGRAM [ARG...] ...");
  uint32_t *children = calloc((size_t)argc, sizeof *children), in = STDIN_FILENO;
  char ***starts = calloc((size_t)argc, sizeof *starts);
  if (children == NULL || starts == NULL) return fail("memory");
  size_t count = 0;
  for (int first = 1; first < argc;) {
    int end = first;
    while (end < argc && strcmp(argv[end], "--") != 0) end++;
    if (end == first || end == argc - 1) return usage("PROGRAM [ARG...] -- PROGRAM [ARG...] ...");
    uint32_t ends[2] = {STDIN_FILENO, STDOUT_FILENO};
    if (end < argc) must(kaleidos_pipe(ends), "pipe");
    starts[count] = argv + first;
    children[count++] = spawn(argv + first, (size_t)(end - first), in, ends[1], STDERR_FILENO);
    // The ends must not stay open here: a reader sees the end of its input when the last writer is gone.
    if (in != STDIN_FILENO) close((int)in);
    if (end < argc) close((int)ends[1]);
    in = ends[0];
    first = end + 1;
  }
  int status = 0;
  for (size_t i = 0; i < count; i++) {
    status = wait_for(children[i]);
    if (status != 0 && i + 1 < count) fprintf(stderr, "pipeline: %s: status %d\n", starts[i][0], status);
  }
  return status;
}
