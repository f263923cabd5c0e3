// setjmp and longjmp by WebAssembly exceptions; wasi-libc has none. For code compiled with `-mllvm -wasm-enable-sjlj`.

#ifndef SJLJ_SETJMP_H
#define SJLJ_SETJMP_H

// The first word is the number of the setjmp call that filled it.
typedef struct { unsigned long call; } jmp_buf[1];

int setjmp(jmp_buf) __attribute__((returns_twice));
_Noreturn void longjmp(jmp_buf, int);

#endif
