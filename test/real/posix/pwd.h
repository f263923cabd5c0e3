// A system without users.

#ifndef TEST_REAL_PWD_H
#define TEST_REAL_PWD_H

#include <sys/types.h>

struct passwd { char *pw_name, *pw_dir; };
struct passwd *getpwuid(uid_t user);

#endif
