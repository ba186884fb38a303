/*
 * Included at the end of a C or C++ test program that is judged, with ORACLE_MARK naming the file that it reports to.
 * It stands between the C library and main: that the program ended well does not show that main came to its end. It
 * begins before the code under test does, and takes its secret away until main has returned.
 */
#pragma GCC system_header
#undef exit
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef int oracle_main_type(int, char **, char **);
typedef int oracle_start_type(oracle_main_type *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static oracle_main_type *oracle_main;
static char oracle_secret[33];

static void oracle_tell(const char *word, int code) {
  char line[80];
  int length = snprintf(line, sizeof line, "%s %s %d\n", oracle_secret, word, code & 255);
  int file = open(ORACLE_MARK, O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (file < 0 || write(file, line, (size_t)length) != length) _exit(125);
  close(file);
}

static void oracle_take_secret(void) {
  int file = open(ORACLE_MARK ".secret", O_RDONLY);
  if (file < 0 || read(file, oracle_secret, 32) != 32) _exit(125);
  close(file);
  unlink(ORACLE_MARK ".secret");
}

/* The same program may be run again, with other arguments. */
static void oracle_give_secret(void) {
  int file = open(ORACLE_MARK ".secret", O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0 || write(file, oracle_secret, 32) != 32) _exit(125);
  close(file);
}

/* An assertion of the test file that fails must end the program, whatever headers or functions the answer has. */
static void oracle_try_assert(void) {
#if defined(ORACLE_ASSERTS) && (defined(NDEBUG) || !defined(assert))
  oracle_tell("idle", 0);
#elif defined(ORACLE_ASSERTS)
  volatile int never = 0;
  int status = 0;
  pid_t child = fork();
  if (child == 0) {
    int nowhere = open("/dev/null", O_WRONLY);
    if (nowhere >= 0) dup2(nowhere, 2);
    assert(never);
    _exit(0);
  }
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) oracle_tell("bent", 0);
#endif
}

static int oracle_run_main(int count, char **words, char **environment) {
  int code;
  oracle_try_assert();
  code = oracle_main(count, words, environment);
  oracle_tell("returned", code);
  oracle_give_secret();
  return code;
}

/* In the place of exit, for the test file itself: it may end where it likes. */
void oracle_exit(int code) {
  oracle_tell("exited", code);
  oracle_give_secret();
  exit(code);
}

int __libc_start_main(oracle_main_type *own, int count, char **words, void (*first)(void), void (*last)(void),
                      void (*loader)(void), void *stack) {
  oracle_start_type *start;
  /* RTLD_NEXT, which has a name only where _GNU_SOURCE was defined before everything else. */
  *(void **)&start = dlsym((void *)-1L, "__libc_start_main");
  if (start == NULL) _exit(125);
  oracle_take_secret();
  oracle_tell("started", 0);
  oracle_main = own;
  return start(oracle_run_main, count, words, first, last, loader, stack);
}

#ifdef __cplusplus
}
#endif
