#!/usr/bin/env bash
# Rebuilds programs/wasm/ from the C sources in programs/: `npm run programs [NAME…]`.
#
# The results are committed, so that nobody needs a compiler to use or test KaleidOS. They were made with Debian 12's packages
# (clang-14, lld-14, wasi-libc, libclang-rt-14-dev-wasm32); with these the same bytes come out again.
set -euo pipefail
cd "$(dirname "$0")/../programs"

for tool in clang wasm-ld; do
  command -v "$tool" >/dev/null || { echo "programs: $tool is missing: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32" >&2; exit 1; }
done

# No floating point in printf: it would make every program a third larger.
flags=(--target=wasm32-wasi -O2 -std=gnu11 -Wall -Wextra -Werror -Iinclude -Wl,--strip-all -lc-printscan-no-floating-point)

if [ $# -eq 0 ]; then set -- *.c; fi
mkdir -p wasm
for source in "$@"; do
  name=$(basename "$source" .c)
  clang "${flags[@]}" -o "wasm/$name.wasm" "$name.c"
  chmod 644 "wasm/$name.wasm"
done
echo "programs: $# built, $(cat wasm/*.wasm | wc -c) bytes in all"
