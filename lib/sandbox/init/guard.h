/*
 * The outermost process of a run: sandboxInit guard LIFE_FD [GROUP_FD] -- LAUNCHER [ARGUMENT...]
 *
 * GROUP_FD is the open cgroup.procs of the run's control group: LAUNCHER is in it before it is started, the guard never.
 * LIFE_FD is a socket whose other end only the service holds. When that is gone, on SIGTERM, or when LAUNCHER has ended,
 * everything below is killed, whatever it had come to: a launcher ties its life to its parent only some time after it was
 * started, and what it forked before waits for ever for a word of a parent that is dead.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SETUP_FAILED = 125 };

static _Noreturn void fail(const char *what) {
  dprintf(STDERR_FILENO, "sandboxInit: %s: %s\n", what, strerror(errno));
  _exit(SETUP_FAILED);
}

static void kill_children(void) {
  FILE *children = fopen("/proc/thread-self/children", "re");
  for (int pid; children && fscanf(children, "%d", &pid) == 1;) kill(pid, SIGKILL);
  if (children) fclose(children);
}

/* Whoever loses its parent becomes a child of ours, so that in the end nobody is left. */
static _Noreturn void end_all(pid_t launcher, int status) {
  int ended_with;
  for (;;) {
    kill_children();
    pid_t ended = waitpid(-1, &ended_with, 0);
    if (ended < 0 && errno == ECHILD) break;
    if (ended == launcher) status = ended_with;
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* The streams of the run must end with the run, not with us. */
static void keep_only(int one, int other) {
  for (int fd = 0, most = sysconf(_SC_OPEN_MAX); fd < most && fd < 4096; fd++)
    if (fd != one && fd != other) close(fd);
}

static void join(int group) {
  if (write(group, "0", 1) != 1) fail("the control group of the run cannot be joined");
  close(group);
}

/* Without a control group `group` is negative. */
static _Noreturn void guard(int life, int group, char **launcher_words) {
  sigset_t waited, before;
  int status;
  sigemptyset(&waited);
  sigaddset(&waited, SIGCHLD);
  sigaddset(&waited, SIGTERM);
  sigprocmask(SIG_BLOCK, &waited, &before);
  int signals = signalfd(-1, &waited, SFD_CLOEXEC | SFD_NONBLOCK);
  /* A session of its own: what a terminal or a supervisor sends to the group of the service is for the service. */
  if (signals < 0 || setsid() < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) fail("guard");
  pid_t launcher = fork();
  if (launcher < 0) fail("fork");
  if (launcher == 0) {
    if (group >= 0) join(group);
    sigprocmask(SIG_SETMASK, &before, NULL);
    execv(launcher_words[0], launcher_words);
    fail(launcher_words[0]);
  }
  keep_only(life, signals);
  for (;;) {
    struct pollfd sources[] = {{life, 0, 0}, {signals, POLLIN, 0}};
    struct signalfd_siginfo signal;
    if (poll(sources, 2, -1) < 0) continue;
    if (sources[0].revents) end_all(launcher, SIGKILL);
    while (read(signals, &signal, sizeof signal) > 0)
      if (signal.ssi_signo == SIGTERM) end_all(launcher, SIGKILL);
    for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;)
      if (ended == launcher) end_all(0, status);
  }
}
