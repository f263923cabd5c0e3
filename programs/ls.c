// ls [-l] [PATH…]: names in a directory, sorted by byte. With -l also type, links and size.

#include "program.h"
#include <dirent.h>
#include <sys/stat.h>

static int detailed;

static int by_bytes(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static char type_letter(mode_t mode) {
  return S_ISDIR(mode) ? 'd' : S_ISLNK(mode) ? 'l' : S_ISCHR(mode) ? 'c' : S_ISREG(mode) ? '-' : '?';
}

static int show(const char *folder, const char *name) {
  if (!detailed) {
    puts(name);
    return 0;
  }
  char path[4096];
  snprintf(path, sizeof path, "%s%s%s", folder, *folder ? "/" : "", name);
  struct stat status;
  if (lstat(path, &status) < 0) return fail(path);
  printf("%c %3llu %9lld %s", type_letter(status.st_mode), (unsigned long long)status.st_nlink, (long long)status.st_size, name);
  char target[4096];
  ssize_t length = S_ISLNK(status.st_mode) ? readlink(path, target, sizeof target - 1) : -1;
  if (length >= 0) printf(" -> %.*s", (int)length, target);
  putchar('\n');
  return 0;
}

static int list(const char *path) {
  DIR *directory = opendir(path);
  if (directory == NULL) return errno == ENOTDIR ? show("", path) : fail(path);
  char **names = NULL;
  size_t count = 0, room = 0;
  struct dirent *entry;
  errno = 0;
  while ((entry = readdir(directory)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    if (count == room) names = realloc(names, (room = room ? room * 2 : 64) * sizeof *names);
    names[count++] = strdup(entry->d_name);
  }
  int status = errno != 0 ? fail(path) : 0;
  closedir(directory);
  qsort(names, count, sizeof *names, by_bytes);
  for (size_t i = 0; i < count; i++) {
    status |= show(path, names[i]);
    free(names[i]);
  }
  free(names);
  return status;
}

int main(int argc, char **argv) {
  program_name = "ls";
  int first = 1;
  if (argc > 1 && strcmp(argv[1], "-l") == 0) detailed = 1, first = 2;
  if (first == argc) return list(".");
  int status = 0;
  for (int i = first; i < argc; i++) {
    if (argc - first > 1) printf("%s:\n", argv[i]);
    status |= list(argv[i]);
  }
  return status;
}
