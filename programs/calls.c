// calls [SECTION…]: makes every call of WASI preview 1, in success and in error, and prints what came back.
//
// The output depends on the system's behaviour only: no times, inodes, host paths or orders that a system may choose. So two
// systems that behave alike print the same bytes. It works in a directory `calls.d` in the first preopened directory, which
// has to be writable, and removes it again. The section `faults` passes addresses outside the program's memory; it is last
// and left out unless named, since a host may also answer by a trap.

#include "program.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))
#define PATH(text) AT(text), (u32)strlen(text)
#define ROOT 3u
#define CLOSED 777u
#define FILE_RIGHTS (u64)(__WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL \
  | __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE | __WASI_RIGHTS_FD_FILESTAT_SET_TIMES \
  | __WASI_RIGHTS_FD_ALLOCATE | __WASI_RIGHTS_FD_ADVISE | __WASI_RIGHTS_FD_SYNC | __WASI_RIGHTS_FD_DATASYNC \
  | __WASI_RIGHTS_FD_FDSTAT_SET_FLAGS | __WASI_RIGHTS_POLL_FD_READWRITE)
#define FOLLOW 1u

static const char *const errno_names[] = {
  "SUCCESS", "2BIG", "ACCES", "ADDRINUSE", "ADDRNOTAVAIL", "AFNOSUPPORT", "AGAIN", "ALREADY", "BADF", "BADMSG", "BUSY",
  "CANCELED", "CHILD", "CONNABORTED", "CONNREFUSED", "CONNRESET", "DEADLK", "DESTADDRREQ", "DOM", "DQUOT", "EXIST", "FAULT",
  "FBIG", "HOSTUNREACH", "IDRM", "ILSEQ", "INPROGRESS", "INTR", "INVAL", "IO", "ISCONN", "ISDIR", "LOOP", "MFILE", "MLINK",
  "MSGSIZE", "MULTIHOP", "NAMETOOLONG", "NETDOWN", "NETRESET", "NETUNREACH", "NFILE", "NOBUFS", "NODEV", "NOENT", "NOEXEC",
  "NOLCK", "NOLINK", "NOMEM", "NOMSG", "NOPROTOOPT", "NOSPC", "NOSYS", "NOTCONN", "NOTDIR", "NOTEMPTY", "NOTRECOVERABLE",
  "NOTSOCK", "NOTSUP", "NOTTY", "NXIO", "OVERFLOW", "OWNERDEAD", "PERM", "PIPE", "PROTO", "PROTONOSUPPORT", "PROTOTYPE",
  "RANGE", "ROFS", "SPIPE", "SRCH", "STALE", "TIMEDOUT", "TXTBSY", "XDEV", "NOTCAPABLE",
};

// The directory of this run, and the rights of the preopened one that it is in: they differ between systems.
static u32 base;
static u64 folder_rights, inherited_rights;

static u32 out_u32;
static u64 out_u64;
static char buffer[4096];
static __wasi_filestat_t status;
static __wasi_fdstat_t descriptor;

static int32_t report(const char *what, int32_t error) {
  if (error >= 0 && (size_t)error < sizeof errno_names / sizeof *errno_names) printf("%s: %s\n", what, errno_names[error]);
  else printf("%s: errno %d\n", what, (int)error);
  return error;
}

static u32 open_as(const char *what, u32 folder, const char *path, u32 lookup, u32 flags, u64 rights, u64 inheriting, u32 fdflags) {
  out_u32 = CLOSED;
  report(what, raw_path_open(folder, lookup, PATH(path), flags, rights, inheriting, fdflags, AT(&out_u32)));
  return out_u32;
}

static u32 open_file(const char *what, const char *path, u32 flags) {
  return open_as(what, base, path, FOLLOW, flags, FILE_RIGHTS, 0, 0);
}

static int32_t write_text(u32 fd, const char *text) {
  __wasi_ciovec_t from = {(const uint8_t *)text, strlen(text)};
  return raw_fd_write(fd, AT(&from), 1, AT(&out_u32));
}

static void show_file(const char *path) {
  out_u32 = 0;
  u32 fd = open_file("  open to show", path, 0);
  __wasi_iovec_t into = {(uint8_t *)buffer, sizeof buffer};
  int32_t error = raw_fd_read(fd, AT(&into), 1, AT(&out_u32));
  if (error != 0) report("  read to show", error);
  else {
    printf("  %s = %u [", path, out_u32);
    for (u32 i = 0; i < out_u32; i++) printf(buffer[i] >= ' ' ? "%c" : "\\%02x", buffer[i]);
    puts("]");
  }
  raw_fd_close(fd);
}

static void show_stat(const char *what, int32_t error, int with_size) {
  if (report(what, error) != 0) return;
  printf("  type %u links %llu", status.filetype, (unsigned long long)status.nlink);
  if (with_size) printf(" size %llu", (unsigned long long)status.size);
  puts("");
}

static void make_file(const char *path, const char *text) {
  u32 fd = CLOSED;
  int32_t error = raw_path_open(base, 0, PATH(path), __WASI_OFLAGS_CREAT | __WASI_OFLAGS_TRUNC, FILE_RIGHTS, 0, 0, AT(&fd));
  if (error == 0) error = write_text(fd, text);
  if (error != 0) report("  make a file", error);
  raw_fd_close(fd);
}

