/** An error in one line, with the reason that the system gave. */
export function faultWords(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error
    ? `${error.message}: ${reasonOf(error.cause)}`
    : error.message;
}

/** `EROFS: read-only file system, open '/proc/self/fd/25/x'` without the call: its path is one of our own. */
function reasonOf(cause: Error): string {
  return 'syscall' in cause ? cause.message.replace(/, \w+ '.*$/, '') : cause.message;
}
