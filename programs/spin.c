// spin: loops for ever without a call.

int main(void) {
  for (volatile unsigned turns = 0;; turns++) {}
}