static void remove_file(const char *path) {
  int32_t error = raw_path_unlink_file(base, PATH(path));
  if (error != 0) report("  remove a file", error);
}

static void process(void) {
  char *argv[16], *variables[64];
  u32 count = 0, size = 0;
  report("args_sizes_get", raw_args_sizes_get(AT(&count), AT(&size)));
  if (count < 16 && size < sizeof buffer) report("args_get", raw_args_get(AT(argv), AT(buffer)));
  // The sizes are those of these very strings: the block is whole and nothing follows it.
  u32 total = 0;
  for (u32 i = 0; i < count; i++) total += (u32)strlen(argv[i]) + 1;
  printf("  argument block whole: %d\n", total == size);
  report("environ_sizes_get", raw_environ_sizes_get(AT(&count), AT(&size)));
  if (count < 64 && size < sizeof buffer) report("environ_get", raw_environ_get(AT(variables), AT(buffer)));
  report("sched_yield", raw_sched_yield());
  report("random_get 0 bytes", raw_random_get(AT(buffer), 0));
  memset(buffer, 0, 64);
  report("random_get 64 bytes", raw_random_get(AT(buffer), 64));
  int zeros = 0;
  for (int i = 0; i < 64; i++) zeros += buffer[i] == 0;
  printf("  random bytes differ: %d\n", zeros < 16);
  report("proc_raise no such signal", raw_proc_raise(200));
}

static void clocks(void) {
  for (u32 clock = 0; clock < 2; clock++) {
    printf("clock %u\n", clock);
    report("clock_res_get", raw_clock_res_get(clock, AT(&out_u64)));
    printf("  resolution up to 1 ms: %d\n", out_u64 > 0 && out_u64 <= 1000000);
    u64 first = 0, second = 0;
    report("clock_time_get", raw_clock_time_get(clock, 0, AT(&first)));
    report("clock_time_get again", raw_clock_time_get(clock, 0, AT(&second)));
    printf("  not backwards: %d\n", second >= first);
  }
  report("clock_res_get no such clock", raw_clock_res_get(99, AT(&out_u64)));
  report("clock_time_get no such clock", raw_clock_time_get(99, 0, AT(&out_u64)));
}

static void descriptors(void) {
  report("fd_prestat_get", raw_fd_prestat_get(ROOT, AT(buffer)));
  __wasi_prestat_t *prestat = (__wasi_prestat_t *)buffer;
  u32 length = prestat->u.dir.pr_name_len;
  printf("  tag %u\n", prestat->tag);
  report("fd_prestat_dir_name", raw_fd_prestat_dir_name(ROOT, AT(buffer), length));
  if (length > 0) report("fd_prestat_dir_name too short", raw_fd_prestat_dir_name(ROOT, AT(buffer), length - 1));
  report("fd_prestat_get not preopened", raw_fd_prestat_get(base, AT(buffer)));
  report("fd_prestat_dir_name not preopened", raw_fd_prestat_dir_name(base, AT(buffer), 1));
  report("fd_prestat_get closed", raw_fd_prestat_get(CLOSED, AT(buffer)));

  u32 fd = open_file("path_open create", "file", __WASI_OFLAGS_CREAT);
  report("fd_fdstat_get file", raw_fd_fdstat_get(fd, AT(&descriptor)));
  printf("  type %u flags %u rights %llx\n", descriptor.fs_filetype, descriptor.fs_flags, (unsigned long long)descriptor.fs_rights_base);
  report("fd_fdstat_get directory", raw_fd_fdstat_get(base, AT(&descriptor)));
  printf("  type %u\n", descriptor.fs_filetype);
  report("fd_fdstat_get closed", raw_fd_fdstat_get(CLOSED, AT(&descriptor)));
  report("fd_fdstat_set_flags append", raw_fd_fdstat_set_flags(fd, __WASI_FDFLAGS_APPEND));
  raw_fd_fdstat_get(fd, AT(&descriptor));
  printf("  flags %u\n", descriptor.fs_flags);
  report("fd_fdstat_set_flags none", raw_fd_fdstat_set_flags(fd, 0));
  report("fd_fdstat_set_flags closed", raw_fd_fdstat_set_flags(CLOSED, 0));

  report("fd_renumber", raw_fd_renumber(fd, CLOSED));
  u32 other = open_file("path_open other", "file", 0);
  report("fd_renumber onto another", raw_fd_renumber(fd, other));
  report("fd_fdstat_get moved away", raw_fd_fdstat_get(fd, AT(&descriptor)));
  report("fd_fdstat_get moved to", raw_fd_fdstat_get(other, AT(&descriptor)));
  report("fd_renumber closed", raw_fd_renumber(CLOSED, other));
  report("fd_close", raw_fd_close(other));
  report("fd_close again", raw_fd_close(other));
  report("fd_close closed", raw_fd_close(CLOSED));
  remove_file("file");
}

