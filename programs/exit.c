// exit CODE: ends with that status.

#include "program.h"

int main(int argc, char **argv) {
  program_name = "exit";
  if (argc != 2) return usage("CODE");
  exit((int)number(argv[1]));
}
