// recurse: calls itself for ever. The frames hold no memory of the program's, so that it is the stack that runs out.

static unsigned down(unsigned depth);

// Read again for every call, so that the compiler cannot turn the recursion into a loop.
static unsigned (*volatile next)(unsigned) = down;

static unsigned down(unsigned depth) {
  return next(depth + 1) + 1;
}

int main(void) {
  return (int)down(0);
}