static void rights(void) {
  make_file("file", "rights");
  u32 fd = open_as("path_open to read", base, "file", 0, 0, __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_SEEK, 0, 0);
  report("fd_write without the right", write_text(fd, "x"));
  report("fd_allocate without the right", raw_fd_allocate(fd, 0, 1));
  report("fd_filestat_set_size without the right", raw_fd_filestat_set_size(fd, 0));
  report("fd_sync without the right", raw_fd_sync(fd));
  report("fd_fdstat_set_rights more", raw_fd_fdstat_set_rights(fd, FILE_RIGHTS, 0));
  report("fd_fdstat_set_rights less", raw_fd_fdstat_set_rights(fd, __WASI_RIGHTS_FD_SEEK, 0));
  __wasi_iovec_t into = {(uint8_t *)buffer, 1};
  report("fd_read given up", raw_fd_read(fd, AT(&into), 1, AT(&out_u32)));
  report("fd_fdstat_set_rights back", raw_fd_fdstat_set_rights(fd, __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_SEEK, 0));
  report("fd_fdstat_set_rights closed", raw_fd_fdstat_set_rights(CLOSED, 0, 0));
  raw_fd_close(fd);

  raw_path_create_directory(base, PATH("folder"));
  u64 few = __WASI_RIGHTS_PATH_OPEN | __WASI_RIGHTS_FD_READDIR;
  u32 folder = open_as("path_open a folder with few rights", base, "folder", 0, __WASI_OFLAGS_DIRECTORY, few, __WASI_RIGHTS_FD_READ, 0);
  open_as("path_open create without the right", folder, "new", 0, __WASI_OFLAGS_CREAT, __WASI_RIGHTS_FD_READ, 0, 0);
  open_as("path_open with a right not inherited", folder, "new", 0, 0, __WASI_RIGHTS_FD_WRITE, 0, 0);
  report("path_create_directory without the right", raw_path_create_directory(folder, PATH("new")));
  report("path_unlink_file without the right", raw_path_unlink_file(folder, PATH("new")));
  report("path_filestat_get without the right", raw_path_filestat_get(folder, 0, PATH("new"), AT(&status)));
  report("path_symlink without the right", raw_path_symlink(PATH("new"), folder, PATH("link")));
  report("path_rename from without the right", raw_path_rename(folder, PATH("new"), base, PATH("moved")));
  raw_fd_close(folder);
  raw_path_remove_directory(base, PATH("folder"));
  remove_file("file");
}

