import { FD, type Launch, type Mount } from '../run/launch.ts';

/** Where our init is inside. */
export const INSIDE = '/run/sandboxInit';

/** The words that put a command under our init. */
export const UNDER_INIT = [INSIDE, `${FD.seccomp}`, `${FD.told}`, '--'];

export function initMount(file: string): Mount {
  return { source: file, destination: INSIDE };
}

/**
 * Puts a launcher under the guard: it watches the status descriptor, whose other end only the service holds, and SIGTERM
 * makes it end the run.
 */
export function underGuard(init: string, { file, args }: Pick<Launch, 'file' | 'args'>) {
  return { file: init, args: ['guard', `${FD.status}`, '--', file, ...args] };
}
