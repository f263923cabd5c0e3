// What clang 14 calls where a function that calls setjmp was compiled with `-mllvm -wasm-enable-sjlj`.
//
// Such a function keeps a table of the setjmp calls of its activation, with the place each one returns to. longjmp throws the
// tag __c_longjmp; the function catches it, looks the call up in its table, and goes on there or throws on.
// Source: LLVM 14, WebAssemblyLowerEmscriptenEHSjLj.cpp (the interface that its comment describes).

#include <stdint.h>
#include <stdlib.h>

struct entry { uint32_t call, label; };
struct jump { void *env; int value; };

static uint32_t calls, second_result;
static struct jump jump;

void setTempRet0(uint32_t value) { second_result = value; }
uint32_t getTempRet0(void) { return second_result; }

// Enters a setjmp call into the activation's table, which ends with an entry of call 0; gives the table back, and its size as
// second result.
struct entry *saveSetjmp(uint32_t *env, uint32_t label, struct entry *table, uint32_t size) {
  uint32_t at = 0;
  while (at < size && table[at].call != 0) at++;
  if (at == size) {
    size *= 2;
    table = realloc(table, (size + 1) * sizeof *table);
    if (table == NULL) abort();
  }
  *env = ++calls;
  table[at] = (struct entry){calls, label};
  table[at + 1].call = 0;
  setTempRet0(size);
  return table;
}

uint32_t testSetjmp(uint32_t call, struct entry *table, uint32_t size) {
  for (uint32_t at = 0; at < size && table[at].call != 0; at++) {
    if (table[at].call == call) return table[at].label;
  }
  return 0;
}

_Noreturn void __wasm_longjmp(void *env, int value) {
  jump = (struct jump){env, value != 0 ? value : 1};
  // 1 is the number of the tag __c_longjmp.
  __builtin_wasm_throw(1, &jump);
}
