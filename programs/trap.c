// trap KIND: one way to trap each: unreachable, divide, overflow, memory, table, signature.

#include "program.h"

static int of_int(int x) { return x; }
static void *volatile any_function = (void *)of_int;

int main(int argc, char **argv) {
  program_name = "trap";
  if (argc != 2) return usage("unreachable|divide|overflow|memory|table|signature");
  const char *kind = argv[1];
  volatile int zero = 0, one = 1, lowest = INT32_MIN, minus_one = -1;
  printf("before %s\n", kind);
  fflush(stdout);
  if (strcmp(kind, "unreachable") == 0) __builtin_trap();
  // The C of these is undefined; the volatile operands make the compiler leave the instruction that traps.
  if (strcmp(kind, "divide") == 0) printf("%d\n", one / zero);
  if (strcmp(kind, "overflow") == 0) printf("%d\n", lowest / minus_one);
  if (strcmp(kind, "memory") == 0) printf("%d\n", *(volatile int *)0xfffffff0);
  if (strcmp(kind, "table") == 0) ((void (*volatile)(void))0x7fffffff)();
  if (strcmp(kind, "signature") == 0) printf("%d\n", ((double (*)(double))any_function)(1.0) > 0);
  fprintf(stderr, "trap: %s did not trap\n", kind);
  return 2;
}
