// find [PATH]: walks the tree below a directory, names sorted by byte at every level; ends with a count.

#include "program.h"
#include <dirent.h>
#include <sys/stat.h>

static unsigned long long files, directories, bytes;

static int by_bytes(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int walk(const char *path) {
  puts(path);
  struct stat status;
  if (lstat(path, &status) < 0) return fail(path);
  if (!S_ISDIR(status.st_mode)) {
    files++;
    bytes += (unsigned long long)status.st_size;
    return 0;
  }
  directories++;
  struct dirent **entries;
  int count = scandir(path, &entries, NULL, by_bytes);
  if (count < 0) return fail(path);
  int result = 0;
  for (int i = 0; i < count; i++) {
    const char *name = entries[i]->d_name;
    if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0) {
      char below[4096];
      snprintf(below, sizeof below, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", name);
      result |= walk(below);
    }
    free(entries[i]);
  }
  free(entries);
  return result;
}

int main(int argc, char **argv) {
  program_name = "find";
  int status = walk(argc > 1 ? argv[1] : ".");
  printf("%llu files, %llu directories, %llu bytes\n", files, directories, bytes);
  return status;
}
