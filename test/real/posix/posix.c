// POSIX calls that WASI has nothing for, as a system without owners, permission bits and shells answers them.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "posix.h"
#include "pwd.h"

int chmod(const char *path, mode_t mode) { return (void)path, (void)mode, 0; }
int fchmod(int fd, mode_t mode) { return (void)fd, (void)mode, 0; }
int chown(const char *path, uid_t owner, gid_t group) { return (void)path, (void)owner, (void)group, 0; }
int fchown(int fd, uid_t owner, gid_t group) { return (void)fd, (void)owner, (void)group, 0; }
mode_t umask(mode_t mask) { return (void)mask, 022; }
uid_t getuid(void) { return 0; }
uid_t geteuid(void) { return 0; }
struct passwd *getpwuid(uid_t user) { return (void)user, NULL; }

// No command processor: what the C standard has `system` answer then.
int system(const char *command) { return command == NULL ? 0 : (errno = ENOSYS, -1); }
FILE *tmpfile(void) { return errno = ENOTSUP, NULL; }
char *tmpnam(char *name) { return (void)name, NULL; }

// A name stands for itself: nothing here is asked to see through symbolic links.
char *realpath(const char *path, char *resolved) { return resolved == NULL ? strdup(path) : strcpy(resolved, path); }