static void reading_and_writing(void) {
  u32 fd = open_file("path_open create", "file", __WASI_OFLAGS_CREAT);
  __wasi_ciovec_t from[] = {{(const uint8_t *)"gather", 6}, {NULL, 0}, {(const uint8_t *)" write", 6}};
  report("fd_write gathered", raw_fd_write(fd, AT(from), 3, AT(&out_u32)));
  printf("  wrote %u\n", out_u32);
  report("fd_tell", raw_fd_tell(fd, AT(&out_u64)));
  printf("  at %llu\n", (unsigned long long)out_u64);
  report("fd_write nothing", raw_fd_write(fd, AT(from), 0, AT(&out_u32)));
  printf("  wrote %u\n", out_u32);
  report("fd_seek start", raw_fd_seek(fd, 3, __WASI_WHENCE_SET, AT(&out_u64)));
  __wasi_iovec_t into[] = {{(uint8_t *)buffer, 2}, {(uint8_t *)buffer + 2, 100}};
  report("fd_read scattered", raw_fd_read(fd, AT(into), 2, AT(&out_u32)));
  printf("  read %u [%.*s]\n", out_u32, (int)out_u32, buffer);
  report("fd_read at the end", raw_fd_read(fd, AT(into), 2, AT(&out_u32)));
  printf("  read %u\n", out_u32);
  report("fd_seek back from the end", raw_fd_seek(fd, -5, __WASI_WHENCE_END, AT(&out_u64)));
  report("fd_seek forth", raw_fd_seek(fd, 1, __WASI_WHENCE_CUR, AT(&out_u64)));
  printf("  at %llu\n", (unsigned long long)out_u64);
  report("fd_seek before the start", raw_fd_seek(fd, -1, __WASI_WHENCE_SET, AT(&out_u64)));
  report("fd_seek no such whence", raw_fd_seek(fd, 0, 9, AT(&out_u64)));
  report("fd_pread", raw_fd_pread(fd, AT(into), 1, 7, AT(&out_u32)));
  printf("  read %u [%.*s]\n", out_u32, (int)out_u32, buffer);
  report("fd_pread past the end", raw_fd_pread(fd, AT(into), 1, 1000, AT(&out_u32)));
  printf("  read %u\n", out_u32);
  report("fd_pwrite past the end", raw_fd_pwrite(fd, AT(from), 1, 16, AT(&out_u32)));
  report("fd_tell unmoved", raw_fd_tell(fd, AT(&out_u64)));
  printf("  at %llu\n", (unsigned long long)out_u64);
  show_file("file");
  report("fd_filestat_set_size less", raw_fd_filestat_set_size(fd, 4));
  report("fd_filestat_set_size more", raw_fd_filestat_set_size(fd, 6));
  show_file("file");
  report("fd_allocate", raw_fd_allocate(fd, 4, 4));
  show_stat("fd_filestat_get", raw_fd_filestat_get(fd, AT(&status)), 1);
  report("fd_allocate nothing", raw_fd_allocate(fd, 0, 0));
  report("fd_advise", raw_fd_advise(fd, 0, 100, __WASI_ADVICE_WILLNEED));
  report("fd_advise no such advice", raw_fd_advise(fd, 0, 100, 99));
  report("fd_datasync", raw_fd_datasync(fd));
  report("fd_sync", raw_fd_sync(fd));

  // 64-bit offsets: a hole of more than 4 GiB, cut away again.
  report("fd_pwrite beyond 4 GiB", raw_fd_pwrite(fd, AT(from), 1, UINT64_C(0x100000000), AT(&out_u32)));
  show_stat("fd_filestat_get beyond 4 GiB", raw_fd_filestat_get(fd, AT(&status)), 1);
  report("fd_seek beyond 4 GiB", raw_fd_seek(fd, INT64_C(0x100000002), __WASI_WHENCE_SET, AT(&out_u64)));
  report("fd_read beyond 4 GiB", raw_fd_read(fd, AT(into), 1, AT(&out_u32)));
  printf("  at %llu read %u [%.*s]\n", (unsigned long long)out_u64, out_u32, (int)out_u32, buffer);
  report("fd_filestat_set_size small again", raw_fd_filestat_set_size(fd, 0));
  raw_fd_close(fd);

  u32 appending = open_as("path_open append", base, "file", 0, 0, FILE_RIGHTS, 0, __WASI_FDFLAGS_APPEND);
  write_text(appending, "one,");
  raw_fd_seek(appending, 0, __WASI_WHENCE_SET, AT(&out_u64));
  report("fd_write append", write_text(appending, "two"));
  show_file("file");
  raw_fd_close(appending);

  report("fd_read directory", raw_fd_read(base, AT(into), 1, AT(&out_u32)));
  report("fd_write directory", raw_fd_write(base, AT(from), 1, AT(&out_u32)));
  report("fd_seek directory", raw_fd_seek(base, 0, __WASI_WHENCE_SET, AT(&out_u64)));
  report("fd_read closed", raw_fd_read(CLOSED, AT(into), 1, AT(&out_u32)));
  report("fd_write closed", raw_fd_write(CLOSED, AT(from), 1, AT(&out_u32)));
  report("fd_pread closed", raw_fd_pread(CLOSED, AT(into), 1, 0, AT(&out_u32)));
  report("fd_pwrite closed", raw_fd_pwrite(CLOSED, AT(from), 1, 0, AT(&out_u32)));
  report("fd_seek closed", raw_fd_seek(CLOSED, 0, 0, AT(&out_u64)));
  report("fd_tell closed", raw_fd_tell(CLOSED, AT(&out_u64)));
  report("fd_sync closed", raw_fd_sync(CLOSED));
  report("fd_datasync closed", raw_fd_datasync(CLOSED));
  report("fd_advise closed", raw_fd_advise(CLOSED, 0, 0, 0));
  report("fd_allocate closed", raw_fd_allocate(CLOSED, 0, 1));
  report("fd_filestat_get closed", raw_fd_filestat_get(CLOSED, AT(&status)));
  report("fd_filestat_set_size closed", raw_fd_filestat_set_size(CLOSED, 0));
  remove_file("file");
}

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

// Reads a whole directory, `room` bytes at a call, and prints its names sorted: the order is the system's.
static void list(const char *what, u32 fd, u32 room) {
  char *names[64];
  size_t count = 0;
  u64 cookie = 0;
  for (int turn = 0; turn < 1000; turn++) {
    int32_t error = raw_fd_readdir(fd, AT(buffer), room, cookie, AT(&out_u32));
    if (error != 0) {
      report(what, error);
      break;
    }
    u32 at = 0;
    while (at + sizeof(__wasi_dirent_t) <= out_u32) {
      __wasi_dirent_t entry;
      memcpy(&entry, buffer + at, sizeof entry);
      at += sizeof entry;
      if (at + entry.d_namlen > out_u32) break;
      cookie = entry.d_next;
      if (count < 64) {
        names[count] = malloc(entry.d_namlen + 3);
        sprintf(names[count++], "%.*s %u", (int)entry.d_namlen, buffer + at, entry.d_type);
      }
      at += entry.d_namlen;
    }
    if (out_u32 < room) break;
  }
  qsort(names, count, sizeof *names, by_bytes);
  printf("%s:", what);
  for (size_t i = 0; i < count; i++) {
    printf(" [%s]", names[i]);
    free(names[i]);
  }
  puts("");
}

