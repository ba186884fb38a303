import type { Limits } from '../sandbox.ts';

/** Numbers under which a launched sandbox finds its descriptors. */
export const FD = {
  seccomp: 3,
  status: 4,
  workspace: 5,
  report: 6,
  told: 7,
  args: 8,
  group: 9,
} as const;

/** A host path that is shown inside, read-only. */
export interface Mount {
  source: string;
  destination: string;
}

/** One run, before a tier has made a command of it. */
export interface RunPlan {
  mounts: readonly Mount[];
  /** Symbolic links of the fresh root. */
  links: readonly { path: string; target: string }[];
  environment: Readonly<Record<string, string>>;
  /** Absolute path inside, then arguments. */
  command: readonly string[];
  limits: Limits;
  /** Open directories of the host. */
  workspace: number;
  report: number | undefined;
  /** Open cgroup.procs of the run's control group, where it has one. */
  group: number | undefined;
}

/** What is started on the host, and what it gets beyond stdin, stdout and stderr. */
export interface Launch {
  file: string;
  args: readonly string[];
  /** Of the launcher itself: nothing of it goes inside. */
  environment: Readonly<Record<string, string>>;
  /** Whether SIGTERM ends the run and all of it, and the end of the service as well. */
  guarded: boolean;
  /** User and group to start it as; undefined: our own. */
  userId: number | undefined;
  /** Open program of the system call filter, where the tier loads one. */
  seccomp: number | undefined;
  /** Who tells how the command ended: our init, the launcher on the status descriptor, or nobody (the exit of the process). */
  teller: 'init' | 'launcher' | 'none';
  /** Open file of arguments that are none of the command's business, where the launcher reads them from one. */
  hiddenArgs: number | undefined;
}

export type Launcher = (plan: RunPlan) => Launch;
