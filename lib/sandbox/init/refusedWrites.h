/*
 * Which writes the mounts of a sandbox are going to refuse, told on told_fd, one JSON line each. It only observes: what is
 * read from the memory of a program may have changed by the time the kernel looks. Bytes of names that are not printable
 * ASCII are written as \u00XX.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/types.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { MOST_RECORDS = 1000, MOST_LINKS = 40, LONG_PATH = 2 * PATH_MAX };
/* What a call does to its path: writes the file it leads to, takes an entry from a folder, adds one. */
enum { WRITES, REMOVES, ADDS };

static const struct call { int number, folder, path, does; const char *name; } CALLS[] = {
#ifdef SYS_open
  {SYS_open, -1, 0, WRITES, "open"}, {SYS_creat, -1, 0, WRITES, "creat"}, {SYS_mkdir, -1, 0, ADDS, "mkdir"},
  {SYS_rmdir, -1, 0, REMOVES, "rmdir"}, {SYS_unlink, -1, 0, REMOVES, "unlink"}, {SYS_rename, -1, 0, REMOVES, "rename"},
  {SYS_rename, -1, 1, REMOVES, "rename"}, {SYS_link, -1, 1, ADDS, "link"}, {SYS_symlink, -1, 1, ADDS, "symlink"},
  {SYS_mknod, -1, 0, ADDS, "mknod"}, {SYS_chmod, -1, 0, WRITES, "chmod"}, {SYS_chown, -1, 0, WRITES, "chown"},
  {SYS_lchown, -1, 0, REMOVES, "lchown"}, {SYS_renameat, 0, 1, REMOVES, "renameat"}, {SYS_renameat, 2, 3, REMOVES, "renameat"},
#endif
  {SYS_openat, 0, 1, WRITES, "openat"}, {SYS_mkdirat, 0, 1, ADDS, "mkdirat"}, {SYS_unlinkat, 0, 1, REMOVES, "unlinkat"},
  {SYS_renameat2, 0, 1, REMOVES, "renameat2"}, {SYS_renameat2, 2, 3, REMOVES, "renameat2"}, {SYS_linkat, 2, 3, ADDS, "linkat"},
  {SYS_symlinkat, 1, 2, ADDS, "symlinkat"}, {SYS_mknodat, 0, 1, ADDS, "mknodat"}, {SYS_fchmodat, 0, 1, WRITES, "fchmodat"},
  {452, 0, 1, WRITES, "fchmodat2"}, {SYS_fchownat, 0, 1, WRITES, "fchownat"}, {SYS_truncate, -1, 0, WRITES, "truncate"},
  {SYS_utimensat, 0, 1, WRITES, "utimensat"}, {SYS_setxattr, -1, 0, WRITES, "setxattr"},
};
/* Where a program may write: a refusal there is about modes, not about the walls. */
static const char *const OWN[] = {"/workspace", "/report", "/tmp", "/home/sandbox", "/dev/shm"};

static int told_fd;
static unsigned long records, dropped;

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...) {
  static char line[8 * LONG_PATH];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  for (int done = 0; done < length && length < (int)sizeof line;) {
    ssize_t written = write(told_fd, line + done, length - done);
    if (written > 0) done += written;
    else if (errno == EAGAIN) poll(&(struct pollfd){told_fd, POLLOUT, 0}, 1, -1);
    else if (errno != EINTR) return;
  }
}

static const char *escaped(const char *text, char *out, size_t size) {
  size_t at = 0;
  for (; *text && at + 7 < size; text++) {
    unsigned char byte = *text;
    if (byte == '"' || byte == '\\' || byte < ' ' || byte > '~') at += sprintf(out + at, "\\u%04x", byte);
    else out[at++] = byte;
  }
  out[at] = 0;
  return out;
}

/* Page by page: a text may end right before memory that is not there. */
static int read_text(pid_t pid, unsigned long address, char *out, size_t size) {
  for (size_t got = 0; got < size;) {
    size_t chunk = 4096 - ((address + got) & 4095);
    if (chunk > size - got) chunk = size - got;
    struct iovec local = {out + got, chunk}, remote = {(void *)(address + got), chunk};
    ssize_t count = process_vm_readv(pid, &local, 1, &remote, 1, 0);
    if (count <= 0) return -1;
    if (memchr(out + got, 0, count)) return 0;
    got += count;
  }
  return -1;
}

static int beneath(const char *path, const char *folder) {
  size_t length = strlen(folder);
  return !strncmp(path, folder, length) && (path[length] == 0 || path[length] == '/');
}

