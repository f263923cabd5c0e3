// script: makes the system calls that its input says, a line each, and says of each what came of it, a line each: `ok VALUE` or
// `errno N`. Paths stand behind `=`, so that they can be empty. Descriptors are named by slots, 0 to 7.
//
// base =PATH: the directory that paths are relative to from now on, below the first preopened one.
// open SLOT =PATH FLAGS ACCESS APPEND FOLLOW (ACCESS 1 reads, 2 writes, 3 both), close SLOT, renumber SLOT TO
// read SLOT LENGTH, pread SLOT OFFSET LENGTH, write SLOT LETTER LENGTH, pwrite SLOT OFFSET LETTER LENGTH
// seek SLOT OFFSET WHENCE, size SLOT SIZE, fstat SLOT
// stat =PATH FOLLOW, list =PATH, mkdir =PATH, rmdir =PATH, unlink =PATH, readlink =PATH, times =PATH SECONDS
// rename =FROM =TO, link =FROM =TO, symlink =TARGET =PATH

#include "program.h"
#include "wasi.h"

#define AT(pointer) ((address)(pointer))
#define PATH(text) AT(text), (u32)strlen(text)
#define SLOTS 8
#define NONE 9999u
#define FIELDS 8

#define COMMON (u64)(__WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL | __WASI_RIGHTS_FD_FILESTAT_GET)
#define READING (u64)(__WASI_RIGHTS_FD_READ)
#define WRITING (u64)(__WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE)

static u32 base = 3, slots[SLOTS];
static char *fields[FIELDS], buffer[CHUNK];

static long long value(int field) { return number(fields[field]); }
static const char *path(int field) { return fields[field] + 1; }
static u32 *slot(int field) { return &slots[value(field) % SLOTS]; }

static int32_t say(int32_t error, const char *result) {
  if (error != 0) printf("errno %d\n", (int)error);
  else printf("ok %s\n", result);
  return error;
}

static void say_number(int32_t error, long long result) {
  char text[32];
  snprintf(text, sizeof text, "%lld", result);
  say(error, text);
}

static void say_bytes(int32_t error, u32 size) {
  for (u32 i = 0; i < size; i++) if (buffer[i] == 0) buffer[i] = '0';
  buffer[size] = 0;
  say(error, error == 0 ? buffer : "");
}

static void say_status(int32_t error, const __wasi_filestat_t *status) {
  char text[96];
  long long seconds = (long long)(status->mtim / 1000000000);
  if (error != 0) { say(error, ""); return; }
  if (status->filetype == __WASI_FILETYPE_DIRECTORY) snprintf(text, sizeof text, "directory");
  else if (status->filetype == __WASI_FILETYPE_SYMBOLIC_LINK) snprintf(text, sizeof text, "symlink %llu", (unsigned long long)status->size);
  else snprintf(text, sizeof text, "file %llu %llu %lld", (unsigned long long)status->size, (unsigned long long)status->nlink, seconds < 1000000 ? seconds : -1);
  say(0, text);
}

static void open_slot(void) {
  u32 access = (u32)value(4), opened = NONE;
  u64 rights = COMMON | (access & 1 ? READING : 0) | (access & 2 ? WRITING : 0);
  int32_t error = raw_path_open(base, (u32)value(6), PATH(path(2)), (u32)value(3), rights, 0, value(5) ? __WASI_FDFLAGS_APPEND : 0, AT(&opened));
  if (error == 0) *slot(1) = opened;
  say(error, "");
}

static void transfer(int writes, int at_offset) {
  u32 size = 0, length = (u32)value(at_offset + writes + 2);
  __wasi_iovec_t vector = {(uint8_t *)buffer, length < sizeof buffer ? length : sizeof buffer - 1};
  u64 offset = at_offset ? (u64)value(2) : 0;
  if (writes) memset(buffer, fields[at_offset + 2][0], vector.buf_len);
  int32_t error = writes
    ? at_offset ? raw_fd_pwrite(*slot(1), AT(&vector), 1, offset, AT(&size)) : raw_fd_write(*slot(1), AT(&vector), 1, AT(&size))
    : at_offset ? raw_fd_pread(*slot(1), AT(&vector), 1, offset, AT(&size)) : raw_fd_read(*slot(1), AT(&vector), 1, AT(&size));
  if (writes) say_number(error, size);
  else say_bytes(error, size);
}

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void list(void) {
  static char names[256][32];
  static char *order[256];
  char piece[96];
  u32 fd, count = 0, used = sizeof piece;
  u64 cookie = 0;
  int32_t error = raw_path_open(base, 1, PATH(path(1)), __WASI_OFLAGS_DIRECTORY, __WASI_RIGHTS_FD_READDIR, 0, 0, AT(&fd));
  if (error != 0) { say(error, ""); return; }
  while (error == 0 && used == sizeof piece) {
    error = raw_fd_readdir(fd, AT(piece), sizeof piece, cookie, AT(&used));
    for (u32 at = 0; error == 0 && at + sizeof(__wasi_dirent_t) <= used;) {
      __wasi_dirent_t entry;
      memcpy(&entry, piece + at, sizeof entry);
      // Cut off at the end of the buffer: it comes again.
      if (at + sizeof entry + entry.d_namlen > used) break;
      cookie = entry.d_next;
      const char *name = piece + at + sizeof entry;
      at += sizeof entry + entry.d_namlen;
      if (name[0] == '.' && (entry.d_namlen == 1 || (entry.d_namlen == 2 && name[1] == '.'))) continue;
      snprintf(names[count], sizeof *names, "%.*s:%d", (int)entry.d_namlen, name, entry.d_type);
      order[count] = names[count];
      count++;
    }
  }
  raw_fd_close(fd);
  qsort(order, count, sizeof *order, by_bytes);
  buffer[0] = 0;
  for (u32 i = 0; i < count; i++) strcat(strcat(buffer, i > 0 ? " " : ""), order[i]);
  say(error, buffer);
}

