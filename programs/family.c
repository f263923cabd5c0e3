// family SELF SPIN: parents and children as POSIX has them: statuses, zombies, orphans, signals. SELF is the path of this
// program, SPIN of one that never ends. Prints what happened, without process numbers, so that every kernel prints the same.
//
// It starts itself as: `child CODE`, which ends with CODE; `middle SELF`, which starts an `orphan` and ends at once; `orphan`,
// which waits until its parent has changed and says so.

#include "process.h"

static char *self, *spin;

static void show_wait(const char *what, uint32_t process, uint32_t flags, uint32_t expected) {
  uint32_t ended = 0, status = 0;
  uint16_t error = kaleidos_proc_wait(process, flags, &ended, &status);
  printf("%s: errno %u", what, error);
  if (error == 0 && ended == 0) printf(", none has ended");
  if (error == 0 && ended != 0) {
    printf(", %s, code %u, signal %u", ended == expected ? "the child" : "another process", KALEIDOS_EXIT_CODE(status), KALEIDOS_SIGNAL(status));
  }
  putchar('\n');
  fflush(stdout);
}

static uint32_t start(char *what, char *argument) {
  return spawn((char *[]){self, what, argument}, 3, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
}

// The parent of this process, which has changed when the first one is gone.
static int orphan(void) {
  uint32_t parent, now, me;
  must(kaleidos_proc_id(&me), "proc_id");
  must(kaleidos_proc_parent(&parent), "proc_parent");
  // Says that it is there, so that the one in the middle does not end before.
  if (write_all(STDOUT_FILENO, "r", 1) < 0) return fail("standard output");
  for (;;) {
    must(kaleidos_proc_parent(&now), "proc_parent");
    if (now != parent || now == 1) break;
    usleep(1000);
  }
  fprintf(stderr, "orphan: parent is process %u\n", now);
  return 0;
}

static int middle(void) {
  uint32_t ends[2];
  char ready;
  must(kaleidos_pipe(ends), "pipe");
  spawn((char *[]){self, "orphan", ""}, 3, STDIN_FILENO, ends[1], STDERR_FILENO);
  close((int)ends[1]);
  if (read((int)ends[0], &ready, 1) != 1) return fail("orphan");
  return 7;
}

int main(int argc, char **argv) {
  program_name = "family";
  if (argc != 3 && argc != 4) return usage("SELF SPIN");
  self = argv[0];
  if (strcmp(argv[1], "child") == 0) return (int)number(argv[2]);
  if (strcmp(argv[1], "orphan") == 0) return orphan();
  if (strcmp(argv[1], "middle") == 0) return middle();
  self = argv[1], spin = argv[2];

  show_wait("wait without children", 0, 0, 0);
  uint32_t first = start("child", "3"), second = start("child", "200");
  show_wait("wait for the second", second, 0, second);
  show_wait("wait for the first", first, 0, first);
  show_wait("wait for it again", first, 0, first);
  show_wait("wait for a stranger", 1, 0, 1);

  uint32_t spinning = spawn(&spin, 1, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
  show_wait("no hang while it spins", spinning, KALEIDOS_NO_HANG, spinning);
  printf("signal 0: errno %u\n", kaleidos_proc_kill(spinning, 0));
  printf("kill: errno %u\n", kaleidos_proc_kill(spinning, 9));
  show_wait("wait for the killed", spinning, 0, spinning);
  printf("kill what is gone: errno %u\n", kaleidos_proc_kill(spinning, 9));
  printf("no such signal: errno %u\n", kaleidos_proc_kill(1, 99));

  // A zombie is there, for kill, until somebody waited for it.
  uint32_t zombie = start("child", "0");
  usleep(20000);
  printf("signal 0 to a zombie: errno %u\n", kaleidos_proc_kill(zombie, 0));
  show_wait("no hang with a zombie", 0, KALEIDOS_NO_HANG, zombie);
  printf("signal 0 after the wait: errno %u\n", kaleidos_proc_kill(zombie, 0));

  // The orphan's line comes on standard error: nobody here can wait for it.
  uint32_t between = start("middle", "");
  show_wait("wait for the one between", between, 0, between);
  show_wait("wait with no child left", 0, 0, 0);
  usleep(50000);
  return 0;
}
