// heap ROUNDS [SEED]: takes and returns blocks of random sizes, each filled with its own pattern and checked before it is
// returned; prints a checksum that depends on ROUNDS and SEED only.

#include "program.h"

#define BLOCKS 512
#define BLOCK_SIZE_MAX 8192

struct block { unsigned char *start; size_t size; unsigned char pattern; };

static uint32_t state;

static uint32_t draw(void) {
  // xorshift32 (Marsaglia 2003)
  state ^= state << 13, state ^= state >> 17, state ^= state << 5;
  return state;
}

int main(int argc, char **argv) {
  program_name = "heap";
  if (argc < 2 || argc > 3) return usage("ROUNDS [SEED]");
  static struct block blocks[BLOCKS];
  uint32_t checksum = 0;
  state = argc > 2 ? (uint32_t)number(argv[2]) | 1 : 1;
  for (long long rounds = number(argv[1]); rounds > 0; rounds--) {
    struct block *block = &blocks[draw() % BLOCKS];
    for (size_t i = 0; i < block->size; i++) {
      if (block->start[i] != block->pattern) {
        fprintf(stderr, "heap: a block of %zu bytes was overwritten at %zu\n", block->size, i);
        return 1;
      }
    }
    free(block->start);
    block->size = draw() % BLOCK_SIZE_MAX + 1;
    block->pattern = (unsigned char)draw();
    block->start = malloc(block->size);
    if (block->start == NULL) return fail("malloc");
    memset(block->start, block->pattern, block->size);
    checksum = checksum * 31 + (uint32_t)block->size + block->pattern;
  }
  printf("checksum %08x\n", checksum);
  return 0;
}
