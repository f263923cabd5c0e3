// hello: one line.

#include <stdio.h>

int main(void) {
  puts("Hello from KaleidOS");
  return 0;
}