/* Follows every link on the way, the last one if asked, as the program `pid` sees them; what is missing is taken by its name. */
static void resolve(pid_t pid, const char *path, int last, char *out) {
  char left[LONG_PATH], target[PATH_MAX], next[LONG_PATH];
  int links = 0;
  snprintf(left, sizeof left, "%s", path);
  *out = 0;
  for (char *part = left, *end; *(part += strspn(part, "/"));) {
    end = part + strcspn(part, "/");
    int more = end[strspn(end, "/")] != 0;
    size_t length = strlen(out), width = end - part;
    if (width == 2 && !strncmp(part, "..", 2)) *(strrchr(out, '/') ? strrchr(out, '/') : out) = 0;
    else if (!(width == 1 && *part == '.') && length + width + 2 < LONG_PATH) {
      sprintf(out + length, "/%.*s", (int)width, part);
      ssize_t count = more || last ? readlink(out, target, sizeof target - 1) : -1;
      if (count > 0 && ++links <= MOST_LINKS) {
        target[count] = 0;
        if (!strcmp(out, "/proc/self")) sprintf(target, "%d", pid);
        if (target[0] == '/') *out = 0;
        else out[length] = 0;
        if (snprintf(next, sizeof next, "%s/%s", target, end) >= (int)sizeof next) return;
        part = strcpy(left, next);
        continue;
      }
    }
    part = end;
  }
  if (!*out) strcpy(out, "/");
}

/* Whether the file, or the first folder above it that is there, could not be written: by its mount, or for want of rights. */
static int refused(const char *path, const char *real) {
  /* Tools keep trying to add to what was fetched for them: that is no attempt to get out. */
  if (beneath(real, "/caches") || !access(path, W_OK)) return 0;
  char above[LONG_PATH];
  snprintf(above, sizeof above, "%s", real);
  while (errno == ENOENT || errno == ENOTDIR) {
    char *slash = strrchr(above, '/');
    if (!slash) return 0;
    slash[slash == above] = 0;
    if (!access(above, W_OK)) return 0;
    if (slash == above) break;
  }
  if (errno == EROFS) return 1;
  for (size_t i = 0; i < sizeof OWN / sizeof *OWN; i++) if (beneath(real, OWN[i])) return 0;
  return errno == EACCES || errno == EPERM;
}

/* The process that a thread belongs to, and what that is called. */
static pid_t leader_of(pid_t thread, char *name, size_t size) {
  char file[64], line[256];
  pid_t leader = thread;
  snprintf(file, sizeof file, "/proc/%d/status", thread);
  FILE *status = fopen(file, "re");
  while (status && fgets(line, sizeof line, status) && sscanf(line, "Tgid: %d", &leader) != 1) continue;
  if (status) fclose(status);
  snprintf(file, sizeof file, "/proc/%d/comm", leader);
  FILE *comm = fopen(file, "re");
  size_t count = comm ? fread(name, 1, size - 1, comm) : 0;
  if (comm) fclose(comm);
  name[count > 0 ? count - 1 : 0] = 0;
  return leader;
}

static void record(const struct call *call, pid_t thread, const char *path, const char *real) {
  static char raw[6 * PATH_MAX], resolved[6 * LONG_PATH];
  char name[64], comm[6 * 64];
  if (records == MOST_RECORDS) {
    /* A run that is killed cannot tell the sum at its end: the powers of two say how many it were at least. */
    dropped++;
    if ((dropped & (dropped - 1)) == 0) tell("{\"dropped\":%lu}\n", dropped);
    return;
  }
  records++;
  pid_t pid = leader_of(thread, name, sizeof name);
  tell("{\"syscall\":\"%s\",\"pid\":%d,\"comm\":\"%s\",\"path\":\"%s\",\"real\":\"%s\"}\n", call->name, pid,
       escaped(name, comm, sizeof comm), escaped(path, raw, sizeof raw), escaped(real, resolved, sizeof resolved));
}

static void look_at(const struct call *call, pid_t pid, const __u64 *arguments) {
  char path[PATH_MAX], whole[LONG_PATH], folder[LONG_PATH], real[LONG_PATH + 2];
  if (read_text(pid, arguments[call->path], path, sizeof path) || !*path) return;
  int at = call->folder < 0 ? AT_FDCWD : (int)arguments[call->folder];
  if (*path == '/') snprintf(whole, sizeof whole, "%s", path);
  else if (at == AT_FDCWD) snprintf(whole, sizeof whole, "/proc/%d/cwd/%s", pid, path);
  else snprintf(whole, sizeof whole, "/proc/%d/fd/%d/%s", pid, at, path);
  if (beneath(whole, "/proc/self")) {
    snprintf(folder, sizeof folder, "/proc/%d%s", pid, whole + strlen("/proc/self"));
    strcpy(whole, folder);
  }
  const char *leaf = strrchr(whole, '/') + 1;
  /* No folder is renamed or removed by these names, wherever it is. */
  if (call->does != WRITES && (!strcmp(leaf, ".") || !strcmp(leaf, ".."))) return;
  struct stat present;
  if (call->does == ADDS && !lstat(whole, &present)) return;
  if (call->does == WRITES && !access(whole, W_OK)) return;
  resolve(pid, whole, call->does == WRITES, real);
  snprintf(folder, sizeof folder, "%s", real);
  if (call->does != WRITES) *(strrchr(folder, '/') == folder ? folder + 1 : strrchr(folder, '/')) = 0;
  if (refused(call->does == WRITES ? whole : folder, folder)) record(call, pid, path, real);
}
