// args [STATUS]: its arguments and environment, one a line, in brackets so that spaces and empty ones show.

#include "program.h"

extern char **environ;

int main(int argc, char **argv) {
  for (int i = 0; i < argc; i++) printf("arg %d [%s]\n", i, argv[i]);
  for (char **variable = environ; *variable != NULL; variable++) printf("env [%s]\n", *variable);
  return 0;
}
