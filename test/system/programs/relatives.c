// relatives SELF: who may wait for whom and signal whom, in what order children are waited for, and what cannot be started.
// Prints errors by number and no process numbers, so that every kernel prints the same.
//
// It starts itself as: `stranger SIBLING`, which signals everybody; `after MS CODE`, which ends with CODE after a while;
// `middle SELF`, which starts a child, says its number and waits for it; `raise SIGNAL`.

#include "process.h"
#include "wasi.h"

static char *self;

static uint32_t start(char *what, char *one, char *two) {
  return spawn((char *[]){self, what, one, two}, 4, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
}

static void say(const char *what, uint32_t error) {
  printf("%s: errno %u\n", what, error);
}

static uint32_t wait_any(uint32_t *status) {
  uint32_t ended = 0;
  *status = 0;
  must(kaleidos_proc_wait(0, 0, &ended, status), "proc_wait");
  return ended;
}

static int stranger(uint32_t sibling) {
  uint32_t me, parent;
  must(kaleidos_proc_id(&me), "proc_id");
  must(kaleidos_proc_parent(&parent), "proc_parent");
  say("signal 0 to the parent", kaleidos_proc_kill(parent, 0));
  say("kill the parent", kaleidos_proc_kill(parent, 9));
  say("kill a sibling", kaleidos_proc_kill(sibling, 9));
  say("kill init", kaleidos_proc_kill(1, 9));
  say("kill nobody", kaleidos_proc_kill(123456, 9));
  say("signal 0 to itself", kaleidos_proc_kill(me, 0));
  say("ignored signal to itself", kaleidos_proc_kill(me, 16));
  uint32_t ended, status;
  say("wait for a sibling", kaleidos_proc_wait(sibling, 0, &ended, &status));
  say("wait for itself", kaleidos_proc_wait(me, 0, &ended, &status));
  kaleidos_proc_kill(me, 15);
  say("after its own death", 0);
  return 0;
}

static int middle(void) {
  uint32_t child = start("after", "1000000", "0");
  if (write_all(STDOUT_FILENO, &child, sizeof child) < 0) return fail("standard output");
  return wait_for(child);
}

static void strangers(void) {
  uint32_t sibling = start("after", "1000000", "0");
  char text[16];
  snprintf(text, sizeof text, "%u", sibling);
  printf("stranger ended with %d\n", wait_for(start("stranger", text, "")));
  say("kill a child", kaleidos_proc_kill(sibling, 9));
  printf("child ended with %d\n", wait_for(sibling));
}

static void grandchildren(void) {
  uint32_t ends[2], grandchild = 0, ended, status;
  must(kaleidos_pipe(ends), "pipe");
  uint32_t between = spawn((char *[]){self, "middle"}, 2, STDIN_FILENO, ends[1], STDERR_FILENO);
  if (read((int)ends[0], &grandchild, sizeof grandchild) != sizeof grandchild) exit(fail("grandchild"));
  say("wait for a grandchild", kaleidos_proc_wait(grandchild, 0, &ended, &status));
  say("kill a grandchild", kaleidos_proc_kill(grandchild, 9));
  printf("middle ended with %d\n", wait_for(between));
  say("kill a grandchild again", kaleidos_proc_kill(grandchild, 9));
  close((int)ends[0]);
  close((int)ends[1]);
}

static void order(void) {
  start("after", "500", "1");
  start("after", "10", "2");
  start("after", "250", "3");
  uint32_t status, ended;
  for (int i = 0; i < 3; i++) {
    wait_any(&status);
    printf("ended: %u\n", KALEIDOS_EXIT_CODE(status));
  }
  say("no child is left", kaleidos_proc_wait(0, 0, &ended, &status));
  say("no child is left, and it would not wait", kaleidos_proc_wait(0, KALEIDOS_NO_HANG, &ended, &status));
}

static void signals(void) {
  for (char *const *signal = (char *[]){"6", "9", "13", "15", "30", "16", "18", NULL}; *signal != NULL; signal++) {
    printf("raise %s: %d\n", *signal, wait_for(start("raise", *signal, "")));
  }
}

static void refusals(void) {
  int32_t fds[] = {0, 1, 999};
  uint32_t process;
  static char long_argument[1100 * 1024];
  memset(long_argument, 'a', sizeof long_argument - 1);
  const char *nowhere = "/bin/nowhere", *folder = "/bin", *text = "/bin/text";
  say("start what is not there", spawn_block(nowhere, "x", 2, fds, 2, &process));
  say("start a folder", spawn_block(folder, "x", 2, fds, 2, &process));
  say("start a text", spawn_block(text, "x", 2, fds, 2, &process));
  say("start with a bad descriptor", spawn_block(self, "x", 2, fds, 3, &process));
  say("start with too many arguments", spawn_block(self, long_argument, sizeof long_argument, fds, 2, &process));
  say("start with no path", spawn_block("", "x", 2, fds, 2, &process));
  uint32_t ended, status;
  say("and nothing was started", kaleidos_proc_wait(0, 0, &ended, &status));
}

int main(int argc, char **argv) {
  program_name = "relatives";
  if (argc < 2) return usage("SELF");
  self = argv[0];
  // Lines of several programs, in the order in which they say them.
  setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
  if (strcmp(argv[1], "stranger") == 0) return stranger((uint32_t)number(argv[2]));
  if (strcmp(argv[1], "after") == 0) return usleep((useconds_t)number(argv[2]) * 1000), (int)number(argv[3]);
  if (strcmp(argv[1], "middle") == 0) return middle();
  if (strcmp(argv[1], "raise") == 0) return raw_proc_raise((u32)number(argv[2]));
  self = argv[1];
  strangers();
  grandchildren();
  order();
  signals();
  refusals();
  return 0;
}
