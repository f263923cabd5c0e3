// primes LIMIT [ROUNDS]: counts the primes below LIMIT by a sieve, ROUNDS times: processor work without a call.

#include "program.h"

static unsigned count_primes(unsigned char *composite, unsigned limit) {
  memset(composite, 0, limit);
  unsigned count = 0;
  for (unsigned i = 2; i < limit; i++) {
    if (composite[i]) continue;
    count++;
    for (unsigned long long multiple = (unsigned long long)i * i; multiple < limit; multiple += i) composite[multiple] = 1;
  }
  return count;
}

int main(int argc, char **argv) {
  program_name = "primes";
  if (argc < 2 || argc > 3) return usage("LIMIT [ROUNDS]");
  unsigned limit = (unsigned)number(argv[1]), count = 0;
  unsigned char *composite = malloc(limit ? limit : 1);
  if (composite == NULL) return fail("sieve");
  for (long long rounds = argc > 2 ? number(argv[2]) : 1; rounds > 0; rounds--) count = count_primes(composite, limit);
  printf("%u primes below %u\n", count, limit);
  return 0;
}
