// bytes COUNT: writes COUNT bytes, all 256 values over and over, to standard output.

#include "program.h"

int main(int argc, char **argv) {
  program_name = "bytes";
  if (argc != 2) return usage("COUNT");
  static unsigned char chunk[CHUNK];
  for (size_t i = 0; i < sizeof chunk; i++) chunk[i] = (unsigned char)i;
  for (long long left = number(argv[1]); left > 0; left -= CHUNK) {
    if (write_all(STDOUT_FILENO, chunk, left < CHUNK ? (size_t)left : CHUNK) < 0) return fail("standard output");
  }
  return 0;
}
