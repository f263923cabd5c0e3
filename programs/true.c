// true: nothing, successfully. The cheapest program to spawn.

int main(void) {
  return 0;
}
