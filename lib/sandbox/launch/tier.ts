import type { Launch, Mount, RunPlan } from '../run/launch.ts';

/** Where the launcher finds a directory that must be writable inside: an open descriptor, or a path that was staged. */
export type Source = { descriptor: number } | { path: string };

/** A plan whose sources the launching user can reach. */
export interface Sources {
  mounts: readonly Mount[];
  workspace: Source;
  report: Source | undefined;
}

/** The arguments of one launch. */
export interface LaunchWords {
  args: string[];
  /** Further arguments that are read from a file on FD.args: programs inside can read the command line of their init. */
  hidden?: string[];
}

/** A way to isolate: makes one command of a plan. */
export interface Tier {
  name: 'bubblewrap' | 'namespaces';
  /** Program of the host that is started. */
  file: string;
  words(plan: RunPlan, sources: Sources): LaunchWords;
  /** Path of the system call filter; undefined where the tier cannot load one. */
  seccompFile: string | undefined;
  teller: Launch['teller'];
}
