import { FD, type Launch, type Mount, type RunPlan } from '../run/launch.ts';

/** Where our init is inside. */
export const INSIDE = '/run/sandboxInit';

/** The words that put a command under our init. */
export const UNDER_INIT = [INSIDE, `${FD.seccomp}`, `${FD.told}`, '--'];

export function initMount(file: string): Mount {
  return { source: file, destination: INSIDE };
}

/**
 * Puts a launcher under the guard: it watches the status descriptor, whose other end only the service holds, and SIGTERM
 * makes it end the run. It puts the launcher into the control group of the run, where there is one.
 */
export function underGuard(
  init: string,
  { file, args }: Pick<Launch, 'file' | 'args'>,
  { group }: Pick<RunPlan, 'group'>,
) {
  const joined = group === undefined ? [] : [`${FD.group}`];
  return { file: init, args: ['guard', `${FD.status}`, ...joined, '--', file, ...args] };
}
