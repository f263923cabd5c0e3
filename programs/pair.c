// pair PINGPONG ITERATIONS BATCHES: two pingpong programs joined by two pipes; the lines of the one that measures come out.

#include "process.h"

int main(int argc, char **argv) {
  program_name = "pair";
  if (argc != 4) return usage("PINGPONG ITERATIONS BATCHES");
  uint32_t there[2], back[2];
  must(kaleidos_pipe(there), "pipe");
  must(kaleidos_pipe(back), "pipe");
  uint32_t pong = spawn((char *[]){argv[1], "pong"}, 2, there[0], back[1], STDERR_FILENO);
  uint32_t ping = spawn((char *[]){argv[1], "ping", argv[2], argv[3]}, 4, back[0], there[1], STDOUT_FILENO);
  for (int i = 0; i < 2; i++) {
    close((int)there[i]);
    close((int)back[i]);
  }
  int status = wait_for(ping);
  return wait_for(pong) | status;
}