static void directories(void) {
  report("path_create_directory", raw_path_create_directory(base, PATH("folder")));
  report("path_create_directory again", raw_path_create_directory(base, PATH("folder")));
  report("path_create_directory trailing slash", raw_path_create_directory(base, PATH("slash/")));
  report("path_create_directory below nothing", raw_path_create_directory(base, PATH("nothing/folder")));
  report("path_create_directory empty", raw_path_create_directory(base, PATH("")));
  report("path_create_directory closed", raw_path_create_directory(CLOSED, PATH("folder")));
  make_file("folder/a", "a");
  make_file("folder/longer-name", "b");
  raw_path_create_directory(base, PATH("folder/c"));
  raw_path_symlink(PATH("a"), base, PATH("folder/link"));
  u32 fd = open_as("path_open directory", base, "folder", 0, __WASI_OFLAGS_DIRECTORY, folder_rights, inherited_rights, 0);
  list("fd_readdir at once", fd, sizeof buffer);
  list("fd_readdir in pieces", fd, 48);
  report("fd_readdir no room", raw_fd_readdir(fd, AT(buffer), 0, 0, AT(&out_u32)));
  printf("  used %u\n", out_u32);
  report("fd_readdir closed", raw_fd_readdir(CLOSED, AT(buffer), 100, 0, AT(&out_u32)));
  u32 file = open_file("path_open file", "folder/a", 0);
  report("fd_readdir file", raw_fd_readdir(file, AT(buffer), 100, 0, AT(&out_u32)));
  raw_fd_close(file);
  raw_fd_close(fd);
  report("path_remove_directory not empty", raw_path_remove_directory(base, PATH("folder")));
  report("path_remove_directory file", raw_path_remove_directory(base, PATH("folder/a")));
  report("path_remove_directory nothing", raw_path_remove_directory(base, PATH("nothing")));
  report("path_remove_directory closed", raw_path_remove_directory(CLOSED, PATH("folder")));
  report("path_unlink_file directory", raw_path_unlink_file(base, PATH("folder/c")));
  report("path_remove_directory", raw_path_remove_directory(base, PATH("folder/c")));
  report("path_remove_directory trailing slash", raw_path_remove_directory(base, PATH("slash/")));
  remove_file("folder/a");
  remove_file("folder/longer-name");
  remove_file("folder/link");
  report("path_remove_directory now empty", raw_path_remove_directory(base, PATH("folder")));
}

static void opening(void) {
  open_file("path_open nothing", "nothing", 0);
  open_file("path_open below nothing", "nothing/file", __WASI_OFLAGS_CREAT);
  open_file("path_open empty", "", 0);
  raw_fd_close(open_file("path_open create exclusive", "file", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL));
  open_file("path_open create exclusive again", "file", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL);
  open_file("path_open file as directory", "file", __WASI_OFLAGS_DIRECTORY);
  open_file("path_open file with trailing slash", "file/", 0);
  open_file("path_open below a file", "file/below", 0);
  open_file("path_open create with trailing slash", "new/", __WASI_OFLAGS_CREAT);
  open_as("path_open directory to write", base, ".", 0, 0, FILE_RIGHTS, 0, 0);
  make_file("file", "to be emptied");
  raw_fd_close(open_file("path_open truncate", "file", __WASI_OFLAGS_TRUNC));
  show_stat("path_filestat_get truncated", raw_path_filestat_get(base, 0, PATH("file"), AT(&status)), 1);
  open_file("path_open out by ..", "../..", 0);
  open_file("path_open absolute", "/file", 0);
  open_as("path_open closed", CLOSED, "file", 0, 0, FILE_RIGHTS, 0, 0);
  u32 file = open_file("path_open", "file", 0);
  open_as("path_open relative to a file", file, "file", 0, 0, FILE_RIGHTS, 0, 0);
  raw_fd_close(file);
  raw_fd_close(open_file("path_open .", "./file", 0));
  raw_path_create_directory(base, PATH("folder"));
  raw_fd_close(open_file("path_open .. inside", "folder/../file", 0));
  raw_fd_close(open_file("path_open doubled slash", "folder//..//file", 0));
  open_file("path_open .. below nothing", "nothing/../file", 0);
  char long_name[300];
  memset(long_name, 'n', sizeof long_name - 1);
  long_name[sizeof long_name - 1] = 0;
  open_file("path_open long name", long_name, __WASI_OFLAGS_CREAT);
  report("path_open name with NUL", raw_path_open(base, 0, AT("fi\0le"), 5, 0, FILE_RIGHTS, 0, 0, AT(&out_u32)));
  report("path_open name not UTF-8", raw_path_open(base, 0, AT("\xff\xfe"), 2, 0, FILE_RIGHTS, 0, 0, AT(&out_u32)));
  raw_path_remove_directory(base, PATH("folder"));
  remove_file("file");
}

