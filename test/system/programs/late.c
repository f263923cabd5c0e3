// late TIMES MICROSECONDS: sleeps so often until an instant of the monotonic clock, and says how late it woke at most and in the mean, in ns.

#include "program.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))

static u64 now(void) {
  u64 ns;
  if (raw_clock_time_get(__WASI_CLOCKID_MONOTONIC, 1, AT(&ns)) != 0) exit(1);
  return ns;
}

int main(int argc, char **argv) {
  program_name = "late";
  if (argc != 3) return usage("TIMES MICROSECONDS");
  long long times = number(argv[1]), each = number(argv[2]) * 1000;
  u64 most = 0, sum = 0, due = now();
  for (long long turn = 0; turn < times; turn++) {
    due += (u64)each;
    __wasi_subscription_t wanted = {0};
    wanted.u.tag = __WASI_EVENTTYPE_CLOCK;
    wanted.u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
    wanted.u.u.clock.timeout = due;
    wanted.u.u.clock.flags = __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
    __wasi_event_t event;
    u32 events;
    if (raw_poll_oneoff(AT(&wanted), AT(&event), 1, AT(&events)) != 0) return fail("poll_oneoff");
    u64 woke = now(), late = woke > due ? woke - due : 0;
    sum += late;
    if (late > most) most = late;
  }
  printf("%llu %llu\n", (unsigned long long)most, (unsigned long long)(sum / (u64)times));
  return 0;
}
