#!/usr/bin/env bash
# Compiles command-line programs that nobody here wrote, from Debian's sources, to out/real/NAME.wasm: `npm run programs:real`.
#
# The tests of real programs run them; without them those tests are skipped and say what is missing. It needs clang, wasm-ld,
# wasi-libc and its compiler-rt, apt-get with a Debian source of packages, dpkg-source, and for sqlite3 gcc, make and tclsh:
#   apt-get install clang lld wasi-libc libclang-rt-dev-wasm32 dpkg-dev gcc make tcl
# Nothing outside out/real is touched: apt has its own lists there. A second run does nothing unless this script or
# what it compiles in test/real changed.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
real=$root/test/real
out=$root/out/real
sources=$out/sources

for tool in clang wasm-ld apt-get dpkg-source gcc make tclsh; do
  command -v "$tool" >/dev/null || { echo "programs:real: $tool is missing (see scripts/build-real.sh)" >&2; exit 1; }
done

programs=(lua bzip2 minigzip sqlite3 jq)
recipe=$(cat "$root/scripts/build-real.sh" "$real"/*/*.[ch] | sha256sum | cut -d' ' -f1)
missing=$(for program in "${programs[@]}"; do [ -f "$out/$program.wasm" ] || echo "$program"; done)
if [ -z "$missing" ] && [ "$(cat "$out/.built" 2>/dev/null)" = "$recipe" ]; then exit 0; fi

flags=(--target=wasm32-wasi -O2 -w "-I$real/posix" -include posix.h -D_WASI_EMULATED_SIGNAL -D_WASI_EMULATED_PROCESS_CLOCKS
  -D_WASI_EMULATED_GETPID -D_WASI_EMULATED_MMAN)
libraries=("$real/posix/posix.c" -lwasi-emulated-signal -lwasi-emulated-process-clocks -lwasi-emulated-getpid
  -lwasi-emulated-mman -Wl,--strip-all)
# A stack as large as these programs have elsewhere would be; the default of 64 KiB is not.
stack=-Wl,-z,stack-size=1048576

# The newest version of a source package that there is. The places may list one that they do not have (yet, or any more).
fetch_source() {
  local version
  for version in $(apt-cache showsrc --only-source "$1" | sed -n 's/^Version: //p' | sort -rVu); do
    if apt-get source --download-only -qq "$1=$version" 2> "$out/apt/error"; then return 0; fi
    rm -f ./"$1"_*
  done
  cat "$out/apt/error" >&2
  echo "programs:real: the sources of $1 cannot be had" >&2
  return 1
}

# Sources: the system's own places, asked for source packages, with lists of our own.
fetch() {
  mkdir -p "$out/apt/lists/partial" "$out/apt/archives/partial" "$out/apt/sources.list.d" "$sources"
  # Either of the two forms that a system's list of places can have.
  { cat /etc/apt/sources.list.d/*.sources 2>/dev/null || true; } | sed 's/^Types:.*/Types: deb-src/' > "$out/apt/sources.list.d/own.sources"
  { cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null || true; } | sed -n 's/^deb /deb-src /p' > "$out/apt/sources.list.d/own.list"
  cat > "$out/apt/apt.conf" <<END
Dir::Etc::SourceList "/dev/null";
Dir::Etc::SourceParts "$out/apt/sources.list.d";
Dir::State::Lists "$out/apt/lists";
Dir::Cache "$out/apt";
APT::Sandbox::User "$(id -un)";
Acquire::Retries "3";
END
  export APT_CONFIG=$out/apt/apt.conf
  apt-get update -qq
  (cd "$sources" && rm -rf ./* && for package in lua5.4 bzip2 zlib sqlite3 jq; do fetch_source "$package"; done)
  for description in "$sources"/*.dsc; do
    name=$(basename "$description" | cut -d_ -f1)
    dpkg-source --no-check -q -x "$description" "$sources/$name" 2>/dev/null
  done
}

lua() {
  cd "$sources/lua5.4/src"
  echo '#define DEB_HOST_MULTIARCH "wasm32-wasi"' > lua5.4-deb-multiarch.h
  local sjlj=(-mexception-handling -mllvm -wasm-enable-sjlj "-I$real/sjlj")
  clang "${flags[@]}" "${sjlj[@]}" -DL_tmpnam=20 $(ls ./*.c | grep -v luac.c) "$real/sjlj/runtime.c" "${libraries[@]}" $stack -o "$1"
}

bzip2() {
  cd "$sources/bzip2"
  clang "${flags[@]}" bzip2.c blocksort.c huffman.c crctable.c randtable.c compress.c decompress.c bzlib.c "${libraries[@]}" $stack -o "$1"
}

minigzip() {
  cd "$sources/zlib"
  clang "${flags[@]}" -DHAVE_UNISTD_H -I. test/minigzip.c adler32.c crc32.c deflate.c inffast.c inflate.c inftrees.c trees.c zutil.c \
    compress.c uncompr.c gzclose.c gzlib.c gzread.c gzwrite.c "${libraries[@]}" $stack -o "$1"
}

sqlite3() {
  mkdir -p "$sources/sqlite3/build"
  cd "$sources/sqlite3/build"
  # The configuration is this machine's: it is only there to put the sources together.
  ../configure --disable-tcl --disable-readline --disable-load-extension > configure.log 2>&1
  make sqlite3.c shell.c > make.log 2>&1
  # WASI has no locks on files, so the default is SQLite's way of doing without.
  clang "${flags[@]}" -I. '-DSQLITE_DEFAULT_UNIX_VFS="unix-none"' -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION -DSQLITE_OMIT_WAL -DSQLITE_MAX_MMAP_SIZE=0 \
    -DSQLITE_OMIT_POPEN -DSQLITE_NOHAVE_SYSTEM sqlite3.c shell.c "${libraries[@]}" $stack -o "$1"
}

jq() {
  cd "$sources/jq"
  # What its Makefile generates, and what its configure would find here. Without Oniguruma: no regular expressions.
  sed -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/^/"/' -e 's/$/\\n"/' src/builtin.jq > src/builtin.inc
  echo "#define JQ_VERSION \"$(sed -n '1s/.*(\([^-]*\)-.*/\1/p' debian/changelog)\"" > src/version.h
  local has=$(grep -o 'HAVE_[A-Z0-9_]*' src/libm.h | grep -vE '_(DREM|EXP10|GAMMA|POW10|SCALB|SIGNIFICAND)$' | sort -u)
  has+=' HAVE_ALLOCA HAVE_ALLOCA_H HAVE_ATEXIT HAVE_FREXP HAVE_GETENTROPY HAVE_GETTIMEOFDAY HAVE_GMTIME HAVE_GMTIME_R HAVE_ISATTY
    HAVE_LGAMMA_R HAVE_LOCALTIME_R HAVE_MEMMEM HAVE_MODF HAVE_STRFTIME HAVE_STRPTIME HAVE_TIMEGM HAVE_TM_TM_GMT_OFF'
  clang "${flags[@]}" -D_GNU_SOURCE -DIEEE_8087 $(printf ' -D%s' $has) -I. -Isrc $(ls src/*.c | grep -v inject_errors) "${libraries[@]}" $stack -o "$1"
}

echo "programs:real: fetching sources …" >&2
fetch
echo "programs:real: compiling ${programs[*]} …" >&2
pids=()
for program in sqlite3 lua jq bzip2 minigzip; do
  ("$program" "$out/$program.new" && mv "$out/$program.new" "$out/$program.wasm") &
  pids+=($!)
done
for pid in "${pids[@]}"; do wait "$pid"; done
rm -rf "$sources"
echo "$recipe" > "$out/.built"
ls -l "$out"/*.wasm | awk '{ print "programs:real: " $NF ", " $5 " bytes" }' >&2