static void links(void) {
  make_file("file", "linked");
  report("path_symlink", raw_path_symlink(PATH("file"), base, PATH("link")));
  report("path_symlink exists", raw_path_symlink(PATH("other"), base, PATH("link")));
  report("path_symlink dangling", raw_path_symlink(PATH("nothing"), base, PATH("dangling")));
  report("path_symlink itself", raw_path_symlink(PATH("loop"), base, PATH("loop")));
  report("path_symlink out", raw_path_symlink(PATH("../../.."), base, PATH("out")));
  report("path_symlink closed", raw_path_symlink(PATH("file"), CLOSED, PATH("link")));
  report("path_readlink", raw_path_readlink(base, PATH("link"), AT(buffer), sizeof buffer, AT(&out_u32)));
  printf("  [%.*s]\n", (int)out_u32, buffer);
  report("path_readlink short", raw_path_readlink(base, PATH("link"), AT(buffer), 2, AT(&out_u32)));
  printf("  [%.*s]\n", (int)out_u32, buffer);
  report("path_readlink file", raw_path_readlink(base, PATH("file"), AT(buffer), sizeof buffer, AT(&out_u32)));
  report("path_readlink nothing", raw_path_readlink(base, PATH("nothing"), AT(buffer), sizeof buffer, AT(&out_u32)));
  report("path_readlink closed", raw_path_readlink(CLOSED, PATH("link"), AT(buffer), sizeof buffer, AT(&out_u32)));
  show_stat("path_filestat_get link", raw_path_filestat_get(base, 0, PATH("link"), AT(&status)), 0);
  show_stat("path_filestat_get through link", raw_path_filestat_get(base, FOLLOW, PATH("link"), AT(&status)), 1);
  report("path_filestat_get dangling", raw_path_filestat_get(base, FOLLOW, PATH("dangling"), AT(&status)));
  report("path_filestat_get loop", raw_path_filestat_get(base, FOLLOW, PATH("loop"), AT(&status)));
  report("path_filestat_get out", raw_path_filestat_get(base, FOLLOW, PATH("out"), AT(&status)));
  report("path_filestat_get nothing", raw_path_filestat_get(base, 0, PATH("nothing"), AT(&status)));
  report("path_filestat_get closed", raw_path_filestat_get(CLOSED, 0, PATH("file"), AT(&status)));
  open_as("path_open link not followed", base, "link", 0, 0, FILE_RIGHTS, 0, 0);
  open_as("path_open loop", base, "loop", FOLLOW, 0, FILE_RIGHTS, 0, 0);
  raw_fd_close(open_as("path_open create through dangling", base, "dangling", FOLLOW, __WASI_OFLAGS_CREAT, FILE_RIGHTS, 0, 0));
  show_stat("path_filestat_get made through dangling", raw_path_filestat_get(base, 0, PATH("nothing"), AT(&status)), 1);
  report("path_unlink_file made through dangling", raw_path_unlink_file(base, PATH("nothing")));
  open_file("path_open exclusive on dangling", "dangling", __WASI_OFLAGS_CREAT | __WASI_OFLAGS_EXCL);

  report("path_link", raw_path_link(base, 0, PATH("file"), base, PATH("hard")));
  show_stat("path_filestat_get hard", raw_path_filestat_get(base, 0, PATH("hard"), AT(&status)), 1);
  report("path_link exists", raw_path_link(base, 0, PATH("file"), base, PATH("hard")));
  report("path_link nothing", raw_path_link(base, 0, PATH("nothing"), base, PATH("hard2")));
  report("path_link directory", raw_path_link(base, 0, PATH("."), base, PATH("hard2")));
  report("path_link closed", raw_path_link(CLOSED, 0, PATH("file"), base, PATH("hard2")));
  report("path_unlink_file one of two names", raw_path_unlink_file(base, PATH("file")));
  show_file("hard");

  report("path_unlink_file", raw_path_unlink_file(base, PATH("hard")));
  report("path_unlink_file again", raw_path_unlink_file(base, PATH("hard")));
  report("path_unlink_file trailing slash", raw_path_unlink_file(base, PATH("link/")));
  report("path_unlink_file closed", raw_path_unlink_file(CLOSED, PATH("link")));
  for (const char *const *name = (const char *const[]){"link", "dangling", "loop", "out", NULL}; *name; name++) remove_file(*name);
}

static void renaming(void) {
  make_file("a", "A");
  make_file("b", "B");
  raw_path_create_directory(base, PATH("d"));
  raw_path_create_directory(base, PATH("e"));
  report("path_rename", raw_path_rename(base, PATH("a"), base, PATH("c")));
  report("path_rename gone", raw_path_rename(base, PATH("a"), base, PATH("x")));
  report("path_rename onto a file", raw_path_rename(base, PATH("c"), base, PATH("b")));
  show_file("b");
  report("path_rename file onto directory", raw_path_rename(base, PATH("b"), base, PATH("d")));
  report("path_rename directory onto file", raw_path_rename(base, PATH("d"), base, PATH("b")));
  report("path_rename directory onto empty directory", raw_path_rename(base, PATH("d"), base, PATH("e")));
  report("path_rename into itself", raw_path_rename(base, PATH("e"), base, PATH("e/below")));
  report("path_rename onto itself", raw_path_rename(base, PATH("b"), base, PATH("b")));
  report("path_rename into a directory", raw_path_rename(base, PATH("b"), base, PATH("e/b")));
  raw_path_create_directory(base, PATH("d"));
  report("path_rename directory onto full directory", raw_path_rename(base, PATH("d"), base, PATH("e")));
  report("path_rename below nothing", raw_path_rename(base, PATH("d"), base, PATH("nothing/d")));
  report("path_rename closed", raw_path_rename(base, PATH("d"), CLOSED, PATH("d")));
  u32 folder = open_as("path_open a directory", base, "e", 0, __WASI_OFLAGS_DIRECTORY, folder_rights, inherited_rights, 0);
  report("path_rename between directories", raw_path_rename(folder, PATH("b"), base, PATH("b")));
  raw_fd_close(folder);

  u32 fd = open_file("path_open before unlink", "b", 0);
  remove_file("b");
  show_stat("fd_filestat_get unlinked", raw_fd_filestat_get(fd, AT(&status)), 1);
  report("fd_write unlinked", write_text(fd, "still there"));
  raw_fd_close(fd);
  raw_path_remove_directory(base, PATH("d"));
  raw_path_remove_directory(base, PATH("e"));
}

