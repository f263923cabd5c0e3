// WASI preview 1 as it crosses the wall: every call with plain numbers, so that a program can pass what no C library would.
// Source: wasi_snapshot_preview1.witx.

#ifndef WASI_H
#define WASI_H

#include <stdint.h>
#include <wasi/api.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name))) int32_t raw_##name

typedef uintptr_t address;
typedef uint32_t u32;
typedef uint64_t u64;

WASI(args_get)(address argv, address buffer);
WASI(args_sizes_get)(address count, address size);
WASI(environ_get)(address environ, address buffer);
WASI(environ_sizes_get)(address count, address size);
WASI(clock_res_get)(u32 clock, address out);
WASI(clock_time_get)(u32 clock, u64 precision, address out);
WASI(fd_advise)(u32 fd, u64 offset, u64 length, u32 advice);
WASI(fd_allocate)(u32 fd, u64 offset, u64 length);
WASI(fd_close)(u32 fd);
WASI(fd_datasync)(u32 fd);
WASI(fd_fdstat_get)(u32 fd, address out);
WASI(fd_fdstat_set_flags)(u32 fd, u32 flags);
WASI(fd_fdstat_set_rights)(u32 fd, u64 base, u64 inheriting);
WASI(fd_filestat_get)(u32 fd, address out);
WASI(fd_filestat_set_size)(u32 fd, u64 size);
WASI(fd_filestat_set_times)(u32 fd, u64 access, u64 modify, u32 flags);
WASI(fd_pread)(u32 fd, address iovs, u32 count, u64 offset, address out);
WASI(fd_prestat_get)(u32 fd, address out);
WASI(fd_prestat_dir_name)(u32 fd, address path, u32 length);
WASI(fd_pwrite)(u32 fd, address iovs, u32 count, u64 offset, address out);
WASI(fd_read)(u32 fd, address iovs, u32 count, address out);
WASI(fd_readdir)(u32 fd, address buffer, u32 length, u64 cookie, address out);
WASI(fd_renumber)(u32 fd, u32 to);
WASI(fd_seek)(u32 fd, int64_t offset, u32 whence, address out);
WASI(fd_sync)(u32 fd);
WASI(fd_tell)(u32 fd, address out);
WASI(fd_write)(u32 fd, address iovs, u32 count, address out);
WASI(path_create_directory)(u32 fd, address path, u32 length);
WASI(path_filestat_get)(u32 fd, u32 lookup, address path, u32 length, address out);
WASI(path_filestat_set_times)(u32 fd, u32 lookup, address path, u32 length, u64 access, u64 modify, u32 flags);
WASI(path_link)(u32 fd, u32 lookup, address path, u32 length, u32 to_fd, address to_path, u32 to_length);
WASI(path_open)(u32 fd, u32 lookup, address path, u32 length, u32 open_flags, u64 base, u64 inheriting, u32 flags, address out);
WASI(path_readlink)(u32 fd, address path, u32 length, address buffer, u32 size, address out);
WASI(path_remove_directory)(u32 fd, address path, u32 length);
WASI(path_rename)(u32 fd, address path, u32 length, u32 to_fd, address to_path, u32 to_length);
WASI(path_symlink)(address target, u32 target_length, u32 fd, address path, u32 length);
WASI(path_unlink_file)(u32 fd, address path, u32 length);
WASI(poll_oneoff)(address subscriptions, address events, u32 count, address out);
WASI(proc_raise)(u32 signal);
WASI(random_get)(address buffer, u32 length);
WASI(sched_yield)(void);
WASI(sock_accept)(u32 fd, u32 flags, address out);
WASI(sock_recv)(u32 fd, address iovs, u32 count, u32 flags, address size_out, address flags_out);
WASI(sock_send)(u32 fd, address iovs, u32 count, u32 flags, address size_out);
WASI(sock_shutdown)(u32 fd, u32 how);

#endif