static void read_link(void) {
  u32 size = 0;
  int32_t error = raw_path_readlink(base, PATH(path(1)), AT(buffer), sizeof buffer - 1, AT(&size));
  say_bytes(error, size);
}

static void seek(void) {
  u64 position = 0;
  int32_t error = raw_fd_seek(*slot(1), value(2), (u32)value(3), AT(&position));
  say_number(error, (long long)position);
}

static void status(int by_path) {
  __wasi_filestat_t found;
  int32_t error = by_path ? raw_path_filestat_get(base, (u32)value(2), PATH(path(1)), AT(&found)) : raw_fd_filestat_get(*slot(1), AT(&found));
  say_status(error, &found);
}

static void close_slot(void) {
  say(raw_fd_close(*slot(1)), "");
  *slot(1) = NONE;
}

static void renumber(void) {
  if (say(raw_fd_renumber(*slot(1), *slot(2)), "") == 0 && slot(1) != slot(2)) *slot(1) = NONE;
}

static void set_base(void) {
  u32 opened = NONE;
  u64 all = (1ull << 30) - 1;
  int32_t error = raw_path_open(3, 1, PATH(path(1)), __WASI_OFLAGS_DIRECTORY, all & ~(u64)(__WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_ALLOCATE), all, 0, AT(&opened));
  if (base != 3) raw_fd_close(base);
  for (int i = 0; i < SLOTS; i++) {
    if (slots[i] != NONE) raw_fd_close(slots[i]);
    slots[i] = NONE;
  }
  if (error == 0) base = opened;
  say(error, "");
}

static void times(void) {
  u64 ns = (u64)value(2) * 1000000000;
  say(raw_path_filestat_set_times(base, 1, PATH(path(1)), ns, ns, __WASI_FSTFLAGS_ATIM | __WASI_FSTFLAGS_MTIM), "");
}

static int run(const char *call) {
  if (strcmp(call, "base") == 0) set_base();
  else if (strcmp(call, "open") == 0) open_slot();
  else if (strcmp(call, "close") == 0) close_slot();
  else if (strcmp(call, "renumber") == 0) renumber();
  else if (strcmp(call, "read") == 0) transfer(0, 0);
  else if (strcmp(call, "pread") == 0) transfer(0, 1);
  else if (strcmp(call, "write") == 0) transfer(1, 0);
  else if (strcmp(call, "pwrite") == 0) transfer(1, 1);
  else if (strcmp(call, "seek") == 0) seek();
  else if (strcmp(call, "size") == 0) say(raw_fd_filestat_set_size(*slot(1), (u64)value(2)), "");
  else if (strcmp(call, "fstat") == 0) status(0);
  else if (strcmp(call, "stat") == 0) status(1);
  else if (strcmp(call, "list") == 0) list();
  else if (strcmp(call, "mkdir") == 0) say(raw_path_create_directory(base, PATH(path(1))), "");
  else if (strcmp(call, "rmdir") == 0) say(raw_path_remove_directory(base, PATH(path(1))), "");
  else if (strcmp(call, "unlink") == 0) say(raw_path_unlink_file(base, PATH(path(1))), "");
  else if (strcmp(call, "readlink") == 0) read_link();
  else if (strcmp(call, "times") == 0) times();
  else if (strcmp(call, "rename") == 0) say(raw_path_rename(base, PATH(path(1)), base, PATH(path(2))), "");
  else if (strcmp(call, "link") == 0) say(raw_path_link(base, 0, PATH(path(1)), base, PATH(path(2))), "");
  else if (strcmp(call, "symlink") == 0) say(raw_path_symlink(PATH(path(1)), base, PATH(path(2))), "");
  else return 1;
  return 0;
}

int main(void) {
  program_name = "script";
  for (int i = 0; i < SLOTS; i++) slots[i] = NONE;
  char line[512];
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\n")] = 0;
    int count = 0;
    for (char *at = line; at != NULL && count < FIELDS;) fields[count++] = strsep(&at, " ");
    if (run(fields[0])) {
      fprintf(stderr, "script: no call %s\n", fields[0]);
      return 2;
    }
  }
  return fflush(stdout) == 0 ? 0 : 1;
}