static void times(void) {
  u32 fd = open_file("path_open create", "file", __WASI_OFLAGS_CREAT);
  u64 second = 1000000000, at = 1234567890 * second + 123456000;
  report("fd_filestat_set_times", raw_fd_filestat_set_times(fd, at, at + second, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM));
  raw_fd_filestat_get(fd, AT(&status));
  printf("  access %llu modify %llu\n", (unsigned long long)status.atim, (unsigned long long)status.mtim);
  report("fd_filestat_set_times one", raw_fd_filestat_set_times(fd, 0, at, __WASI_FSTFLAGS_MTIM));
  raw_fd_filestat_get(fd, AT(&status));
  printf("  access %llu modify %llu\n", (unsigned long long)status.atim, (unsigned long long)status.mtim);
  report("fd_filestat_set_times now", raw_fd_filestat_set_times(fd, 0, 0, __WASI_FSTFLAGS_MTIM_NOW));
  raw_fd_filestat_get(fd, AT(&status));
  printf("  later: %d\n", status.mtim > at);
  u32 both = __WASI_FSTFLAGS_MTIM | __WASI_FSTFLAGS_MTIM_NOW;
  report("fd_filestat_set_times both", raw_fd_filestat_set_times(fd, 0, at, both));
  report("fd_filestat_set_times closed", raw_fd_filestat_set_times(CLOSED, 0, at, __WASI_FSTFLAGS_MTIM));
  report("path_filestat_set_times", raw_path_filestat_set_times(base, 0, PATH("file"), 0, at, __WASI_FSTFLAGS_MTIM));
  raw_fd_filestat_get(fd, AT(&status));
  printf("  modify %llu\n", (unsigned long long)status.mtim);
  report("path_filestat_set_times both", raw_path_filestat_set_times(base, 0, PATH("file"), 0, at, both));
  report("path_filestat_set_times nothing", raw_path_filestat_set_times(base, 0, PATH("no"), 0, at, __WASI_FSTFLAGS_MTIM));
  report("path_filestat_set_times closed", raw_path_filestat_set_times(CLOSED, 0, PATH("file"), 0, at, __WASI_FSTFLAGS_MTIM));
  raw_fd_close(fd);
  remove_file("file");
}

static void polling(void) {
  static __wasi_subscription_t wanted[3];
  static __wasi_event_t events[3];
  report("poll_oneoff nothing", raw_poll_oneoff(AT(wanted), AT(events), 0, AT(&out_u32)));
  memset(wanted, 0, sizeof wanted);
  wanted[0].userdata = 11;
  wanted[0].u.tag = __WASI_EVENTTYPE_CLOCK;
  wanted[0].u.u.clock.id = __WASI_CLOCKID_MONOTONIC;
  wanted[0].u.u.clock.timeout = 2000000;
  u64 before = 0, after = 0;
  raw_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, AT(&before));
  report("poll_oneoff clock", raw_poll_oneoff(AT(wanted), AT(events), 1, AT(&out_u32)));
  raw_clock_time_get(__WASI_CLOCKID_MONOTONIC, 0, AT(&after));
  printf("  events %u userdata %llu error %u type %u, waited %d\n", out_u32, (unsigned long long)events[0].userdata, events[0].error,
    events[0].type, after - before >= 2000000);
  wanted[0].u.u.clock.timeout = after;
  wanted[0].u.u.clock.flags = __WASI_SUBCLOCKFLAGS_SUBSCRIPTION_CLOCK_ABSTIME;
  report("poll_oneoff clock passed", raw_poll_oneoff(AT(wanted), AT(events), 1, AT(&out_u32)));
  printf("  events %u error %u\n", out_u32, events[0].error);

  u32 fd = open_file("path_open create", "file", __WASI_OFLAGS_CREAT);
  write_text(fd, "readable");
  raw_fd_seek(fd, 2, __WASI_WHENCE_SET, AT(&out_u64));
  wanted[0].u.u.clock.flags = 0;
  wanted[0].u.u.clock.timeout = UINT64_C(2000000000);
  wanted[1].userdata = 22;
  wanted[1].u.tag = __WASI_EVENTTYPE_FD_READ;
  wanted[1].u.u.fd_read.file_descriptor = (int)fd;
  wanted[2].userdata = 33;
  wanted[2].u.tag = __WASI_EVENTTYPE_FD_WRITE;
  wanted[2].u.u.fd_write.file_descriptor = (int)fd;
  report("poll_oneoff file and clock", raw_poll_oneoff(AT(wanted), AT(events), 3, AT(&out_u32)));
  printf("  events %u\n", out_u32);
  for (u32 i = 0; i < out_u32; i++) {
    printf("  userdata %llu error %u type %u", (unsigned long long)events[i].userdata, events[i].error, events[i].type);
    if (events[i].type == __WASI_EVENTTYPE_FD_READ) printf(" bytes %llu", (unsigned long long)events[i].fd_readwrite.nbytes);
    puts("");
  }
  raw_fd_close(fd);
  report("poll_oneoff closed file", raw_poll_oneoff(AT(wanted + 1), AT(events), 1, AT(&out_u32)));
  printf("  events %u userdata %llu error %s\n", out_u32, (unsigned long long)events[0].userdata, errno_names[events[0].error]);
  remove_file("file");
}

