// serve FD COUNT: accepts COUNT connections on a listening socket, one after the other, and sends back what each sends, in
// upper case, until it ends. Shows sock_accept, sock_recv, sock_send and sock_shutdown.

#include "program.h"
#include <wasi/api.h>

static unsigned char buffer[4096];

static void check(__wasi_errno_t error, const char *call) {
  if (error == 0) return;
  fprintf(stderr, "serve: %s: errno %d\n", call, error);
  exit(1);
}

static void serve(__wasi_fd_t connection) {
  for (;;) {
    __wasi_iovec_t into = {buffer, sizeof buffer};
    __wasi_size_t size;
    __wasi_roflags_t flags;
    check(__wasi_sock_recv(connection, &into, 1, 0, &size, &flags), "sock_recv");
    if (size == 0) break;
    for (__wasi_size_t i = 0; i < size; i++) if (buffer[i] >= 'a' && buffer[i] <= 'z') buffer[i] -= 32;
    for (__wasi_size_t sent = 0, n; sent < size; sent += n) {
      __wasi_ciovec_t from = {buffer + sent, size - sent};
      check(__wasi_sock_send(connection, &from, 1, 0, &n), "sock_send");
    }
  }
  check(__wasi_sock_shutdown(connection, __WASI_SDFLAGS_WR), "sock_shutdown");
  check(__wasi_fd_close(connection), "fd_close");
}

int main(int argc, char **argv) {
  program_name = "serve";
  if (argc != 3) return usage("FD COUNT");
  __wasi_fd_t listener = atoi(argv[1]);
  for (int left = atoi(argv[2]); left > 0; left--) {
    __wasi_fd_t connection;
    check(__wasi_sock_accept(listener, 0, &connection), "sock_accept");
    serve(connection);
  }
  return 0;
}
