import { FD, type Mount } from '../run/launch.ts';

/** Where our init is inside. */
export const INSIDE = '/run/sandboxInit';

/** The words that put a command under our init. */
export const UNDER_INIT = [INSIDE, `${FD.seccomp}`, `${FD.told}`, '--'];

export function initMount(file: string): Mount {
  return { source: file, destination: INSIDE };
}
