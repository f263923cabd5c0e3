// What the programs of test/real ask of POSIX and wasi-libc does not declare. Included before everything by `-include`.

#ifndef TEST_REAL_POSIX_H
#define TEST_REAL_POSIX_H

#include <stdio.h>
#include <sys/types.h>

int chmod(const char *path, mode_t mode);
int fchmod(int fd, mode_t mode);
int chown(const char *path, uid_t owner, gid_t group);
int fchown(int fd, uid_t owner, gid_t group);
mode_t umask(mode_t mask);
uid_t getuid(void);
uid_t geteuid(void);

// Locks on ranges of files: the commands exist for the compiler, and fcntl refuses them with EINVAL.
#include <fcntl.h>
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define F_GETLK 5
#define F_SETLK 6
#define F_SETLKW 7

#endif
