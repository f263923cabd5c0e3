// What the module `kaleidos` is for, in C: pipes, process groups, redirection, environment and signals. jobs.ts is the same
// program as a task; both print the same.
//
// It starts itself, by the path that it was started with. Built by:
//   clang --target=wasm32-wasi -O2 -I../../programs/include -o jobs.wasm jobs.c
// Run, from the root of this repository:
//   npx node examples/jobs/run.ts microkernel

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <kaleidos.h>

enum { TERM = 15 };

static const char *self;

// Says which call failed, and ends.
static void must(uint16_t error, const char *call) {
  if (error == 0) return;
  printf("%s: %s\n", call, strerror(error));
  exit(error);
}

// Starts this program with one argument, with these standard streams, in a process group.
static uint32_t start(const char *argument, int32_t in, int32_t out, int32_t group, const char *env) {
  char argv[256];
  size_t length = (size_t)snprintf(argv, sizeof argv, "%s%c%s", self, 0, argument) + 1;
  int32_t fds[] = {in, out, 2};
  uint32_t child = 0;
  kaleidos_spawn_t options = KALEIDOS_SPAWN_INIT;
  options.path = self;
  options.path_length = strlen(self);
  options.argv = argv;
  options.argv_length = length;
  options.fds = fds;
  options.fds_count = 3;
  options.group = group;
  if (env != NULL) {
    options.env = env;
    options.env_length = strlen(env) + 1;
  }
  fflush(stdout);
  must(kaleidos_proc_spawn(&options, &child), "spawn");
  return child;
}

// Waits, and returns the status as a shell gives it.
static int wait_for(int32_t which) {
  uint32_t process = 0, status = 0;
  must(kaleidos_proc_wait(which, 0, &process, &status), "wait");
  return KALEIDOS_SIGNAL(status) ? 128 + (int)KALEIDOS_SIGNAL(status) : (int)KALEIDOS_EXIT_CODE(status);
}

static int count(void) {
  for (int i = 1; i <= 1000; i++) printf("%d\n", i);
  return 0;
}

static int sum(void) {
  long total = 0;
  int number;
  while (scanf("%d", &number) == 1) total += number;
  printf("the sum is %ld\n", total);
  return total == 500500 ? 0 : 1;
}

static int stubborn(void) {
  uint32_t me = 0, before = 0;
  must(kaleidos_proc_signal(TERM, KALEIDOS_SIGNAL_IGNORE, &before), "signal");
  must(kaleidos_proc_id(&me), "id");
  must(kaleidos_proc_kill((int32_t)me, TERM), "kill");
  return 3;
}

int main(int argc, char **argv) {
  self = argv[0];
  if (argc > 1) {
    if (strcmp(argv[1], "count") == 0) return count();
    if (strcmp(argv[1], "sum") == 0) return sum();
    if (strcmp(argv[1], "stubborn") == 0) return stubborn();
    if (strcmp(argv[1], "greet") == 0) return printf("%s\n", getenv("GREETING")) < 0;
    return (int)sleep(1000);
  }

  // A directory to work in; what is started begins there too.
  if (mkdir("/job", 0777) != 0 && errno != EEXIST) return 1;
  must(kaleidos_change_directory("/job"), "chdir");
  char directory[64];
  size_t length = 0;
  must(kaleidos_getcwd(directory, sizeof directory, &length), "getcwd");
  printf("in %.*s\n", (int)length, directory);

  // A pipeline is a job: its processes are one group, and are waited for as one.
  uint32_t ends[2];
  must(kaleidos_pipe(ends), "pipe");
  int32_t job = (int32_t)start("count", 0, (int32_t)ends[1], 0, NULL);
  start("sum", (int32_t)ends[0], 1, job, NULL);
  close((int)ends[0]);
  close((int)ends[1]);
  int statuses = wait_for(-job) + wait_for(-job);
  printf("the pipeline ended with %d\n", statuses);

  // Standard output goes to a file for a while.
  fflush(stdout);
  uint32_t terminal = 0;
  must(kaleidos_dup(1, 10, &terminal), "dup");
  int log = open("log", O_WRONLY | O_CREAT | O_TRUNC, 0666);
  if (log < 0) return 1;
  must(kaleidos_dup2((uint32_t)log, 1), "dup2");
  printf("written to a file\n");
  fflush(stdout);
  must(kaleidos_dup2(terminal, 1), "dup2");
  close(log);
  close((int)terminal);
  char line[64] = "";
  FILE *file = fopen("log", "r");
  if (file == NULL || fgets(line, sizeof line, file) == NULL) return 1;
  fclose(file);
  printf("the log says: %s", line);

  // An environment of its own.
  start("greet", 0, 1, -1, "GREETING=hello");
  wait_for(0);

  // Signals: to a group; and one that is ignored.
  int32_t sleeper = (int32_t)start("sleep", 0, 1, 0, NULL);
  uint32_t ended = 1, status = 0;
  must(kaleidos_proc_wait(0, KALEIDOS_NO_HANG, &ended, &status), "wait");
  must(kaleidos_proc_kill(-sleeper, TERM), "kill");
  int killed = wait_for(sleeper);
  printf("%s, then ended with %d\n", ended == 0 ? "it sleeps" : "it has ended", killed);
  int survivor = wait_for((int32_t)start("stubborn", 0, 1, -1, NULL));
  printf("the stubborn one ended with %d\n", survivor);
  printf("no child is left: %s\n", kaleidos_proc_wait(0, 0, &ended, &status) == ECHILD ? "ECHILD" : "?");
  return 0;
}