static void sockets(void) {
  u32 fd = open_file("path_open create", "file", __WASI_OFLAGS_CREAT);
  __wasi_iovec_t into = {(uint8_t *)buffer, 10};
  u32 flags = 0;
  report("sock_accept file", raw_sock_accept(fd, 0, AT(&out_u32)));
  report("sock_recv file", raw_sock_recv(fd, AT(&into), 1, 0, AT(&out_u32), AT(&flags)));
  report("sock_send file", raw_sock_send(fd, AT(&into), 1, 0, AT(&out_u32)));
  report("sock_shutdown file", raw_sock_shutdown(fd, __WASI_SDFLAGS_RD));
  raw_fd_close(fd);
  report("sock_accept closed", raw_sock_accept(CLOSED, 0, AT(&out_u32)));
  report("sock_recv closed", raw_sock_recv(CLOSED, AT(&into), 1, 0, AT(&out_u32), AT(&flags)));
  report("sock_send closed", raw_sock_send(CLOSED, AT(&into), 1, 0, AT(&out_u32)));
  report("sock_shutdown closed", raw_sock_shutdown(CLOSED, __WASI_SDFLAGS_RD));
  remove_file("file");
}

static void faults(void) {
  // Near the end of what 32 bits can address, where this program has no memory.
  address outside = 0xfffffff0;
  u32 fd = open_file("path_open create", "file", __WASI_OFLAGS_CREAT);
  write_text(fd, "data");
  raw_fd_seek(fd, 0, __WASI_WHENCE_SET, AT(&out_u64));
  __wasi_iovec_t into = {(uint8_t *)outside, 4}, lying = {(uint8_t *)buffer, 0xfffffff0};
  report("args_get outside", raw_args_get(outside, AT(buffer)));
  report("clock_time_get outside", raw_clock_time_get(0, 0, outside));
  report("random_get outside", raw_random_get(outside, 16));
  report("random_get too long", raw_random_get(AT(buffer), 0xfffffff0));
  report("fd_read vector outside", raw_fd_read(fd, outside, 1, AT(&out_u32)));
  report("fd_read buffer outside", raw_fd_read(fd, AT(&into), 1, AT(&out_u32)));
  report("fd_read buffer too long", raw_fd_read(fd, AT(&lying), 1, AT(&out_u32)));
  report("fd_read count outside", raw_fd_read(fd, AT(&into), 0, outside));
  report("fd_write buffer outside", raw_fd_write(fd, AT(&into), 1, AT(&out_u32)));
  report("fd_fdstat_get outside", raw_fd_fdstat_get(fd, outside));
  report("fd_filestat_get outside", raw_fd_filestat_get(fd, outside));
  report("fd_readdir outside", raw_fd_readdir(base, outside, 100, 0, AT(&out_u32)));
  report("path_open path outside", raw_path_open(base, 0, outside, 4, 0, FILE_RIGHTS, 0, 0, AT(&out_u32)));
  report("path_open result outside", raw_path_open(base, 0, PATH("file"), 0, FILE_RIGHTS, 0, 0, outside));
  report("path_symlink target outside", raw_path_symlink(outside, 4, base, PATH("link")));
  report("poll_oneoff outside", raw_poll_oneoff(outside, AT(buffer), 1, AT(&out_u32)));
  raw_fd_close(fd);
  remove_file("file");
}

static const struct section { const char *name; void (*run)(void); } sections[] = {
  {"process", process}, {"clocks", clocks}, {"descriptors", descriptors}, {"rights", rights}, {"io", reading_and_writing},
  {"directories", directories}, {"opening", opening}, {"links", links}, {"renaming", renaming}, {"times", times},
  {"polling", polling}, {"sockets", sockets}, {"faults", faults},
};
#define SECTIONS (sizeof sections / sizeof *sections)

static int wanted(const char *name, int argc, char **argv) {
  for (int i = 1; i < argc; i++) if (strcmp(argv[i], name) == 0) return 1;
  return argc == 1 && strcmp(name, "faults") != 0;
}

int main(int argc, char **argv) {
  static const char folder[] = "calls.d";
  int32_t error = raw_path_create_directory(ROOT, PATH(folder));
  if (error == 0) error = raw_fd_fdstat_get(ROOT, AT(&descriptor));
  folder_rights = descriptor.fs_rights_base;
  inherited_rights = descriptor.fs_rights_inheriting;
  if (error == 0) {
    error = raw_path_open(ROOT, 0, PATH(folder), __WASI_OFLAGS_DIRECTORY, folder_rights, inherited_rights, 0, AT(&base));
  }
  if (error != 0) {
    fprintf(stderr, "calls: no directory %s in descriptor 3: errno %d\n", folder, (int)error);
    return 1;
  }
  for (size_t i = 0; i < SECTIONS; i++) {
    if (!wanted(sections[i].name, argc, argv)) continue;
    printf("== %s\n", sections[i].name);
    sections[i].run();
  }
  list("left over", base, sizeof buffer);
  raw_fd_close(base);
  return report("path_remove_directory", raw_path_remove_directory(ROOT, PATH(folder))) == 0 ? 0 : 1;
}
