// recurse: calls itself for ever. The frames hold no memory of the program's, so that only the host's stack can run out.

__attribute__((noinline)) static unsigned down(unsigned depth, unsigned (*volatile next)(unsigned, void *)) {
  return next(depth, (void *)next) + 1;
}

static unsigned again(unsigned depth, void *next) {
  return down(depth + 1, (unsigned (*)(unsigned, void *))next);
}

int main(void) {
  return (int)down(0, again);
}
