// One thread: what has to be done once is done by whoever comes first.

#ifndef TEST_REAL_PTHREAD_H
#define TEST_REAL_PTHREAD_H

typedef int pthread_once_t;
#define PTHREAD_ONCE_INIT 0

static inline int pthread_once(pthread_once_t *once, void (*run)(void)) {
  if (*once == 0) { *once = 1; run(); }
  return 0;
}

#endif
