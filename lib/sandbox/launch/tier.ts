import type { Launch, Mount, RunPlan } from '../run/launch.ts';

/** Where the launcher finds a directory that must be writable inside: an open descriptor, or a path that was staged. */
export type Source = { descriptor: number } | { path: string };

/** A plan whose sources the launching user can reach. */
export interface Sources {
  mounts: readonly Mount[];
  workspace: Source;
  report: Source | undefined;
}

/** A way to isolate: makes one command of a plan. */
export interface Tier {
  name: 'bubblewrap' | 'namespaces';
  /** Program of the host that is started. */
  file: string;
  args(plan: RunPlan, sources: Sources): string[];
  /** Path of the system call filter; undefined where the tier cannot load one. */
  seccompFile: string | undefined;
  tellsExitCode: Launch['tellsExitCode'];
}
