#include <features.h>  // first: a header that defines _GNU_SOURCE would make fd_set differ from the Glibc module's
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

// A GNU extension: <spawn.h> shows it only under _GNU_SOURCE, which must not be defined here (see the first line).
extern int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t *actions, const char *path);

// The same of <string.h>.
extern void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);

// <malloc.h> is not in the Glibc module.
static inline void gonogo_keep_freed_memory(int bytes) {
  mallopt(M_TRIM_THRESHOLD, bytes);
  mallopt(M_MXFAST, 0);
}
static inline void gonogo_grow_in_steps(int bytes) {
  mallopt(M_TOP_PAD, bytes);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_ARENA_MAX, 2);
}

// The same for pipe2(2), which makes both ends close-on-exec at once.
extern int pipe2(int ends[2], int flags);
static inline int gonogo_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

// The Glibc module has neither the wait status macros nor variadic ioctl.
static inline int gonogo_wifexited(int status) { return WIFEXITED(status); }
static inline int gonogo_wexitstatus(int status) { return WEXITSTATUS(status); }
static inline int gonogo_wifsignaled(int status) { return WIFSIGNALED(status); }
static inline int gonogo_wtermsig(int status) { return WTERMSIG(status); }
static inline int gonogo_terminal_columns(int descriptor) {
  struct winsize size;
  return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

// sa_handler is a member of an anonymous union behind a macro, and SIG_IGN a cast of an integer.
static inline int gonogo_is_ignored(const struct sigaction *action) { return action->sa_handler == SIG_IGN; }
static inline void gonogo_set_handler(struct sigaction *action, void (*handler)(int)) {
  action->sa_handler = handler;
  action->sa_flags = SA_RESTART;
  sigemptyset(&action->sa_mask);
}

// The same for memmem(3).
extern void *memmem(const void *haystack, size_t haystack_length, const void *needle, size_t needle_length);
