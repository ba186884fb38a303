/*
 * PID 1 of a sandbox: sandboxInit FILTER_FD TOLD_FD -- COMMAND [ARGUMENT...]
 *
 * Starts COMMAND under the system call filter that FILTER_FD holds, reaps whatever it leaves behind, and ends with it, upon
 * which the kernel ends everything else. The filter hands over the calls that would write: each is looked at and goes on.
 * The mounts are the wall. Lines on TOLD_FD: {"ready":true}, {"syscall","pid","comm","path","real"}, {"dropped":n}, and at
 * the end {"exit":n} or {"signal":n}.
 *
 * sandboxInit lo: brings up the loopback of a new network namespace, for a launcher that still may.
 * sandboxInit guard: see guard.h.
 * sandboxInit delegated FOLDER: whether systemd has marked a control group as the business of its unit.
 */
#define _GNU_SOURCE
#include "guard.h"
#include "refusedWrites.h"
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <sys/xattr.h>

static void observe(int listener) {
  struct seccomp_notif call;
  memset(&call, 0, sizeof call);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call)) return;
  for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++)
    if (CALLS[i].number == call.data.nr) look_at(&CALLS[i], call.pid, call.data.args);
  struct seccomp_notif_resp answer = {.id = call.id, .flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE};
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

/* Room for one descriptor in a message. */
union control { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; };

static _Noreturn void become(int channel, int filter_fd, char **command) {
  static struct sock_filter program[BPF_MAXINSNS];
  ssize_t size = pread(filter_fd, program, sizeof program, 0);
  if (size <= 0 || size % sizeof *program) fail("the filter cannot be read");
  close(filter_fd);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)) fail("no_new_privs");
  struct sock_fprog filter = {size / sizeof *program, program};
  int listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &filter);
  if (listener < 0) fail("the filter cannot be loaded");
  union control control = {0};
  struct iovec byte = {"x", 1};
  struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  control.header = (struct cmsghdr){.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof listener)};
  memcpy(CMSG_DATA(&control.header), &listener, sizeof listener);
  if (sendmsg(channel, &message, 0) != 1) fail("the listener cannot be passed");
  close(listener);
  execv(command[0], command);
  int reason = errno;
  send(channel, "e", 1, 0);
  errno = reason;
  fail(command[0]);
}

/* The listener of the child's filter, once the child has become the command. */
static int listener_of(int channel) {
  union control control = {0};
  char mark;
  int listener;
  struct iovec byte = {&mark, 1};
  struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  if (recvmsg(channel, &message, MSG_CMSG_CLOEXEC) != 1 || !CMSG_FIRSTHDR(&message)) _exit(SETUP_FAILED);
  memcpy(&listener, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof listener);
  if (recv(channel, &mark, 1, 0) != 0) _exit(SETUP_FAILED);
  close(channel);
  return listener;
}

static void reap(pid_t command) {
  int status;
  for (pid_t ended; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (ended != command) continue;
    if (dropped > 0) tell("{\"dropped\":%lu}\n", dropped);
    if (WIFEXITED(status)) tell("{\"exit\":%d}\n", WEXITSTATUS(status));
    else tell("{\"signal\":%d}\n", WTERMSIG(status));
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
  }
}

static int bring_up_loopback(void) {
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
  int channel = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (channel < 0 || ioctl(channel, SIOCSIFFLAGS, &request)) fail("lo");
  return 0;
}

static int is_delegated(const char *folder) {
  char mark;
  return getxattr(folder, "user.delegate", &mark, 1) == 1 && mark == '1' ? 0 : 1;
}

int main(int count, char **words) {
  if (count == 2 && !strcmp(words[1], "lo")) return bring_up_loopback();
  if (count == 3 && !strcmp(words[1], "delegated")) return is_delegated(words[2]);
  if (count > 4 && !strcmp(words[1], "guard") && !strcmp(words[3], "--")) guard(atoi(words[2]), -1, words + 4);
  if (count > 5 && !strcmp(words[1], "guard") && !strcmp(words[4], "--"))
    guard(atoi(words[2]), atoi(words[3]), words + 5);
  sigset_t children, before;
  int channel[2];
  if (count < 5 || strcmp(words[3], "--")) { errno = EINVAL; fail("FILTER_FD TOLD_FD -- COMMAND"); }
  int filter_fd = atoi(words[1]);
  told_fd = atoi(words[2]);
  /* Its memory, its files and its environment are nobody's business inside. */
  if (prctl(PR_SET_DUMPABLE, 0) || fcntl(told_fd, F_SETFD, FD_CLOEXEC)) fail("cannot close itself off");
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel)) fail("socketpair");
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_BLOCK, &children, &before);
  int ended = signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK);
  pid_t command = fork();
  if (ended < 0 || command < 0) fail("fork");
  if (command == 0) {
    sigprocmask(SIG_SETMASK, &before, NULL);
    become(channel[1], filter_fd, words + 4);
  }
  close(channel[1]);
  close(filter_fd);
  int listener = listener_of(channel[0]);
  tell("{\"ready\":true}\n");
  struct pollfd sources[] = {{listener, POLLIN, 0}, {ended, POLLIN, 0}};
  for (;;) {
    struct signalfd_siginfo signal;
    if (poll(sources, 2, -1) < 0 && errno != EINTR) fail("poll");
    if (sources[0].revents & POLLIN) observe(listener);
    else if (sources[0].revents & POLLHUP) sources[0].fd = -1;
    if (sources[1].revents & POLLIN) {
      while (read(ended, &signal, sizeof signal) > 0) continue;
      reap(command);
    }
  }
}
