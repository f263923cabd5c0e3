// grow [MIB]: takes memory a MiB at a time and touches it, until MIB are taken or there is no more.

#include "program.h"

int main(int argc, char **argv) {
  program_name = "grow";
  long long wanted = argc > 1 ? number(argv[1]) : INT64_MAX, taken = 0;
  // Volatile, so that the compiler cannot see that nobody uses the memory, and take none.
  for (char *volatile block; taken < wanted && (block = malloc(1 << 20)) != NULL; taken++) memset(block, (int)taken, 1 << 20);
  printf("%s after %lld MiB\n", taken == wanted ? "done" : "refused", taken);
  return taken == wanted ? 0 : 1;
}
